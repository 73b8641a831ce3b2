//! WordPress and Ghost, as files and over the web: what is for everybody comes in, nothing else does.

use crate::database::Database;
use crate::http_server::{Script, Server};
use crate::site::Site;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/exports")
        .join(name)
}

/// `articles extract`: the status, the document.
fn extract(kind: &str, file: &Path, url: Option<&str>) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_tidings"))
        .args(["articles", "extract", "--json", "--kind", kind])
        .args(url.into_iter().flat_map(|url| ["--url", url]))
        .arg(file.file_name().unwrap())
        .current_dir(file.parent().unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut shown = document.clone();
    // What is wrong may be called by its name.
    shown["warnings"] = Value::Null;
    assert!(!shown.to_string().contains("SECRET"), "{shown:#}");
    (output.status.code().unwrap(), document)
}

fn titles(document: &Value) -> Vec<&str> {
    let pages = document["pages"].as_array().unwrap();
    pages.iter().filter_map(|page| page["title"].as_str()).collect()
}

fn messages<'a>(document: &'a Value, code: &str) -> Vec<&'a str> {
    let warnings = document["warnings"].as_array().unwrap();
    let those = warnings.iter().filter(|warning| warning["code"] == code);
    those.filter_map(|warning| warning["message"].as_str()).collect()
}

#[test]
fn a_wordpress_export_gives_what_is_for_everybody() {
    let (status, document) = extract("wordpress", &fixture("wordpress.xml"), None);
    assert_eq!(status, 0, "{document:#}");
    assert_eq!(
        titles(&document),
        [
            "A classic post – with lines",
            "A post of blocks",
            "In the new year"
        ]
    );
    insta::assert_json_snapshot!("wordpress", document["pages"]);
    assert_eq!(
        messages(&document, "left-out"),
        [
            "not taken: 1 for members (_members_access_role), 2 of type attachment, 1 of type page, 1 of type wp_block, 1 with a password, 1 with status draft, 1 with status private"
        ]
    );
    assert_eq!(messages(&document, "not-run").len(), 1, "{document:#}");
    assert_eq!(messages(&document, "members-only").len(), 2);
}

#[test]
fn a_ghost_export_gives_what_is_for_everybody() {
    let (status, document) = extract("ghost", &fixture("ghost.json"), Some("https://pier.example/"));
    assert_eq!(status, 0, "{document:#}");
    assert_eq!(
        titles(&document),
        ["A letter from the pier", "Only words", "Next year"]
    );
    insta::assert_json_snapshot!("ghost", document["pages"]);
    assert_eq!(messages(&document, "members-only").len(), 1);
    let left_out = messages(&document, "left-out");
    for part in [
        "1 for mail alone",
        "1 with status sent",
        "1 for members (tiers)",
        "1 of type page",
    ] {
        assert!(left_out[0].contains(part), "{left_out:?}");
    }
}

#[test]
fn an_export_that_breaks_off_gives_what_stands_before_it() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, name, most) in [("wordpress", "wordpress.xml", 3), ("ghost", "ghost.json", 3)] {
        let whole = std::fs::read(fixture(name)).unwrap();
        let mut seen = 0;
        for part in 1..12 {
            let file = folder.path().join(name);
            std::fs::write(&file, &whole[..whole.len() * part / 12]).unwrap();
            let (status, document) = extract(kind, &file, None);
            assert_eq!(status, 1, "{document:#}");
            let error = &document["errors"][0];
            assert_eq!(error["code"], "export");
            assert!(
                error["line"].as_u64().is_some_and(|line| line > 0) || part == 1,
                "{error:#}"
            );
            let found = titles(&document).len();
            assert!(found >= seen && found <= most, "{part}: {document:#}");
            seen = found;
        }
        // Of a Ghost export that lacks tables nothing is taken; these are the last of this one.
        assert_eq!(seen > 0, kind == "wordpress", "{kind}");
    }
}

