//! The pages of the archive: which articles each holds.

use super::db::{Result, Store, Tx, rows};
use super::error::StoreError;
use crate::feeds::archive::{Archived, Page};
use crate::sql;

impl Store {
    /// All pages, oldest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn archive_pages(&self) -> Result<Vec<Page>> {
        let found: Vec<(i64, String)> = self
            .read(sql!("SELECT number, items FROM archive_pages ORDER BY number"))
            .all()
            .await?;
        found
            .into_iter()
            .map(|(number, items)| page(number, &items))
            .collect()
    }
}

impl Tx {
    /// Keeps pages that are new or another than before, and forgets those given up.
    ///
    /// # Errors
    /// As the database says.
    pub async fn settle_archive<'a>(
        &mut self,
        written: impl Iterator<Item = &'a Page>,
        dropped: &[i64],
    ) -> Result<()> {
        let written = written.map(|page| (page.number, items(page)));
        self.query(sql!(
            "INSERT INTO archive_pages (number, items)
             SELECT CAST(value->>0 AS BIGINT), value->>1 FROM jsonb_each($1) WHERE true
             ON CONFLICT (number) DO UPDATE SET items = excluded.items"
        ))
        .bind(rows(written))
        .run()
        .await?;
        self.query(sql!(
            "DELETE FROM archive_pages WHERE number IN (SELECT CAST(value->>0 AS BIGINT) FROM jsonb_each($1))"
        ))
        .bind(rows(dropped.iter().map(|number| (number,))))
        .run()
        .await?;
        Ok(())
    }
}

fn items(page: &Page) -> Vec<[&String; 2]> {
    let items = page.items.iter();
    items.map(|item| [&item.article, &item.hash]).collect()
}

fn page(number: i64, items: &str) -> Result<Page> {
    let items: Vec<(String, String)> = serde_json::from_str(items).map_err(|why| StoreError::Document {
        what: format!("page {number} of the archive"),
        why,
    })?;
    let items = items.into_iter();
    Ok(Page {
        number,
        items: items.map(|(article, hash)| Archived { article, hash }).collect(),
    })
}
