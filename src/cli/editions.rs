//! `tidings editions`: what went out, what is going out, and what did not, and why.

use super::output::{self, Exit};
use crate::app::editions::{self, Chosen, EditionView, Place, Progress, view};
use crate::app::test_mail::{self, Shows, Tested};
use crate::app::{Site, retry};
use crate::store::edition_views::ArticleLine;
use crate::store::editions::Edition;
use crate::subscribers::address::Address;
use crate::telemetry::progress::in_words;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::Write;
use std::time::Duration;

#[derive(Debug, Clone, Subcommand)]
pub enum EditionsCommand {
    /// All editions, the newest first
    List(List),
    /// One edition
    Show(Id),
    /// Keep one from going on
    Hold {
        #[command(flatten)]
        id: Id,
        /// Why, for whoever finds it held
        #[arg(long, default_value = "the operator wants it so", value_name = "TEXT")]
        reason: String,
    },
    /// Let a held one go on with the next pass
    Release(Id),
    /// End one: nobody gets it any more, and its articles count as sent
    Drop(Id),
    /// Take articles into one that has not started
    Include(Choice),
    /// Leave articles out of one that has not started; its readers do not get them later either
    Exclude {
        #[command(flatten)]
        choice: Choice,
        /// They come in a later edition instead
        #[arg(long)]
        defer: bool,
    },
    /// Send a test mail at once: what an edition holds, or the next one of a digest would hold
    Test {
        /// As weekly, or weekly/2026-11-30T07:00Z
        #[arg(value_name = "DIGEST|EDITION")]
        of: String,
        #[arg(value_name = "ADDRESS", required = true, value_parser = address)]
        to: Vec<Address>,
    },
    /// Send what failed of one again, with the next pass
    ResendFailed {
        #[command(flatten)]
        id: Id,
        /// Also what was sent without an answer: it may arrive twice
        #[arg(long)]
        unknown: bool,
    },
}

#[derive(Debug, Clone, Args)]
pub struct Choice {
    /// As weekly/2026-11-30T07:00Z
    #[arg(value_name = "EDITION")]
    pub edition: String,
    /// As `tidings articles list` names them
    #[arg(value_name = "ARTICLE", required = true)]
    pub articles: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Id {
    /// As weekly/2026-11-30T07:00Z
    #[arg(value_name = "ID")]
    pub id: String,
}

#[derive(Debug, Clone, Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: u32,
    /// Those that come after this one in the list
    #[arg(long, value_name = "ID")]
    pub after: Option<String>,
}

#[derive(Serialize)]
struct Document {
    editions: Vec<EditionView>,
    /// What became of the articles that were named.
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen: Option<Vec<Chosen>>,
    /// How many deliveries are tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retried: Option<u64>,
}

/// Runs the command.
///
/// # Errors
/// An edition that is not there, or to be released and not held; those of the database.
pub async fn run(site: &Site, command: &EditionsCommand, json: bool) -> anyhow::Result<Exit> {
    if let EditionsCommand::Test { of, to } = command {
        return test(site, of, to, json).await;
    }
    let mut chosen = None;
    let mut retried = None;
    let (rows, long) = match command {
        EditionsCommand::List(args) => (list(site, args).await?, false),
        EditionsCommand::Show(Id { id }) => (vec![editions::named(site, id).await?], true),
        EditionsCommand::Hold { id, reason } => (vec![editions::hold(site, &id.id, reason).await?], false),
        EditionsCommand::Release(Id { id }) => (vec![editions::release(site, id).await?], false),
        EditionsCommand::Drop(Id { id }) => (vec![editions::drop(site, id).await?], false),
        EditionsCommand::Include(choice) => {
            chosen = Some(editions::include(place(site, choice), &choice.articles).await?);
            (vec![editions::named(site, &choice.edition).await?], true)
        }
        EditionsCommand::Exclude { choice, defer } => {
            let place = place(site, choice);
            chosen = Some(match defer {
                true => editions::defer(place, &choice.articles).await?,
                false => editions::exclude(place, &choice.articles).await?,
            });
            (vec![editions::named(site, &choice.edition).await?], true)
        }
        EditionsCommand::Test { .. } => (Vec::new(), false),
        EditionsCommand::ResendFailed { id, unknown } => {
            retried = Some(retry::resend_failed(site, &id.id, *unknown).await?);
            (vec![editions::named(site, &id.id).await?], false)
        }
    };
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.id;
        let planned = match row.state.as_str() {
            "planned" if long => expected(site, &row).await?,
            _ => Vec::new(),
        };
        let mut edition = view(&site.store, row).await?;
        edition.articles.extend(planned);
        if long {
            edition.progress = editions::progress(&site.store, id, &edition.counts, site.clock.now()).await?;
        }
        shown.push(edition);
    }
    if json {
        output::json(&Document {
            editions: shown,
            chosen,
            retried,
        })?;
    } else {
        print(&shown, long)?;
        print_chosen(command, &chosen.unwrap_or_default())?;
        if let Some(retried) = retried {
            let deliveries = output::count(retried, "delivery is", "deliveries are");
            output::print(&format!("  {deliveries} tried again with the next pass\n"))?;
        }
    }
    Ok(Exit::Done)
}

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}

