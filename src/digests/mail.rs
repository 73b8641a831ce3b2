//! A mail as it is kept when an edition starts: rendered, with holes where readers differ.

use serde::{Deserialize, Serialize};

/// What differs by reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hole {
    Name,
    Preferences,
    Unsubscribe,
}

/// A stretch of a rendered template, or a hole in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Piece {
    Text(String),
    Hole(Hole),
}

/// A rendered mail without its reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    pub from: String,
    pub reply_to: Option<String>,
    /// Seconds since 1970.
    pub date: i64,
    pub list_id: String,
    pub feedback_id: String,
    /// Of Message-IDs.
    pub domain: String,
    pub subject: Vec<Piece>,
    pub text: Vec<Piece>,
    pub html: Vec<Piece>,
}
