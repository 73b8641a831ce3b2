//! The header fields of each kind of answer about one version of a document, as far as they were made.

use super::coding::Coding;
use axum::http::HeaderMap;
use std::sync::OnceLock;

/// What an answer gives of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing: the client has it.
    Known,
    Whole,
    Coded(Coding),
    /// What is new in it.
    Delta,
}

/// The heads of all kinds of answers, as far as they were made.
#[derive(Debug, Default)]
pub(super) struct Heads {
    known: OnceLock<HeaderMap>,
    whole: OnceLock<HeaderMap>,
    coded: [OnceLock<HeaderMap>; Coding::ALL.len()],
}

impl Heads {
    /// Where those of a kind are kept.
    pub(super) fn of(&self, kind: Kind) -> Option<&OnceLock<HeaderMap>> {
        match kind {
            Kind::Known => Some(&self.known),
            Kind::Whole => Some(&self.whole),
            Kind::Coded(coding) => Some(&self.coded[coding as usize]),
            Kind::Delta => None,
        }
    }
}
