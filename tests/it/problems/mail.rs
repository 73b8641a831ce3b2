//! Codes of the section "Editions and mail".

use super::{Case, Good};
use crate::smtp_server::{Fault, Script, What};

/// A server that says this at a step of every mail.
fn says(good: &mut Good, step: &'static str, reply: &'static str) {
    let script = Script {
        fault: Some(Fault {
            step,
            what: What::Say(reply),
        }),
        every: 1,
        ..Script::default()
    };
    good.smtp(script, "smtp://127.0.0.1:{port}", "");
}

/// The site with an edition that starts in an hour.
fn planned(good: &mut Good, more: &str) {
    good.add(&format!("grace = \"12h\"\n{more}"));
    good.publish(&[]);
}

fn article(good: &Good, id: &str, date: &str) {
    good.write(
        &format!("articles/{id}.md"),
        format!("---\ntitle: The {id}\nid: {id}\ndate: {date}\n---\n\nText.\n"),
    );
}

fn third(good: &Good) {
    article(good, "third", "2026-11-22");
}

pub(super) const CASES: &[Case] = &[
    Case::check(
        "template",
        "email-templates/digest/text.hbs:2 edition.nothing",
        |good| {
            good.write("email-templates/digest/text.hbs", "One\n{{edition.nothing}}\n");
        },
    ),
    Case::check(
        "template-sample",
        "email-templates/digest/sample.json:2",
        |good| {
            good.write("email-templates/digest/sample.json", "{\n nonsense");
        },
    ),
    Case::check(
        "template-reader-by-reader",
        "email-templates/digest/text.hbs",
        |good| {
            let text = "{{truncate reader.name 3}} {{reader.unsubscribe_url}}\n";
            good.write("email-templates/digest/text.hbs", text);
        },
    ),
    Case::command("edition-held", "publish --at 2026-11-23T07:10:00Z", "", |good| {
        good.write("outbox/new", "a file where a folder belongs");
        good.run(&["publish", "--at", "2026-11-23T07:00:00Z"]);
        good.ask(&["editions", "hold", "weekly/2026-11-23T07:00Z"]);
        std::fs::remove_file(good.path("outbox/new")).unwrap();
    }),
    Case::command(
        "edition-approval",
        "publish --at 2026-11-23T07:00:00Z",
        "",
        |good| {
            good.add("approval = true");
            good.publish(&[]);
        },
    ),
    Case::command(
        "edition-frozen",
        "editions exclude weekly/now/1 nothing",
        "",
        |good| {
            good.publish(&["--now", "weekly"]);
        },
    ),
    Case::command(
        "article-not-public",
        "editions include weekly/2026-11-23T07:00Z 3de4797c-15fa-53fd-b316-ba7f1f809f88",
        "",
        |good| {
            planned(good, "");
            article(good, "later", "2027-01-01");
            good.publish(&[]);
        },
    ),
    Case::command(
        "article-not-in-edition",
        "editions exclude weekly/2026-11-23T07:00Z b662de0f-87ea-5f2f-8c52-5cabe47d0b3a",
        "",
        |good| {
            planned(good, "");
            third(good);
            good.publish(&[]);
        },
    ),
    Case::command(
        "article-excluded",
        "editions include weekly/2026-11-30T07:00Z b662de0f-87ea-5f2f-8c52-5cabe47d0b3a",
        "",
        |good| {
            third(good);
            planned(good, "min_articles = 5");
            good.ask(&[
                "editions",
                "exclude",
                "weekly/2026-11-23T07:00Z",
                "b662de0f-87ea-5f2f-8c52-5cabe47d0b3a",
            ]);
            good.run(&["publish", "--at", "2026-11-23T07:00:00Z"]);
            good.run(&["publish", "--at", "2026-11-30T06:00:00Z"]);
        },
    ),
    Case::inside(
        "article-sent",
        "it takes readers who stand at different places in one digest",
        "tests/it/editions/choices.rs::what_somebody_has_had_cannot_be_put_off",
    ),
    Case::command("unknown-delivery", "deliveries retry 4711", "", |_| {}),
    Case::command("delivery-settled", "deliveries retry 1", "", |good| {
        good.publish(&["--now", "weekly"]);
    }),
    Case::command("edition-over", "editions hold weekly/now/1", "", |good| {
        good.publish(&["--now", "weekly"]);
    }),
    Case::publish("relay-unreachable", "smtp.url", |good| {
        let script = Script {
            fault: Some(Fault {
                step: "mail",
                what: What::Drop,
            }),
            every: 1,
            ..Script::default()
        };
        good.smtp(script, "smtp://127.0.0.1:{port}", "");
    }),
    Case::inside(
        "lease-lost",
        "a process must sleep for longer than its lease while another takes over",
        "tests/it/faults/workers.rs::who_sleeps_past_its_lease_is_taken_over_and_does_nothing_more",
    ),
    Case::publish("relay-refused", "smtp.url", |good| {
        says(good, "greeting", "554 5.7.1 not from you");
    }),
    Case::publish("smtp-login", "smtp.password", |good| {
        let script = Script {
            login: Some(("PLAIN", "news", "right")),
            ..Script::default()
        };
        good.smtp(script, "smtp://news@127.0.0.1:{port}", "password = \"wrong\"\n");
    }),
    Case::publish("smtp-tls", "smtp.tls", |good| {
        good.smtp(
            Script::default(),
            "smtp://localhost:{port}",
            "tls = \"required\"\n",
        );
    }),
    Case::check("smtp-ca", "nothing.pem smtp.ca", |good| {
        good.add("[smtp]\nurl = \"smtps://mail.example\"\nca = \"nothing.pem\"");
    }),
    Case::publish("maildir-unwritable", "outbox smtp.url", |good| {
        good.write("outbox/new", "a file where a folder belongs");
    }),
    Case::publish("delivery-failed", "", |good| {
        says(good, "rcpt", "550 5.1.1 nobody here");
    }),
];
