//! An edition as `editions list` and `editions show` tell of it.

use super::hold::Hold;
use super::progress::Progress;
use super::report::all_articles;
use crate::clock::{from_seconds, rfc3339};
use crate::store::Store;
use crate::store::edition_views::{ArticleLine, Counts};
use crate::store::editions::Edition;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditionView {
    /// Its name: `weekly/2026-11-30T07:00Z`.
    pub id: String,
    pub digest: String,
    pub cadence: String,
    /// Counted by digest; `None`: it has not started.
    pub number: Option<i64>,
    pub slot: Option<String>,
    /// planned, held, filling, sending, done, dropped or skipped.
    pub state: String,
    /// Why it was skipped.
    pub reason: Option<String>,
    pub starts_at: String,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    pub upto: i64,
    pub variants: usize,
    /// The union of its variants'.
    pub articles: Vec<ArticleLine>,
    pub counts: Counts,
    pub hold: Option<Hold>,
    /// How its sending goes; `None` in lists, and while nothing of it has been sent or tried.
    pub progress: Option<Progress>,
}

/// All there is to tell of an edition.
///
/// # Errors
/// Those of the database.
pub async fn view(store: &Store, edition: Edition) -> anyhow::Result<EditionView> {
    let shown = |seconds: i64| rfc3339(from_seconds(seconds));
    let hold = Hold::of(&edition);
    Ok(EditionView {
        articles: store
            .article_lines(&all_articles(store, edition.id).await?)
            .await?,
        variants: store.variant_articles(edition.id).await?.len(),
        counts: store.edition_counts(edition.id).await?,
        id: edition.name,
        digest: edition.digest,
        cadence: edition.cadence,
        number: edition.number,
        slot: edition.slot.map(shown),
        state: if hold.is_some() {
            "held".to_owned()
        } else {
            edition.state
        },
        reason: edition.reason,
        starts_at: shown(edition.starts),
        started_at: edition.started.map(shown),
        finished_at: edition.finished.map(shown),
        upto: edition.upto,
        hold,
        progress: None,
    })
}
