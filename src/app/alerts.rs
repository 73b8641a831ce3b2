//! Telling the operator: once when something newly needs a person, once when it is good again. An
//! alert is a row first, as everything that leaves; mail and pings carry it.

use super::report::Verdict;
use super::{Site, templates};
use crate::clock::Instant;
use crate::config::PingKind;
use crate::digests::alert::{self, AlertFacts, Told, place};
use crate::digests::templates::{Templates, builtin_template};
use crate::pings::{Planned, Request};
use crate::problem::{Problem, Severity};
use crate::store::alerts::{ALERTED, ALERTS_LOCK, Known};
use crate::store::{Result as Stored, Tx};
use crate::telemetry::masked;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// So many alerts an hour; what comes then goes with the next one.
const AN_HOUR: usize = 6;

/// No errors, but they wait for a person all the same.
const NEED_A_PERSON: &[&str] = &["articles-held", "edition-approval"];

/// What happens once and is not good again.
const EVENTS: &[&str] = &["alert-failed", "delivery-failed", "ping-failed"];

/// Enters an alert about what is new since the last one; whether there is one to be sent now.
///
/// # Errors
/// Where the store fails.
pub async fn tell(site: &Site, now: Instant) -> anyhow::Result<bool> {
    let operator = &site.config.operator;
    if operator.mail.is_none() && operator.webhook.is_none() {
        return Ok(false);
    }
    if !site.store.has_news().await? {
        return Ok(false);
    }
    let templates = read_templates(site).await?;
    let mut tx = site.store.begin().await?;
    tx.lock(ALERTS_LOCK).await?;
    let (untold, solved) = (tx.untold().await?, tx.solved().await?);
    let needs = |known: &&Known| needs_a_person(&known.problem);
    let is_over = |known: &&Known| !EVENTS.contains(&known.problem.code.as_str());
    let news: Vec<&Known> = untold.iter().filter(needs).collect();
    let good: Vec<&Known> = solved.iter().filter(needs).filter(is_over).collect();
    let is_told = !(news.is_empty() && good.is_empty());
    if is_told {
        let Some(number) = next_number(&mut tx, now).await? else {
            return Ok(false);
        };
        let once = format!("alert {number}");
        enter(site, &mut tx, &templates, (&news, &good), (now, once)).await?;
    }
    tx.enter_told(&untold, &solved, now).await?;
    tx.commit().await?;
    Ok(is_told)
}

fn needs_a_person(problem: &Problem<String>) -> bool {
    problem.severity == Severity::Error || NEED_A_PERSON.contains(&problem.code.as_str())
}

/// The alerts so far.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Alerted {
    count: u64,
    /// Of the last hour, in seconds.
    latest: Vec<i64>,
}

/// The number of the next alert; `None`: there were too many in the last hour.
async fn next_number(tx: &mut Tx, now: Instant) -> Stored<Option<u64>> {
    let before = tx.fact(ALERTED).await?.unwrap_or_default();
    let mut alerted: Alerted = serde_json::from_str(&before).unwrap_or_default();
    let hour = (now - TimeDelta::hours(1)).timestamp()..=now.timestamp();
    alerted.latest.retain(|at| hour.contains(at));
    if alerted.latest.len() >= AN_HOUR {
        return Ok(None);
    }
    alerted.latest.push(now.timestamp());
    alerted.count += 1;
    tx.set_fact(ALERTED, &json!(alerted).to_string()).await?;
    Ok(Some(alerted.count))
}

/// By mail and to the webhook. Neither is told that it fails itself.
async fn enter(
    site: &Site,
    tx: &mut Tx,
    templates: &Templates,
    (news, good): (&[&Known], &[&Known]),
    (now, once): (Instant, String),
) -> anyhow::Result<()> {
    let operator = &site.config.operator;
    let not_of = |key: &str| -> Vec<Told> {
        let news = news.iter().copied();
        let others = news.filter(|known| known.problem.key.as_deref() != Some(key));
        others.map(told).collect()
    };
    let solved: Vec<Told> = good.iter().copied().map(told).collect();
    if let (Some(mail), Some(from)) = (&operator.mail, &operator.from) {
        let facts = AlertFacts {
            site: &site.config.site,
            from,
            at: now,
            problems: &not_of("operator.mail"),
            solved: &solved,
        };
        if !(facts.problems.is_empty() && facts.solved.is_empty()) {
            let frozen = render(templates, &facts)?;
            tx.add_alert(&mail.to_string(), &serde_json::to_string(&frozen)?, &once)
                .await?;
        }
    }
    let others = not_of("operator.webhook");
    if operator.webhook.is_some() && !(others.is_empty() && solved.is_empty()) {
        let body = body(site, &others, &solved, now);
        let planned = planned(site, PingKind::Webhook, once, body.to_string());
        tx.add_pings(&[planned], now).await?;
    }
    Ok(())
}

