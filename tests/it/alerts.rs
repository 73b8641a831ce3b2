//! The operator is told once when something newly needs a person, and once when it is good again.

use crate::database::Database;
use crate::http_server::{Script, Server};
use crate::site::{NOW, Run, Site};
use mail_parser::MessageParser;
use serde_json::{Value, json};

const OPERATOR: &str = "[operator]\nmail = \"ops@tides.example\"\nwebhook = \"file:outbox/hook\"\n";

fn publish(site: &Site) -> Run {
    site.try_publish(&[])
}

/// Subject and text of the operator's mails, in the order they were made.
fn alerts(site: &Site) -> Vec<(String, String)> {
    let mails = site.mails();
    let of_operator = mails
        .values()
        .filter(|mail| mail.contains("Delivered-To: ops@tides.example"));
    let read = |mail: &String| {
        let message = MessageParser::default().parse(mail.as_bytes()).unwrap();
        let header = |name: &str| message.header_raw(name).unwrap_or_default().trim().to_owned();
        assert_eq!(header("Auto-Submitted"), "auto-generated", "{mail}");
        assert!(
            !mail.contains("List-Id") && !mail.contains("List-Unsubscribe"),
            "{mail}"
        );
        assert!(message.body_html(0).unwrap().contains("<h1"));
        (
            message.subject().unwrap().to_owned(),
            message.body_text(0).unwrap().into_owned(),
        )
    };
    of_operator.map(read).collect()
}

/// The bodies that went to the webhook.
fn hooks(site: &Site) -> Vec<Value> {
    let requests = site.snapshot("outbox/hook");
    let body = |request: &String| serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    requests.values().map(body).collect()
}

#[tokio::test]
async fn the_operator_is_told_once_and_once_more_when_it_is_good_again() {
    let mut sites = vec![(Site::new().with(OPERATOR), None)];
    if let Some(database) = Database::new().await {
        let store = format!("[store]\nurl = \"{}\"", database.url());
        sites.push((Site::new().with(OPERATOR).with(&store), Some(database)));
    }
    for (site, _database) in sites {
        assert_eq!(publish(&site).status, 0);
        site.write("articles/broken.md", "---\ntitle: [\n---\nx\n");
        let bad = publish(&site);
        assert_eq!(
            (bad.status, &bad.json()["deliveries"]["sent"]),
            (1, &json!(1)),
            "{bad:?}"
        );
        let told = alerts(&site);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].0.starts_with("[Test Tides] "), "{told:#?}");
        assert!(
            told[0].1.contains("front-matter") && told[0].1.contains("broken.md"),
            "{}",
            told[0].1
        );
        assert_eq!(hooks(&site).len(), 1);
        let hook = &hooks(&site)[0];
        assert_eq!(
            (&hook["schema"], &hook["problems"][0]["code"]),
            (&json!(1), &json!("front-matter"))
        );
        assert!(
            hook["text"].as_str().unwrap().starts_with("Test Tides: "),
            "{hook:#}"
        );
        // Unchanged: nobody is told again.
        for _ in 0..3 {
            assert_eq!(publish(&site).status, 0);
        }
        assert_eq!((alerts(&site).len(), hooks(&site).len()), (1, 1));
        std::fs::remove_file(site.path("articles/broken.md")).unwrap();
        publish(&site);
        publish(&site);
        let told = alerts(&site);
        assert_eq!((told.len(), hooks(&site).len()), (2, 2), "{told:#?}");
        assert!(told[1].0.contains("Good again"), "{told:#?}");
        assert_eq!(hooks(&site)[1]["solved"][0]["code"], "front-matter");
        let listed = site.ask(&["deliveries", "list"]);
        let kinds: Vec<&Value> = listed["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|of| &of["kind"])
            .collect();
        assert_eq!(kinds, ["alert", "alert"]);
    }
}