#[test]
fn hostile_exports_fail_by_name_and_in_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let item = |text: &str| {
        format!(
            "<item><title>T</title><content:encoded>{text}</content:encoded><wp:post_id>1</wp:post_id><wp:post_date_gmt>2026-10-01 10:00:00</wp:post_date_gmt><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>"
        )
    };
    let bomb = format!(
        "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><rss><channel>{}</channel></rss>",
        item("Text &b; &amp; more\u{1}")
    );
    let deep = format!("<rss><channel><wp:x/>{}", "<a>".repeat(1_000_000));
    let nested = format!(
        "<rss><channel>{}</channel></rss>",
        item(&format!("<![CDATA[{}]]>", "<div>".repeat(10_000)))
    );
    let latin = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss><channel><item><title>Gr\xFC\xDFe</title><content:encoded>Gr\xFC\xDFe</content:encoded><wp:post_id>1</wp:post_id><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item></channel></rss>";
    let json_deep = format!("{{\"db\":{}", "[".repeat(1_000_000));
    let json_odd = r#"{"db":[{"data":{"posts":[null,3,"x",[],{"id":7,"uuid":"u","title":12,"slug":["x"],"html":"<p>a</p>","page":0,"visibility":"public","status":"published","published_at":1790848800000}],"tags":{},"users":7,"posts_tags":null}}]}"#;
    for (kind, bytes, codes, found) in [
        ("wordpress", bomb.as_bytes(), vec![], 1),
        ("wordpress", deep.as_bytes(), vec!["export"], 0),
        ("wordpress", nested.as_bytes(), vec!["too-deep"], 0),
        ("wordpress", latin.as_slice(), vec![], 1),
        (
            "wordpress",
            b"<rss><channel><item><title>A feed</title></item></channel></rss>",
            vec!["export"],
            0,
        ),
        ("wordpress", b"", vec!["export"], 0),
        ("wordpress", b"\x00\xFF\xFE<<<&;]]>", vec!["export"], 0),
        ("ghost", json_deep.as_bytes(), vec!["export"], 0),
        ("ghost", json_odd.as_bytes(), vec![], 1),
        ("ghost", b"{\"posts\":", vec!["export"], 0),
        ("ghost", b"{}", vec!["export"], 0),
        ("ghost", b"[1,", vec!["export"], 0),
    ] {
        let file = folder.path().join("export");
        std::fs::write(&file, bytes).unwrap();
        let (_, document) = extract(kind, &file, None);
        let errors = document["errors"].as_array().unwrap();
        let seen: Vec<&str> = errors.iter().filter_map(|error| error["code"].as_str()).collect();
        assert_eq!(seen, codes, "{kind} {document:#}");
        assert_eq!(titles(&document).len(), found, "{document:#}");
        if bytes == latin {
            assert_eq!(document["pages"][0]["content_text"], "Grüße");
        }
    }
}

#[test]
fn ten_thousand_posts_are_no_matter() {
    let folder = tempfile::tempdir().unwrap();
    let mut export = "<rss><channel><wp:wxr_version>1.2</wp:wxr_version>".to_owned();
    for n in 0..10_000 {
        export.push_str(&format!("<item><title>Post {n}</title><link>https://e.example/{n}</link><guid>https://e.example/?p={n}</guid><content:encoded><![CDATA[{}]]></content:encoded><wp:post_id>{n}</wp:post_id><wp:post_date_gmt>2026-10-01 10:00:00</wp:post_date_gmt><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>", "Some words.\n\n".repeat(2)));
    }
    export.push_str("</channel></rss>");
    let file = folder.path().join("many.xml");
    std::fs::write(&file, export).unwrap();
    let (status, document) = extract("wordpress", &file, None);
    assert_eq!((status, titles(&document).len()), (0, 10_000));
}

