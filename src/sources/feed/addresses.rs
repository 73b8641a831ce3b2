//! Addresses as feeds write them.

use url::Url;

/// An address by itself, not a name that looks like one.
pub(super) fn web_address(text: &str) -> Option<Url> {
    Url::parse(text.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// An address at a base, or by itself.
pub(super) fn join(base: Option<&Url>, address: &str) -> Option<Url> {
    match base {
        Some(base) => base.join(address.trim()).ok(),
        None => Url::parse(address.trim()).ok(),
    }
}
