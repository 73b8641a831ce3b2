//! What handlers are told of a request beside the request itself.

use std::net::IpAddr;

/// Whose request it is, as far as is known: behind a proxy of ours, who stands before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub(super) IpAddr);

/// The path as it was asked for, with the prefix of `http.public_url` where it was there.
#[derive(Debug, Clone)]
pub(super) struct Asked(pub(super) String);
