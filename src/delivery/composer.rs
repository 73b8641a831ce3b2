//! From a claimed row to a letter. Keeps the variants it has encoded, the latest ones.

use super::letter::{self, Encoded, Letter, Reader};
use crate::digests::mail::Frozen;
use crate::digests::pieces::{self, Piece, clean_name};
use crate::store::deliveries::Claimed;
use crate::store::{self, Patience, Store};
use crate::subscribers::address::Address;
use crate::subscribers::suppression;
use crate::subscribers::tokens::{self, SiteKey};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
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
    /// Its edition was dropped while it was in a worker's hands.
    Dropped,
    /// The reader must not get it any more.
    Suppressed(String),
    /// There is no address to send it to, or no message for this reader.
    Reader(String),
    /// The message cannot be made, for nobody.
    Content(String),
}

/// Makes letters.
pub struct Composer {
    store: Store,
    key: SiteKey,
    public_url: Url,
    /// So long a store that cannot be read is waited for.
    patience: Duration,
    variants: Mutex<VecDeque<(i64, Arc<Variant>)>>,
}

/// A message encoded once for readers with a name, and once for those without.
struct Variant {
    from: lettre::Address,
    frozen: Frozen,
    /// `None`: it is rendered reader by reader.
    encoded: Option<[Encoded; 2]>,
}

impl Composer {
    #[must_use]
    pub fn new(store: Store, key: SiteKey, public_url: Url, patience: Duration) -> Composer {
        Composer {
            store,
            key,
            public_url,
            patience,
            variants: Mutex::default(),
        }
    }

    /// The letter of a row, or why there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn compose(&self, row: Claimed) -> store::Result<Result<Ready, (Claimed, Unfit)>> {
        if row.edition_state.as_deref() == Some("dropped") {
            return Ok(Err((row, Unfit::Dropped)));
        }
        if let Some(reason) = suppressed(&row) {
            return Ok(Err((row, Unfit::Suppressed(reason))));
        }
        let to = match Address::parse(&row.address) {
            Ok(address) => letter::lettre_address(&address),
            Err(_) => None,
        };
        let Some(to) = to else {
            let reason = format!("{:?} is no address", row.address);
            return Ok(Err((row, Unfit::Reader(reason))));
        };
        let variant = match self.variant(row.variant).await? {
            Ok(variant) => variant,
            Err(reason) => return Ok(Err((row, Unfit::Content(reason)))),
        };
        Ok(match self.fill(&variant, &row, &to) {
            Ok(letter) => Ok(Ready {
                row,
                from: variant.from.clone(),
                to,
                letter,
            }),
            Err(reason) => Err((row, Unfit::Reader(reason))),
        })
    }

    /// Which of these rows go to addresses on the suppression list, by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn kept_out(&self, rows: &[Claimed]) -> store::Result<Vec<i64>> {
        let mut patience = Patience::new(self.patience);
        loop {
            match self.on_the_list(rows).await {
                Err(error) if patience.bears(&error).await => {}
                read => return read,
            }
        }
    }

    async fn on_the_list(&self, rows: &[Claimed]) -> store::Result<Vec<i64>> {
        if rows.is_empty() || !self.store.has_suppressions().await? {
            return Ok(Vec::new());
        }
        let hash = |row: &Claimed| {
            let address = Address::parse(&row.address).ok()?;
            Some((row.id, suppression::hash(&self.key, &address)))
        };
        let hashes: Vec<(i64, String)> = rows.iter().filter_map(hash).collect();
        self.store.suppressed(&hashes).await
    }

    fn fill(&self, variant: &Variant, row: &Claimed, to: &lettre::Address) -> Result<Letter, String> {
        let digest = row.digest.as_deref().unwrap_or_default();
        let subscriber = row.subscriber.unwrap_or_default();
        let name = clean_name(&row.name);
        let reader = Reader {
            address: to,
            values: pieces::Reader {
                name: name.as_deref(),
                preferences_url: &tokens::preferences_url(&self.public_url, &self.key, digest, subscriber),
                unsubscribe_url: &tokens::unsubscribe_url(&self.public_url, &self.key, digest, subscriber),
            },
            message_id: &message_id(&self.key, Identity::of(row), &variant.frozen.head.domain),
        };
        match &variant.encoded {
            Some([named, nameless]) => {
                let encoded = if name.is_some() { named } else { nameless };
                Ok(encoded.fill(&reader))
            }
            None => one_by_one(&variant.frozen, &reader),
        }
    }

    async fn variant(&self, id: i64) -> store::Result<Result<Arc<Variant>, String>> {
        if let Some(variant) = self.kept(id) {
            return Ok(Ok(variant));
        }
        let Some(message) = self.message(id).await? else {
            return Ok(Err("its message is not in the store".to_owned()));
        };
        let variant = serde_json::from_str::<Frozen>(&message)
            .map_err(|why| format!("its message cannot be read: {why}"))
            .and_then(encode);
        Ok(variant.map(|variant| self.keep(id, variant)))
    }

    async fn message(&self, variant: i64) -> store::Result<Option<String>> {
        let mut patience = Patience::new(self.patience);
        loop {
            match self.store.frozen_message(variant).await {
                Err(error) if patience.bears(&error).await => {}
                read => return read,
            }
        }
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
    /// The edition's name.
    pub edition: Option<&'a str>,
}

impl<'a> Identity<'a> {
    fn of(row: &'a Claimed) -> Identity<'a> {
        Identity {
            delivery: row.id,
            kind: &row.kind,
            edition: row.edition_name.as_deref(),
        }
    }
}

/// The same for every try of one delivery, and of no other: ids are given once, also where a store was
/// restored from a backup. Without `<>`.
#[must_use]
pub fn message_id(key: &SiteKey, of: Identity, domain: &str) -> String {
    tokens::message_id(key, of.kind, of.edition.unwrap_or_default(), of.delivery, domain)
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

fn encode(mut frozen: Frozen) -> Result<Variant, String> {
    let head = &frozen.head;
    let from = letter::lettre_address(&head.from.address)
        .ok_or_else(|| format!("{} is no address", head.from.address))?;
    let encoded = |[subject, text, html]: [&[Piece]; 3]| {
        Encoded::new(&head.list(subject), text, html).map_err(|why| why.to_string())
    };
    let encoded = match (frozen.pieces(true), frozen.pieces(false)) {
        (Some(named), Some(nameless)) => Some([encoded(named)?, encoded(nameless)?]),
        _ => None,
    };
    // What a browser shows is not kept in memory for mails.
    frozen.page = None;
    Ok(Variant {
        from,
        encoded,
        frozen,
    })
}

/// For templates in which more than a few values differ by reader.
fn one_by_one(frozen: &Frozen, reader: &Reader) -> Result<Letter, String> {
    let filled = frozen.for_reader(&reader.values).map_err(|why| why.to_string())?;
    let [subject, text, html] = [filled.subject, filled.text, filled.html].map(|text| [Piece::Text(text)]);
    let encoded = Encoded::new(&frozen.head.list(&subject), &text, &html).map_err(|why| why.to_string())?;
    Ok(encoded.fill(reader))
}
