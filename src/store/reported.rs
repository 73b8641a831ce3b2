//! Problems that were reported already: unchanged, they do not fail the next pass.

use super::db::{Result, Store, rows};
use crate::clock::Instant;
use crate::hash::sha256;
use crate::problem::Problem;
use crate::sql;
use std::collections::HashSet;

/// Which part of a pass a problem comes from: in a service each is gone through by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Sources, lists of readers, feeds, the planning of editions.
    Turn,
    /// Editions that wait for the operator.
    Held,
    Mail,
    Pings,
}

impl Part {
    fn word(self) -> &'static str {
        match self {
            Part::Turn => "turn",
            Part::Held => "held",
            Part::Mail => "mail",
            Part::Pings => "pings",
        }
    }
}

impl Store {
    /// Enters all problems of a part and forgets those of it that went away. Gives, in the order of the
    /// problems, which of them no earlier pass has reported.
    ///
    /// # Errors
    /// As the database says.
    pub async fn report(&self, part: Part, problems: &[Problem], now: Instant) -> Result<Vec<bool>> {
        let prints: Vec<String> = problems
            .iter()
            .map(|problem| fingerprint(part, problem))
            .collect();
        let mut tx = self.begin().await?;
        let known: Vec<(String,)> = tx
            .query(sql!("SELECT fingerprint FROM reported WHERE part = $1"))
            .bind(part.word())
            .all()
            .await?;
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
            "DELETE FROM reported
             WHERE part = $2 AND fingerprint NOT IN (SELECT r.value->>0 FROM jsonb_each($1) AS r)"
        ))
        .bind(rows(prints.iter().map(|print| (print.clone(),))))
        .bind(part.word())
        .run()
        .await?;
        tx.query(sql!(
            "INSERT INTO reported (fingerprint, part, problem, first_seen, last_seen)
             SELECT r.value->>0, $3, r.value->>1, $2, $2 FROM jsonb_each($1) AS r WHERE true
             ON CONFLICT (fingerprint) DO UPDATE SET last_seen = excluded.last_seen"
        ))
        .bind(rows(entries))
        .bind(now.timestamp())
        .bind(part.word())
        .run()
        .await?;
        tx.commit().await?;
        Ok(prints.iter().map(|print| !known.contains(print)).collect())
    }

    /// What was reported last, as far as it can be read.
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
fn fingerprint(part: Part, problem: &Problem) -> String {
    let problem = json(&Problem {
        line: None,
        ..problem.clone()
    });
    sha256(format!("{} {problem}", part.word()).as_bytes())
}

/// A problem is text and numbers: there is nothing that JSON could not hold.
fn json(problem: &Problem) -> String {
    serde_json::to_string(problem).unwrap_or_default()
}
