//! `tidings articles explain ID`: one article, where it stands, and what has become of it and why.

use super::list::Row;
use crate::app::{Site, feeds, unknown};
use crate::articles::state::{State, Stored};
use crate::articles::{Audio, text};
use crate::cli::output::{self, Exit, table};
use crate::clock::{Instant, rfc3339};
use crate::store::journeys::{Carried, Told};
use clap::Args;
use serde::Serialize;
use std::io::Write;

/// Tell what has become of an article, and why
#[derive(Debug, Clone, Args)]
pub struct Explain {
    /// As `articles list` shows it
    #[arg(value_name = "ID")]
    pub id: String,
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    article: Row,
    content_html: String,
    content_text: String,
    audio: Option<Audio>,
    comments: Vec<Comment>,
    /// Relative to `feeds.dir`.
    feeds: Vec<String>,
    editions: Vec<Edition>,
    pings: Vec<Ping>,
    journey: Vec<Step>,
}

#[derive(Serialize)]
struct Comment {
    author: String,
    published: Option<String>,
    text: String,
}

#[derive(Serialize)]
struct Edition {
    id: String,
    deliveries: i64,
}

#[derive(Serialize)]
struct Ping {
    id: String,
    kind: String,
    endpoint: String,
    state: String,
    answer: Option<String>,
}

/// One thing that happened to the article.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Step {
    at: String,
    event: &'static str,
    why: String,
}

/// Runs the command.
///
/// # Errors
/// An id that no article has; a store that fails.
pub async fn run(site: &Site, explain: &Explain, json: bool) -> anyhow::Result<Exit> {
    let now = site.clock.now();
    let found = site
        .store
        .articles(std::slice::from_ref(&explain.id))
        .await?
        .pop();
    let stored = found.ok_or_else(|| unknown::article(&explain.id))?;
    let carried = site.store.editions_with(&stored.article.id).await?;
    let told = site.store.pings_about(&stored.article.url).await?;
    let document = Document {
        journey: journey(&stored, &carried, &told, now),
        feeds: feeds::carrying(site, &stored.article.id, now).await?,
        editions: carried.into_iter().map(edition).collect(),
        pings: told.into_iter().map(ping).collect(),
        content_text: text::with_captions(&stored.article.content_html),
        audio: stored.article.audio.clone(),
        comments: comments(&stored),
        article: Row::of(&stored, now),
        content_html: stored.article.content_html.clone(),
    };
    if json {
        output::json(&document)?;
    } else {
        print(&stored, &document, now)?;
    }
    Ok(Exit::Done)
}

fn comments(stored: &Stored) -> Vec<Comment> {
    let comments = stored.article.comments.iter();
    comments
        .map(|comment| Comment {
            author: comment.author.clone(),
            published: comment.published.map(rfc3339),
            text: comment.text.clone(),
        })
        .collect()
}

fn edition(carried: Carried) -> Edition {
    Edition {
        id: carried.edition,
        deliveries: carried.deliveries,
    }
}

fn ping(told: Told) -> Ping {
    Ping {
        id: told.id.to_string(),
        kind: told.kind,
        endpoint: told.endpoint,
        state: told.state,
        answer: told.answer,
    }
}

