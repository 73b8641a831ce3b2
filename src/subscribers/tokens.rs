//! The site's secret and what is derived from it: link tokens. Pure.

use aws_lc_rs::hmac;
use url::Url;

/// 32 random bytes, kept in `data/secret`. Never printed.
#[derive(Clone)]
pub struct SiteKey {
    key: hmac::Key,
}

impl SiteKey {
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> SiteKey {
        SiteKey {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// HMAC-SHA256 over `purpose` and the parts, each with its length before it.
    #[must_use]
    pub fn mac(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in std::iter::once(&purpose).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        bytes
    }
}

/// The page that ends a subscription, with this reader's token.
#[must_use]
pub fn unsubscribe_url(public_url: &Url, key: &SiteKey, digest: &str, subscriber: i64) -> String {
    link(public_url, key, "unsubscribe", digest, subscriber)
}

/// The page with a reader's choices, with this reader's token.
#[must_use]
pub fn preferences_url(public_url: &Url, key: &SiteKey, digest: &str, subscriber: i64) -> String {
    link(public_url, key, "preferences", digest, subscriber)
}

/// The same for every try of one delivery. Without `<>`.
#[must_use]
pub fn message_id(key: &SiteKey, kind: &str, edition: i64, subscriber: i64, domain: &str) -> String {
    let mac = key.mac(
        "message-id",
        &[kind, &edition.to_string(), &subscriber.to_string()],
    );
    format!("{kind}.{edition}.{subscriber}.{}@{domain}", hex(&mac[..8]))
}

fn link(public_url: &Url, key: &SiteKey, purpose: &str, digest: &str, subscriber: i64) -> String {
    let mac = key.mac(purpose, &[digest, &subscriber.to_string()]);
    format!("{public_url}{purpose}/{subscriber}.{}", hex(&mac[..16]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
