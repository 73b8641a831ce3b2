//! Which addresses a URL that we did not choose ourselves may lead to. Pure.

use crate::config::values::Network;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 that is not of the public internet (IANA's special-purpose registry): address, prefix.
const PRIVATE_V4: [([u8; 4], u8); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Parts of 2000::/3 that are not of the public internet: the first 32 bits, prefix.
const PRIVATE_V6: [([u16; 2], u8); 4] = [
    ([0x2001, 0], 23),     // protocol assignments, Teredo
    ([0x2001, 0xdb8], 32), // documentation
    ([0x2002, 0], 16),     // 6to4: an IPv4 address in disguise
    ([0x3fff, 0], 20),     // documentation
];

/// Whether a stranger's URL may lead there: public addresses, and the networks the operator allows.
#[must_use]
pub(super) fn may_reach(address: IpAddr, allow: &[Network]) -> bool {
    is_public(address) || allow.iter().any(|network| network.contains(address))
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !PRIVATE_V4.iter().any(|(network, prefix)| {
        let network = Network {
            address: IpAddr::from(*network),
            prefix: *prefix,
        };
        network.contains(IpAddr::V4(address))
    })
}

/// Only global unicast, and the translated IPv4 addresses (64:ff9b::/96) that are public themselves.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, .., high, low] = address.segments();
    if address.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    }
    let start = u32::from(first) << 16 | u32::from(second);
    let excluded = PRIVATE_V6.iter().any(|([one, two], prefix)| {
        let network = u32::from(*one) << 16 | u32::from(*two);
        start >> (32 - prefix) == network >> (32 - prefix)
    });
    first >> 13 == 1 && !excluded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_reach_only_the_public_internet() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(may_reach(public.parse().unwrap(), &[]), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fec0::1",
        ] {
            assert!(!may_reach(private.parse().unwrap(), &[]), "{private}");
        }
    }

    #[test]
    fn the_operator_may_allow_a_network() {
        let allow = [Network::parse("10.0.0.0/8").unwrap()];
        assert!(may_reach("10.9.9.9".parse().unwrap(), &allow));
        assert!(may_reach("::ffff:10.9.9.9".parse().unwrap(), &allow));
        assert!(!may_reach("192.168.1.1".parse().unwrap(), &allow));
    }
}
