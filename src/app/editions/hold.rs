//! What holds an edition, as reports tell it.

use crate::clock::{from_seconds, rfc3339};
use crate::store::editions::Edition;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// approval, operator, rendering or refused.
    pub code: String,
    pub reason: String,
    pub since: String,
}

impl Hold {
    /// `None`: nothing holds it.
    pub(super) fn of(edition: &Edition) -> Option<Hold> {
        let since = edition.held.filter(|_| edition.finished.is_none())?;
        Some(Hold {
            code: edition.hold_code.clone().unwrap_or_default(),
            reason: edition.hold_reason.clone().unwrap_or_default(),
            since: rfc3339(from_seconds(since)),
        })
    }
}