/// As it may leave the machine: addresses are masked.
fn told(known: &Known) -> Told {
    let problem = &known.problem;
    Told {
        problem: Problem {
            message: masked(&problem.message).into_owned(),
            hint: problem.hint.as_deref().map(|hint| masked(hint).into_owned()),
            ..problem.clone()
        },
        since: known.since,
    }
}

/// Where the site's own template fails, the built-in one tells.
fn render(templates: &Templates, facts: &AlertFacts<'_>) -> Result<crate::digests::mail::Frozen, Problem> {
    alert::render(templates, facts).or_else(|_| alert::render(&builtin()?, facts))
}

async fn read_templates(site: &Site) -> anyhow::Result<Templates> {
    let folder = site.config.templates.clone();
    let read = tokio::task::spawn_blocking(move || templates::read(&folder, "alert")).await?;
    Ok(match read {
        Ok(read) => read,
        Err(_) => builtin()?,
    })
}

fn builtin() -> Result<Templates, Problem> {
    let missing = || Problem::error("template", "there is no built-in template of alerts");
    let sources = builtin_template("alert").ok_or_else(missing)?;
    Templates::parse(sources).map_err(|problems| problems.into_iter().next().unwrap_or_else(missing))
}

/// What a webhook gets; `text` is for chats that show no more.
fn body(site: &Site, problems: &[Told], solved: &[Told], now: Instant) -> Value {
    let title = &site.config.site.title;
    let item = |told: &Told| {
        let problem = &told.problem;
        json!({
            "severity": problem.severity,
            "code": problem.code,
            "file": problem.file,
            "line": problem.line,
            "key": problem.key,
            "message": problem.message,
            "hint": problem.hint,
            "since": crate::clock::rfc3339(told.since),
        })
    };
    let line = |told: &Told| match place(&told.problem) {
        place if place.is_empty() => told.problem.message.clone(),
        place => format!("{place}: {}", told.problem.message),
    };
    let (first, rest) = match (problems, solved) {
        ([first, rest @ ..], _) => (line(first), rest.len()),
        ([], [first, rest @ ..]) => (format!("good again: {}", line(first)), rest.len()),
        ([], []) => (String::new(), 0),
    };
    let more = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    json!({
        "schema": 1,
        "text": format!("{title}: {first}{more}"),
        "site": { "title": title, "url": site.config.site.url.as_str() },
        "at": crate::clock::rfc3339(now),
        "problems": problems.iter().map(item).collect::<Vec<_>>(),
        "solved": solved.iter().map(item).collect::<Vec<_>>(),
    })
}

/// The row's endpoint is the key, never the URL: such URLs hold keys of their own.
fn planned(site: &Site, kind: PingKind, change: String, body: String) -> Planned {
    Planned {
        kind,
        endpoint: format!("operator.{}", kind.name()),
        change,
        subjects: vec![site.config.site.url.to_string()],
        request: Request {
            media_type: "application/json".to_owned(),
            body,
            simpler: None,
        },
    }
}

/// After a pass: enters a heartbeat where it was good. Whether there is one to be sent now.
///
/// # Errors
/// Where the store fails.
pub async fn beat(site: &Site, verdict: Verdict, now: Instant) -> anyhow::Result<bool> {
    if site.config.operator.heartbeat.is_none() || verdict != Verdict::default() {
        return Ok(false);
    }
    let row = planned(site, PingKind::Heartbeat, "heartbeat".to_owned(), String::new());
    let mut tx = site.store.begin().await?;
    tx.beat(&row, now).await?;
    tx.commit().await?;
    Ok(true)
}
