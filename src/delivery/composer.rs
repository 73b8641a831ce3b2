//! From a claimed row to a letter. Keeps the variants it has encoded, the latest ones.

use super::letter::{self, Bodies, Encoded, Letter, List, Reader, Shared};
use crate::clock;
use crate::digests::mail::Frozen;
use crate::store::deliveries::Claimed;
use crate::store::{self, Store};
use crate::subscribers::address::{Address, Mailbox};
use crate::subscribers::tokens::{self, SiteKey};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// How many encoded variants are kept: 100 KB each, and most editions have a few.
const KEPT: usize = 64;

/// A delivery with its letter made, waiting for its turn.
#[derive(Debug)]
pub struct Ready {
    pub row: Claimed,
    pub from: lettre::Address,
    pub to: lettre::Address,
    pub letter: Letter,
}

/// Why a row is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The reader must not get it any more.
    Suppressed(String),
    /// There is no address to send it to.
    Address(String),
    /// The message cannot be made, for nobody.
    Content(String),
}

/// Makes letters.
pub struct Composer {
    store: Store,
    key: SiteKey,
    public_url: Url,
    variants: Mutex<VecDeque<(i64, Arc<Variant>)>>,
}

/// A message encoded once, with what its readers' values are made of.
struct Variant {
    from: lettre::Address,
    domain: String,
    encoded: Encoded,
}

impl Composer {
    #[must_use]
    pub fn new(store: Store, key: SiteKey, public_url: Url) -> Composer {
        Composer {
            store,
            key,
            public_url,
            variants: Mutex::default(),
        }
    }

    /// The letter of a row, or why there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn compose(&self, row: Claimed) -> store::Result<Result<Ready, (Claimed, Unfit)>> {
        if let Some(reason) = suppressed(&row) {
            return Ok(Err((row, Unfit::Suppressed(reason))));
        }
        let to = match Address::parse(&row.address) {
            Ok(address) => letter::lettre_address(&address),
            Err(_) => None,
        };
        let Some(to) = to else {
            let reason = format!("{:?} is no address", row.address);
            return Ok(Err((row, Unfit::Address(reason))));
        };
        Ok(match self.variant(row.variant).await? {
            Ok(variant) => {
                let letter = self.fill(&variant, &row, &to);
                Ok(Ready {
                    row,
                    from: variant.from.clone(),
                    to,
                    letter,
                })
            }
            Err(reason) => Err((row, Unfit::Content(reason))),
        })
    }

    fn fill(&self, variant: &Variant, row: &Claimed, to: &lettre::Address) -> Letter {
        let digest = row.digest.as_deref().unwrap_or_default();
        let subscriber = row.subscriber.unwrap_or_default();
        let identity = Identity {
            delivery: row.id,
            kind: &row.kind,
            edition: row.edition,
            subscriber: row.subscriber,
        };
        variant.encoded.fill(&Reader {
            address: to,
            name: &row.name,
            unsubscribe: &tokens::unsubscribe_url(&self.public_url, &self.key, digest, subscriber),
            preferences: &tokens::preferences_url(&self.public_url, &self.key, digest, subscriber),
            message_id: &message_id(&self.key, identity, &variant.domain),
        })
    }

    async fn variant(&self, id: i64) -> store::Result<Result<Arc<Variant>, String>> {
        if let Some(variant) = self.kept(id) {
            return Ok(Ok(variant));
        }
        let Some(message) = self.store.frozen_message(id).await? else {
            return Ok(Err("its message is not in the store".to_owned()));
        };
        let variant = serde_json::from_str::<Frozen>(&message)
            .map_err(|why| format!("its message cannot be read: {why}"))
            .and_then(|frozen| encode(&frozen));
        Ok(variant.map(|variant| self.keep(id, variant)))
    }

    fn kept(&self, id: i64) -> Option<Arc<Variant>> {
        let variants = self.variants.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, variant) = variants.iter().find(|(kept, _)| *kept == id)?;
        Some(variant.clone())
    }

    fn keep(&self, id: i64, variant: Variant) -> Arc<Variant> {
        let variant = Arc::new(variant);
        let mut variants = self.variants.lock().unwrap_or_else(PoisonError::into_inner);
        variants.push_front((id, variant.clone()));
        variants.truncate(KEPT);
        variant
    }
}

/// What a delivery's Message-ID is made of.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    pub delivery: i64,
    pub kind: &'a str,
    pub edition: Option<i64>,
    pub subscriber: Option<i64>,
}

/// The same for every try of one delivery. Without `<>`.
#[must_use]
pub fn message_id(key: &SiteKey, of: Identity, domain: &str) -> String {
    let edition = of.edition.unwrap_or_default();
    let subscriber = of.subscriber.filter(|_| of.edition.is_some());
    tokens::message_id(key, of.kind, edition, subscriber.unwrap_or(of.delivery), domain)
}

/// The suppression list is asked again here: between the fill and now somebody may have left.
fn suppressed(row: &Claimed) -> Option<String> {
    if let Some(state) = row.address_state.as_deref().filter(|state| *state != "good") {
        return Some(format!("the address has {state}"));
    }
    if row.kind != "edition" {
        return None;
    }
    match row.standing.as_deref() {
        Some("active") => None,
        Some(standing) => Some(format!("the subscription is {standing}")),
        None => Some("there is no subscription".to_owned()),
    }
}

fn encode(frozen: &Frozen) -> Result<Variant, String> {
    let mailbox = |text: &str| Mailbox::parse(text).map_err(|why| why.to_string());
    let from = mailbox(&frozen.from)?;
    let reply_to = frozen.reply_to.as_deref().map(mailbox).transpose()?;
    let shared = Shared {
        from: &from,
        reply_to: reply_to.as_ref(),
        date: clock::from_seconds(frozen.date),
        list: Some(List {
            id: &frozen.list_id,
            feedback_id: &frozen.feedback_id,
        }),
    };
    let bodies = Bodies {
        subject: &frozen.subject,
        text: &frozen.text,
        html: &frozen.html,
    };
    Ok(Variant {
        encoded: Encoded::new(&shared, bodies).map_err(|why| why.to_string())?,
        domain: frozen.domain.clone(),
        from: letter::lettre_address(&from.address)
            .ok_or_else(|| format!("{} is no address", from.address))?,
    })
}
