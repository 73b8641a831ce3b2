//! robots.txt (RFC 9309): what a server asks crawlers to leave alone. Pure.

use serde::{Deserialize, Serialize};
use url::Url;

/// More of it is not read (RFC 9309, 2.5).
pub(super) const MOST_BYTES: usize = 500 * 1024;
/// So many rules are kept; each page is held against all of them.
const MOST_RULES: usize = 5_000;
/// So many sitemaps are kept.
const MOST_SITEMAPS: usize = 100;
/// What we answer to, in lower case.
const NAME: &str = "tidings";

/// What a server says to us.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Robots {
    rules: Vec<Rule>,
    /// How long to wait between two requests, in milliseconds.
    pub(super) delay: Option<u64>,
    /// As written.
    pub(super) sitemaps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Rule {
    allow: bool,
    /// With `*`, and `$` at its end.
    pattern: String,
}

/// What one group of lines says.
#[derive(Debug, Default)]
struct Group {
    /// `User-agent` is ours, or `*`.
    ours: bool,
    any: bool,
    /// A line other than `User-agent` has come: the next one of those begins another group.
    begun: bool,
    rules: Vec<Rule>,
    delay: Option<u64>,
}

impl Robots {
    /// Reads what a server sends. Whatever is no line of robots.txt says nothing.
    pub(super) fn parse(bytes: &[u8]) -> Robots {
        let bytes = &bytes[..bytes.len().min(MOST_BYTES)];
        let text = String::from_utf8_lossy(bytes);
        let mut groups = vec![Group::default()];
        let mut sitemaps = Vec::new();
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" => agent(&mut groups, value),
                "sitemap" if sitemaps.len() < MOST_SITEMAPS => sitemaps.push(value.to_owned()),
                _ => {
                    if let Some(group) = groups.last_mut() {
                        group.line(&key, value);
                    }
                }
            }
        }
        let ours = groups.iter().any(|group| group.ours);
        let mut robots = Robots {
            sitemaps,
            ..Robots::default()
        };
        for group in groups {
            if (ours && group.ours) || (!ours && group.any) {
                robots.delay = robots.delay.max(group.delay);
                robots.rules.extend(group.rules);
            }
        }
        robots.rules.truncate(MOST_RULES);
        robots
    }

    /// Whether we may ask for a URL: the longest pattern that fits decides, `Allow` where two are as
    /// long.
    pub(super) fn allows(&self, url: &Url) -> bool {
        let path = normal(&url[url::Position::BeforePath..url::Position::AfterQuery]);
        if path == "/robots.txt" {
            return true;
        }
        let fitting = self.rules.iter().filter(|rule| fits(&rule.pattern, &path));
        fitting
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|rule| rule.allow)
    }
}

