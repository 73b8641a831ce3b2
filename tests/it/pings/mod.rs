//! Pings against real servers: what is sent, what an answer leads to, what a kill leaves.

mod kinds;
mod lasting;

use crate::database::Database;
use crate::http_server::{Script, Server};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};
use tidings::app::Site;
use tidings::app::pings::{PingsReport, plan, run};
use tidings::articles::identity::site_id;
use tidings::clock::{Clock, Instant, from_seconds};
use tidings::config::Config;
use tidings::http::{Ask, Client, End, Limits, NoAnswer, Whose};
use tidings::pings::ChangedFeed;
use tidings::store::Store;
use tidings::store::pings::PingRow;
use tidings::subscribers::tokens::SiteKey;
use url::Url;

const THANKS: &str = "<methodResponse><params><param><value><struct>\
    <member><name>flerror</name><value><boolean>0</boolean></value></member>\
    <member><name>message</name><value>Thanks</value></member></struct></value></param></params></methodResponse>";
const REFUSED: &str = "<methodResponse><params><param><value><struct>\
    <member><name>flError</name><value><boolean>1</boolean></value></member>\
    <member><name>message</name><value>Slow down</value></member></struct></value></param></params></methodResponse>";
const NO_METHOD: &str = "<methodResponse><fault><value><struct>\
    <member><name>faultCode</name><value><int>-32601</int></value></member>\
    <member><name>faultString</name><value>server error. requested method not found</value></member>\
    </struct></value></fault></methodResponse>";

fn now() -> Instant {
    from_seconds(1_800_000_000)
}

fn later(minutes: i64) -> Instant {
    from_seconds(1_800_000_000 + minutes * 60)
}

/// A site in a folder, with pings as the text says.
async fn site_in(folder: &Path, pings: &str, timeout: &str) -> Site {
    let text = format!(
        "[site]\ntitle = 'Tides & Co'\nurl = 'https://tides.example/'\n\
         [http_client]\ntimeout = '{timeout}'\n{pings}"
    );
    let config = Config::read(&folder.join("config.toml"), &text, &Default::default()).unwrap();
    let store = Store::open(&config.store).await.unwrap();
    store.migrate().await.unwrap();
    Site {
        id: site_id(&config.site.url),
        config: Arc::new(config),
        store,
        clock: Clock::Fixed(now()),
        key: SiteKey::new(&[7; 32]),
    }
}

async fn site(folder: &Path, pings: &str) -> Site {
    site_in(folder, pings, "2s").await
}

fn endpoint(name: &str, kind: &str, url: &str) -> String {
    format!("[pings.{name}]\nkind = '{kind}'\nendpoint = '{url}'\n")
}

fn feed(path: &str, version: &str) -> ChangedFeed {
    let url = Url::parse("https://tides.example/").unwrap().join(path).unwrap();
    ChangedFeed {
        url,
        version: version.to_owned(),
    }
}

/// An article of that announcement number, as an intake leaves it.
async fn announce(site: &Site, number: i64) {
    let sql = tidings::sql!(
        "INSERT INTO articles (id, source, path, url, title, facets, hash, likeness, published,
           first_seen, changed, number)
         VALUES ($1, 'posts', $1, $1, 'A title', '{\"categories\": [\"Boats\"]}', '', '', 1, 1, 1, $2)"
    );
    let url = format!("https://tides.example/{number}");
    site.store.write(sql).bind(url).bind(number).run().await.unwrap();
}

async fn listed(site: &Site) -> Vec<PingRow> {
    site.store.pings(0, 1000).await.unwrap()
}

fn states(report: &PingsReport) -> Vec<&str> {
    report.pings.iter().map(|ping| ping.state.as_str()).collect()
}

fn codes(report: &PingsReport) -> Vec<&str> {
    report.problems.iter().map(|problem| problem.code).collect()
}

