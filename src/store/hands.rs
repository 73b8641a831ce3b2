//! What the operator leaves out of an edition, puts off, or takes in. Each under the planner's lock,
//! which the start of an edition holds too.

use super::db::{Result, Tx};
use super::editions::Edition;
use super::journeys::quoted;
use crate::clock::Instant;
use crate::sql;

impl Tx {
    /// The edition of a name, as it stays until the end of the transaction.
    ///
    /// # Errors
    /// As the database says.
    pub async fn edition_named(&mut self, name: &str) -> Result<Option<Edition>> {
        self.query(sql!("SELECT * FROM editions WHERE name = $1"))
            .bind(name)
            .maybe()
            .await
    }

    /// The number that an article was put off to in a digest.
    ///
    /// # Errors
    /// As the database says.
    pub async fn deferred_to(&mut self, digest: &str, article: &str) -> Result<Option<i64>> {
        let found: Option<(i64,)> = self
            .query(sql!(
                "SELECT number FROM deferrals WHERE digest = $1 AND article = $2"
            ))
            .bind(digest)
            .bind(article)
            .maybe()
            .await?;
        Ok(found.map(|(number,)| number))
    }

    /// The edition that an article was excluded from, for its track.
    ///
    /// # Errors
    /// As the database says.
    pub async fn excluded_from(&mut self, edition: &Edition, article: &str) -> Result<Option<String>> {
        let found: Option<(String,)> = self
            .query(sql!(
                "SELECT e.name FROM exclusions AS x JOIN editions AS e ON e.id = x.edition
                 WHERE x.digest = $1 AND x.cadence = $2 AND x.article = $3"
            ))
            .bind(&*edition.digest)
            .bind(&*edition.cadence)
            .bind(article)
            .maybe()
            .await?;
        Ok(found.map(|(name,)| name))
    }

    /// The digest's floor, and how many active readers of the edition's track have settled a number,
    /// and how many have not.
    ///
    /// # Errors
    /// As the database says.
    pub async fn past_and_before(&mut self, edition: &Edition, number: i64) -> Result<(i64, i64)> {
        self.query(sql!(
            "SELECT count(*) FILTER (WHERE s.cursor >= $3 OR d.floor >= $3),
               count(*) FILTER (WHERE s.cursor < $3 AND d.floor < $3)
             FROM subscriptions AS s JOIN digests AS d ON d.name = s.digest
             WHERE s.digest = $1 AND s.cadence = $2 AND s.standing = 'active'"
        ))
        .bind(&*edition.digest)
        .bind(&*edition.cadence)
        .bind(number)
        .one()
        .await
    }

    /// The first edition of a digest that was made with an article: somebody has had it, or will.
    ///
    /// # Errors
    /// As the database says.
    pub async fn carried_by(&mut self, digest: &str, article: &str) -> Result<Option<String>> {
        let found: Option<(String,)> = self
            .query(sql!(
                "SELECT e.name FROM variants AS v JOIN editions AS e ON e.id = v.edition
                 WHERE e.digest = $1 AND ",
                ["instr" | "strpos"],
                "(v.articles, $2) > 0 ORDER BY e.id LIMIT 1"
            ))
            .bind(digest)
            .bind(quoted(article))
            .maybe()
            .await?;
        Ok(found.map(|(name,)| name))
    }

    /// Leaves an article out of the edition's track from this edition on.
    ///
    /// # Errors
    /// As the database says.
    pub async fn exclude(&mut self, edition: &Edition, article: &str, now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO exclusions (digest, cadence, article, edition, since) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (digest, cadence, article) DO NOTHING"
        ))
        .bind(&*edition.digest)
        .bind(&*edition.cadence)
        .bind(article)
        .bind(edition.id)
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// Takes back that an article was excluded from this edition.
    ///
    /// # Errors
    /// As the database says.
    pub async fn lift_exclusion(&mut self, edition: &Edition, article: &str) -> Result<()> {
        self.query(sql!("DELETE FROM exclusions WHERE edition = $1 AND article = $2"))
            .bind(edition.id)
            .bind(article)
            .run()
            .await?;
        Ok(())
    }

    /// Puts an article off: in the edition's digest it counts as announced with this number, which no
    /// article has.
    ///
    /// # Errors
    /// As the database says.
    pub async fn defer(&mut self, edition: &Edition, article: &str, number: i64, now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO deferrals (digest, article, number, edition, since) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (digest, article) DO UPDATE SET number = excluded.number,
               edition = excluded.edition, since = excluded.since"
        ))
        .bind(&*edition.digest)
        .bind(article)
        .bind(number)
        .bind(edition.id)
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// Ends an edition at a number, unless it goes farther.
    ///
    /// # Errors
    /// As the database says.
    pub async fn lift_upto(&mut self, edition: &Edition, number: i64) -> Result<()> {
        self.query(sql!("UPDATE editions SET upto = $2 WHERE id = $1 AND upto < $2"))
            .bind(edition.id)
            .bind(number)
            .run()
            .await?;
        Ok(())
    }

    /// What is being rendered for editions of this digest is out of date: it is decided again.
    ///
    /// # Errors
    /// As the database says.
    pub async fn revise_editions(&mut self, digest: &str) -> Result<()> {
        self.query(sql!(
            "UPDATE editions SET revision = revision + 1
             WHERE digest = $1 AND finished IS NULL AND state IN ('planned', 'filling')"
        ))
        .bind(digest)
        .run()
        .await?;
        Ok(())
    }
}
