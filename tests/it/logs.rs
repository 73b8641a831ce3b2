//! What is logged: the events of a pass, as lines for people and for machines, and no address, password
//! or secret in any of them.

use crate::http_server::{self, Server};
use crate::site::{NOW, Run, Site};
use crate::smtp_server::{Fault, Script, SmtpServer, What};
use base64::{Engine, engine::general_purpose};
use serde_json::Value;
use std::collections::BTreeSet;

const READERS: [&str; 4] = [
    "ann@example.com",
    "bo.long+tag@example.com",
    "jürgen@example.net",
    "\"quoted one\"@example.org",
];

/// A pass in which each kind of mail goes wrong, and a ping too.
struct Trouble {
    site: Site,
    server: SmtpServer,
    _hub: Server,
}

async fn trouble(fault: Fault, every: u64) -> Trouble {
    // Nobody has said which mail it will be while they log in.
    let (fault, also) = match fault.step {
        "auth" => (None, Some(fault)),
        _ => (Some(fault), None),
    };
    let server = SmtpServer::start(Script {
        login: Some(("PLAIN", "postmaster@tides.example", "hunter2 is long")),
        fault,
        also,
        every,
        ..Script::default()
    })
    .await;
    let hub = Server::start([http_server::Script::with(
        "400 Bad Request",
        "",
        "ann@example.com is not welcome",
    )])
    .await;
    let site = Site::new().with(&format!(
        "[smtp]\nurl = \"smtp://postmaster%40tides.example@127.0.0.1:{}\"\nconnections = 1\ntimeout = \"5s\"\n\
         password = {{ env = \"MAIL_PASSWORD\" }}\n\
         [pings.hub]\nkind = \"websub\"\nendpoint = \"{}?token=hunter3\"\n",
        server.port,
        hub.url()
    ));
    let lines: Vec<String> = READERS
        .iter()
        .map(|reader| format!("\"{}\",Reader\n", reader.replace('"', "\"\"")))
        .collect();
    site.readers(&format!("email,name\n{}", lines.concat()));
    Trouble {
        site,
        server,
        _hub: hub,
    }
}

impl Trouble {
    fn run(&self, filter: &str, more: &[&str]) -> Run {
        let arguments = [&["publish", "--now", "weekly", "--at", NOW], more].concat();
        let output = self
            .site
            .command(&arguments)
            .env("MAIL_PASSWORD", "hunter2 is long")
            .env("RUST_LOG", filter)
            .output()
            .unwrap();
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// All that nobody may read in a log.
    fn secrets(&self) -> BTreeSet<String> {
        let mut secrets: BTreeSet<String> = READERS
            .iter()
            .map(|reader| (*reader).to_owned())
            .chain(["news@tides.example", "postmaster@tides.example"].map(str::to_owned))
            .chain(["hunter2", "hunter3", "quoted one", "bo.long", "ürgen"].map(str::to_owned))
            .collect();
        let login = "\0postmaster@tides.example\0hunter2 is long";
        let secret = std::fs::read(self.site.path("data/secret")).unwrap();
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        secrets.insert(hex);
        for bytes in [login.as_bytes(), &secret] {
            secrets.insert(general_purpose::STANDARD_NO_PAD.encode(bytes));
            secrets.insert(general_purpose::URL_SAFE_NO_PAD.encode(bytes));
        }
        // Whatever only the reader's mail has: the tokens of links are the long words of URLs.
        for taken in self.server.taken() {
            let text = taken.message.replace("=\r\n", "").replace("=\n", "");
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
            secrets.extend(words.filter(|word| word.len() >= 30).map(str::to_owned));
        }
        secrets
    }

    fn keeps_its_secrets(&self, run: &Run) {
        for secret in self.secrets() {
            assert!(
                !run.stderr.contains(&secret),
                "{secret:?} is logged:\n{}",
                run.stderr
            );
            assert!(
                !run.stdout.contains(&secret),
                "{secret:?} is told:\n{}",
                run.stdout
            );
        }
    }
}

fn events(run: &Run) -> Vec<Value> {
    run.stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn messages(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["message"].as_str().unwrap())
        .collect()
}

const FAULTS: [(&str, &str); 4] = [
    ("rcpt", "550 5.1.1 <bo.long+tag@example.com>: no such user"),
    ("rcpt", "451 4.2.0 jürgen@example.net: try again later"),
    ("mail", "550 5.7.1 sender news@tides.example is not welcome"),
    ("dot", "554 5.7.1 \"quoted one\"@example.org says this is spam"),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_address_and_no_secret_is_logged() {
    for (step, reply) in FAULTS {
        for (filter, format) in [("debug", "text"), ("debug", "json"), ("tidings=trace", "text")] {
            let what = What::Say(reply);
            let trouble = trouble(Fault { step, what }, 2).await;
            let run = trouble.run(filter, &["--log-format", format]);
            assert!(run.stderr.contains("mail settled") || run.stderr.contains("edition held"));
            trouble.keeps_its_secrets(&run);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_shows_no_password() {
    let what = What::Say("535 5.7.8 no, postmaster@tides.example");
    let trouble = trouble(Fault { step: "auth", what }, 1).await;
    let run = trouble.run("trace", &["--log-format", "json", "--json"]);
    assert!(messages(&events(&run)).contains(&"no connection"), "{run:?}");
    for secret in trouble.secrets() {
        assert!(!run.stderr.contains(&secret), "{secret:?} is logged: {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_is_told_in_events_for_machines() {
    let what = What::Say("451 4.2.0 try again later");
    let trouble = trouble(Fault { step: "rcpt", what }, 2).await;
    let run = trouble.run("tidings=debug", &["--log-format", "json", "--json"]);
    run.json();
    let events = events(&run);
    let said = messages(&events);
    for message in [
        "pass begun",
        "source read",
        "feeds written",
        "edition planned",
        "edition started",
        "readers filled in",
        "edition filled",
        "delivery worker begun",
        "connection opened",
        "mail settled",
        "delivery worker ended",
        "ping answered",
        "pass ended",
    ] {
        assert!(said.contains(&message), "{message}: {said:?}");
    }
    assert_eq!((said[0], said[said.len() - 1]), ("pass begun", "pass ended"));
    for event in &events {
        assert_eq!(event["spans"][0]["name"], "pass", "{event}");
        assert_eq!(event["spans"][0]["at"], NOW, "{event}");
    }
    let deferred = events
        .iter()
        .find(|event| event["message"] == "mail settled" && event["state"] == "deferred")
        .unwrap();
    assert_eq!(deferred["code"], 451);
    assert_eq!(deferred["edition"], "weekly/now/1");
    assert!(deferred["reader"].as_str().unwrap().contains("…@"), "{deferred}");
    assert_eq!(
        deferred["spans"][1]["relay"],
        format!("127.0.0.1:{}", trouble.server.port)
    );
    // Each event that the manual names is one, and the other way round.
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/monitoring.md")).unwrap();
    for message in said {
        assert!(manual.contains(&format!("| `{message}` |")), "{message}");
    }
}

/// Without `-v` a good pass logs nothing.
#[test]
fn a_good_pass_is_silent() {
    let run = Site::new().run(&["publish", "--now", "weekly", "--at", NOW]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
}