#[test]
fn an_alert_waits_for_mail_to_go_again() {
    let site = Site::new().with(&OPERATOR.replace("outbox/hook", "hook"));
    site.write("outbox", "in the way");
    let bad = site.try_publish(&["--now", "weekly"]);
    assert_eq!(
        (bad.status, bad.codes()),
        (1, vec!["maildir-unwritable".to_owned()])
    );
    assert_eq!(site.snapshot("hook").len(), 1);
    assert_eq!(bad.json()["deliveries"]["queued"], 2);
    assert_eq!(publish(&site).status, 1);
    assert_eq!(site.snapshot("hook").len(), 1);
    std::fs::remove_file(site.path("outbox")).unwrap();
    assert_eq!(publish(&site).status, 0);
    let told = alerts(&site);
    assert_eq!((told.len(), site.mails().len()), (2, 3), "{told:#?}");
    assert!(
        told[0].1.contains("maildir-unwritable") && told[1].0.contains("Good again"),
        "{told:#?}"
    );
}

#[test]
fn a_thousand_problems_are_one_mail_and_no_flood() {
    let site = Site::new().with(OPERATOR);
    publish(&site);
    for n in 0..300 {
        site.write(&format!("articles/b{n:03}.md"), "---\ntitle: [\n---\nx\n");
    }
    site.readers("email\nann@example.com\nbo.b@exam ple.org\n");
    publish(&site);
    let told = alerts(&site);
    assert_eq!(told.len(), 1);
    assert!(told[0].0.contains("and 300 more"), "{}", told[0].0);
    assert!(told[0].1.contains("and 281 more"), "{}", told[0].1);
    let everything = serde_json::to_string(&hooks(&site)).unwrap();
    assert!(
        !everything.contains("bo.b@") && everything.contains("b…@"),
        "masked"
    );
    // Something that comes and goes, pass after pass.
    for n in 0..20 {
        let file = site.path("articles/b000.md");
        match n % 2 {
            0 => std::fs::remove_file(&file).unwrap(),
            _ => std::fs::write(&file, "---\ntitle: [\n---\nx\n").unwrap(),
        }
        publish(&site);
    }
    assert_eq!(alerts(&site).len(), 6);
    // An hour later the last word is said, and no more than that.
    std::fs::remove_file(site.path("articles/b001.md")).unwrap();
    for at in [
        "2026-11-23T06:30:00Z",
        "2026-11-23T07:10:00Z",
        "2026-11-23T07:20:00Z",
    ] {
        site.run(&["publish", "--at", at]);
    }
    let told = alerts(&site);
    assert_eq!(told.len(), 7);
    assert!(
        told[6].1.contains("Good again") && told[6].1.contains("b000.md"),
        "{}",
        told[6].1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_tried_again_and_its_own_failure_goes_by_mail() {
    let server = Server::start([Script::status("500 Oops"), Script::status("204 No Content")]).await;
    let hook = "webhook = { env = \"HOOK\" }";
    let site = Site::new().with(&OPERATOR.replace("webhook = \"file:outbox/hook\"", hook));
    let pass = |at: &str| {
        let mut command = site.command(&["--json", "publish", "--at", at]);
        command.env("HOOK", format!("{}?key=hunter2", server.url()));
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let pass = |at: &str| tokio::task::block_in_place(|| pass(at));
    site.write("articles/broken.md", "---\ntitle: [\n---\nx\n");
    pass(NOW);
    pass("2026-11-23T06:05:00Z");
    pass("2026-11-23T06:10:00Z");
    let asked = server.asked();
    assert_eq!(asked.len(), 2, "{asked:#?}");
    assert!(asked[1].head.contains("content-type: application/json"));
    assert_eq!(asked[0].body, asked[1].body);
    let body: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(body["problems"][0]["code"], "front-matter");
    // One that is refused for good is told by mail alone, and never again and again.
    server.answers([Script::status("404 Not Found")]);
    std::fs::remove_file(site.path("articles/broken.md")).unwrap();
    for minute in 20..26 {
        pass(&format!("2026-11-23T06:{minute}:00Z"));
    }
    assert_eq!(server.asked().len(), 3);
    let told = alerts(&site);
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[2].1.contains("alert-failed"), "{told:#?}");
    let config = std::fs::read_to_string(site.path("config.toml")).unwrap();
    assert!(!config.contains("hunter2"));
    let mut list = site.command(&["--json", "pings", "list"]);
    let list = list.env("HOOK", "https://hook.example/").output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(
        list.contains("operator.webhook") && !list.contains("hunter2"),
        "{list}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_follows_each_good_pass_and_no_other() {
    let server = Server::start([Script::status("200 OK")]).await;
    let site = Site::new().with(&format!("[operator]\nheartbeat = \"{}\"", server.url()));
    let pass = |status: i32| {
        let run = tokio::task::block_in_place(|| site.try_publish(&[]));
        assert_eq!(run.status, status, "{run:?}");
        run
    };
    pass(0);
    pass(0);
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].head.starts_with("get /hub "), "{asked:#?}");
    site.write("articles/broken.md", "---\ntitle: [\n---\nx\n");
    pass(1);
    assert_eq!(server.asked().len(), 2);
    // A service that does not answer well is no failure of the pass.
    std::fs::remove_file(site.path("articles/broken.md")).unwrap();
    server.answers([Script::status("503 Busy")]);
    assert_eq!(pass(0).codes(), ["heartbeat-failed"]);
    server.answers([Script::status("200 OK")]);
    pass(0);
    assert_eq!(server.asked().len(), 4);
    let pings = tokio::task::block_in_place(|| site.ask(&["pings", "list"]));
    assert_eq!(pings["pings"].as_array().unwrap().len(), 1, "{pings:#}");
    assert_eq!(pings["pings"][0]["state"], "done");
}

#[test]
fn after_a_restore_the_operator_alone_gets_mail() {
    let site = Site::new().with(OPERATOR);
    site.publish(&["--now", "weekly"]);
    site.ask(&["backup", "b.tar.gz"]);
    std::fs::rename(site.path("data"), site.path("lost")).unwrap();
    site.ask(&["restore", "b.tar.gz", "--at", NOW]);
    site.article("third.md", "Third time", "2026-11-23", "x");
    let before = site.mails().len();
    assert_eq!(site.try_publish(&["--now", "weekly"]).status, 1);
    let told = alerts(&site);
    assert_eq!((told.len(), site.mails().len()), (1, before + 1), "{told:#?}");
    assert!(told[0].1.contains("sending-held"), "{told:#?}");
    assert_eq!(publish(&site).status, 1);
    site.ask(&["restore", "--accept", "--at", NOW]);
    assert_eq!(publish(&site).status, 0);
    assert_eq!(alerts(&site).len(), 2);
}

#[test]
fn what_the_operator_needs_is_checked() {
    let wrong = |toml: &str| {
        let run = Site::new().with(toml).run(&["--json", "check"]);
        let problems = run.json()["problems"].as_array().unwrap().clone();
        problems
            .iter()
            .map(|problem| problem["code"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(wrong("[operator]\nmail = \"ops\"").contains(&"config-value".to_owned()));
    assert!(wrong("[operator]\nwebhook = \"ftp://x.example/\"").contains(&"config-value".to_owned()));
    assert!(wrong("[operator]\nmial = \"ops@x.example\"").contains(&"config-unknown-key".to_owned()));
    let site = Site::new().with(OPERATOR);
    site.write("email-templates/alert/text.hbs", "{{problem}}");
    let run = site.run(&["--json", "check"]);
    assert!(run.stdout.contains("alert/text.hbs"), "{run:?}");
    // An alert is told all the same.
    site.write("articles/broken.md", "---\ntitle: [\n---\nx\n");
    publish(&site);
    assert_eq!(alerts(&site).len(), 1);
}
