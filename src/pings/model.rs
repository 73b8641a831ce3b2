//! What the protocols share: changes, requests, answers and what they mean. Knows no protocol.

use crate::articles::card::Card;
use crate::articles::text::first_words;
use crate::clock::Instant;
use crate::config::PingKind;
use serde::{Deserialize, Serialize};
use url::Url;

/// So much of an answer is kept, in characters.
pub(super) const KEPT: usize = 200;

/// A form's media type.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// What a pass changed that others may want to hear of.
#[derive(Debug, Clone, Default)]
pub struct Changes<'a> {
    pub feeds: &'a [ChangedFeed],
    /// Newly announced, in the order of their numbers.
    pub articles: &'a [Card],
    /// Where articles are that are new, other than they were, or gone.
    pub urls: &'a [String],
    /// No other plan has it.
    pub number: i64,
}

/// An RSS, Atom or JSON document whose content changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFeed {
    /// Where it is published.
    pub url: Url,
    /// Names the change: another one of the same document has another name, and a pass that finds
    /// the same one again gives the same.
    pub version: String,
}

/// Who is told, and what of the site the requests name.
#[derive(Debug, Clone)]
pub struct Site<'a> {
    pub title: &'a str,
    pub url: &'a Url,
    pub feeds_url: &'a Url,
    pub endpoints: Vec<Endpoint>,
}

/// Somebody who is told.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub kind: PingKind,
    /// As it is called in the configuration and in reports.
    pub name: String,
    /// IndexNow's.
    pub key: Option<String>,
}

/// A request, as it is kept and sent: always a POST.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub media_type: String,
    pub body: String,
    /// What is sent to an endpoint that answers that it does not know this kind of request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simpler: Option<Box<Request>>,
}

/// One ping before it has a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub kind: PingKind,
    pub endpoint: String,
    /// What makes two plans of one change the same ping.
    pub change: String,
    /// The URLs it is about.
    pub subjects: Vec<String>,
    pub request: Request,
}

/// A ping that is entered already and was not answered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub id: i64,
    pub kind: PingKind,
    pub endpoint: String,
    pub change: String,
    pub subjects: Vec<String>,
}

impl Waiting {
    /// From a row; `None`: it is about no change, but for the operator.
    #[must_use]
    pub fn of_change(
        id: i64,
        kind: &str,
        endpoint: String,
        change: String,
        subjects: Vec<String>,
    ) -> Option<Waiting> {
        let (_, kind) = PingKind::OF_PINGS.into_iter().find(|(name, _)| *name == kind)?;
        Some(Waiting {
            id,
            kind,
            endpoint,
            change,
            subjects,
        })
    }
}

/// What came back from an endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    pub retry_after: Option<&'a str>,
    pub location: Option<&'a str>,
    pub body: &'a [u8],
    /// Whether the body came to its end.
    pub whole: bool,
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Done,
    Failed,
    /// Not now; the endpoint may have said when.
    Later(Option<Instant>),
    /// The endpoint does not know this request, but it may know a simpler one.
    Simpler(Request),
}

/// An answer's status, and the first words of what it says.
pub(super) fn status_and_words(answer: &Answer<'_>) -> String {
    match first_words(&String::from_utf8_lossy(answer.body), KEPT) {
        words if words.is_empty() => answer.status.to_string(),
        words => format!("{} {words}", answer.status),
    }
}
