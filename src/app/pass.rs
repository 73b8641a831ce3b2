//! A pass: one run through all that is due. Each step is durable by itself and can be begun again,
//! so a pass that is stopped anywhere is carried on by the next one.

use super::delivery::{DeliveryReport, Orders};
use super::pings::PingsReport;
use super::report::{DeliveryCounts, PassReport, PingReport, Verdict};
use super::{Site, alerts, delivery, editions, pings, reporting, scratch, turn, unknown};
use crate::clock::{Instant, rfc3339};
use crate::config::values::{Endpoint, TransportUrl};
use crate::problem::Problem;
use crate::store::reported::Part;
use crate::telemetry::metrics;
use tokio::sync::watch;
use tracing::Instrument;

/// What the operator wishes beside what is due.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// An edition of this digest at once.
    pub now: Option<String>,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// Makes one pass. `problems` are those that opening the site has found. A wish that cannot be
/// understood ends it before anything is done.
///
/// # Errors
/// Where the store fails, or the wish cannot be understood; all else is in the report.
pub async fn publish(site: &Site, problems: Vec<Problem>, wish: &Wish) -> anyhow::Result<PassReport> {
    if let Some(name) = &wish.now
        && !site.config.digests.iter().any(|digest| digest.name == *name)
    {
        return Err(unknown::digest(name, &site.config.digests).into());
    }
    if !wish.dry_run {
        let at = rfc3339(site.clock.now());
        let told = told(site, run(site, problems, wish));
        // At the level of errors, so that it stands beside all that is logged.
        return told.instrument(tracing::error_span!("pass", at)).await;
    }
    let scratch = scratch::Scratch::of(site).await?;
    let report = run(&scratch.site, problems, wish).await;
    scratch.remove().await?;
    report
}

/// Logs and counts a pass.
async fn told(
    site: &Site,
    pass: impl Future<Output = anyhow::Result<PassReport>>,
) -> anyhow::Result<PassReport> {
    tracing::info!("pass begun");
    let began = std::time::Instant::now();
    let report = pass.await;
    let took = began.elapsed();
    let duration_ms = took.as_millis() as u64;
    let good = match &report {
        Ok(report) => {
            let mail = &report.deliveries;
            let (sent, deferred, failed, queued) = (mail.sent, mail.deferred, mail.failed, mail.queued);
            let newly_failed = report.verdict.newly_failed;
            let mail_is_blocked = report.verdict.mail_is_blocked;
            tracing::info!(
                duration_ms,
                sent,
                deferred,
                failed,
                queued,
                newly_failed,
                mail_is_blocked,
                "pass ended"
            );
            report.verdict.is_good()
        }
        Err(error) => {
            tracing::error!(duration_ms, error = format!("{error:#}"), "pass ended early");
            false
        }
    };
    metrics::pass_ended(good, took, site.clock.now().timestamp());
    report
}

