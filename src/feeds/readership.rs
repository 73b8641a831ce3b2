//! How many people read a feed through a service that fetches it once for all of them: most say so in
//! their `User-Agent`.

use regex::Regex;
use std::sync::LazyLock;

/// Names and ids are cut to so many characters.
const LONGEST: usize = 60;
/// No service has more readers than there are people.
const MOST: i64 = 10_000_000_000;

/// A service that reads for many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// As it calls itself: `Feedly`, `NewsBlur`.
    pub name: String,
    /// What it calls the feed, where it has several names for one; else empty.
    pub feed_id: String,
    pub readers: i64,
}

/// `42 subscribers`, `1 reader`, `3 users`, as services write it.
static READERS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b([0-9][0-9.,]{0,15}) +(?:subscriber|reader|user)s?\b").ok());
/// `feed-id:123`, `feed-id=5f…`, `feedId: 12`.
static FEED_ID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bfeed[-_ ]?id *[:=] *([0-9A-Za-z._-]+)").ok());

/// The service that a `User-Agent` names, where it says for how many it reads.
#[must_use]
pub fn service(user_agent: &str) -> Option<Service> {
    let said = READERS.as_ref()?;
    // Hardly any says so, and to find that takes less than to find what it says.
    if !said.is_match(user_agent) {
        return None;
    }
    let readers = said.captures(user_agent)?.get(1)?.as_str();
    let digits: String = readers.chars().filter(char::is_ascii_digit).collect();
    let feed_id = FEED_ID
        .as_ref()?
        .captures(user_agent)
        .and_then(|found| found.get(1));
    Some(Service {
        name: name(user_agent)?,
        feed_id: feed_id.map_or_else(String::new, |id| cut(id.as_str())),
        readers: digits.parse::<i64>().ok()?.min(MOST),
    })
}

/// The first product (`Feedly/1.0 …`), or the first comment of those that call themselves
/// `Mozilla/5.0 (compatible; …`. What a feed fetcher calls itself besides is left out.
fn name(user_agent: &str) -> Option<String> {
    let product = match user_agent.split_once("(compatible;") {
        Some((before, inside)) if before.trim().starts_with("Mozilla/") => inside,
        _ => user_agent,
    };
    let end = product.find(['/', '(', ';', ')']).unwrap_or(product.len());
    let product = product[..end].split(" - ").next().unwrap_or_default();
    let words = product.split_whitespace();
    let plain: Vec<&str> = words
        .take_while(|word| {
            !matches!(
                word.to_ascii_lowercase().as_str(),
                "feed" | "page" | "fetcher" | "bot"
            )
        })
        .take_while(|word| !word.to_ascii_lowercase().starts_with("feed-id"))
        .collect();
    let name: String = plain.join(" ").chars().filter(|c| !c.is_control()).collect();
    let name = cut(&name);
    name.starts_with(char::is_alphabetic).then_some(name)
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_say_for_how_many_they_read() {
        for (user_agent, name, feed_id, readers) in [
            (
                "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 42 subscribers; like FeedFetcher-Google)",
                "Feedly",
                "",
                42,
            ),
            (
                "FeedlyBot/1.0 (http://feedly.com; 1,204 subscribers)",
                "FeedlyBot",
                "",
                1204,
            ),
            (
                "NewsBlur Feed Fetcher - 7 subscribers - http://www.newsblur.com/site/1/x (Mozilla/5.0 (Macintosh))",
                "NewsBlur",
                "",
                7,
            ),
            (
                "NewsBlur Page Fetcher - 1 subscriber - http://www.newsblur.com/site/1/x",
                "NewsBlur",
                "",
                1,
            ),
            (
                "Feedbin feed-id:1373711 - 142 subscribers",
                "Feedbin",
                "1373711",
                142,
            ),
            (
                "Mozilla/5.0 (compatible; inoreader.com; 12 subscribers)",
                "inoreader.com",
                "",
                12,
            ),
            (
                "Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 4 subscribers; )",
                "Inoreader",
                "",
                4,
            ),
            (
                "Mozilla/5.0 (compatible; theoldreader.com; 2 subscribers; feed-id=5a3f00)",
                "theoldreader.com",
                "5a3f00",
                2,
            ),
            (
                "Netvibes (http://www.netvibes.com/; 3 subscribers; feedId: 88)",
                "Netvibes",
                "88",
                3,
            ),
            (
                "BazQux/2.4 (+https://bazqux.com/fetcher; 6 subscribers)",
                "BazQux",
                "",
                6,
            ),
            (
                "LiveJournal.com (webmaster@livejournal.com; for https://x.example/; 12 readers)",
                "LiveJournal.com",
                "",
                12,
            ),
            ("The Old Reader/1.0 (9 Subscribers)", "The Old Reader", "", 9),
            ("X/1 (99999999999999 subscribers)", "X", "", MOST),
        ] {
            let expected = Service {
                name: name.to_owned(),
                feed_id: feed_id.to_owned(),
                readers,
            };
            assert_eq!(service(user_agent), Some(expected), "{user_agent}");
        }
    }

    #[test]
    fn all_others_read_for_themselves() {
        for user_agent in [
            "",
            "newsboat/2.36.0 (Linux x86_64)",
            "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
            "Feedly/1.0 (subscribers)",
            "NetNewsWire (RSS Reader; https://netnewswire.com/)",
            "rss2email/3.13.1 (https://github.com/rss2email/rss2email)",
            "5 subscribers",
            "/ (3 subscribers)",
            "\u{7}(3 subscribers)",
        ] {
            assert_eq!(service(user_agent), None, "{user_agent}");
        }
        let long = service(&format!(
            "{} (1 subscriber; feed-id={})",
            "n".repeat(500),
            "9".repeat(500)
        ));
        let long = long.unwrap();
        assert_eq!((long.name.len(), long.feed_id.len()), (LONGEST, LONGEST));
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(user_agent in "\\PC{0,80}( 1 reader)?") {
            let _ = service(&user_agent);
        }
    }
}
