//! For each code of `docs/problems.md`: a good site is broken in one way, the real program looks at it,
//! and sees just that code.
//!
//! To add a code: a line in the manual, and a [`Case`] in the list of its section (`config`, `site`,
//! `articles` …). A code without a case fails `every_code_has_a_case`.

mod articles;
mod backup;
mod config;
mod feeds;
mod mail;
mod pings;
mod readers;
mod site;

use crate::http_server::{self, Server};
use crate::site::{NOW, Run, Site};
use crate::smtp_server::{self, SmtpServer};
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use tokio::runtime::Runtime;

/// How one code is brought about.
pub(crate) struct Case {
    code: &'static str,
    by: By,
}

enum By {
    /// The site is broken, and a command (with `--json`) says so.
    Command {
        line: &'static str,
        /// What the problem names, as `FILE:LINE KEY`, what of it there is.
        place: &'static str,
        breaking: fn(&mut Good),
    },
    /// Nobody can bring it about from outside: `why`, and which test does so inside, as
    /// `src/file.rs::name`.
    Inside { why: &'static str, test: &'static str },
}

impl Case {
    /// `tidings check` sees it.
    const fn check(code: &'static str, place: &'static str, breaking: fn(&mut Good)) -> Case {
        Case::command(code, "check", place, breaking)
    }

    /// `tidings publish` meets it; [`NOW`] is added to the line.
    const fn publish(code: &'static str, place: &'static str, breaking: fn(&mut Good)) -> Case {
        Case::command(code, "publish --now weekly", place, breaking)
    }

    const fn command(
        code: &'static str,
        line: &'static str,
        place: &'static str,
        breaking: fn(&mut Good),
    ) -> Case {
        Case {
            code,
            by: By::Command {
                line,
                place,
                breaking,
            },
        }
    }

    const fn inside(code: &'static str, why: &'static str, test: &'static str) -> Case {
        Case {
            code,
            by: By::Inside { why, test },
        }
    }
}

/// A site with nothing wrong, and the servers it talks to.
pub(crate) struct Good {
    site: Site,
    runtime: Runtime,
    servers: Vec<Box<dyn Any>>,
}

impl Deref for Good {
    type Target = Site;
    fn deref(&self) -> &Site {
        &self.site
    }
}

impl DerefMut for Good {
    fn deref_mut(&mut self) -> &mut Site {
        &mut self.site
    }
}

impl Good {
    fn new() -> Good {
        Good {
            site: Site::new(),
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap(),
            servers: Vec::new(),
        }
    }

    /// A mail server, which the site is told of with `tls` as `smtp.tls`; `{port}` in `url` is its port.
    fn smtp(&mut self, script: smtp_server::Script, url: &str, more: &str) {
        let server = self.runtime.block_on(SmtpServer::start(script));
        let url = url.replace("{port}", &server.port.to_string());
        self.write("ca.pem", &server.certificate);
        self.add(&format!(
            "[smtp]\nurl = \"{url}\"\nconnections = 1\ntimeout = \"5s\"\n{more}"
        ));
        self.servers.push(Box::new(server));
    }

    /// An HTTP server; its URL.
    fn http(&mut self, answer: http_server::Script) -> String {
        self.http_script([answer])
    }

    /// As [`Good::http`], one answer after the other.
    fn http_script(&mut self, answers: impl IntoIterator<Item = http_server::Script>) -> String {
        let server = self.runtime.block_on(Server::start(answers));
        let url = server.url();
        self.servers.push(Box::new(server));
        url
    }

    /// An address that somebody else listens at.
    fn taken(&mut self) -> std::net::SocketAddr {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        self.servers.push(Box::new(taken));
        address
    }

    /// A pass that may end as it likes.
    fn pass(&self) {
        self.try_publish(&[]);
    }
}

/// What a document says is wrong.
fn problems(run: &Run) -> Vec<Value> {
    let document = run.json();
    let list = document.get("problems").or(document.get("errors"));
    list.and_then(Value::as_array)
        .cloned()
        .unwrap_or_else(|| panic!("neither problems nor errors: {run:?}"))
}

/// `FILE:LINE KEY`, what of it there is.
fn place(problem: &Value) -> String {
    let file = problem["file"].as_str().unwrap_or_default();
    let line = problem["line"]
        .as_u64()
        .map_or(String::new(), |line| format!(":{line}"));
    let key = problem["key"].as_str().unwrap_or_default();
    without_port(&format!("{file}{line} {key}")).trim().to_owned()
}

/// Without the port of a server on this machine, which is another at each run.
fn without_port(place: &str) -> String {
    let Some((before, after)) = place.split_once("127.0.0.1:") else {
        return place.to_owned();
    };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}127.0.0.1{after}")
}

