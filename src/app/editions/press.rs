//! The steps of one edition, each a transaction: start, fill, end. What comes next is read from the
//! store, so each step can be stopped before or after, and be done again by anybody.

use super::chunks::Chunks;
use super::judged::{Judged, Render, rendered};
use crate::clock::{Instant, from_seconds};
use crate::config::Digest;
use crate::digests::plan::Group;
use crate::problem::Problem;
use crate::store::Store;
use crate::store::editions::Edition;
use crate::store::fill::{Chunk, Start};
use crate::subscribers::address::Address;
use crate::subscribers::suppression;
use crate::subscribers::tokens::SiteKey;
use crate::telemetry::progress;
use tokio::sync::watch;

/// The most readers of one transaction of a fill, or of an edition that is dropped.
pub const CHUNK: u32 = 20_000;

/// What making editions needs.
pub struct Press<'a> {
    pub store: &'a Store,
    pub digests: &'a [Digest],
    pub key: &'a SiteKey,
    pub now: Instant,
    pub chunks: Chunks,
    pub render: &'a Render<'a>,
    /// Told of each chunk that is filled: its mails may be sent.
    pub filled: &'a watch::Sender<()>,
}

/// What one step of an edition came to.
#[derive(Debug)]
pub enum Step {
    /// It went on; there may be more to do.
    Moved,
    /// Another process was at it: look again.
    Again,
    /// There is nothing to do for now.
    Stopped,
    /// It does not render, and is held.
    Held(Problem),
}

impl Press<'_> {
    /// Does the next thing an edition needs, in one transaction.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn step(&self, digest: &Digest, edition: &Edition) -> anyhow::Result<Step> {
        match edition.state.as_str() {
            "planned" if from_seconds(edition.starts) > self.now => Ok(Step::Stopped),
            // It may have nothing that could be approved.
            "planned" if edition.waits_for_approval() => self.start(digest, edition).await,
            _ if edition.waits_for_operator() => Ok(Step::Stopped),
            "planned" => self.start(digest, edition).await,
            "filling" => self.fill(digest, edition).await,
            "dropped" if edition.finished.is_none() => self.drop(edition).await,
            _ => Ok(Step::Stopped),
        }
    }

    /// Fills the next chunk, or ends the fill.
    async fn fill(&self, digest: &Digest, edition: &Edition) -> anyhow::Result<Step> {
        if edition.held.is_some() {
            // Some group did not render. It comes up again with the chunk that it is in.
            self.store.lift_rendering_hold(edition.id).await?;
            return Ok(Step::Moved);
        }
        let Some(end) = self.store.chunk_end(edition, self.chunks.size()).await? else {
            let ended = self.store.end_fill(edition, self.now).await?;
            if ended {
                tracing::info!(edition = edition.name, "edition filled");
            }
            return Ok(if ended { Step::Moved } else { Step::Again });
        };
        let kept_out = self.kept_out(edition, end).await?;
        match self.store.fill_chunk(edition, end, &kept_out).await? {
            Chunk::Filled { readers, took } => {
                tracing::debug!(edition = edition.name, readers, "readers filled in");
                progress::mails(readers);
                self.chunks.took(took);
                self.filled.send_replace(());
                self.store.let_others_write(took).await;
                Ok(Step::Moved)
            }
            Chunk::Unknown(groups) => self.add_groups(digest, edition, groups).await,
            Chunk::Taken => Ok(Step::Again),
        }
    }

    /// Settles the next readers of a dropped edition, or ends that.
    async fn drop(&self, edition: &Edition) -> anyhow::Result<Step> {
        if !self.store.drop_chunk(edition, self.chunks.size()).await? {
            self.store.end_drop(edition, self.now).await?;
        }
        Ok(Step::Moved)
    }

    /// The readers of a chunk who are on the suppression list.
    async fn kept_out(&self, edition: &Edition, end: i64) -> anyhow::Result<Vec<i64>> {
        if !self.store.has_suppressions().await? {
            return Ok(Vec::new());
        }
        let addresses = self.store.chunk_addresses(edition, end).await?;
        let hashes: Vec<(i64, String)> = addresses
            .into_iter()
            .filter_map(|(id, address)| {
                Some((id, suppression::hash(self.key, &Address::parse(&address).ok()?)))
            })
            .collect();
        Ok(self.store.suppressed(&hashes).await?)
    }

    /// Groups the readers as they are now, renders, and sets the edition to be filled. One that waits
    /// for approval goes on only where it holds nothing for anybody.
    async fn start(&self, digest: &Digest, edition: &Edition) -> anyhow::Result<Step> {
        let groups = self.store.groups(&edition.digest, &edition.cadence).await?;
        let judged = Judged::read(self.store, digest, edition, groups, self.now).await?;
        if edition.waits_for_approval() && judged.has_mail() {
            return Ok(Step::Stopped);
        }
        let variants = match rendered(self.store, self.render, digest, edition, &judged).await? {
            Ok(variants) => variants,
            Err(problem) => return self.hold(edition, problem).await,
        };
        let nobody = judged.why_nobody(digest.min_articles);
        let start = Start {
            groups: &judged.decided(),
            variants: &variants,
            // What rolls over for all is not over for those who join either.
            moves_track: judged.has_mail() || !judged.has_few(),
            reason: nobody.as_deref(),
            now: self.now,
        };
        let started = self.store.start_edition(edition, start).await?;
        if started {
            let variants = variants.len();
            match &nobody {
                None => tracing::info!(edition = edition.name, variants, "edition started"),
                Some(why) => tracing::info!(edition = edition.name, why, "edition skipped"),
            }
        }
        Ok(if started { Step::Moved } else { Step::Again })
    }

    /// Decides for groups that turned up while the edition is filled. Whoever is first decides, so
    /// several at it do no harm.
    async fn add_groups(
        &self,
        digest: &Digest,
        edition: &Edition,
        groups: Vec<Group>,
    ) -> anyhow::Result<Step> {
        let judged = Judged::read(self.store, digest, edition, groups, self.now).await?;
        match rendered(self.store, self.render, digest, edition, &judged).await? {
            Ok(variants) => {
                let added = self
                    .store
                    .add_groups(edition, &judged.decided(), &variants)
                    .await?;
                Ok(if added { Step::Moved } else { Step::Again })
            }
            Err(problem) => self.hold(edition, problem).await,
        }
    }

    async fn hold(&self, edition: &Edition, problem: Problem) -> anyhow::Result<Step> {
        self.store
            .hold_unrendered(edition.id, &problem.to_string(), self.now)
            .await?;
        tracing::error!(
            edition = edition.name,
            why = problem.to_string(),
            code = problem.code,
            "edition held"
        );
        let done = if edition.started.is_some() {
            "the rest of it waits"
        } else {
            "nothing of it is sent"
        };
        let message = format!("{} is held, {done}: {}", edition.name, problem.message);
        Ok(Step::Held(Problem { message, ..problem }.blocking_mail()))
    }
}
