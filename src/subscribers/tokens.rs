//! The site's secret and what is derived from it: link tokens. Pure.

use aws_lc_rs::hmac;

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
