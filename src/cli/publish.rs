//! `tidings publish`: one pass, and what it did.

use super::Global;
use super::output::{self, Exit};
use crate::app::pass::{self, Wish};
use crate::app::report::{PassReport, PingReport};
use crate::clock::{Clock, Instant};
use clap::Args;
use std::collections::BTreeMap;

#[derive(Debug, Args)]
pub struct Publish {
    /// An edition at once, whatever its schedule says; never an empty one
    #[arg(long, value_name = "DIGEST")]
    pub now: Option<String>,
    /// Say what would be done; write, send and ping nothing
    #[arg(long)]
    pub dry_run: bool,
    /// As if it were then (RFC 3339)
    #[arg(long, value_name = "INSTANT", value_parser = output::instant)]
    pub at: Option<Instant>,
}

/// # Errors
/// Where the configuration is wrong or the store cannot be used; what fails by itself is reported.
pub async fn run(global: &Global, publish: &Publish) -> anyhow::Result<Exit> {
    let clock = publish.at.map_or(Clock::System, Clock::Fixed);
    let wish = Wish {
        now: publish.now.clone(),
        dry_run: publish.dry_run,
    };
    let (site, problems) = super::site::open_with_warnings(global, clock).await?;
    let report = pass::publish(&site, problems, &wish).await?;
    if global.json {
        output::json(&report)?;
    } else if !global.quiet {
        print!("{}", for_people(&report, publish.dry_run));
    }
    if !global.json {
        output::problems(&report.errors);
    }
    let verdict = report.verdict;
    Ok(if verdict.newly_failed > 0 || verdict.mail_is_blocked {
        Exit::Failed
    } else {
        Exit::Done
    })
}

/// A short text: what was new, what was written, who was sent what, where to look.
fn for_people(report: &PassReport, dry_run: bool) -> String {
    let mut lines = Vec::new();
    let mut say = |what: &str, text: String| lines.push(format!("{what:<9} {text}\n"));
    if dry_run {
        say("Dry run", "nothing below was written, sent or pinged".to_owned());
    }
    for source in &report.sources {
        let counts = [
            (source.new, "new"),
            (source.updated, "updated"),
            (source.unchanged, "unchanged"),
            (source.held, "held"),
            (source.removed, "removed"),
            (source.failed, "failed"),
        ];
        say(
            "Articles",
            format!("{}: {} read, {}", source.name, source.read, counted(&counts)),
        );
    }
    let feeds = &report.feeds;
    say(
        "Feeds",
        counted(&[(feeds.written.len(), "written"), (feeds.unchanged, "unchanged")]),
    );
    for edition in &report.editions {
        let (articles, readers) = (edition.articles.len(), edition.recipients);
        say(
            "Edition",
            format!(
                "{}: {}, {}",
                edition.id,
                output::count(articles as u64, "article", "articles"),
                output::count(readers.unsigned_abs(), "reader", "readers")
            ),
        );
    }
    for skipped in &report.skipped {
        let slot = skipped.slot.as_deref().unwrap_or("now");
        say(
            "No mail",
            format!("{} ({slot}): {}", skipped.digest, skipped.reason),
        );
    }
    let mail = &report.deliveries;
    let counts = [
        (mail.sent, "sent"),
        (mail.deferred, "deferred"),
        (mail.failed, "failed"),
        (mail.suppressed, "suppressed"),
        (mail.unknown, "unknown"),
        (mail.queued, "queued"),
        (mail.in_doubt, "in doubt"),
    ];
    say("Mail", counted(&counts.map(|(n, what)| (n as usize, what))));
    for (what, n) in grouped(&report.pings) {
        say("Pings", format!("{n} to {what}"));
    }
    if nothing_happened(report) {
        say("", "Nothing is new.".to_owned());
    }
    for place in &report.look_at {
        say("Look at", place.clone());
    }
    lines.concat()
}

/// How many pings to each endpoint ended alike.
fn grouped(pings: &[PingReport]) -> BTreeMap<String, usize> {
    let mut groups = BTreeMap::new();
    for ping in pings {
        let answer = ping
            .answer
            .as_ref()
            .map(|answer| format!(", {answer}"))
            .unwrap_or_default();
        *groups
            .entry(format!("{}: {}{answer}", ping.endpoint, ping.state))
            .or_insert(0) += 1;
    }
    groups
}

fn nothing_happened(report: &PassReport) -> bool {
    let mail = &report.deliveries;
    report.sources.iter().all(|s| s.new + s.updated + s.removed == 0)
        && report.feeds.written.is_empty()
        && report.editions.is_empty()
        && report.pings.is_empty()
        && mail.sent + mail.deferred + mail.failed == 0
}

/// `3 new, 1 failed`; zeros are left out.
fn counted(counts: &[(usize, &str)]) -> String {
    let said: Vec<String> = counts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    if said.is_empty() {
        "none".to_owned()
    } else {
        said.join(", ")
    }
}