/// A post as WordPress's interface has it.
fn post(id: u32, title: &str, changed: &str) -> Value {
    json!({
        "id": id, "type": "post", "status": "publish", "slug": format!("p{id}"),
        "link": format!("https://harbour.example/p{id}/"),
        "guid": {"rendered": format!("https://harbour.example/?p={id}")},
        "date_gmt": "2026-10-01T10:00:00", "modified_gmt": changed,
        "title": {"rendered": title}, "excerpt": {"rendered": "<p>Some words [&hellip;]</p>", "protected": false},
        "content": {"rendered": format!("<p>The text of {title}.</p>"), "protected": false},
        "_embedded": {
            "author": [{"name": "Inês Kelp", "link": "https://harbour.example/author/ines/"}],
            "wp:term": [[{"taxonomy": "category", "name": "Boats &amp; Ships"}], [{"taxonomy": "post_tag", "name": "dawn"}]],
            "wp:featuredmedia": [{"source_url": "https://harbour.example/quay.jpg", "alt_text": "The quay"}],
        },
    })
}

fn page(posts: &[Value], total: usize, pages: usize) -> Script {
    let headers =
        format!("Content-Type: application/json\r\nX-WP-Total: {total}\r\nX-WP-TotalPages: {pages}\r\n");
    Script::with("200 OK", &headers, &Value::from(posts.to_vec()).to_string())
}

fn home(server: &str) -> Script {
    let link = format!("Link: <{server}/wp-json/>; rel=\"https://api.w.org/\"\r\n");
    Script::with("200 OK", &link, "<html></html>")
}

fn counts(report: &Value) -> [u64; 5] {
    ["read", "new", "updated", "removed", "failed"].map(|key| report["sources"][0][key].as_u64().unwrap())
}

