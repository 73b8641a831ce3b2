//! A mail server that misbehaves at each step, in each way: what becomes of the mails, of the edition,
//! and of the pass. With and without PIPELINING, on both databases.

use crate::database::Database;
use crate::post_office::{PostOffice, Setup, now};
use crate::smtp_server::{Fault, Script, Security, SmtpServer, What, copies};
use std::collections::BTreeMap;
use std::sync::Arc;
use tidings::app::editions::close;
use tidings::problem::Severity;
use tidings::sql;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const READERS: i64 = 21;
/// So many servers misbehave at once: most of the time they hang.
const AT_ONCE: usize = 12;

/// How a pass ends.
#[derive(Debug, Clone, Copy)]
struct End {
    /// `state count` of the deliveries, by name.
    deliveries: &'static str,
    edition: &'static str,
    status: i32,
    code: Option<&'static str>,
    /// At most so many mails in doubt, and so many second copies.
    doubts: u64,
}

const UNHARMED: End = End {
    deliveries: "sent 21",
    edition: "done",
    status: 0,
    code: None,
    doubts: 0,
};
/// The mail, or its answer, was lost: tried again under the same Message-ID.
const IN_DOUBT: End = End {
    doubts: 3,
    ..UNHARMED
};
const DEFERRED: End = End {
    deliveries: "deferred 3, sent 18",
    edition: "sending",
    ..UNHARMED
};
const FAILED: End = End {
    deliveries: "failed 3, sent 18",
    status: 1,
    code: Some("delivery-failed"),
    ..UNHARMED
};
const HELD: End = End {
    deliveries: "queued 15, sent 6",
    edition: "sending, held",
    status: 1,
    code: Some("edition-held"),
    doubts: 0,
};
const UNREACHABLE: End = End {
    deliveries: "queued 21",
    edition: "sending",
    status: 1,
    code: Some("relay-unreachable"),
    doubts: 0,
};
const REFUSED: End = End {
    code: Some("relay-refused"),
    ..UNREACHABLE
};

/// What is no answer of any use, wherever it stands.
const NONSENSE: [What; 6] = [
    What::Drop,
    What::Hang,
    What::Binary,
    What::EndlessLine,
    What::EndlessReply,
    What::Say("600 2.0.0 what code is this"),
];