/// A line that says whom the next lines are for.
fn agent(groups: &mut Vec<Group>, value: &str) {
    if groups.last().is_none_or(|group| group.begun) {
        groups.push(Group::default());
    }
    let name: String = value
        .chars()
        .take_while(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'))
        .collect();
    if let Some(group) = groups.last_mut() {
        group.any |= value == "*";
        group.ours |= name.eq_ignore_ascii_case(NAME);
    }
}

impl Group {
    fn line(&mut self, key: &str, value: &str) {
        match key {
            "allow" | "disallow" => {
                self.begun = true;
                // A rule that names no path is none.
                if value.starts_with(['/', '*']) {
                    self.rules.push(Rule {
                        allow: key == "allow",
                        pattern: normal(value),
                    });
                }
            }
            "crawl-delay" => {
                self.begun = true;
                let seconds = value.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
                self.delay = self.delay.max(seconds.map(|seconds| (seconds * 1000.0) as u64));
            }
            _ => {}
        }
    }
}

/// Whether a pattern fits the beginning of a path, or all of it where it ends with `$`.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    // What stands between two `*` is taken where it comes first: what follows has the most room.
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return !whole || rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if whole && pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// A path in the one form in which two are compared: `%7e` and `~` are the same, `ä` is `%C3%A4`.
pub(super) fn normal(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    while at < bytes.len() {
        let coded = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let decoded = coded
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match decoded {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
            }
            Some(byte) => out.push_str(&format!("%{byte:02X}")),
            None if bytes[at].is_ascii() => out.push(char::from(bytes[at])),
            None => out.push_str(&format!("%{:02X}", bytes[at])),
        }
        at += if decoded.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn may(text: &str, path: &str) -> bool {
        let url = Url::parse("https://example.org").unwrap().join(path).unwrap();
        Robots::parse(text.as_bytes()).allows(&url)
    }

    #[test]
    fn the_longest_pattern_decides() {
        let text = "User-agent: *\nDisallow: /\nAllow: /blog/\nDisallow: /blog/private\n";
        assert!(!may(text, "/"));
        assert!(may(text, "/blog/a"));
        assert!(!may(text, "/blog/private/a"));
        assert!(may(text, "/robots.txt"));
        assert!(may("User-agent: *\nDisallow: /a\nAllow: /a", "/a"), "Allow wins");
        assert!(may("User-agent: *\nDisallow:", "/a"));
        assert!(may("", "/a"));
    }

    #[test]
    fn groups_are_chosen_by_name() {
        let text = "User-agent: other\nDisallow: /\n\nUser-Agent: TIDINGS/1.0\nuser-agent: third\n\
                    disallow: /x\n\nuser-agent: *\ndisallow: /y\n\nuser-agent: tidings\ndisallow: /z";
        assert!(may(text, "/"));
        assert!(!may(text, "/x"));
        assert!(may(text, "/y"), "a group of our own sets those for all aside");
        assert!(!may(text, "/z"), "two groups of one name are one");
        assert!(!may("user-agent: a\nuser-agent: *\ndisallow: /x", "/x"));
        assert!(may("user-agent: tidingsbot\ndisallow: /", "/"));
    }

    #[test]
    fn wildcards_and_ends() {
        for (pattern, path, fit) in [
            ("/*.pdf$", "/a/b.pdf", true),
            ("/*.pdf$", "/a/b.pdf?x", false),
            ("/*.pdf", "/a/b.pdfx", true),
            ("/a*b*c", "/a-b-c", true),
            ("/a*b*c", "/a-c-b", false),
            ("/a$", "/a", true),
            ("/a$", "/ab", false),
            ("/*$", "/anything", true),
            ("*/private", "/x/private", true),
            ("/*?", "/a?b=1", true),
            ("/*?", "/a", false),
            ("/a**b", "/ab", true),
            ("/x*aba$", "/xaba-aba", true),
            ("/fish", "/Fish", false),
            ("/%7ejoe", "/~joe/a", true),
            ("/caf\u{e9}", "/caf%c3%a9", true),
            ("/a%2fb", "/a%2Fb", true),
            ("/a%2fb", "/a/b", false),
        ] {
            let text = format!("User-agent: *\nDisallow: {pattern}");
            assert_eq!(!may(&text, path), fit, "{pattern} {path}");
        }
    }

    #[test]
    fn delays_and_sitemaps_are_read() {
        let text = "\u{feff}Sitemap: https://example.org/s.xml # all\r\nUser-agent: *\r\nCrawl-delay: 1.5\r\n\
                    User-agent: x\rCrawl-delay: 90\rSITEMAP: /other.xml";
        let robots = Robots::parse(text.as_bytes());
        assert_eq!(robots.delay, Some(1500));
        assert_eq!(robots.sitemaps, ["https://example.org/s.xml", "/other.xml"]);
        assert_eq!(Robots::parse(b"User-agent: *\nCrawl-delay: soon").delay, None);
    }

    proptest! {
        #[test]
        fn garbage_is_no_rule(bytes in proptest::collection::vec(any::<u8>(), 0..400), path in "[a-z/%*$?]{0,40}") {
            let robots = Robots::parse(&bytes);
            let url = Url::parse("https://example.org/").unwrap().join(&format!("/{path}"));
            if let Ok(url) = url {
                robots.allows(&url);
            }
        }
    }
}