/// What happened when.
type Event = (Instant, &'static str, String);

/// What its source states, and when that was read.
fn stated(stored: &Stored, now: Instant) -> Vec<Event> {
    let article = &stored.article;
    let mut steps = vec![(
        stored.first_seen,
        "first seen",
        format!("in the source {}, at {}", article.source, article.path),
    )];
    match &article.published {
        Some(stated) if stated.at > now => {
            steps.push((
                stated.at,
                "to be published",
                "its date is still to come: it is told then".to_owned(),
            ));
        }
        Some(stated) => steps.push((stated.at, "published", "as its source states".to_owned())),
        None => steps.push((
            stored.first_seen,
            "published",
            "it states no date: first seen stands in".to_owned(),
        )),
    }
    if stored.changed > stored.first_seen {
        let why = "its source had another version; an edit is never announced again";
        steps.push((stored.changed, "edited", why.to_owned()));
    }
    if let Some(expires) = article.expires {
        let event = if expires <= now { "expired" } else { "to expire" };
        steps.push((
            expires,
            event,
            "its source says so: it leaves feeds and planned editions".to_owned(),
        ));
    }
    steps
}

/// What happened, in its order; what is still to come stands last.
fn journey(stored: &Stored, carried: &[Carried], told: &[Told], now: Instant) -> Vec<Step> {
    let mut steps: Vec<Event> = stated(stored, now);
    steps.extend(marks(stored));
    if let (Some(at), Some(number)) = (stored.announced, stored.number) {
        let why = format!("public and new: it got the announcement number {number}");
        steps.push((at, "announced", why));
    }
    for edition in carried {
        let why = format!(
            "{}: {}, {} sent",
            edition.edition,
            output::count(edition.deliveries.unsigned_abs(), "mail", "mails"),
            edition.sent
        );
        steps.push((edition.started.unwrap_or(edition.planned), "in an edition", why));
    }
    for ping in told {
        let answer = ping
            .answer
            .as_deref()
            .map_or(String::new(), |answer| format!(", {answer}"));
        let why = format!("{} was told: {}{answer}", ping.endpoint, ping.state);
        steps.push((ping.finished.unwrap_or(ping.created), "pinged", why));
    }
    steps.sort_by_key(|(at, ..)| *at);
    steps
        .into_iter()
        .map(|(at, event, why)| Step {
            at: rfc3339(at),
            event,
            why,
        })
        .collect()
}

fn marks(stored: &Stored) -> Vec<Event> {
    let marks = &stored.marks;
    let all = [
        (
            marks.draft,
            "draft",
            "its source says that it is a draft: it stands nowhere",
        ),
        (
            marks.baseline,
            "baseline",
            "it was there when its source was first read: it stands in feeds, and nobody is told of it",
        ),
        (
            marks.held,
            "held",
            "many new articles came at once and most looked like known or old ones: it waits to be released",
        ),
        (marks.seen, "seen", "kept out of mails by hand"),
        (marks.removed, "removed", "its source no longer has it"),
        (
            marks.failing,
            "failing",
            "its file cannot be read: it stays as it was",
        ),
    ];
    all.into_iter()
        .filter_map(|(since, event, why)| Some((since?, event, why.to_owned())))
        .collect()
}

fn print(stored: &Stored, document: &Document, now: Instant) -> anyhow::Result<()> {
    let article = &stored.article;
    let list = |items: &[String]| {
        if items.is_empty() {
            "none".to_owned()
        } else {
            items.join(", ")
        }
    };
    let editions: Vec<String> = document
        .editions
        .iter()
        .map(|edition| format!("{} ({})", edition.id, edition.deliveries))
        .collect();
    let state: State = stored.state(now);
    table([
        ["Title".to_owned(), article.title.clone()],
        ["Address".to_owned(), article.url.clone()],
        ["State".to_owned(), state.to_string()],
        ["Feeds".to_owned(), list(&document.feeds)],
        ["Editions".to_owned(), list(&editions)],
    ])?;
    writeln!(std::io::stdout())?;
    table(
        document
            .journey
            .iter()
            .map(|step| [step.at.clone(), step.event.to_owned(), step.why.clone()]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articles::state::Marks;
    use crate::articles::{Article, Published};
    use crate::clock::from_seconds;

    #[test]
    fn a_journey_goes_by_time_and_says_why() {
        let article = Article {
            id: "1".into(),
            source: "posts".into(),
            path: "a.md".into(),
            url: "https://example.org/a".into(),
            title: "A".into(),
            authors: Vec::new(),
            categories: Vec::new(),
            language: None,
            published: Some(Published {
                at: from_seconds(5),
                precision: crate::articles::Precision::Second,
            }),
            updated: None,
            summary: String::new(),
            content_html: String::new(),
            image: None,
            audio: None,
            comments: Vec::new(),
            comment_count: None,
            guid: None,
            draft: false,
            expires: Some(from_seconds(100)),
        };
        let stored = Stored {
            article,
            first_seen: from_seconds(10),
            changed: from_seconds(30),
            number: Some(4),
            announced: Some(from_seconds(20)),
            marks: Marks {
                seen: Some(from_seconds(40)),
                ..Marks::default()
            },
        };
        let carried = [Carried {
            edition: "weekly/now/1".into(),
            planned: from_seconds(25),
            started: None,
            deliveries: 3,
            sent: 2,
        }];
        let steps = journey(&stored, &carried, &[], from_seconds(50));
        let events: Vec<&str> = steps.iter().map(|step| step.event).collect();
        assert_eq!(
            events,
            [
                "published",
                "first seen",
                "announced",
                "in an edition",
                "edited",
                "seen",
                "to expire"
            ]
        );
        assert!(steps[2].why.ends_with("number 4"), "{}", steps[2].why);
        assert_eq!(steps[3].why, "weekly/now/1: 3 mails, 2 sent");
    }
}
