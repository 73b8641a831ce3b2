//! What a reading over the web is given.

use super::past::Past;
use crate::clock::Instant;
use crate::config;
use crate::http::Client;
use uuid::Uuid;

/// What a reading over the web needs.
#[derive(Clone, Copy)]
pub struct Web<'a> {
    pub client: &'a Client,
    pub site: &'a config::Site,
    pub site_id: Uuid,
    pub past: &'a Past,
    pub now: Instant,
    /// Whether a source is left alone that was asked less than `every` ago.
    pub by_every: bool,
}
