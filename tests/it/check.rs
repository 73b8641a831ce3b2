//! `tidings check` and `tidings init`: what is wrong is named before a pass meets it.

use crate::http_server::{Script, Server};
use std::fs;
use std::path::Path;
use tidings::app::Site;
use tidings::app::check::{CheckReport, run};
use tidings::cli::init::{self, Init, Named};
use tidings::clock::{Clock, from_seconds};
use tidings::config::Config;
use tidings::problem::{Problem, Severity};
use tidings::store::reported::Part;

const GOOD: &str = "[site]\ntitle = 'T'\nurl = 'https://tides.example/'\npostal_address = '1 Quay Street'\n\
    [sources.posts]\nkind = 'markdown'\npath = 'articles'\n\
    [digests.weekly]\nschedule = '0 7 * * 1'\nfrom = 'a@tides.example'\n";

async fn checked(folder: &Path, online: bool) -> CheckReport {
    run(
        &folder.join("config.toml"),
        &Default::default(),
        Clock::System,
        online,
    )
    .await
    .unwrap()
}

/// A site with one article and nothing wrong, and the given text at the end of its configuration.
fn site(more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("articles")).unwrap();
    fs::write(
        folder.path().join("articles/a.md"),
        "---\ntitle: A\ndate: 2026-11-01\n---\n\nText.\n",
    )
    .unwrap();
    fs::write(folder.path().join("config.toml"), format!("{GOOD}{more}")).unwrap();
    folder
}

fn found(report: &CheckReport) -> Vec<(Severity, &str, &str)> {
    let one =
        |problem: &'_ Problem<String>| (problem.severity, problem.key.is_some() || problem.file.is_some());
    assert!(
        report.problems.iter().all(|problem| one(problem).1),
        "{:?}",
        report.problems
    );
    let row = |problem| {
        let Problem {
            severity,
            code,
            message,
            ..
        }: &Problem<String> = problem;
        (*severity, code.as_str(), message.as_str())
    };
    report.problems.iter().map(row).collect()
}

fn codes(report: &CheckReport) -> Vec<&str> {
    found(report).into_iter().map(|(_, code, _)| code).collect()
}

#[tokio::test]
async fn a_new_site_has_nothing_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let init = Init {
        dir: folder.path().to_owned(),
        named: Named {
            url: Some("https://notes.example/".to_owned()),
            title: Some("Notes".to_owned()),
        },
        from: None,
    };
    init::run(&init, false, true).await.unwrap();
    let report = checked(folder.path(), false).await;
    assert!(!report.has_failed(), "{:?}", report.problems);
    let serious: Vec<_> = codes(&report)
        .into_iter()
        .filter(|code| !code.starts_with("template"))
        .collect();
    assert_eq!(serious, ["postal-address"]);
    assert!(!folder.path().join("data").exists(), "a check makes no store");
}

#[tokio::test]
async fn a_wrong_configuration_is_all_there_is_to_say() {
    let folder = site("[smpt]\nurl = 'x'\n");
    let report = checked(folder.path(), false).await;
    assert_eq!(codes(&report), ["config-unknown-key"]);
    assert!(!report.is_configured && report.has_failed());
}

#[tokio::test]
async fn everything_wrong_is_named_at_once() {
    let folder =
        site("[http]\npublic_url = 'http://tides.example/'\n[smtp]\nurl = 'maildir:blocked/outbox'\n");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("blocked"), "a file").unwrap();
    fs::write(path("articles/broken.md"), "---\ntitle: [\n---\n").unwrap();
    fs::create_dir_all(path("email-templates/digest")).unwrap();
    fs::write(path("email-templates/digest/text.hbs"), "{{edition.nothing}}").unwrap();
    fs::create_dir(path("subscribers")).unwrap();
    fs::write(path("subscribers/x.csv"), "email\nnobody\n").unwrap();
    let report = checked(folder.path(), false).await;
    let codes = codes(&report);
    for code in ["front-matter", "unwritable-folder", "template", "public-url"] {
        assert!(codes.contains(&code), "{code}: {:#?}", report.problems);
    }
    assert!(report.problems.iter().any(|problem| {
        problem
            .file
            .as_deref()
            .is_some_and(|file| file.ends_with("x.csv"))
    }));
    assert!(report.is_configured && report.has_failed());
    let severities: Vec<_> = report
        .problems
        .iter()
        .map(|problem| std::cmp::Reverse(problem.severity))
        .collect();
    assert!(severities.is_sorted());
}

#[tokio::test]
async fn what_a_pass_has_reported_is_repeated() {
    let folder = site("");
    let config = Config::load(&folder.path().join("config.toml"), &Default::default()).unwrap();
    let (site, _) = Site::open(config, Clock::System).await.unwrap();
    let kept = Problem::error("ping-failed", "the hub said no").key("pings.hub.endpoint");
    site.store
        .report(Part::Turn, &[kept], from_seconds(1))
        .await
        .unwrap();
    let report = checked(folder.path(), false).await;
    assert_eq!(
        found(&report),
        [(Severity::Error, "ping-failed", "the hub said no")]
    );
    site.store.report(Part::Turn, &[], from_seconds(2)).await.unwrap();
    assert_eq!(codes(&checked(folder.path(), false).await), [""; 0]);
}

#[tokio::test]
async fn a_site_that_moved_is_told_to_keep_its_id() {
    let folder = site("");
    let config = Config::load(&folder.path().join("config.toml"), &Default::default()).unwrap();
    let (opened, _) = Site::open(config, Clock::System).await.unwrap();
    drop(opened);
    let text = GOOD.replace("tides.example/", "elsewhere.example/");
    fs::write(folder.path().join("config.toml"), text).unwrap();
    assert_eq!(codes(&checked(folder.path(), false).await), ["site-id"]);
}

#[tokio::test]
async fn a_store_that_does_not_open_is_named() {
    let folder = site("");
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(
        folder.path().join("data/tidings.db"),
        "this is no database, whatever its name says",
    )
    .unwrap();
    let report = checked(folder.path(), false).await;
    assert_eq!(codes(&report), ["store"]);
    assert!(report.has_failed());
}

#[tokio::test]
async fn online_asks_whether_anybody_answers() {
    let public = Server::start([Script::with("200 OK", "", "hello")]).await;
    let hub = Server::start([Script::status("405 Method Not Allowed")]).await;
    let config = |public: &str, hub: &str| {
        format!(
            "[http]\npublic_url = '{public}'\n[http_client]\ntimeout = '1s'\n\
             [pings.hub]\nkind = 'websub'\nendpoint = '{hub}'\n"
        )
    };
    let folder = site(&config(&public.url(), &hub.url()));
    let report = checked(folder.path(), true).await;
    assert_eq!(codes(&report), ["public-url"]);
    assert!(hub.asked().iter().all(|asked| asked.head.starts_with("get ")));
    let silent = Server::start([Script::Hang]).await;
    let folder = site(&config(&silent.url(), "http://127.0.0.1:1/"));
    let report = checked(folder.path(), true).await;
    assert_eq!(
        codes(&report),
        [
            "public-url-silent",
            "public-url",
            "feed-not-published",
            "ping-endpoint-silent"
        ]
    );
    assert_eq!(codes(&checked(folder.path(), false).await), ["public-url"]);
}