#[tokio::test]
async fn a_hub_is_told_each_changed_feed_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::status("204 No Content")]).await;
    let site = site(folder.path(), &endpoint("hub", "websub", &server.url())).await;
    let feeds = [feed("rss.xml", "0 a"), feed("atom.xml", "0 b")];
    plan(&site, now(), &feeds).await.unwrap();
    plan(&site, now(), &feeds).await.unwrap();
    let report = run(&site, now()).await.unwrap();
    assert_eq!(states(&report), ["done", "done"]);
    assert_eq!(codes(&report), [""; 0]);
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].head.starts_with("post /hub http/1.1\r\n"));
    assert!(
        asked[0]
            .head
            .contains("content-type: application/x-www-form-urlencoded")
    );
    assert!(
        asked[0].head.contains("(+https://tides.example/)"),
        "{}",
        asked[0].head
    );
    let topic = "https%3A%2F%2Ftides.example%2Frss.xml";
    assert_eq!(
        asked[0].body,
        format!("hub.mode=publish&hub.url={topic}&hub.topic={topic}")
    );
    // Nothing changed: nothing is planned, nothing is sent. A new change is a new ping.
    plan(&site, later(1), &[]).await.unwrap();
    assert!(run(&site, later(1)).await.unwrap().pings.is_empty());
    plan(&site, later(2), &[feed("rss.xml", "5 a")]).await.unwrap();
    assert_eq!(states(&run(&site, later(2)).await.unwrap()), ["done"]);
    assert_eq!(server.asked().len(), 3);
    let rows = listed(&site).await;
    assert_eq!(
        (rows[0].status, rows[0].attempts, rows[0].finished),
        (Some(204), 1, Some(now()))
    );
    assert_eq!(rows[0].subjects, ["https://tides.example/rss.xml"]);
}

#[tokio::test]
async fn an_aggregator_is_told_of_what_was_announced_since() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::with("200 OK", "", THANKS)]).await;
    let site = site(folder.path(), &endpoint("agg", "xmlrpc", &server.url())).await;
    announce(&site, 1).await;
    announce(&site, 2).await;
    plan(&site, now(), &[]).await.unwrap();
    let report = run(&site, now()).await.unwrap();
    assert_eq!(states(&report), ["done"]);
    assert_eq!(report.pings[0].answer.as_deref(), Some("Thanks"));
    announce(&site, 3).await;
    plan(&site, later(1), &[]).await.unwrap();
    plan(&site, later(2), &[]).await.unwrap();
    run(&site, later(2)).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].body.contains("<string>Tides &amp; Co</string>"));
    assert!(asked[1].body.contains("<string>https://tides.example/3</string>"));
    assert!(asked[1].body.contains("<string>Boats</string>"));
    let subjects: Vec<_> = listed(&site)
        .await
        .into_iter()
        .map(|ping| ping.subjects.len())
        .collect();
    assert_eq!(subjects, [2, 1]);
}

#[tokio::test]
async fn an_aggregator_that_knows_only_the_plain_ping_gets_that() {
    let folder = tempfile::tempdir().unwrap();
    let script = [
        Script::with("200 OK", "", NO_METHOD),
        Script::with("200 OK", "", THANKS),
    ];
    let server = Server::start(script).await;
    let site = site(folder.path(), &endpoint("agg", "xmlrpc", &server.url())).await;
    announce(&site, 1).await;
    plan(&site, now(), &[]).await.unwrap();
    assert_eq!(states(&run(&site, now()).await.unwrap()), ["done"]);
    let methods: Vec<_> = server
        .asked()
        .iter()
        .map(|asked| asked.body.contains("extendedPing"))
        .collect();
    assert_eq!(methods, [true, false]);
}

