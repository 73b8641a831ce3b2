//! How an address that must never be mailed again is kept without keeping the address. Pure.

use super::address::Address;
use super::tokens::SiteKey;
use crate::hash::hex;

/// The keyed HMAC of the normalised address, as hexadecimal text: whoever has the store without the
/// secret cannot try addresses on it.
#[must_use]
pub fn hash(key: &SiteKey, address: &Address) -> String {
    hex(&key.mac("suppression", &[&address.key()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter_and_the_key_does() {
        let one = SiteKey::new(&[1; 32]);
        let lower = hash(&one, &Address::parse("ann@example.org").unwrap());
        assert_eq!(lower, hash(&one, &Address::parse("Ann@Example.org").unwrap()));
        assert_ne!(
            lower,
            hash(
                &SiteKey::new(&[2; 32]),
                &Address::parse("ann@example.org").unwrap()
            )
        );
    }
}
