//! The site's secret and what is derived from it: link tokens and message ids. Pure.
//!
//! A link token needs no row in the store: it names its digest, its subscriber and its key, and
//! carries an HMAC over them and over what the link is for. It has no expiry, so a link in a mail of
//! last year still works; a link for one purpose or digest is worth nothing for another.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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

    /// Tells keys apart and gives nothing of them away: 32 bits derived from the secret.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let mac = self.mac("key id", &[]);
        [mac[0], mac[1], mac[2], mac[3]]
    }
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Unsubscribe,
    Preferences,
}

impl Purpose {
    /// Goes into the HMAC and into the path: `unsubscribe/TOKEN`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Purpose::Unsubscribe => "unsubscribe",
            Purpose::Preferences => "preferences",
        }
    }
}

/// Whom a verified token is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub digest: String,
    pub subscriber: i64,
}

const KEY_ID: usize = 4;
const SUBSCRIBER: usize = 8;
/// HMAC-SHA256, cut to 128 bits (RFC 2104 §5).
const MAC: usize = 16;

fn link_mac(key: &SiteKey, purpose: Purpose, digest: &str, subscriber: i64) -> [u8; MAC] {
    let id = URL_SAFE_NO_PAD.encode(key.id());
    let mac = key.mac("link", &[purpose.word(), digest, &subscriber.to_string(), &id]);
    let mut cut = [0; MAC];
    cut.copy_from_slice(&mac[..MAC]);
    cut
}