#[tokio::test]
async fn what_an_answer_says_is_final_and_named() {
    for (kind, script, text) in [
        (
            "websub",
            Script::with("404 Not Found", "", "no such hub"),
            "404 no such hub",
        ),
        (
            "websub",
            Script::with("301 Moved", "Location: http://elsewhere.example/\r\n", ""),
            "moved to http://elsewhere.example/",
        ),
        ("xmlrpc", Script::with("200 OK", "", REFUSED), "Slow down"),
        (
            "xmlrpc",
            Script::with("200 OK", "", "<html>Welcome</html>"),
            "no XML-RPC answer",
        ),
        ("xmlrpc", Script::Endless, "no XML-RPC answer"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start([script]).await;
        let site = site(folder.path(), &endpoint("one", kind, &server.url())).await;
        announce(&site, 1).await;
        plan(&site, now(), &[feed("rss.xml", "0 a")]).await.unwrap();
        let report = run(&site, now()).await.unwrap();
        assert_eq!(
            (states(&report), codes(&report)),
            (vec!["failed"], vec!["ping-failed"]),
            "{text}"
        );
        assert!(report.problems[0].message.contains(text), "{:?}", report.problems);
        assert!(report.problems[0].message.contains(&server.url()));
        assert!(run(&site, later(10_000)).await.unwrap().pings.is_empty());
        assert_eq!(server.asked().len(), 1, "{text}");
    }
}

#[tokio::test]
async fn an_endpoint_in_trouble_is_tried_again_later() {
    let folder = tempfile::tempdir().unwrap();
    let busy = Script::with("429 Too Many Requests", "Retry-After: 600\r\n", "");
    let server = Server::start([busy]).await;
    let site = site(folder.path(), &endpoint("hub", "websub", &server.url())).await;
    plan(&site, now(), &[feed("rss.xml", "0 a"), feed("atom.xml", "0 a")])
        .await
        .unwrap();
    let report = run(&site, now()).await.unwrap();
    assert_eq!(
        (states(&report), codes(&report)),
        (vec!["deferred"; 2], vec!["ping-deferred"])
    );
    assert_eq!(server.asked().len(), 1, "the second waits with the first");
    assert!(
        listed(&site)
            .await
            .iter()
            .all(|ping| ping.next_try == Some(later(10)))
    );
    assert!(run(&site, later(9)).await.unwrap().pings.is_empty());
    server.answers([Script::Close]);
    assert_eq!(states(&run(&site, later(10)).await.unwrap()), ["deferred"; 2]);
    server.answers([
        Script::status("500 Internal Server Error"),
        Script::status("202 Accepted"),
    ]);
    assert_eq!(states(&run(&site, later(60)).await.unwrap()), ["deferred"; 2]);
    assert_eq!(states(&run(&site, later(600)).await.unwrap()), ["done"; 2]);
}

#[tokio::test]
async fn one_that_hangs_ends_by_its_timeout_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let hanging = Server::start([Script::Hang]).await;
    let in_body = Server::start([Script::HangInBody]).await;
    let good = Server::start([Script::status("202 Accepted")]).await;
    let pings = [
        endpoint("hanging", "websub", &hanging.url()),
        endpoint("slow", "xmlrpc", &in_body.url()),
        endpoint("good", "websub", &good.url()),
        endpoint("nobody", "websub", "http://127.0.0.1:1/"),
    ];
    let site = site_in(folder.path(), &pings.concat(), "1s").await;
    announce(&site, 1).await;
    let feeds = [
        feed("rss.xml", "0 a"),
        feed("atom.xml", "0 a"),
        feed("feed.json", "0 a"),
    ];
    plan(&site, now(), &feeds).await.unwrap();
    let clock = Stopwatch::now();
    let report = run(&site, now()).await.unwrap();
    assert!(clock.elapsed() < Duration::from_secs(8), "{:?}", clock.elapsed());
    let of = |url: &str| -> Vec<String> {
        report
            .pings
            .iter()
            .filter(|ping| ping.endpoint == url)
            .map(|ping| ping.state.clone())
            .collect()
    };
    assert_eq!(of(&hanging.url()), ["deferred"; 3]);
    assert_eq!(of(&in_body.url()), ["deferred"]);
    assert_eq!(of(&good.url()), ["done"; 3]);
    assert_eq!(of("http://127.0.0.1:1/"), ["deferred"; 3]);
    assert_eq!(hanging.asked().len(), 1);
    assert_eq!(codes(&report), ["ping-deferred"; 3]);
}

/// Dies while the answer is awaited; the next pass waits for the dead one's lease, then sends.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_says_yes_and_hangs_in_its_words_costs_one_timeout() {
    let slow = Server::start([Script::HangInBody]).await;
    let folder = tempfile::tempdir().unwrap();
    let site = site_in(folder.path(), &endpoint("slow", "websub", &slow.url()), "1s").await;
    let feeds: Vec<ChangedFeed> = (0..8).map(|n| feed(&format!("{n}.xml"), "1")).collect();
    plan(&site, now(), &feeds).await.unwrap();
    let began = std::time::Instant::now();
    let report = run(&site, now()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(states(&report), [&["done"][..], &["deferred"; 7]].concat());
    assert_eq!(slow.asked().len(), 1);
    // The rest goes on later, and what was answered is not told again.
    slow.answers([]);
    let report = run(&site, later(60)).await.unwrap();
    assert_eq!((states(&report), slow.asked().len()), (vec!["done"; 7], 8));
}