async fn test(site: &Site, of: &str, to: &[Address], json: bool) -> anyhow::Result<Exit> {
    let tested = test_mail::send(site, of, to).await?;
    let sent = tested.deliveries.iter().all(|delivery| delivery.state == "sent");
    if json {
        output::json(&tested)?;
    } else {
        output::problems(&tested.errors);
        output::print(&told(&tested))?;
    }
    Ok(if sent { Exit::Done } else { Exit::Failed })
}

fn told(tested: &Tested) -> String {
    let articles = output::count(tested.articles.len() as u64, "article", "articles");
    let what = match (tested.shows, &tested.edition) {
        (Shows::Edition, Some(edition)) => format!("{edition} as it was made: {articles}"),
        (Shows::Batch, Some(edition)) => format!("what {edition} would hold now: {articles}"),
        (Shows::Edition | Shows::Batch, _) => {
            format!("what an edition of {} would hold now: {articles}", tested.digest)
        }
        (Shows::Older, _) => format!("nothing is new, so older articles: {articles}"),
        (Shows::Sample, _) => "there are no articles, so the template's sample".to_owned(),
    };
    let mut lines = vec![format!("Test mail of {what}")];
    for delivery in &tested.deliveries {
        let address = delivery.address.as_deref().unwrap_or("-");
        let reply = delivery.reply.as_deref().unwrap_or_default();
        lines.push(
            format!("  {}  {address}  {reply}", delivery.state)
                .trim_end()
                .to_owned(),
        );
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

fn place<'a>(site: &'a Site, choice: &'a Choice) -> Place<'a> {
    Place {
        store: &site.store,
        digests: &site.config.digests,
        edition: &choice.edition,
        now: site.clock.now(),
    }
}

/// What a planned edition would hold now.
async fn expected(site: &Site, edition: &Edition) -> anyhow::Result<Vec<ArticleLine>> {
    let digests = &site.config.digests;
    let Some(digest) = digests.iter().find(|digest| digest.name == edition.digest) else {
        return Ok(Vec::new());
    };
    let ids = editions::would_hold(&site.store, digest, edition, site.clock.now()).await?;
    Ok(site.store.article_lines(&ids).await?)
}

fn print_chosen(command: &EditionsCommand, chosen: &[Chosen]) -> anyhow::Result<()> {
    let word = match command {
        EditionsCommand::Exclude { defer: true, .. } => "comes later",
        EditionsCommand::Exclude { .. } => "left out",
        _ => "taken in",
    };
    let mut out = std::io::stdout().lock();
    for article in chosen {
        let past = match article.past {
            0 => String::new(),
            n => format!(
                "; {} past it already",
                output::count(n.unsigned_abs(), "reader is", "readers are")
            ),
        };
        writeln!(out, "  {word}: {}{past}", article.title)?;
    }
    Ok(())
}

async fn list(site: &Site, args: &List) -> anyhow::Result<Vec<Edition>> {
    if let Some(after) = &args.after {
        editions::named(site, after).await?;
    }
    Ok(site
        .store
        .editions(i64::from(args.limit), args.after.as_deref())
        .await?)
}

fn print(editions: &[EditionView], long: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for edition in editions {
        writeln!(out, "{}", line(edition))?;
        if long {
            if let Some(progress) = &edition.progress {
                out.write_all(sending(progress).as_bytes())?;
            }
            for article in &edition.articles {
                writeln!(out, "  {}  {}", article.title, article.url)?;
            }
        }
    }
    if editions.is_empty() {
        writeln!(out, "No edition yet.")?;
    }
    Ok(())
}

/// `weekly/2026-11-30T07:00Z  done  3 articles; 12 sent, 1 failed`
fn line(edition: &EditionView) -> String {
    let articles = output::count(edition.articles.len() as u64, "article", "articles");
    let counts = &edition.counts;
    let told: Vec<String> = [
        (counts.sent, "sent"),
        (counts.queued, "queued"),
        (counts.deferred, "deferred"),
        (counts.failed, "failed"),
        (counts.suppressed, "suppressed"),
        (counts.unknown, "unknown"),
        (counts.dropped, "dropped"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, state)| format!("{count} {state}"))
    .collect();
    let why = match (&edition.hold, &edition.reason) {
        (Some(hold), _) => format!("; {}", hold.reason),
        (None, Some(reason)) => format!("; {reason}"),
        (None, None) => String::new(),
    };
    let told = if told.is_empty() {
        "nothing sent".to_owned()
    } else {
        told.join(", ")
    };
    format!("{}  {}  {articles}; {told}{why}", edition.id, edition.state)
}

/// How the sending goes, a line each: what is under way, and what went wrong how often.
fn sending(progress: &Progress) -> String {
    let mut lines = Vec::new();
    let left = progress.seconds_left.map(|left| {
        let left = Duration::from_secs(left.unsigned_abs());
        format!(", {} left", in_words(left))
    });
    let mails = output::count(progress.mails_per_minute.unsigned_abs(), "mail", "mails");
    lines.push(format!(
        "{mails} a minute, {} in flight{}",
        progress.in_flight,
        left.unwrap_or_default()
    ));
    if let Some(next_try) = &progress.next_try {
        lines.push(format!("deferred mails are tried again from {next_try}"));
    }
    for (what, reasons) in [("deferred", &progress.deferred), ("failed", &progress.failed)] {
        lines.extend(
            reasons
                .iter()
                .map(|reason| format!("{} {what}: {}", reason.mails, reason.reason)),
        );
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}
