//! `tidings articles list`: every article with its state, newest first.

use crate::app::{Site, unknown};
use crate::articles::state::{State, Stored};
use crate::articles::{Article, Precision};
use crate::cli::output::{self, Exit, table};
use crate::clock::{Instant, rfc3339};
use clap::Args;
use serde::Serialize;

/// List the articles, newest first
#[derive(Debug, Clone, Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Those that come after this one
    #[arg(long, value_name = "ID")]
    pub after: Option<String>,
}

#[derive(Serialize)]
struct Document {
    articles: Vec<Row>,
}

/// An article as `list` shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    id: String,
    source: String,
    path: String,
    url: String,
    title: String,
    authors: Vec<String>,
    categories: Vec<String>,
    published: String,
    published_precision: Option<Precision>,
    updated: Option<String>,
    summary: String,
    state: State,
    /// When it got its announcement number.
    announced: Option<String>,
    number: Option<i64>,
    first_seen: String,
    comment_count: Option<u32>,
}

impl Row {
    pub(crate) fn of(stored: &Stored, now: Instant) -> Row {
        let article: &Article = &stored.article;
        Row {
            id: article.id.clone(),
            source: article.source.clone(),
            path: article.path.clone(),
            url: article.url.clone(),
            title: article.title.clone(),
            authors: article.authors.iter().map(|author| author.name.clone()).collect(),
            categories: article.categories.clone(),
            published: rfc3339(stored.published()),
            published_precision: article.published.map(|stated| stated.precision),
            updated: article.updated.map(rfc3339),
            summary: article.summary.clone(),
            state: stored.state(now),
            announced: stored.announced.map(rfc3339),
            number: stored.number,
            first_seen: rfc3339(stored.first_seen),
            comment_count: article.comment_count,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// An id that no article has; a store that fails.
pub async fn run(site: &Site, list: &List, json: bool) -> anyhow::Result<Exit> {
    let now = site.clock.now();
    let mut ids = site.store.article_ids().await?;
    if let Some(after) = &list.after {
        let place = ids
            .iter()
            .position(|id| id == after)
            .ok_or_else(|| unknown::article(after))?;
        ids.drain(..=place);
    }
    ids.truncate(list.limit.unwrap_or(usize::MAX));
    let articles = site.store.articles(&ids).await?;
    if json {
        let articles = articles.iter().map(|stored| Row::of(stored, now)).collect();
        output::json(&Document { articles })?;
    } else {
        table(articles.iter().map(|stored| {
            [
                stored.published().format("%Y-%m-%d").to_string(),
                stored.state(now).to_string(),
                stored.article.id.clone(),
                stored.article.title.clone(),
            ]
        }))?;
    }
    Ok(Exit::Done)
}
