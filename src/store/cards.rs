//! Articles without their text: what feeds, editions and pings choose from.

use super::article_rows::{Facets, unreadable};
use super::db::{Result, Store, rows};
use crate::articles::card::Card;
use crate::clock::{Instant, from_seconds};
use crate::sql;
use serde::Deserialize;
use std::collections::HashMap;

#[derive(sqlx::FromRow, Deserialize)]
struct CardRow {
    id: String,
    source: String,
    url: String,
    title: String,
    facets: String,
    published: i64,
    modified: i64,
    hash: String,
    number: Option<i64>,
}

impl Store {
    /// All that stands in feeds, newest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn cards(&self, now: Instant) -> Result<Vec<Card>> {
        // Many articles have the same.
        let mut known: HashMap<String, Facets> = HashMap::new();
        let mut cards = Vec::new();
        let mut last = String::new();
        loop {
            let page = self.page(now, last).await?;
            match page.last() {
                Some(row) => last = row.id.clone(),
                None => break,
            }
            for row in page {
                let facets = match known.get(&row.facets) {
                    Some(facets) => facets.clone(),
                    None => {
                        let facets = facets(&row)?;
                        known.insert(row.facets.clone(), facets.clone());
                        facets
                    }
                };
                cards.push(with(row, facets));
            }
        }
        // Sorted here and not by the database: how it orders text depends on its locale.
        cards.sort_by(|a, b| b.published.cmp(&a.published).then_with(|| a.id.cmp(&b.id)));
        Ok(cards)
    }

    /// Some of them as one row: one by one, most of the time would go into handing them over. Those after an
    /// id: most were written in that order, and neighbours are read together.
    async fn page(&self, now: Instant, after: String) -> Result<Vec<CardRow>> {
        let (page,): (String,) = self
            .read(sql!(
                "SELECT CAST(COALESCE(",
                ["json_group_array(json_array(" | "json_agg(json_build_array("],
                "p.id, p.source, p.url, p.title, p.facets, p.published, p.modified, p.hash, p.number)), '[]') AS TEXT)
                 FROM (SELECT id, source, url, title, facets, published,
                     CASE WHEN changed > first_seen AND changed > published THEN changed ELSE published END AS modified,
                     hash, number FROM articles
                   WHERE id > $2 AND removed IS NULL AND draft IS NULL AND published <= $1
                     AND (expires IS NULL OR expires > $1)
                   ORDER BY id LIMIT 2000) AS p"
            ))
            .bind(now.timestamp())
            .bind(after)
            .one()
            .await?;
        serde_json::from_str(&page).map_err(|why| unreadable("unnamed", why))
    }

    /// What readers are told of: the articles numbered after `after` and up to `upto` that stand now
    /// and are not kept back as seen, by number.
    ///
    /// # Errors
    /// As the database says.
    pub async fn numbered(&self, after: i64, upto: i64, now: Instant) -> Result<Vec<Card>> {
        let found: Vec<CardRow> = self
            .read(sql!(
                "SELECT id, source, url, title, facets, published, published AS modified, hash, number FROM articles
                 WHERE number > $1 AND number <= $2 AND removed IS NULL AND draft IS NULL
                   AND seen IS NULL AND published <= $3 AND (expires IS NULL OR expires > $3)
                 ORDER BY number"
            ))
            .bind(after)
            .bind(upto)
            .bind(now.timestamp())
            .all()
            .await?;
        found.into_iter().map(card).collect()
    }

    /// What readers of a track are told of: as [`Store::numbered`], but what its digest has deferred
    /// counts with its later number, and what was excluded from the track is left out.
    ///
    /// # Errors
    /// As the database says.
    pub async fn numbered_for(
        &self,
        digest: &str,
        cadence: &str,
        after: i64,
        upto: i64,
        now: Instant,
    ) -> Result<Vec<Card>> {
        let found: Vec<CardRow> = self
            .read(sql!(
                "SELECT a.id, a.source, a.url, a.title, a.facets, a.published,
                   a.published AS modified, a.hash, n.number FROM (
                   SELECT id, number FROM articles WHERE number > $1 AND number <= $2
                     AND id NOT IN (SELECT article FROM deferrals WHERE digest = $4)
                   UNION ALL
                   SELECT article, number FROM deferrals WHERE digest = $4 AND number > $1 AND number <= $2) AS n
                 JOIN articles AS a ON a.id = n.id
                 WHERE a.removed IS NULL AND a.draft IS NULL AND a.seen IS NULL
                   AND a.published <= $3 AND (a.expires IS NULL OR a.expires > $3)
                   AND a.id NOT IN (SELECT article FROM exclusions WHERE digest = $4 AND cadence = $5)
                 ORDER BY n.number"
            ))
            .bind(after)
            .bind(upto)
            .bind(now.timestamp())
            .bind(digest)
            .bind(cadence)
            .all()
            .await?;
        found.into_iter().map(card).collect()
    }

    /// Articles by id, whatever has become of them, in any order.
    ///
    /// # Errors
    /// As the database says.
    pub async fn cards_of(&self, ids: &[String]) -> Result<Vec<Card>> {
        let found: Vec<CardRow> = self
            .read(sql!(
                "SELECT a.id, a.source, a.url, a.title, a.facets, a.published,
                   a.published AS modified, a.hash, a.number
                 FROM jsonb_each($1) AS w JOIN articles AS a ON a.id = w.value->>0"
            ))
            .bind(rows(ids.iter().map(|id| (id.clone(),))))
            .all()
            .await?;
        found.into_iter().map(card).collect()
    }
}

fn card(row: CardRow) -> Result<Card> {
    let facets = facets(&row)?;
    Ok(with(row, facets))
}

fn facets(row: &CardRow) -> Result<Facets> {
    serde_json::from_str(&row.facets).map_err(|why| unreadable(&row.id, why))
}

fn with(row: CardRow, facets: Facets) -> Card {
    Card {
        id: row.id,
        source: row.source,
        url: row.url,
        title: row.title,
        authors: facets.authors,
        categories: facets.categories,
        published: from_seconds(row.published),
        modified: from_seconds(row.modified),
        commented: facets.commented.map(from_seconds),
        hash: row.hash,
        number: row.number,
    }
}