async fn run(site: &Site, problems: Vec<Problem>, wish: &Wish) -> anyhow::Result<PassReport> {
    let now = site.clock.now();
    let taken_in = turn::take_in(site, now, super::intake::Rhythm::EachPass).await?;
    let (filled, more) = watch::channel(());
    // The channel closes with the last chunk, and delivery ends with what is due then.
    let planning = async move { turn::plan_editions(site, now, wish.now.as_deref(), &filled).await };
    let (planned, delivered, pinged) = if wish.dry_run {
        let planned = planning.await?;
        let (delivered, pinged) = waiting(site, now).await?;
        (planned, delivered, pinged)
    } else {
        let orders = Orders {
            more: Some(more),
            ..Orders::of_a_pass(now)
        };
        let (planned, delivered, pinged) =
            tokio::join!(planning, delivery::run(site, orders), pings::run(site, now));
        (planned?, delivered?, pinged?)
    };
    editions::close(&site.store, now).await?;
    let mut parts = [
        (
            Part::Turn,
            [problems, taken_in.problems, planned.problems].concat(),
        ),
        (Part::Held, editions::waiting(site).await?),
        (Part::Mail, delivered.problems),
        (Part::Pings, pinged.problems),
    ];
    let mut verdict = Verdict::default();
    for (part, found) in &parts {
        verdict += reporting::enter(site, *part, found, now).await?.verdict;
    }
    let (mut deliveries, mut pings) = (delivered.counts, pinged.pings);
    if !wish.dry_run {
        verdict += tell_operator(site, now, &mut parts, (&mut deliveries, &mut pings)).await?;
        if alerts::beat(site, verdict, now).await? {
            parts[3].1.extend(pings::run(site, now).await?.problems);
        }
    }
    let mut report = PassReport {
        sources: taken_in.sources,
        feeds: taken_in.feeds,
        editions: planned.editions,
        planned: planned.planned,
        skipped: planned.skipped,
        deliveries,
        pings,
        look_at: Vec::new(),
        errors: parts.into_iter().flat_map(|(_, found)| found).collect(),
        verdict,
    };
    report.look_at = places(site, &report);
    Ok(report)
}

/// The problems of a pass by its parts: turn, held, mail, pings.
type Parts = [(Part, Vec<Problem>); 4];

/// Tells the operator what is new, and sends that at once. What is found wrong while an alert is sent is
/// told too, the other way.
async fn tell_operator(
    site: &Site,
    now: Instant,
    parts: &mut Parts,
    (deliveries, pings): (&mut DeliveryCounts, &mut Vec<PingReport>),
) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    for _ in 0..2 {
        if !alerts::tell(site, now).await? {
            break;
        }
        let (mailed, pinged) = carry_alerts(site, &parts[2].1, now).await?;
        *deliveries += mailed.counts;
        pings.extend(pinged.pings);
        for (place, more) in [(2, mailed.problems), (3, pinged.problems)] {
            let (part, found) = &mut parts[place];
            found.extend(more);
            verdict += reporting::enter(site, *part, found, now).await?.verdict;
        }
    }
    Ok(verdict)
}

/// Sends an alert that was entered just now; mail only where this pass has found that it goes.
async fn carry_alerts(
    site: &Site,
    mail: &[Problem],
    now: Instant,
) -> anyhow::Result<(DeliveryReport, PingsReport)> {
    let mail_goes = mail.iter().all(|problem| problem.code.ends_with("-failed"));
    if mail_goes {
        let orders = Orders::of_a_pass(now);
        let (mailed, pinged) = tokio::join!(delivery::run(site, orders), pings::run(site, now));
        return Ok((mailed?, pinged?));
    }
    let mut waiting = DeliveryReport::default();
    waiting.counts.queued = u64::try_from(site.store.queued_deliveries().await?)?;
    Ok((waiting, pings::run(site, now).await?))
}

/// What would be sent and pinged now, for a dry run.
async fn waiting(site: &Site, now: Instant) -> anyhow::Result<(DeliveryReport, PingsReport)> {
    let mut delivered = DeliveryReport::default();
    delivered.counts.queued = u64::try_from(site.store.queued_deliveries().await?)?;
    Ok((delivered, pings::only_list(site, now).await?))
}

/// Where to look for what this pass has made.
fn places(site: &Site, report: &PassReport) -> Vec<String> {
    let config = &site.config;
    let mut places = Vec::new();
    if !report.feeds.written.is_empty() {
        places.push(config.feeds.dir.clone());
    }
    if let TransportUrl::Maildir(folder) = &config.smtp.url
        && report.deliveries.sent > 0
    {
        places.push(folder.join("new"));
    }
    for ping in &config.pings {
        if let Endpoint::Folder(folder) = &ping.endpoint
            && !report.pings.is_empty()
            && !places.contains(folder)
        {
            places.push(folder.clone());
        }
    }
    places.iter().map(|place| place.display().to_string()).collect()
}