async fn wordpress_over_the_web(store: Option<String>) {
    let server = Server::start([]).await;
    let url = format!("http://{}", server.address);
    let mut site = Site::bare(&format!(
        "[site]\ntitle = \"Harbour\"\nurl = \"https://harbour.example/\"\n[sources.blog]\nkind = \"wordpress\"\nurl = \"{url}/\"\n"
    ));
    if let Some(store) = store {
        site.add(&format!("[store]\nurl = \"{store}\""));
    }
    let mut protected = post(3, "SECRET", "2026-10-01T10:00:00");
    protected["content"]["protected"] = true.into();
    let (one, two) = (
        post(1, "One", "2026-10-01T10:00:00"),
        post(2, "Two &#8211; 2", "2026-10-02T10:00:00"),
    );
    // A first reading that breaks off takes nothing: what it had would not be told from news later.
    server.answers([
        home(&url),
        page(std::slice::from_ref(&one), 3, 2),
        Script::status("500 Oh"),
    ]);
    let run = site.run(&["--json", "publish", "--at", "2026-11-23T06:00:00Z"]);
    assert_eq!((run.status, counts(&run.json())), (1, [0, 0, 0, 0, 1]), "{run:?}");
    // Nor does one of which something was taken away meanwhile.
    server.answers([
        home(&url),
        page(std::slice::from_ref(&one), 3, 2),
        page(std::slice::from_ref(&two), 2, 2),
    ]);
    let run = site.run(&["--json", "publish", "--at", "2026-11-23T06:30:00Z"]);
    assert_eq!((run.status, counts(&run.json())), (1, [0, 0, 0, 0, 1]), "{run:?}");
    // Two pages, of which one shows what only those with a password may see.
    server.answers([
        home(&url),
        page(&[one.clone(), protected], 3, 2),
        page(std::slice::from_ref(&two), 3, 2),
    ]);
    let report = site.publish_at("2026-11-23T07:00:00Z");
    assert_eq!(counts(&report), [2, 2, 0, 0, 0]);
    let asked = server.asked();
    assert!(asked.last().unwrap().head.contains("page=2") && asked.last().unwrap().head.contains("_embed"));
    let feed = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(
        feed.contains("<guid isPermaLink=\"false\">https://harbour.example/?p=2</guid>"),
        "{feed}"
    );
    assert!(feed.contains("Two – 2") && feed.contains("Inês Kelp") && !feed.contains("SECRET"));
    let atom = std::fs::read_to_string(site.path("feeds/atom.xml")).unwrap();
    assert!(atom.contains("<id>https://harbour.example/?p=2</id>"));
    // Later only what has changed is asked for.
    let mut three = post(4, "Four", "2026-11-23T08:00:00");
    three["date_gmt"] = "2026-11-23T08:00:00".into();
    let mut planned = post(5, "Five", "2026-09-01T08:00:00");
    planned["date_gmt"] = "2026-11-23T08:30:00".into();
    server.answers([page(&[two.clone(), three.clone()], 2, 1), page(&[planned], 1, 1)]);
    let report = site.publish_at("2026-11-23T09:00:00Z");
    assert_eq!(counts(&report), [3, 2, 0, 0, 0]);
    let asked = server.asked();
    let since = "after=2026-10-02t09%3a59%3a59z";
    assert!(
        asked[asked.len() - 2]
            .head
            .contains(&format!("&modified_{since}"))
    );
    assert!(asked.last().unwrap().head.contains(&format!("&{since}")));
    // One that has a password now goes at once, and nothing else does.
    three["content"]["protected"] = true.into();
    three["modified_gmt"] = "2026-11-23T09:30:00".into();
    server.answers([page(&[three], 1, 1), page(&[], 0, 1)]);
    assert_eq!(counts(&site.publish_at("2026-11-23T10:00:00Z")), [3, 0, 0, 1, 0]);
    let feed = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(
        !feed.contains("The text of Four") && feed.contains("The text of Five"),
        "{feed}"
    );
    // A page that fails leaves what is known; and a day later what was taken away is seen.
    server.answers([page(std::slice::from_ref(&one), 3, 2), Script::status("503 Busy")]);
    let run = site.run(&["--json", "publish", "--at", "2026-11-25T09:00:00Z"]);
    assert_eq!((run.status, counts(&run.json())), (1, [1, 0, 0, 0, 1]), "{run:?}");
    server.answers([page(&[one, two], 2, 1)]);
    let report = site.publish_at("2026-11-25T10:00:00Z");
    assert_eq!(counts(&report), [2, 0, 0, 1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wordpress_site_is_read_page_by_page() {
    wordpress_over_the_web(None).await;
    if let Some(database) = Database::new().await {
        wordpress_over_the_web(Some(database.url())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_export_to_the_site_itself_nothing_is_new() {
    let server = Server::start([]).await;
    let url = format!("http://{}", server.address);
    let mut site = Site::bare(
        "[site]\ntitle = \"Harbour\"\nurl = \"https://harbour.example/\"\n[sources.blog]\nkind = \"wordpress\"\npath = \"export\"\n",
    );
    site.write("export/a.xml", std::fs::read(fixture("wordpress.xml")).unwrap());
    let first = site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(counts(&first), [3, 3, 0, 0, 0]);
    // The same export once more, under another name.
    site.write("export/b.xml", std::fs::read(fixture("wordpress.xml")).unwrap());
    assert_eq!(counts(&site.publish_at("2026-11-23T06:30:00Z")), [3, 0, 0, 0, 0]);
    let rows = |site: &Site| -> Vec<(Value, Value)> {
        let list = site.ask(&["articles", "list"]);
        let mut rows: Vec<(Value, Value)> = list["articles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|article| (article["path"].clone(), article["id"].clone()))
            .collect();
        rows.sort_by_key(|(path, _)| path.to_string());
        rows
    };
    let before = rows(&site);
    assert!(
        before.contains(&("12".into(), "https://harbour.example/?p=12".into())),
        "{before:?}"
    );
    // An export that cannot be read takes nothing away.
    site.write("export/a.xml", "no export");
    std::fs::remove_file(site.path("export/b.xml")).unwrap();
    let run = site.run(&["--json", "publish", "--at", "2026-11-23T06:45:00Z"]);
    assert_eq!((run.status, counts(&run.json())), (1, [0, 0, 0, 0, 1]), "{run:?}");
    server.answers([
        home(&url),
        page(
            &[
                post(12, "A classic post", "2026-10-03T10:00:00"),
                post(20, "A post of blocks", "2026-10-05T10:00:00"),
            ],
            2,
            1,
        ),
    ]);
    site.replace("path = \"export\"", &format!("url = \"{url}/\""));
    let report = site.publish_at("2026-11-23T07:00:00Z");
    // The one of next year is no longer there.
    assert_eq!(counts(&report), [2, 0, 2, 1, 0], "{report:#}");
    assert_eq!(rows(&site), before);
}

const KEY: &str = "22444f78447824223cefc48062";

fn ghost_post(id: &str, title: &str, changed: &str) -> Value {
    json!({
        "id": id, "uuid": "0f8fad5b-d9cb-469f-a165-70867728950e", "title": title, "slug": title.to_lowercase(),
        "html": format!("<p>The text of {title}.</p><!--members-only-->SECRET"), "url": format!("https://pier.example/{id}/"),
        "visibility": "public", "access": true, "published_at": "2026-10-01T10:00:00.000+00:00", "updated_at": changed,
        "tags": [{"id": "t", "name": "Pier", "visibility": "public"}, {"name": "#note", "visibility": "internal"}],
        "authors": [{"name": "Ada Pier", "website": null}],
    })
}

fn ghost_page(posts: &[Value], next: Option<u32>, total: usize) -> Script {
    let body = json!({"posts": posts, "meta": {"pagination": {"page": 1, "limit": 50, "pages": 2, "total": total, "next": next}}});
    Script::with("200 OK", "Content-Type: application/json\r\n", &body.to_string())
}

async fn ghost_over_the_web(store: Option<String>) {
    let server = Server::start([]).await;
    let url = format!("http://{}", server.address);
    let mut site = Site::bare(&format!(
        "[site]\ntitle = \"Pier\"\nurl = \"https://pier.example/\"\n[sources.blog]\nkind = \"ghost\"\nurl = \"{url}/\"\nkey = \"{KEY}\"\n"
    ));
    if let Some(store) = store {
        site.add(&format!("[store]\nurl = \"{store}\""));
    }
    server.answers([Script::status(&format!("401 {KEY}"))]);
    let run = site.run(&["-v", "--json", "publish", "--at", "2026-11-23T06:00:00Z"]);
    assert_eq!((run.status, run.codes()), (1, vec!["api".to_owned()]), "{run:?}");
    assert!(!format!("{run:?}").contains(KEY), "{run:?}");
    let (one, two) = (
        ghost_post("5f3a0c9e1b2d4c0039a1b201", "One", "2026-10-01T10:00:00.000+00:00"),
        ghost_post("5f3a0c9e1b2d4c0039a1b202", "Two", "2026-10-02T10:00:00.000+00:00"),
    );
    let mut paid = ghost_post(
        "5f3a0c9e1b2d4c0039a1b203",
        "SECRET",
        "2026-10-02T10:00:00.000+00:00",
    );
    paid["visibility"] = "paid".into();
    server.answers([
        ghost_page(&[one.clone(), paid], Some(2), 3),
        ghost_page(std::slice::from_ref(&two), None, 3),
    ]);
    let run = site.run(&["-v", "--json", "publish", "--at", "2026-11-23T07:00:00Z"]);
    assert_eq!((run.status, counts(&run.json())), (0, [2, 2, 0, 0, 0]), "{run:?}");
    assert!(!format!("{run:?}").contains(KEY), "{run:?}");
    let asked = server.asked();
    let head = &asked.last().unwrap().head;
    assert!(
        head.contains(&format!("/ghost/api/content/posts/?key={KEY}")) && head.contains("page=2"),
        "{head}"
    );
    let feed = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(
        feed.contains("<guid isPermaLink=\"false\">5f3a0c9e1b2d4c0039a1b202</guid>")
            && !feed.contains("SECRET"),
        "{feed}"
    );
    // Later only what has changed; and one that is members' now is gone at once.
    server.answers([ghost_page(&[], None, 0)]);
    assert_eq!(counts(&site.publish_at("2026-11-23T08:00:00Z")), [0, 0, 0, 0, 0]);
    assert!(server.asked().last().unwrap().head.contains("filter=updated_at"));
    let mut two = two;
    two["visibility"] = "members".into();
    server.answers([ghost_page(&[two.clone()], None, 1)]);
    assert_eq!(counts(&site.publish_at("2026-11-23T09:00:00Z")), [1, 0, 0, 1, 0]);
    server.answers([ghost_page(&[one, two], None, 2)]);
    assert_eq!(counts(&site.publish_at("2026-11-25T08:00:00Z")), [1, 0, 0, 0, 0]);
    for (name, bytes) in site.snapshot(".") {
        assert!(name.ends_with("config.toml") || !bytes.contains(KEY), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ghost_site_is_read_page_by_page_and_its_key_is_nowhere() {
    ghost_over_the_web(None).await;
    if let Some(database) = Database::new().await {
        ghost_over_the_web(Some(database.url())).await;
    }
}

#[test]
fn the_files_of_a_split_export_know_each_other() {
    let site = Site::bare(
        "[site]\ntitle = \"Harbour\"\nurl = \"https://harbour.example/\"\n[sources.blog]\nkind = \"wordpress\"\npath = \"export\"\n",
    );
    let export = |item: &str| {
        format!("<rss><channel><wp:wxr_version>1.2</wp:wxr_version><item>{item}</item></channel></rss>")
    };
    site.write("export/a-posts.xml", export("<title>A</title><link>https://harbour.example/a/</link><dc:creator>ed</dc:creator><category domain=\"author\" nicename=\"ann\">Ann Lee</category><category domain=\"author\" nicename=\"bo\">Bo Ray</category><content:encoded>Words.</content:encoded><wp:post_id>1</wp:post_id><wp:post_date_gmt>2026-10-01 10:00:00</wp:post_date_gmt><wp:status>publish</wp:status><wp:post_type>post</wp:post_type><wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>2</wp:meta_value></wp:postmeta>"));
    site.write("export/b-media.xml", export("<wp:post_id>2</wp:post_id><wp:post_type>attachment</wp:post_type><wp:attachment_url>https://harbour.example/quay.jpg</wp:attachment_url>"));
    let report = site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(counts(&report), [1, 1, 0, 0, 0]);
    let feed = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(
        feed.contains("https://harbour.example/quay.jpg")
            && feed.contains("Ann Lee")
            && feed.contains("Bo Ray"),
        "{feed}"
    );
}

#[test]
fn what_a_newer_export_keeps_back_an_older_one_does_not_publish() {
    let site = Site::bare(
        "[site]\ntitle = \"Harbour\"\nurl = \"https://harbour.example/\"\n[sources.blog]\nkind = \"wordpress\"\npath = \"export\"\n",
    );
    let export = |status: &str, changed: &str| {
        format!(
            "<rss><channel><wp:wxr_version>1.2</wp:wxr_version><item><title>T</title><link>https://harbour.example/a/</link><content:encoded>Words.</content:encoded><wp:post_id>1</wp:post_id><wp:post_date_gmt>2026-10-01 10:00:00</wp:post_date_gmt><wp:post_modified_gmt>{changed}</wp:post_modified_gmt><wp:status>{status}</wp:status><wp:post_type>post</wp:post_type></item></channel></rss>"
        )
    };
    site.write("export/b.xml", export("publish", "2026-10-02 10:00:00"));
    assert_eq!(counts(&site.publish_at("2026-11-23T06:00:00Z")), [1, 1, 0, 0, 0]);
    for (name, at) in [("a", "2026-11-23T07:00:00Z"), ("c", "2026-11-23T08:00:00Z")] {
        site.write(
            &format!("export/{name}.xml"),
            export("private", "2026-10-03 10:00:00"),
        );
        let removed = u64::from(name == "a");
        assert_eq!(counts(&site.publish_at(at)), [0, 0, 0, removed, 0]);
    }
    // One that is public again later counts.
    site.write("export/b.xml", export("publish", "2026-10-04 10:00:00"));
    assert_eq!(counts(&site.publish_at("2026-11-23T09:00:00Z"))[0], 1);
}
