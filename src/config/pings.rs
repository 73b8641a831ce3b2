//! Who is told of changes, as the configuration names them.

use super::values::{BadValue, Endpoint};
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PingKind {
    Websub,
    Xmlrpc,
    Indexnow,
    Rsscloud,
    /// `operator.webhook`
    Webhook,
    /// `operator.heartbeat`
    Heartbeat,
}

impl PingKind {
    /// Those that `pings.NAME.kind` may name.
    pub const OF_PINGS: [(&str, PingKind); 4] = [
        ("websub", PingKind::Websub),
        ("xmlrpc", PingKind::Xmlrpc),
        ("indexnow", PingKind::Indexnow),
        ("rsscloud", PingKind::Rsscloud),
    ];

    /// As the configuration and reports call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PingKind::Websub => "websub",
            PingKind::Xmlrpc => "xmlrpc",
            PingKind::Indexnow => "indexnow",
            PingKind::Rsscloud => "rsscloud",
            PingKind::Webhook => "webhook",
            PingKind::Heartbeat => "heartbeat",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Ping {
    pub name: String,
    pub kind: PingKind,
    pub endpoint: Endpoint,
    /// IndexNow's. Everybody may read it, in the file that proves that the site is ours.
    pub key: Option<String>,
}

impl Ping {
    /// How the endpoint is called in the store and in reports: its URL, or `file:` and its folder as
    /// the configuration has it. `root` is the configuration's.
    #[must_use]
    pub fn endpoint_name(&self, root: &Path) -> String {
        match &self.endpoint {
            Endpoint::Url(url) => url.to_string(),
            Endpoint::Folder(folder) => {
                let folder = folder.strip_prefix(root).unwrap_or(folder);
                format!("file:{}", folder.display())
            }
        }
    }
}

/// A key as IndexNow wants it.
///
/// # Errors
/// What is wrong with it.
pub(super) fn indexnow_key(text: &str) -> Result<String, BadValue> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if (8..=128).contains(&text.len()) && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err(BadValue::new("is no key of IndexNow").hint("write 8 to 128 letters, digits and -"))
}