/// The token: key id, subscriber, HMAC and the digest's name, in URL-safe base64.
#[must_use]
pub fn token(key: &SiteKey, purpose: Purpose, digest: &str, subscriber: i64) -> String {
    let mut bytes = Vec::with_capacity(KEY_ID + SUBSCRIBER + MAC + digest.len());
    bytes.extend_from_slice(&key.id());
    bytes.extend_from_slice(&subscriber.to_be_bytes());
    bytes.extend_from_slice(&link_mac(key, purpose, digest, subscriber));
    bytes.extend_from_slice(digest.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a token that one of the keys made for that purpose. `keys` are the present one and those
/// before it: an old key still verifies. Compares in constant time.
#[must_use]
pub fn verify(keys: &[SiteKey], purpose: Purpose, token: &str) -> Option<Claim> {
    // A digest's name is short; whatever is longer was never made here.
    if token.len() > 1024 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, rest) = bytes.split_first_chunk::<KEY_ID>()?;
    let (subscriber, rest) = rest.split_first_chunk::<SUBSCRIBER>()?;
    let (mac, digest) = rest.split_first_chunk::<MAC>()?;
    let subscriber = i64::from_be_bytes(*subscriber);
    let digest = std::str::from_utf8(digest).ok()?;
    let key = keys.iter().find(|key| key.id() == *id)?;
    let expected = link_mac(key, purpose, digest, subscriber);
    constant_time::verify_slices_are_equal(mac, &expected).ok()?;
    Some(Claim {
        digest: digest.to_owned(),
        subscriber,
    })
}

fn link(public_url: &Url, key: &SiteKey, purpose: Purpose, digest: &str, subscriber: i64) -> String {
    let base = public_url.as_str().trim_end_matches('/');
    format!(
        "{base}/{}/{}",
        purpose.word(),
        token(key, purpose, digest, subscriber)
    )
}

/// `{public_url}unsubscribe/TOKEN`: a page with a button, and where a one-click POST goes (RFC 8058).
#[must_use]
pub fn unsubscribe_url(public_url: &Url, key: &SiteKey, digest: &str, subscriber: i64) -> String {
    link(public_url, key, Purpose::Unsubscribe, digest, subscriber)
}

/// `{public_url}preferences/TOKEN`.
#[must_use]
pub fn preferences_url(public_url: &Url, key: &SiteKey, digest: &str, subscriber: i64) -> String {
    link(public_url, key, Purpose::Preferences, digest, subscriber)
}

/// The Message-ID of one mail to one reader, without `<>`: the same for every try, so that a
/// duplicate can be told, and of no use to guess another's. `kind` is the delivery's, `edition` its
/// name (empty for a mail of no edition), `domain` the sender's own.
#[must_use]
pub fn message_id(key: &SiteKey, kind: &str, edition: &str, delivery: i64, domain: &str) -> String {
    let mac = key.mac("message id", &[kind, edition, &delivery.to_string()]);
    format!("{}@{domain}", URL_SAFE_NO_PAD.encode(&mac[..MAC]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> SiteKey {
        SiteKey::new(&[7; 32])
    }

    #[test]
    fn a_link_stays_as_it_is() {
        let url = Url::parse("https://mag.example/mail/").unwrap();
        assert_eq!(
            unsubscribe_url(&url, &key(), "weekly", 42),
            "https://mag.example/mail/unsubscribe/O___RQAAAAAAAAAq52XiLEw8WAM4SKukbHhaZndlZWtseQ"
        );
        assert_eq!(
            message_id(&key(), "edition", "weekly/2026-11-30T07:00Z", 42, "mag.example"),
            "xigkf4z0SgAyeIWYbqfGqA@mag.example"
        );
    }

    #[test]
    fn a_token_is_good_for_one_purpose_only() {
        let token = token(&key(), Purpose::Unsubscribe, "weekly", 42);
        let claim = Claim {
            digest: "weekly".into(),
            subscriber: 42,
        };
        assert_eq!(verify(&[key()], Purpose::Unsubscribe, &token), Some(claim));
        assert_eq!(verify(&[key()], Purpose::Preferences, &token), None);
    }

    #[test]
    fn a_token_is_good_for_one_digest_and_subscriber_only() {
        let made = URL_SAFE_NO_PAD
            .decode(token(&key(), Purpose::Unsubscribe, "weekly", 42))
            .unwrap();
        let mut other_digest = made[..28].to_vec();
        other_digest.extend_from_slice(b"daily!");
        let mut other_reader = made.clone();
        other_reader[11] ^= 1;
        for forged in [other_digest, other_reader] {
            assert_eq!(
                verify(&[key()], Purpose::Unsubscribe, &URL_SAFE_NO_PAD.encode(forged)),
                None
            );
        }
    }

    #[test]
    fn an_old_key_verifies_while_it_is_kept() {
        let old = SiteKey::new(&[1; 32]);
        let token = token(&old, Purpose::Preferences, "weekly", 1);
        assert!(verify(&[key(), old], Purpose::Preferences, &token).is_some());
        assert!(verify(&[key()], Purpose::Preferences, &token).is_none());
    }

    #[test]
    fn message_ids_differ_by_mail_only() {
        let id = |kind, edition, delivery| message_id(&key(), kind, edition, delivery, "a.example");
        assert_eq!(id("edition", "weekly/now/1", 1), id("edition", "weekly/now/1", 1));
        assert_ne!(id("edition", "weekly/now/1", 1), id("edition", "weekly/now/1", 2));
        assert_ne!(id("edition", "weekly/now/1", 1), id("edition", "weekly/now/2", 1));
        assert_ne!(id("edition", "weekly/now/1", 1), id("test", "weekly/now/1", 1));
    }

    proptest! {
        #[test]
        fn what_is_made_is_read_back(digest in ".{0,40}", subscriber: i64) {
            let token = token(&key(), Purpose::Unsubscribe, &digest, subscriber);
            prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            prop_assert_eq!(verify(&[key()], Purpose::Unsubscribe, &token), Some(Claim { digest, subscriber }));
        }

        #[test]
        fn a_flipped_bit_is_refused(subscriber: i64, bit in 0_usize..8 * 34) {
            let mut bytes = URL_SAFE_NO_PAD
                .decode(token(&key(), Purpose::Unsubscribe, "weekly", subscriber))
                .unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(verify(&[key()], Purpose::Unsubscribe, &URL_SAFE_NO_PAD.encode(bytes)), None);
        }

        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,80}") {
            prop_assert_eq!(verify(&[key()], Purpose::Unsubscribe, &text), None);
        }
    }
}
