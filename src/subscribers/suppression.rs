//! The suppression list: addresses that are never mailed again, known only by a keyed hash. Pure.

use super::tokens::SiteKey;

/// What stands in `suppressions.hash` for a normalised address ([`super::address::Address::key`]).
#[must_use]
pub fn hash(key: &SiteKey, address: &str) -> String {
    let mac = key.mac("suppression", &[address]);
    mac.iter().map(|byte| format!("{byte:02x}")).collect()
}
