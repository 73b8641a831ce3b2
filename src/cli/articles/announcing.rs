//! `tidings articles seen | unsee | release`: what readers are told of, decided by the operator.

use crate::app::Site;
use crate::app::announcing::{self, Decided};
use crate::articles::state::State;
use crate::cli::output::{self, Exit, table};
use clap::Args;
use serde::Serialize;

/// Which articles.
#[derive(Debug, Clone, Args)]
pub struct Ids {
    /// As `articles list` shows them
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
}

/// Whose articles.
#[derive(Debug, Clone, Args)]
pub struct Of {
    /// A source's name; all sources unless given
    #[arg(value_name = "SOURCE")]
    pub source: Option<String>,
}

#[derive(Serialize)]
struct Document {
    articles: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    title: String,
    state: State,
    number: Option<i64>,
    past: Vec<Past>,
}

/// Readers of a digest who do not get the article any more.
#[derive(Serialize)]
struct Past {
    digest: String,
    readers: i64,
}

/// Runs `seen`.
///
/// # Errors
/// An id that no article has; a store that fails.
pub async fn seen(site: &Site, ids: &Ids, json: bool) -> anyhow::Result<Exit> {
    print(announcing::seen(site, &ids.ids).await?, json)
}

/// Runs `unsee`.
///
/// # Errors
/// An id that no article has; a store that fails.
pub async fn unsee(site: &Site, ids: &Ids, json: bool) -> anyhow::Result<Exit> {
    print(announcing::unsee(site, &ids.ids).await?, json)
}

/// Runs `release`.
///
/// # Errors
/// A store that fails.
pub async fn release(site: &Site, of: &Of, json: bool) -> anyhow::Result<Exit> {
    print(announcing::release(site, of.source.as_deref()).await?, json)
}

fn print(decided: Vec<Decided>, json: bool) -> anyhow::Result<Exit> {
    if json {
        output::json(&Document {
            articles: decided.into_iter().map(Row::from).collect(),
        })?;
    } else {
        table(decided.into_iter().map(|article| {
            let past = article.past.iter().map(|(digest, readers)| {
                format!(
                    "{} of {digest} are past it",
                    output::count(readers.unsigned_abs(), "reader", "readers")
                )
            });
            let past = past.collect::<Vec<_>>().join(", ");
            [article.id, article.state.to_string(), article.title, past]
        }))?;
    }
    Ok(Exit::Done)
}

impl From<Decided> for Row {
    fn from(decided: Decided) -> Row {
        let past = decided
            .past
            .into_iter()
            .map(|(digest, readers)| Past { digest, readers });
        Row {
            id: decided.id,
            title: decided.title,
            state: decided.state,
            number: decided.number,
            past: past.collect(),
        }
    }
}
