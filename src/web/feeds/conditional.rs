//! Whether a client has the present version of a document already (RFC 9110 §13). Clients and the
//! proxies before them send validators in many shapes: what cannot be read is as if it were not there.

use crate::clock::Instant;
use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};

/// The validators of one version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Version<'a> {
    /// What stands between the quotes of its entity tag: letters and digits.
    pub(super) tag: &'a str,
    pub(super) modified: Instant,
}

/// Whether the client wants something done only to another version than this one (§13.1.1, §13.1.4): its
/// tags are compared as strong ones, and ours are weak.
pub(super) fn is_refused(asked: &HeaderMap, version: Version) -> bool {
    if let Some(wanted) = asked.get(header::IF_MATCH) {
        return wanted != "*";
    }
    let unless = asked.get(header::IF_UNMODIFIED_SINCE);
    let unless = unless.and_then(|value| date(value.to_str().ok()?));
    unless.is_some_and(|unless| version.modified > unless)
}

/// Whether the client has this version. A tag counts more than a date (§13.2.2).
pub(super) fn is_known(asked: &HeaderMap, version: Version, now: Instant) -> bool {
    if asked.contains_key(header::IF_NONE_MATCH) {
        return tags(asked).any(|tag| tag == "*" || tag == version.tag);
    }
    let mut dates = asked.get_all(header::IF_MODIFIED_SINCE).iter();
    // Of several none counts.
    let since = dates.next().filter(|_| dates.next().is_none());
    let since = since.and_then(|value| date(value.to_str().ok()?));
    // A date that is still to come says nothing of what the client has.
    since.is_some_and(|since| version.modified <= since && since <= now)
}

/// The tags of `If-None-Match`, or `*`. Weak and strong ones are compared alike, and what a proxy that
/// compresses has put behind a tag (`"…-gzip"`, `"…;br"`, `"…"-gzip`) is left out.
pub(super) fn tags(asked: &HeaderMap) -> impl Iterator<Item = &str> {
    let fields = asked.get_all(header::IF_NONE_MATCH).into_iter();
    let fields = fields.filter_map(|field| field.to_str().ok());
    fields.flat_map(|field| field.split(',').map(bare))
}

fn bare(tag: &str) -> &str {
    let tag = tag.trim();
    if tag == "*" {
        return tag;
    }
    let tag = tag
        .strip_prefix("W/")
        .or_else(|| tag.strip_prefix("w/"))
        .unwrap_or(tag);
    let tag = tag.strip_prefix('"').unwrap_or(tag);
    let end = tag
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(tag.len());
    &tag[..end]
}

/// The three forms of HTTP (§5.6.7), and that of mails, which some clients copy from the feed.
fn date(text: &str) -> Option<Instant> {
    let text = text.trim();
    let of_http = httpdate::parse_http_date(text).ok().map(DateTime::<Utc>::from);
    of_http.or_else(|| DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_seconds;
    use axum::http::HeaderValue;

    const TAG: &str = "0123456789abcdef0123456789abcdef";
    /// Sun, 06 Nov 1994 08:49:37 GMT
    const MODIFIED: i64 = 784_111_777;

    fn knows(headers: &[(&'static str, &str)]) -> bool {
        let mut asked = HeaderMap::new();
        for (name, value) in headers {
            asked.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let version = Version {
            tag: TAG,
            modified: from_seconds(MODIFIED),
        };
        is_known(&asked, version, from_seconds(MODIFIED + 86_400))
    }

    #[test]
    fn a_tag_is_known_in_every_shape() {
        for shape in [
            "W/\"@\"",
            "w/\"@\"",
            "\"@\"",
            "@",
            "*",
            " * ",
            "\"@-gzip\"",
            "W/\"@;gzip\"",
            "W/\"@-br\"",
            "\"@\"-gzip",
            "\"@--gzip--gzip\"",
            "\"other\", W/\"@\"",
            "\"a\",\"b\" , \"@\",",
            "\"@",
            "W/@",
        ] {
            assert!(knows(&[("if-none-match", &shape.replace('@', TAG))]), "{shape}");
        }
        let two = [("if-none-match", "\"x\""), ("if-none-match", TAG)];
        assert!(knows(&two), "two fields are one list");
    }

    #[test]
    fn anything_else_is_not() {
        for shape in [
            "",
            ",",
            "\"\"",
            "W/",
            "W/\"",
            "\"other\"",
            "@0",
            "\"x@\"",
            "\"@a-gzip\"",
            "x-@",
            "**",
            "\u{e9}",
            "\"\u{e9}@\"",
        ] {
            assert!(!knows(&[("if-none-match", &shape.replace('@', TAG))]), "{shape}");
        }
    }

    #[test]
    fn dates_of_all_forms() {
        for (date, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", true),
            ("Sunday, 06-Nov-94 08:49:37 GMT", true),
            ("Sun Nov  6 08:49:37 1994", true),
            ("Sun, 06 Nov 1994 09:49:37 +0100", true),
            ("Sun, 06 Nov 1994 10:00:00 GMT", true),
            ("Sun, 06 Nov 1994 08:49:36 GMT", false),
            ("Sun, 06 Nov 2094 08:49:37 GMT", false),
            ("784111777", false),
            ("yesterday", false),
            ("", false),
            ("\u{e9}", false),
        ] {
            assert_eq!(knows(&[("if-modified-since", date)]), expected, "{date}");
        }
    }

    #[test]
    fn who_wants_another_version_is_refused() {
        let refused = |name: &'static str, value: &'static str| {
            let asked = HeaderMap::from_iter([(
                axum::http::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )]);
            let version = Version {
                tag: TAG,
                modified: from_seconds(MODIFIED),
            };
            is_refused(&asked, version)
        };
        assert!(refused("if-match", "\"x\""));
        assert!(!refused("if-match", "*"));
        assert!(refused("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT"));
        assert!(!refused("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT"));
        assert!(!refused("if-unmodified-since", "never"));
        let date = ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(knows(&[date]) && !knows(&[date, date]), "of several none counts");
    }

    #[test]
    fn the_tag_decides_where_both_are_said() {
        let date = ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(!knows(&[("if-none-match", "\"x\""), date]));
        assert!(!knows(&[("if-none-match", ""), date]));
        assert!(knows(&[("if-none-match", TAG), ("if-modified-since", "never")]));
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(value in "[ -~\u{80}-\u{ff}]{0,60}") {
            knows(&[("if-none-match", &value)]);
            knows(&[("if-modified-since", &value)]);
        }
    }
}