async fn killed_and_run_again(more: &str) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::Hang]).await;
    let pings = format!("{}{more}", endpoint("hub", "websub", &server.url()));
    let site = site_in(folder.path(), &pings, "1s").await;
    let feeds = [feed("rss.xml", "0 a"), feed("atom.xml", "0 a")];
    plan(&site, now(), &feeds).await.unwrap();
    plan(&site, now(), &feeds).await.unwrap();
    {
        let killed = run(&site, now());
        tokio::pin!(killed);
        tokio::select! {
            _ = &mut killed => panic!("the server never answers"),
            () = server.wait_for(1) => {}
        }
    }
    assert_eq!(listed(&site).await[0].state, "sending");
    server.answers([Script::status("202 Accepted")]);
    let (one, two) = tokio::join!(run(&site, now()), run(&site, now()));
    assert_eq!(one.unwrap().pings.len() + two.unwrap().pings.len(), 2);
    assert_eq!(server.asked().len(), 3);
    let attempts: Vec<_> = listed(&site).await.iter().map(|ping| ping.attempts).collect();
    assert_eq!(attempts, [2, 1]);
    assert!(run(&site, later(10_000)).await.unwrap().pings.is_empty());
    // An endpoint in trouble puts all its pings off, and takes them later.
    server.answers([
        Script::status("503 Service Unavailable"),
        Script::status("202 Accepted"),
    ]);
    announce(&site, 1).await;
    plan(
        &site,
        later(10_000),
        &[feed("rss.xml", "1 b"), feed("atom.xml", "1 b")],
    )
    .await
    .unwrap();
    assert_eq!(states(&run(&site, later(10_000)).await.unwrap()), ["deferred"; 2]);
    assert_eq!(states(&run(&site, later(10_002)).await.unwrap()), ["done"; 2]);
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn a_kill_before_the_answer_sends_again_and_after_it_never() {
    killed_and_run_again("").await;
}

#[tokio::test]
async fn a_kill_on_postgresql_too() {
    if let Some(database) = Database::new().await {
        killed_and_run_again(&format!("[store]\nurl = '{}'\n", database.url())).await;
    }
}

#[tokio::test]
async fn a_kill_between_rows_and_requests_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::status("202 Accepted")]).await;
    let pings = endpoint("hub", "websub", &server.url());
    let first = site(folder.path(), &pings).await;
    plan(&first, now(), &[feed("rss.xml", "0 a")]).await.unwrap();
    drop(first);
    let second = site(folder.path(), &pings).await;
    assert_eq!(states(&run(&second, later(60)).await.unwrap()), ["done"]);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn two_passes_at_once_send_each_ping_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::status("202 Accepted")]).await;
    let site = site(folder.path(), &endpoint("hub", "websub", &server.url())).await;
    let feeds: Vec<_> = (0..20).map(|n| feed(&format!("{n}.xml"), "0 a")).collect();
    plan(&site, now(), &feeds).await.unwrap();
    let (one, two) = tokio::join!(run(&site, now()), run(&site, now()));
    assert_eq!(one.unwrap().pings.len() + two.unwrap().pings.len(), 20);
    assert_eq!(server.asked().len(), 20);
}

