//! The values that an intake takes and gives.

use crate::articles::Article;
use crate::articles::state::{Marks, Standing};
use crate::clock::Instant;
use std::collections::HashMap;
use uuid::Uuid;

/// What one source gave in this pass.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The source's name.
    pub source: String,
    pub articles: Vec<Article>,
    /// The paths that are there and could not be read.
    pub failed: Vec<String>,
    /// The paths that are there as they were.
    pub unchanged: Vec<String>,
    /// The paths of articles that were there at the source's first reading and are read only now.
    pub baseline: Vec<String>,
    /// Whether there may be more than was read: then nothing counts as removed.
    pub partial: bool,
    /// Whether each article known from the source is among those above, or may be: none has gone.
    pub all_there: bool,
    /// Whether the source itself could be listed. Where not, nothing counts as removed.
    pub readable: bool,
}

/// An article that the store has, without its text.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: String,
    pub guid: Option<String>,
    pub source: String,
    pub path: String,
    pub url: String,
    pub title: String,
    pub hash: String,
    pub likeness: String,
    pub first_seen: Instant,
    pub standing: Standing,
}

/// The store before this pass.
#[derive(Debug, Clone, Default)]
pub struct Before {
    /// All articles, removed ones too.
    pub known: Vec<Known>,
    /// When each source was read last. One that is not in here has never been.
    pub last_pass: HashMap<String, Instant>,
    /// The highest announcement number.
    pub highest: i64,
}

/// What else an intake depends on.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub now: Instant,
    pub site: Uuid,
    /// The largest `first_edition` of all digests.
    pub first_edition: usize,
}

/// An article as it is to be written: new, or other than it was.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its `id` is the permanent one.
    pub article: Box<Article>,
    pub hash: String,
    pub likeness: String,
    pub first_seen: Instant,
    pub standing: Standing,
}

/// What one source's reading came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub read: usize,
    pub new: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub held: usize,
    pub removed: usize,
    pub failed: usize,
}

/// What the operator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Two articles of one source claim the same URL: `kept` stays, `left_out` is not taken in.
    SameUrl {
        source: String,
        url: String,
        kept: String,
        left_out: String,
    },
    /// Two articles of one source state the same id.
    SameId {
        source: String,
        id: String,
        kept: String,
        left_out: String,
    },
    /// A source that had so many articles has none any more.
    Emptied { source: String, articles: usize },
    /// So many articles of a source are held.
    Held { source: String, articles: usize },
}

/// What is to be written, and what to tell.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub changes: Vec<Change>,
    /// Articles whose text is as it was and whose marks are not.
    pub marks: Vec<(String, Marks)>,
    /// The announcement numbers given, in their order.
    pub numbers: Vec<(String, i64)>,
    /// In the order of the readings.
    pub counts: Vec<Counts>,
    pub findings: Vec<Finding>,
}
