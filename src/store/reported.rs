//! Problems that a pass has reported already: unchanged, they do not fail the next one.

use super::db::{Result, Store, rows};
use crate::clock::Instant;
use crate::hash::sha256;
use crate::problem::Problem;
use crate::sql;
use std::collections::HashSet;

impl Store {
    /// Enters all problems of a pass and forgets those that went away. Gives, in the order of the
    /// problems, which of them no earlier pass has reported.
    ///
    /// # Errors
    /// As the database says.
    pub async fn report(&self, problems: &[Problem], now: Instant) -> Result<Vec<bool>> {
        let prints: Vec<String> = problems.iter().map(fingerprint).collect();
        let mut tx = self.begin().await?;
        let known: Vec<(String,)> = tx.query(sql!("SELECT fingerprint FROM reported")).all().await?;
        let known: HashSet<String> = known.into_iter().map(|(print,)| print).collect();
        if prints.is_empty() && known.is_empty() {
            return Ok(Vec::new());
        }
        let mut seen = HashSet::new();
        let entries = prints
            .iter()
            .zip(problems)
            .filter(|(print, _)| seen.insert(*print));
        let entries: Vec<(String, String)> = entries
            .map(|(print, problem)| (print.clone(), json(problem)))
            .collect();
        tx.query(sql!(
            "DELETE FROM reported WHERE fingerprint NOT IN (SELECT r.value->>0 FROM jsonb_each($1) AS r)"
        ))
        .bind(rows(prints.iter().map(|print| (print.clone(),))))
        .run()
        .await?;
        tx.query(sql!(
            "INSERT INTO reported (fingerprint, problem, first_seen, last_seen)
             SELECT r.value->>0, r.value->>1, $2, $2 FROM jsonb_each($1) AS r WHERE true
             ON CONFLICT (fingerprint) DO UPDATE SET last_seen = excluded.last_seen"
        ))
        .bind(rows(entries))
        .bind(now.timestamp())
        .run()
        .await?;
        tx.commit().await?;
        Ok(prints.iter().map(|print| !known.contains(print)).collect())
    }

    /// What the newest pass has reported, as far as it can be read.
    ///
    /// # Errors
    /// As the database says.
    pub async fn reported(&self) -> Result<Vec<Problem<String>>> {
        let kept: Vec<(String,)> = self
            .read(sql!(
                "SELECT problem FROM reported ORDER BY first_seen, fingerprint"
            ))
            .all()
            .await?;
        Ok(kept
            .iter()
            .filter_map(|(problem,)| serde_json::from_str(problem).ok())
            .collect())
    }
}

/// The whole problem but its line: a file that grew above it has the same problem still.
fn fingerprint(problem: &Problem) -> String {
    sha256(
        json(&Problem {
            line: None,
            ..problem.clone()
        })
        .as_bytes(),
    )
}

/// A problem is text and numbers: there is nothing that JSON could not hold.
fn json(problem: &Problem) -> String {
    serde_json::to_string(problem).unwrap_or_default()
}
