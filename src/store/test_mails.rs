//! Test mails: rows as any other, of no edition and to no subscriber.

use super::db::{Result, Store};
use crate::sql;

impl Store {
    /// Enters a frozen mail and a delivery of it to each address, ahead of all bulk; their ids, in the
    /// order of the addresses.
    ///
    /// # Errors
    /// As the database says.
    pub async fn enter_test_mails(
        &self,
        articles: &[String],
        message: &str,
        to: &[String],
    ) -> Result<Vec<i64>> {
        let mut tx = self.begin().await?;
        let (variant,): (i64,) = tx
            .query(sql!(
                "INSERT INTO variants (key, articles, message) VALUES ('test', $1, $2) RETURNING id"
            ))
            .bind(serde_json::json!(articles).to_string())
            .bind(message)
            .one()
            .await?;
        let mut ids = Vec::with_capacity(to.len());
        for address in to {
            let (id,): (i64,) = tx
                .query(sql!(
                    "INSERT INTO deliveries (kind, variant, address, next_try) VALUES ('test', $1, $2, 0) RETURNING id"
                ))
                .bind(variant)
                .bind(&**address)
                .one()
                .await?;
            ids.push(id);
        }
        tx.commit().await?;
        Ok(ids)
    }

    /// The frozen mail of an edition that most of its readers get, and its articles; `None`: it has none.
    ///
    /// # Errors
    /// As the database says.
    pub async fn main_variant(&self, edition: i64) -> Result<Option<(String, String)>> {
        self.read(sql!(
            "SELECT v.message, v.articles FROM variants AS v WHERE v.edition = $1
             ORDER BY (SELECT count(*) FROM deliveries AS d WHERE d.edition = $1 AND d.variant = v.id) DESC, v.id
             LIMIT 1"
        ))
        .bind(edition)
        .maybe()
        .await
    }
}