#[tokio::test]
async fn a_ping_to_a_folder_is_a_private_file_and_a_repeat_overwrites() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path(), &endpoint("hub", "websub", "file:outbox/pings")).await;
    plan(&site, now(), &[feed("rss.xml", "0 a")]).await.unwrap();
    let report = run(&site, now()).await.unwrap();
    assert_eq!(report.pings[0].endpoint, "file:outbox/pings");
    let outbox = folder.path().join("outbox");
    let files: Vec<_> = std::fs::read_dir(outbox.join("pings"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files, [outbox.join("pings/00000001-websub.http")]);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&outbox), mode(&outbox.join("pings")), mode(&files[0])),
        (0o700, 0o700, 0o600)
    );
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(text.starts_with("POST file:outbox/pings HTTP/1.1\r\n"), "{text}");
    assert!(text.contains("\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    assert!(text.ends_with("hub.topic=https%3A%2F%2Ftides.example%2Frss.xml"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("outbox"), "a file is in the way").unwrap();
    let site = site(folder.path(), &endpoint("hub", "websub", "file:outbox/pings")).await;
    plan(&site, now(), &[feed("rss.xml", "0 a")]).await.unwrap();
    assert_eq!(codes(&run(&site, now()).await.unwrap()), ["ping-deferred"]);
    std::fs::remove_file(folder.path().join("outbox")).unwrap();
    assert_eq!(states(&run(&site, later(2)).await.unwrap()), ["done"]);
}

#[tokio::test]
async fn an_endpoint_that_was_taken_out_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::status("202 Accepted")]).await;
    let first = site(folder.path(), &endpoint("hub", "websub", &server.url())).await;
    plan(&first, now(), &[feed("rss.xml", "0 a")]).await.unwrap();
    let second = site(folder.path(), "").await;
    assert_eq!(states(&run(&second, now()).await.unwrap()), ["failed"]);
    assert!(server.asked().is_empty());
}

fn client(allow: &str) -> Client {
    let text = format!(
        "[site]\ntitle = 'T'\nurl = 'https://tides.example/'\n[http_client]\ntimeout = '2s'\nallow = [{allow}]\n"
    );
    let config = Config::read(Path::new("config.toml"), &text, &Default::default()).unwrap();
    Client::new(&config.http_client, &config.site.url).unwrap()
}

const GENEROUS: Limits = Limits {
    body: 1000,
    redirects: 5,
};

#[tokio::test]
async fn a_stranger_does_not_reach_private_addresses() {
    let server = Server::start([Script::with("200 OK", "", "secret")]).await;
    let port = server.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://0.0.0.0:{port}/"),
    ] {
        let url = Url::parse(&url).unwrap();
        let answer = client("").ask(&url, Whose::Stranger, Ask::Get, GENEROUS).await;
        assert!(matches!(answer, Err(NoAnswer::Private(_))), "{url}: {answer:?}");
    }
    assert!(server.asked().is_empty());
    let url = Url::parse(&format!("http://localhost:{port}/")).unwrap();
    let allowed = client("'127.0.0.0/8', '::1'")
        .ask(&url, Whose::Stranger, Ask::Get, GENEROUS)
        .await;
    assert_eq!(allowed.unwrap().body, b"secret");
}

#[tokio::test]
async fn a_redirect_is_a_stranger_unless_it_stays() {
    let inner = Server::start([Script::with("200 OK", "", "secret")]).await;
    let there = format!("Location: http://{}/x\r\n", inner.address);
    let outer = Server::start([Script::with("302 Found", &there, "")]).await;
    let url = Url::parse(&outer.url()).unwrap();
    let answer = client("").ask(&url, Whose::Operator, Ask::Get, GENEROUS).await;
    assert!(matches!(answer, Err(NoAnswer::Private(_))), "{answer:?}");
    assert!(inner.asked().is_empty());
    outer.answers([
        Script::with("302 Found", "Location: /other\r\n", ""),
        Script::with("200 OK", "", "fine"),
    ]);
    let answer = client("")
        .ask(&url, Whose::Operator, Ask::Get, GENEROUS)
        .await
        .unwrap();
    assert_eq!((answer.status, answer.url.path()), (200, "/other"));
    outer.answers([Script::with("302 Found", "Location: /again\r\n", "")]);
    let before = outer.asked().len();
    let endless = client("").ask(&url, Whose::Operator, Ask::Get, GENEROUS).await;
    assert!(matches!(endless, Err(NoAnswer::Redirects)), "{endless:?}");
    assert_eq!(outer.asked().len() - before, 6);
}

#[tokio::test]
async fn a_body_is_read_as_far_as_the_limit() {
    let server = Server::start([Script::Endless]).await;
    let url = Url::parse(&server.url()).unwrap();
    let answer = client("")
        .ask(&url, Whose::Operator, Ask::Get, GENEROUS)
        .await
        .unwrap();
    assert_eq!((answer.body.len(), answer.end), (1000, End::Cut));
    server.answers([Script::HangInBody]);
    let answer = client("")
        .ask(&url, Whose::Operator, Ask::Get, GENEROUS)
        .await
        .unwrap();
    assert_eq!((answer.status, answer.end), (200, End::Broken));
}
