//! Whose request it is, where proxies stand between. Only those the operator named are believed, and
//! of what they say only the last step that none of them took.

use crate::config::values::Network;
use axum::http::{HeaderMap, HeaderName, header};
use std::net::{IpAddr, SocketAddr};

/// The client's address, for consents and logs; never for links. The peer's own unless that is a
/// proxy of ours that says whom it speaks for.
///
/// Where both kinds of header are there and disagree, one of them is the client's own invention that
/// the proxy let pass, and neither is believed.
pub(super) fn client(headers: &HeaderMap, peer: IpAddr, trusted: &[Network]) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let x_forwarded_for = hops(headers, &HeaderName::from_static("x-forwarded-for"), |hop| {
        Some(hop)
    });
    let forwarded = hops(headers, &header::FORWARDED, for_parameter);
    let of = |hops: &[Option<IpAddr>]| origin(hops, peer, trusted);
    match (x_forwarded_for, forwarded) {
        (None, None) => peer,
        (Some(hops), None) | (None, Some(hops)) => of(&hops),
        (Some(one), Some(other)) if of(&one) == of(&other) => of(&one),
        _ => peer,
    }
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// From the right: proxies of ours, then the first address that is none. What cannot be read ends
/// the way: the last proxy that could be read stands for it.
fn origin(hops: &[Option<IpAddr>], peer: IpAddr, trusted: &[Network]) -> IpAddr {
    let mut nearest = peer;
    for hop in hops.iter().rev() {
        let Some(hop) = hop else { return nearest };
        nearest = *hop;
        if !is_trusted(nearest, trusted) {
            return nearest;
        }
    }
    nearest
}

/// The steps that a header names, over all its fields; `None`: it is not there.
fn hops(
    headers: &HeaderMap,
    name: &HeaderName,
    read: fn(&str) -> Option<&str>,
) -> Option<Vec<Option<IpAddr>>> {
    let fields: Vec<_> = headers.get_all(name).iter().collect();
    if fields.is_empty() {
        return None;
    }
    let hops = fields.iter().flat_map(|field| {
        let text = field.to_str().unwrap_or_default();
        text.split(',').map(|hop| read(hop).and_then(address))
    });
    Some(hops.collect())
}

/// `for=…` of one element (RFC 7239).
fn for_parameter(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    })
}

/// An address with or without a port, brackets and quotes.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = plain
        .unwrap_or(text)
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| Network::parse(network).unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        client(&map, peer.parse().unwrap(), &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_who_connects_whatever_it_says() {
        let says = [
            ("x-forwarded-for", "198.51.100.1"),
            ("forwarded", "for=198.51.100.1"),
        ];
        assert_eq!(client_of("203.0.113.9", &says), "203.0.113.9");
        assert_eq!(client_of("::ffff:203.0.113.9", &says), "203.0.113.9");
    }

    #[test]
    fn the_last_step_before_our_proxies_counts() {
        let of = |value: &str| client_of("10.0.0.1", &[("x-forwarded-for", value)]);
        assert_eq!(of("198.51.100.1"), "198.51.100.1");
        assert_eq!(
            of("192.0.2.66, 198.51.100.1"),
            "198.51.100.1",
            "the first is invented"
        );
        assert_eq!(of("192.0.2.66, 198.51.100.1, 10.0.0.7"), "198.51.100.1");
        assert_eq!(of("198.51.100.1:4711, fd00::1"), "198.51.100.1");
        assert_eq!(of("[2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(of("10.0.0.3, 10.0.0.2"), "10.0.0.3", "a client within");
        assert_eq!(of("198.51.100.1, unknown"), "10.0.0.1");
        assert_eq!(of("198.51.100.1, unknown, 10.0.0.2"), "10.0.0.2");
        assert_eq!(of(""), "10.0.0.1");
        let two = [
            ("x-forwarded-for", "192.0.2.66"),
            ("x-forwarded-for", "198.51.100.1"),
        ];
        assert_eq!(client_of("10.0.0.1", &two), "198.51.100.1");
    }

    #[test]
    fn forwarded_says_the_same() {
        let of = |value: &str| client_of("10.0.0.1", &[("forwarded", value)]);
        assert_eq!(of("for=198.51.100.1;proto=https;by=10.0.0.1"), "198.51.100.1");
        assert_eq!(of("proto=https; For=\"[2001:db8::1]:4711\""), "2001:db8::1");
        assert_eq!(of("for=192.0.2.66, for=198.51.100.1"), "198.51.100.1");
        assert_eq!(of("for=_hidden"), "10.0.0.1");
        assert_eq!(of("proto=https"), "10.0.0.1");
    }

    #[test]
    fn two_headers_that_disagree_are_worth_nothing() {
        let of =
            |one: &str, other: &str| client_of("10.0.0.1", &[("x-forwarded-for", one), ("forwarded", other)]);
        assert_eq!(of("198.51.100.1", "for=198.51.100.1"), "198.51.100.1");
        assert_eq!(of("198.51.100.1", "for=192.0.2.66"), "10.0.0.1");
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(value in "[ -~]{0,60}") {
            client_of("10.0.0.1", &[("x-forwarded-for", &value), ("forwarded", &value)]);
        }
    }
}
