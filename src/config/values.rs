//! The small types of the configuration: each checks itself when it is made.

use std::net::IpAddr;
use std::path::PathBuf;
use url::Url;

/// Text that no log and no debug print shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: String) -> Secret {
        Secret(text)
    }

    /// The secret itself, for the one call that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A connection URL; it may hold a password.
    Postgres(Secret),
}

/// Where mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportUrl {
    /// `maildir:outbox`
    Maildir(PathBuf),
    /// `smtp://[user@]host[:port]`, `smtps://…`, `lmtp://…`
    Server {
        protocol: Protocol,
        user: Option<String>,
        host: String,
        port: u16,
        tls: Tls,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Smtp,
    Lmtp,
}

/// How a connection is protected. `StartTls` is that or nothing: never a fall-back to plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    None,
    StartTls,
    Implicit,
}

/// Where a ping goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// An `http` or `https` URL.
    Url(Url),
    /// `file:outbox/pings`: each request as a file, what would have been sent.
    Folder(PathBuf),
}

/// A network in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    pub address: IpAddr,
    pub prefix: u8,
}
