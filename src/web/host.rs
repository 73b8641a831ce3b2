//! Whether a request says for which host it is, as RFC 9112 §3.2 wants it: once, and by a name that can be
//! one. Nothing else here goes by it: links come from the configuration alone.

use axum::http::{HeaderMap, Version, header};

/// Whether it does. HTTP/1.0 knew no such field.
pub(super) fn is_said(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.as_bytes().iter().all(|byte| is_of_host(*byte)),
        (None, _) => version < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// What a name or an address and a port are written with (RFC 3986 §3.2.2).
fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:[]%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn one_host_or_none_in_old_requests() {
        let asked = |hosts: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, HeaderValue::from_static(host));
            }
            headers
        };
        for good in ["x", "", "tides.example:8080", "[::1]:80", "192.0.2.1"] {
            assert!(is_said(Version::HTTP_11, &asked(&[good])), "{good:?}");
        }
        for bad in ["a b", "a/b?c", "a@b", "a#b", "a\\b"] {
            assert!(!is_said(Version::HTTP_11, &asked(&[bad])), "{bad:?}");
        }
        assert!(!is_said(Version::HTTP_11, &asked(&[])));
        assert!(!is_said(Version::HTTP_11, &asked(&["x", "x"])));
        assert!(is_said(Version::HTTP_10, &asked(&[])));
    }
}