/// At which step, what, and what follows. What is about a connection meets each one; what is about a
/// mail, every seventh.
fn table() -> Vec<(&'static str, What, End)> {
    use What::{Say, SayMore};
    let mut table = vec![
        ("greeting", Say("554 5.7.1 go away"), REFUSED),
        ("greeting", Say("421 4.3.2 too busy"), UNREACHABLE),
        ("greeting", Say("354 wrong class"), UNREACHABLE),
        ("greeting", SayMore("250 glued to it"), UNREACHABLE),
        ("ehlo", Say("550 5.7.1 not you"), REFUSED),
        ("ehlo", Say("421 4.3.2 too busy"), UNREACHABLE),
        ("ehlo", Say("354 wrong class"), UNREACHABLE),
        (
            "starttls",
            Say("554 5.7.0 never"),
            End {
                code: Some("smtp-tls"),
                ..UNREACHABLE
            },
        ),
        ("starttls", Say("454 4.7.0 not now"), UNREACHABLE),
        ("starttls", Say("354 wrong class"), UNREACHABLE),
        (
            "auth",
            Say("535 5.7.8 no"),
            End {
                code: Some("smtp-login"),
                ..UNREACHABLE
            },
        ),
        ("auth", Say("454 4.7.0 not now"), UNREACHABLE),
        ("auth", Say("354 wrong class"), UNREACHABLE),
        ("mail", Say("550 5.1.8 no such sender"), HELD),
        ("mail", Say("450 4.2.1 not now"), DEFERRED),
        ("mail", Say("421 4.3.2 closing"), UNHARMED),
        ("mail", Say("354 wrong class"), UNHARMED),
        ("mail", SayMore("250 glued to it"), UNHARMED),
        ("rcpt", Say("550 5.1.1 no such user"), FAILED),
        ("rcpt", Say("450 4.2.1 not now"), DEFERRED),
        ("rcpt", Say("421 4.3.2 closing"), UNHARMED),
        ("rcpt", Say("354 wrong class"), UNHARMED),
        ("rcpt", SayMore("250 glued to it"), UNHARMED),
        ("data", Say("554 5.5.1 no valid recipients"), FAILED),
        ("data", Say("451 4.3.0 not now"), DEFERRED),
        ("data", Say("421 4.3.2 closing"), UNHARMED),
        ("data", Say("250 wrong class"), UNHARMED),
        ("data", SayMore("250 glued to it"), UNHARMED),
        ("body", What::Drop, IN_DOUBT),
        ("body", What::Hang, IN_DOUBT),
        ("body", Say("250 2.0.0 taken already"), IN_DOUBT),
        ("dot", Say("554 5.6.0 content refused"), HELD),
        ("dot", Say("550 5.1.1 no such user"), FAILED),
        ("dot", Say("452 4.2.2 mailbox full"), DEFERRED),
        ("dot", Say("421 4.3.2 closing"), DEFERRED),
        ("dot", Say("354 wrong class"), IN_DOUBT),
        ("dot", SayMore("250 glued to it"), UNHARMED),
        ("rset", Say("550 no"), FAILED),
        ("rset", Say("450 no"), FAILED),
        ("rset", SayMore("250 glued to it"), FAILED),
        ("quit", Say("550 no"), UNHARMED),
        ("quit", SayMore("250 glued to it"), UNHARMED),
    ];
    for nonsense in NONSENSE {
        let connections = ["greeting", "ehlo", "starttls", "auth"].map(|step| (step, UNREACHABLE));
        let mails = ["mail", "rcpt", "data", "quit"].map(|step| (step, UNHARMED));
        let others = [("dot", IN_DOUBT), ("rset", FAILED)];
        let steps = connections.into_iter().chain(mails).chain(others);
        table.extend(steps.map(|(step, end)| (step, nonsense, end)));
    }
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_can_go_wrong_in_each_way_with_pipelining() {
    try_all(true, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_can_go_wrong_in_each_way_without_pipelining() {
    try_all(false, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_can_go_wrong_in_each_way_on_postgresql() {
    try_all(true, true).await;
}

async fn try_all(pipelining: bool, postgres: bool) {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut rows = JoinSet::new();
    for (step, what, end) in table() {
        let database = if postgres { Database::new().await } else { None };
        if postgres && database.is_none() {
            return;
        }
        let turns = turns.clone();
        rows.spawn(async move {
            let _turn = turns.acquire_owned().await.unwrap();
            try_one(step, what, pipelining, database, end).await
        });
    }
    let wrong: Vec<String> = rows.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What was not as it should be.
async fn try_one(
    step: &'static str,
    what: What,
    pipelining: bool,
    database: Option<Database>,
    end: End,
) -> Option<String> {
    let server = SmtpServer::start(script(step, what, pipelining)).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), &server.certificate).unwrap();
    let (url, smtp) = match step {
        "starttls" => (
            format!("smtp://localhost:{}", server.port),
            "connections = 1\ntimeout = \"1s\"\ntls = \"required\"\nca = \"ca.pem\"",
        ),
        "auth" => (
            format!("smtp://ann@127.0.0.1:{}", server.port),
            "connections = 1\ntimeout = \"1s\"\npassword = \"secret\"",
        ),
        _ => (
            format!("smtp://127.0.0.1:{}", server.port),
            crate::post_office::SMTP,
        ),
    };
    let setup = Setup {
        smtp,
        database,
        ..Setup::with(url)
    };
    let office = PostOffice::open_in(folder.path(), setup).await;
    office.seed(READERS).await;
    let report = office.pass().await;
    close(&office.site.store, now()).await.unwrap();
    let mut codes: Vec<&str> = report.problems.iter().map(|problem| problem.code).collect();
    codes.dedup();
    let status = i32::from(report.problems.iter().any(|p| p.severity == Severity::Error));
    let deliveries = words(&office.states().await);
    let edition = edition(&office).await;
    let counts: Vec<usize> = copies(&server).into_values().collect();
    let extra: usize = counts.iter().map(|copies| copies - 1).sum();
    let is_as_expected = deliveries == end.deliveries
        && edition == end.edition
        && status == end.status
        && codes == end.code.into_iter().collect::<Vec<_>>()
        && report.counts.in_doubt <= end.doubts
        && extra as u64 <= report.counts.in_doubt;
    (!is_as_expected).then(|| {
        format!(
            "{step} {what:?}: {deliveries}; {edition}; {status} {codes:?}; {} in doubt, {extra} extra\n  expected {end:?}",
            report.counts.in_doubt
        )
    })
}

fn script(step: &'static str, what: What, pipelining: bool) -> Script {
    let fault = Some(Fault { step, what });
    let usual = Script {
        pipelining,
        security: match step {
            "starttls" => Security::StartTls,
            _ => Security::Plain,
        },
        login: (step == "auth").then_some(("PLAIN", "ann", "secret")),
        ..Script::default()
    };
    match step {
        "greeting" | "mail" | "rcpt" | "data" | "body" | "dot" => Script { fault, ..usual },
        // RSET follows a refusal.
        "rset" => Script {
            fault: Some(Fault {
                step: "rcpt",
                what: What::Say("550 5.1.1 no such user"),
            }),
            also: fault,
            ..usual
        },
        _ => Script { also: fault, ..usual },
    }
}

fn words(states: &BTreeMap<String, i64>) -> String {
    let words: Vec<String> = states
        .iter()
        .map(|(state, count)| format!("{state} {count}"))
        .collect();
    words.join(", ")
}

async fn edition(office: &PostOffice) -> String {
    let query = sql!("SELECT state, held FROM editions WHERE id = 1");
    let (state, held): (String, Option<i64>) = office.site.store.read(query).one().await.unwrap();
    match held {
        Some(_) => format!("{state}, held"),
        None => state,
    }
}
