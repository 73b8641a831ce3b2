//! `[operator]`: who is told when something needs a person.

use crate::config::section::{Section, because};
use crate::config::values::{BadValue, Endpoint};
use crate::config::{Digest, Operator};
use crate::subscribers::address::{Address, Mailbox};

pub(super) fn operator(table: &mut Section, digests: Option<&[Digest]>) -> Option<Operator> {
    let mail = table.parse("mail", |text| Address::parse(text).map_err(because));
    let first = digests
        .and_then(<[Digest]>::first)
        .map(|digest| digest.from.clone());
    let from = match table.is_missing("from") {
        true => first,
        false => table.parse("from", mailbox),
    };
    // Where the digests are wrong, that is said; this would follow from it.
    if mail.is_some() && from.is_none() && digests.is_some() && table.is_missing("from") {
        table.missing(
            "from",
            "there is no digest to take it from; write \"Ann <ann@example.org>\"",
        );
    }
    Some(Operator {
        mail,
        from,
        webhook: endpoint(table, "webhook"),
        heartbeat: endpoint(table, "heartbeat"),
    })
}

/// `Ann <ann@example.org>`, or the address alone.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, BadValue> {
    Mailbox::parse(text).map_err(because)
}

/// No message shows it: such addresses often hold a key.
fn endpoint(table: &mut Section, key: &str) -> Option<Endpoint> {
    let text = table.secret(key)?;
    match Endpoint::parse(text.reveal(), table.reading.root) {
        Ok(endpoint) => Some(endpoint),
        Err(_) => {
            let bad = BadValue::new("is no URL without user, password and fragment");
            table.refuse(key, bad.hint("write it in full, as \"https://example.org/\""));
            None
        }
    }
}
