//! `tidings publish`: one pass, and what it did.

use super::Global;
use super::output::{self, Exit};
use crate::app::editions::{EditionLine, PlannedLine};
use crate::app::intake::SourceReport;
use crate::app::pass::{self, Wish};
use crate::app::pings::without_key;
use crate::app::report::{DeliveryCounts, PassReport, PingReport};
use crate::clock::{Clock, Instant};
use crate::telemetry::{masked, progress};
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::Display;

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
    // A pass goes on without it where the system gives no thread.
    let shown = (!global.quiet).then(progress::show).and_then(Result::ok);
    let report = pass::publish(&site, problems, &wish).await;
    drop(shown);
    let report = report?;
    if global.json {
        output::json(&report)?;
    } else if !global.quiet {
        output::print(&for_people(&report, publish.dry_run))?;
    }
    if !global.json {
        output::problems(&report.errors);
    }
    Ok(match report.verdict.is_good() {
        true => Exit::Done,
        false => Exit::Failed,
    })
}

/// A short text: what was new, what was written, who was sent what, where to look.
fn for_people(report: &PassReport, dry_run: bool) -> String {
    let mut lines: Vec<Line> = Vec::new();
    if dry_run {
        lines.push(("Dry run", "nothing below was written, sent or pinged".to_owned()));
    }
    lines.extend(report.sources.iter().map(source));
    let feeds = [
        (report.feeds.written.len(), "written"),
        (report.feeds.unchanged, "unchanged"),
    ];
    lines.push(("Feeds", counted(&feeds)));
    lines.extend(report.editions.iter().map(edition));
    lines.extend(report.planned.iter().map(planned));
    lines.extend(report.skipped.iter().map(|skipped| {
        let slot = skipped.slot.as_deref().unwrap_or("now");
        (
            "No mail",
            format!("{} ({slot}): {}", skipped.digest, skipped.reason),
        )
    }));
    lines.push(mail(&report.deliveries));
    let pings = grouped(&report.pings).into_iter();
    lines.extend(pings.map(|(what, n)| ("Pings", format!("{n} to {what}"))));
    if nothing_happened(report) {
        lines.push(("", "Nothing is new.".to_owned()));
    }
    lines.extend(report.look_at.iter().map(|place| ("Look at", place.clone())));
    lines
        .iter()
        .map(|(what, text)| format!("{what:<9} {text}\n"))
        .collect()
}

/// What a line of the report is about, and what it says.
type Line = (&'static str, String);

fn source(source: &SourceReport) -> Line {
    let counts = [
        (source.new, "new"),
        (source.updated, "updated"),
        (source.unchanged, "unchanged"),
        (source.held, "held"),
        (source.removed, "removed"),
        (source.failed, "failed"),
    ];
    (
        "Articles",
        format!("{}: {} read, {}", source.name, source.read, counted(&counts)),
    )
}

fn edition(edition: &EditionLine) -> Line {
    let articles = output::count(edition.articles.len() as u64, "article", "articles");
    let readers = output::count(edition.recipients.unsigned_abs(), "reader", "readers");
    ("Edition", format!("{}: {articles}, {readers}", edition.id))
}

fn planned(edition: &PlannedLine) -> Line {
    let why = edition
        .hold
        .as_ref()
        .map(|hold| format!("; held: {}", hold.reason));
    (
        "Planned",
        format!(
            "{} starts at {}{}",
            edition.id,
            edition.starts_at,
            why.unwrap_or_default()
        ),
    )
}

fn mail(mail: &DeliveryCounts) -> Line {
    let counts = [
        (mail.sent, "sent"),
        (mail.deferred, "deferred"),
        (mail.failed, "failed"),
        (mail.suppressed, "suppressed"),
        (mail.unknown, "unknown"),
        (mail.queued, "queued"),
        (mail.in_doubt, "in doubt"),
    ];
    ("Mail", counted(&counts))
}

/// How many pings to each endpoint ended alike.
fn grouped(pings: &[PingReport]) -> BTreeMap<String, usize> {
    let mut groups = BTreeMap::new();
    for ping in pings {
        let answer = ping
            .answer
            .as_ref()
            .map(|answer| format!(", {}", masked(answer)))
            .unwrap_or_default();
        *groups
            .entry(format!("{}: {}{answer}", without_key(&ping.endpoint), ping.state))
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
fn counted<N: Display + Default + PartialEq>(counts: &[(N, &str)]) -> String {
    let some = counts.iter().filter(|(n, _)| *n != N::default());
    let said: Vec<String> = some.map(|(n, what)| format!("{n} {what}")).collect();
    if said.is_empty() {
        "none".to_owned()
    } else {
        said.join(", ")
    }
}