/// What a run that should see just one code did wrong.
fn wrong_with(run: &Run, code: &str, wanted: Option<&str>) -> Result<(), String> {
    let found = problems(run);
    let [problem] = found.as_slice() else {
        return Err(format!("{} problems: {found:#?}", found.len()));
    };
    let text = |key: &str| problem[key].as_str().unwrap_or_default();
    if text("code") != code {
        return Err(format!("another code: {problem:#}"));
    }
    if wanted.is_some_and(|wanted| place(problem) != wanted) {
        return Err(format!("names the place {:?}: {problem:#}", place(problem)));
    }
    if text("message").is_empty() || text("hint").is_empty() {
        return Err(format!("does not say what to do: {problem:#}"));
    }
    if text("severity") == "error" && run.status == 0 {
        return Err("an error, and the status is 0".to_owned());
    }
    if text("severity") != "error" && run.status != 0 {
        return Err(format!("no error, and the status is {}", run.status));
    }
    Ok(())
}

/// Sees just the code, also in a `check` after a pass has reported it.
fn hold(case: &Case) -> Result<(), String> {
    let By::Command {
        line,
        place,
        breaking,
    } = &case.by
    else {
        return Ok(());
    };
    let mut good = Good::new();
    breaking(&mut good);
    let mut words: Vec<&str> = line.split_whitespace().chain(["--json"]).collect();
    if words[0] == "publish" && !words.contains(&"--at") {
        words.extend(["--at", NOW]);
    }
    let run = good.run(&words);
    wrong_with(&run, case.code, Some(place))?;
    match words[0] {
        "check" if run.status != 2 => good.pass(),
        "publish" if run.status != 2 => {}
        _ => return Ok(()),
    }
    let after = good.run(&["check", "--json"]);
    if *line == "check --online" || problems(&after).is_empty() {
        return Ok(());
    }
    wrong_with(&after, case.code, None).map_err(|why| format!("`check` after a pass: {why}"))
}

fn hold_all(cases: &[Case]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let why = hold(case).err()?;
            Some(format!("{}: {why}", case.code))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn all() -> impl Iterator<Item = &'static Case> {
    [
        config::CASES,
        site::CASES,
        articles::CASES,
        feeds::CASES,
        readers::CASES,
        mail::CASES,
        pings::CASES,
        backup::CASES,
    ]
    .into_iter()
    .flatten()
}

fn root(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn nothing_is_wrong_with_the_good_site() {
    let good = Good::new();
    for words in [
        &["check", "--json"][..],
        &["publish", "--now", "weekly", "--at", NOW, "--json"],
        &["check", "--json"],
    ] {
        let run = good.run(words);
        assert_eq!((run.status, problems(&run)), (0, Vec::new()), "{words:?}");
    }
}

#[test]
fn every_code_has_a_case() {
    let manual = root("docs/problems.md");
    let mut listed = BTreeSet::new();
    for code in manual
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
    {
        assert!(listed.insert(code), "docs/problems.md has {code} twice");
    }
    let cases: BTreeSet<&str> = all().map(|case| case.code).collect();
    let without: Vec<&&str> = listed.difference(&cases).collect();
    assert!(
        without.is_empty(),
        "no case in tests/it/problems breaks a site so: {without:?}"
    );
    let unknown: Vec<&&str> = cases.difference(&listed).collect();
    assert!(unknown.is_empty(), "not in docs/problems.md: {unknown:?}");
}

#[test]
fn what_cannot_be_brought_about_from_outside_is_tested_inside() {
    let mut inside = 0;
    for case in all() {
        let By::Inside { why, test } = &case.by else {
            continue;
        };
        inside += 1;
        assert!(!why.is_empty());
        let (file, name) = test.split_once("::").unwrap();
        let text = root(file);
        assert!(
            text.contains(&format!("fn {name}()")),
            "{}: no test {test}",
            case.code
        );
        assert!(
            text.contains(&format!("{:?}", case.code)),
            "{file} does not say {}",
            case.code
        );
    }
    assert!(inside <= 6, "{inside} codes have no case from outside");
}

#[test]
fn codes_of_the_configuration() {
    hold_all(config::CASES);
}

#[test]
fn codes_of_the_site() {
    hold_all(site::CASES);
}

#[test]
fn codes_of_articles() {
    hold_all(articles::CASES);
}

#[test]
fn codes_of_feeds() {
    hold_all(feeds::CASES);
}

#[test]
fn codes_of_readers() {
    hold_all(readers::CASES);
}

#[test]
fn codes_of_mail() {
    hold_all(mail::CASES);
}

#[test]
fn codes_of_backups_and_alerts() {
    hold_all(backup::CASES);
}

#[test]
fn codes_of_pings() {
    hold_all(pings::CASES);
}
