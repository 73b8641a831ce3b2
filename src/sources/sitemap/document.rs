//! One sitemap document: an index, a list of pages (with news and images), a feed, or plain text with a
//! URL a line. Pure.

use crate::articles::text::one_line;
use crate::articles::{Precision, Published};
use crate::problem::Problem;
use crate::sources::dates::{self, Reading};
use crate::sources::feed;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use encoding_rs::{Encoding, UTF_8};
use flate2::read::MultiGzDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::Path;
use url::Url;

/// The most bytes of a document, unpacked (the protocol says the same).
pub(super) const MOST_BYTES: usize = 50 * 1024 * 1024;
/// The most entries of one document (the protocol says the same).
const MOST_ENTRIES: usize = 50_000;
/// No sitemap nests its elements deeper.
const DEEPEST: usize = 32;
/// The longest text of an element that is of use.
const LONGEST: usize = 8_192;

/// What stood in a document.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Other documents, where it is an index.
    pub(super) sitemaps: Vec<Listed>,
    pub(super) pages: Vec<Listed>,
    /// It lists the newest alone, as feeds and news sitemaps do: what it drops is not gone.
    pub(super) newest_only: bool,
    /// The line and the reason why it could not be read to its end.
    pub(super) broken: Option<(u64, String)>,
    /// There were more entries than are read.
    pub(super) cut: bool,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) url: Url,
    /// As written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lastmod: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) news: Option<Box<News>>,
    /// As written, of the page's first image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
}

/// What a news sitemap says of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct News {
    /// As written.
    pub(super) published: Option<String>,
    pub(super) title: Option<String>,
    pub(super) language: Option<String>,
    pub(super) keywords: Vec<String>,
}

/// Takes the compression off, if there is one. `None`: more than [`MOST_BYTES`] come out of it.
pub(super) fn unpack(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut bytes = bytes;
    // A server may compress a file that is compressed.
    for _ in 0..2 {
        if !bytes.starts_with(&[0x1f, 0x8b]) {
            break;
        }
        let mut unpacked = Vec::new();
        let most = MOST_BYTES as u64 + 1;
        // What cannot be unpacked to its end is read as far as it goes.
        let _ = MultiGzDecoder::new(bytes.as_slice())
            .take(most)
            .read_to_end(&mut unpacked);
        bytes = unpacked;
    }
    (bytes.len() <= MOST_BYTES).then_some(bytes)
}

/// Reads a document. `url` is where it came from.
///
/// # Errors
/// It is no sitemap at all: `sitemap`.
pub(super) fn parse(bytes: &[u8], url: &Url, reading: Reading) -> Result<Document, Problem> {
    let text = decode(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('<') {
        return plain(text, url).ok_or_else(|| no_sitemap(url, "it is neither XML nor a list of URLs"));
    }
    match root(text).as_deref() {
        Some("rss" | "feed" | "rdf") => of_feed(bytes, url, reading),
        Some("html") => Err(no_sitemap(url, "it is a web page")),
        Some(_) => Ok(Parser::new(url).run(text)),
        None => Err(no_sitemap(url, "its XML has no element")),
    }
}

/// An instant as sitemaps write it: `2026`, `2026-11`, `2026-11-23`, `2026-11-23T06:00+01:00`, with
/// seconds and parts of them too; whatever else is a date counts as well.
pub(super) fn instant(text: &str, reading: Reading) -> Option<Published> {
    let text = text.trim();
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    let (year, month) = text.split_once('-').unwrap_or((text, "01"));
    if digits(year, 4) && digits(month, 2) {
        let day = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?;
        return Some(Published {
            at: dates::local(day.and_time(NaiveTime::MIN), reading.timezone),
            precision: Precision::Day,
        });
    }
    dates::parse(text, reading)
}

/// Whether something may have changed after it was asked for and its `lastmod` still be the same: a day
/// that was not over then.
pub(super) fn may_hide(lastmod: &str, asked: i64, reading: Reading) -> bool {
    let day_alone = !lastmod.contains([':', 'T']);
    let date = instant(lastmod, reading).filter(|_| day_alone);
    date.is_some_and(|date| asked < (date.at + TimeDelta::days(1)).timestamp())
}

pub(super) fn no_sitemap(url: &Url, why: &str) -> Problem {
    Problem::error("sitemap", format!("it cannot be read as a sitemap: {why}"))
        .file(Path::new(url.as_str()))
        .hint("give the address of the sitemap, or of the site's home page; what is known from it stays")
}

/// By its byte order mark, else by what it says, else UTF-8.
fn decode(bytes: &[u8]) -> String {
    let declared = || {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_ascii_lowercase();
        let after = head
            .split_once("encoding")?
            .1
            .trim_start()
            .strip_prefix('=')?
            .trim_start();
        let quoted = after.get(1..)?;
        let label = quoted.split(['"', '\'']).next()?;
        // One that could be read as ASCII is not in UTF-16.
        Encoding::for_label(label.as_bytes()).filter(|encoding| encoding.is_ascii_compatible())
    };
    let encoding = match std::str::from_utf8(bytes) {
        Ok(_) => UTF_8,
        Err(_) => declared().unwrap_or(UTF_8),
    };
    encoding.decode(bytes).0.into_owned()
}

/// The local name of the first element, in lower case.
fn root(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                return Some(tag.local_name().as_ref().to_ascii_lowercase());
            }
            // Pages that are no XML begin like this too.
            Ok(Event::DocType(kind)) if kind.xml10_content().trim().eq_ignore_ascii_case("html") => {
                return Some("html".to_owned());
            }
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// A URL a line; what is none is left out, but the first must be one.
fn plain(text: &str, base: &Url) -> Option<Document> {
    let mut document = Document::default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in lines {
        if document.pages.len() == MOST_ENTRIES {
            document.cut = true;
            break;
        }
        let absolute = line.starts_with("http://") || line.starts_with("https://") || line.starts_with('/');
        match base.join(line) {
            Ok(url) if absolute => document.pages.push(Listed {
                url,
                lastmod: None,
                news: None,
                image: None,
            }),
            _ if document.pages.is_empty() => return None,
            _ => {}
        }
    }
    (!document.pages.is_empty()).then_some(document)
}

/// A feed is a list of pages too.
fn of_feed(bytes: &[u8], url: &Url, reading: Reading) -> Result<Document, Problem> {
    let feed = feed::parse(bytes, None, Path::new(url.as_str()), url, reading)?;
    let pages = feed.items.into_iter().filter_map(|item| {
        let extract = item.extract.ok()?;
        let date = extract.updated.or(extract.published.map(|date| date.at));
        Some(Listed {
            url: url.join(extract.url.as_deref()?).ok()?,
            lastmod: date.map(crate::clock::rfc3339),
            news: None,
            image: None,
        })
    });
    Ok(Document {
        pages: pages.take(MOST_ENTRIES).collect(),
        newest_only: true,
        ..Document::default()
    })
}

/// Reads the XML; namespaces and upper case do not count, since many get them wrong.
struct Parser<'a> {
    base: &'a Url,
    document: Document,
    /// The local names of the open elements.
    open: Vec<String>,
    text: String,
    /// What has been read of the entry that is open.
    loc: Option<String>,
    lastmod: Option<String>,
    image: Option<String>,
    news: Option<Box<News>>,
}

impl Parser<'_> {
    fn new(base: &Url) -> Parser<'_> {
        Parser {
            base,
            document: Document::default(),
            open: Vec::new(),
            text: String::new(),
            loc: None,
            lastmod: None,
            image: None,
            news: None,
        }
    }

    fn run(mut self, text: &str) -> Document {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.check_end_names = false;
        let why = loop {
            let broken = match reader.read_event() {
                Ok(Event::Start(tag)) => self.opens(tag.local_name().as_ref()),
                Ok(Event::End(tag)) => {
                    self.closes(&tag.local_name().as_ref().to_ascii_lowercase());
                    None
                }
                Ok(Event::Text(text)) => self.says(&text.xml10_content()),
                Ok(Event::CData(text)) => self.says(&text.xml10_content()),
                Ok(Event::GeneralRef(name)) => {
                    let found = name.resolve_char_ref().ok().flatten().map(String::from);
                    let named =
                        || quick_xml::escape::resolve_xml_entity(&name.xml10_content()).map(str::to_owned);
                    self.says(&found.or_else(named).unwrap_or_default())
                }
                Ok(Event::Eof) if self.open.is_empty() => break None,
                Ok(Event::Eof) => Some("it ends before its elements do".to_owned()),
                Err(error) => Some(error.to_string()),
                Ok(_) => None,
            };
            if broken.is_some() || self.document.cut {
                break broken;
            }
        };
        let read = usize::try_from(reader.buffer_position())
            .unwrap_or(usize::MAX)
            .min(text.len());
        let line = 1 + text.as_bytes()[..read].iter().filter(|b| **b == b'\n').count() as u64;
        self.document.broken = why.map(|why| (line, why));
        let pages = &self.document.pages;
        self.document.newest_only = !pages.is_empty() && pages.iter().all(|page| page.news.is_some());
        self.document
    }

    fn opens(&mut self, name: &str) -> Option<String> {
        self.open.push(name.to_ascii_lowercase());
        self.text.clear();
        (self.open.len() > DEEPEST).then(|| format!("its elements are nested more than {DEEPEST} deep"))
    }

    fn says(&mut self, text: &str) -> Option<String> {
        if self.text.len() + text.len() <= LONGEST {
            self.text.push_str(text);
        }
        None
    }

    fn closes(&mut self, name: &str) {
        // One that was never opened closes nothing; one that was closes what is in it.
        let Some(at) = self.open.iter().rposition(|open| open == name) else {
            return;
        };
        self.open.truncate(at);
        let parent = self.open.last().map_or("", String::as_str);
        let text = one_line(&self.text);
        let text = Some(text).filter(|text| !text.is_empty());
        match (parent, name) {
            ("url" | "sitemap", "loc") => self.loc = text,
            ("url" | "sitemap", "lastmod") => self.lastmod = text,
            ("image", "loc") if self.image.is_none() => self.image = text,
            ("news", "publication_date") => self.news().published = text,
            ("news", "title") => self.news().title = text,
            ("publication", "language") => self.news().language = text,
            ("news", "keywords") => {
                let words = text.unwrap_or_default();
                let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
                self.news().keywords = words.map(str::to_owned).take(20).collect();
            }
            (_, "url") => self.entry(false),
            (_, "sitemap") => self.entry(true),
            _ => {}
        }
        self.text.clear();
    }

    fn news(&mut self) -> &mut News {
        self.news.get_or_insert_default()
    }

    fn entry(&mut self, sitemap: bool) {
        let (loc, lastmod) = (self.loc.take(), self.lastmod.take());
        let (image, news) = (self.image.take(), self.news.take());
        let Some(url) = loc.and_then(|loc| self.base.join(&loc).ok()) else {
            return;
        };
        let list = match sitemap {
            true => &mut self.document.sitemaps,
            false => &mut self.document.pages,
        };
        if list.len() == MOST_ENTRIES {
            self.document.cut = true;
            return;
        }
        list.push(Listed {
            url,
            lastmod,
            news,
            image,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::rfc3339;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn read(text: impl AsRef<[u8]>) -> Document {
        let url = Url::parse("https://example.org/sitemap.xml").unwrap();
        parse(text.as_ref(), &url, reading()).unwrap()
    }

    fn reading() -> Reading {
        Reading::new(chrono_tz::Tz::UTC, "en")
    }

    fn urls(listed: &[Listed]) -> Vec<&str> {
        listed.iter().map(|listed| listed.url.as_str()).collect()
    }

    #[test]
    fn pages_with_news_and_images() {
        let document = read(
            "\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n<urlset xmlns='wrong' xmlns:n='x' xmlns:i='y'>
             <url><loc> https://example.org/a?x=1&amp;y=2 </loc><lastmod>2026-11-20</lastmod>
               <i:image><i:loc>https://example.org/a.jpg</i:loc><i:title>No</i:title></i:image></url>
             <url><i:image><i:loc>/b.jpg</i:loc></i:image><LOC><![CDATA[/b]]></LOC>
               <n:news><n:publication><n:name>The Tide</n:name><n:language>en</n:language></n:publication>
               <n:publication_date>2026-11-22T06:00Z</n:publication_date><n:title>Wind &#38; tide</n:title>
               <n:keywords>wind, tide</n:keywords></n:news></url>
             <url><loc>/bare?a=1&b=2</loc></url><url></url>
             </urlset>",
        );
        assert_eq!(document.broken, None);
        assert_eq!(
            urls(&document.pages),
            [
                "https://example.org/a?x=1&y=2",
                "https://example.org/b",
                "https://example.org/bare?a=1&b=2"
            ]
        );
        assert_eq!(document.pages[0].lastmod.as_deref(), Some("2026-11-20"));
        assert_eq!(
            document.pages[0].image.as_deref(),
            Some("https://example.org/a.jpg")
        );
        let news = document.pages[1].news.as_deref().unwrap();
        assert_eq!(news.title.as_deref(), Some("Wind & tide"));
        assert_eq!(news.published.as_deref(), Some("2026-11-22T06:00Z"));
        assert_eq!((news.language.as_deref(), news.keywords.len()), (Some("en"), 2));
        assert!(!document.newest_only, "not all of it is news");
    }

    #[test]
    fn an_index_names_others() {
        let document = read(
            "<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026</lastmod></sitemap>
             <sitemap><loc>https://example.org/b.xml.gz</loc></sitemap></sitemapindex>",
        );
        assert_eq!(
            urls(&document.sitemaps),
            ["https://example.org/a.xml", "https://example.org/b.xml.gz"]
        );
        assert_eq!(document.sitemaps[0].lastmod.as_deref(), Some("2026"));
    }

    #[test]
    fn text_and_feeds_are_lists_too() {
        let document = read("\u{feff}https://example.org/a\r\n\r\nhttps://example.org/b\nrubbish\n");
        assert_eq!(
            urls(&document.pages),
            ["https://example.org/a", "https://example.org/b"]
        );
        let document = read(
            "<rss version='2.0'><channel><title>T</title><link>https://example.org/</link><description/>
             <item><title>A</title><link>https://example.org/a</link>
             <pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>",
        );
        assert_eq!(urls(&document.pages), ["https://example.org/a"]);
        assert_eq!(document.pages[0].lastmod.as_deref(), Some("2026-11-20T10:00:00Z"));
        assert!(document.newest_only);
    }

    #[test]
    fn what_is_none_is_refused_and_what_breaks_off_is_told() {
        let url = Url::parse("https://example.org/sitemap.xml").unwrap();
        for none in [
            "",
            "hello",
            "<!doctype html><p>Not found",
            "<html><url><loc>/a</loc></url></html>",
            "<!-- -->",
        ] {
            let problem = parse(none.as_bytes(), &url, reading()).unwrap_err();
            assert_eq!(problem.code, "sitemap", "{none}");
        }
        let document = read("<urlset>\n<url><loc>/a</loc></url>\n<url><loc>/b");
        assert_eq!(urls(&document.pages), ["https://example.org/a"]);
        assert_eq!(document.broken.unwrap().0, 3);
        let deep = format!("<urlset>{}", "<url>".repeat(100_000));
        assert!(read(deep).broken.unwrap().1.contains("deep"));
        let bomb = "<!DOCTYPE urlset [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>\
                    <urlset><url><loc>/x&b;</loc></url></urlset>";
        assert_eq!(urls(&read(bomb).pages), ["https://example.org/x"]);
    }

    #[test]
    fn no_more_than_the_protocol_allows() {
        let document = read(format!(
            "<urlset>{}</urlset>",
            "<url><loc>/a</loc></url>".repeat(50_010)
        ));
        assert_eq!((document.pages.len(), document.cut), (50_000, true));
    }

    #[test]
    fn compression_comes_off_within_bounds() {
        let pack = |bytes: &[u8]| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(bytes).unwrap();
            gzip.finish().unwrap()
        };
        assert_eq!(unpack(pack(b"<urlset/>")).unwrap(), b"<urlset/>");
        assert_eq!(unpack(pack(&pack(b"<urlset/>"))).unwrap(), b"<urlset/>");
        assert_eq!(unpack(b"<urlset/>".to_vec()).unwrap(), b"<urlset/>");
        assert_eq!(unpack(pack(&vec![b' '; MOST_BYTES + 1])), None);
    }

    #[test]
    fn every_form_of_a_date() {
        for (text, at) in [
            ("2026", "2026-01-01T00:00:00Z"),
            ("2026-11", "2026-11-01T00:00:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23T06:05Z", "2026-11-23T06:05:00Z"),
            ("2026-11-23T06:05+01:00", "2026-11-23T05:05:00Z"),
            ("2026-11-23T06:05:07+01:00", "2026-11-23T05:05:07Z"),
            ("2026-11-23T06:05:07.123456Z", "2026-11-23T06:05:07Z"),
            ("2026-11-23T06:05:07", "2026-11-23T06:05:07Z"),
            ("2026-11-23 06:05:07 +0000", "2026-11-23T06:05:07Z"),
            ("Mon, 23 Nov 2026 06:05:07 GMT", "2026-11-23T06:05:07Z"),
        ] {
            let found = instant(text, reading()).map(|date| rfc3339(date.at));
            assert_eq!(found.as_deref(), Some(at), "{text}");
        }
        for none in ["", "soon", "0000-00-00", "2026-13", "-0001-11-30T00:00:00+00:00"] {
            assert_eq!(instant(none, reading()), None, "{none}");
        }
    }

    #[test]
    fn encodings_are_believed() {
        let text = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><urlset><url><loc>/a</loc>\
                    <news><title>K\u{fc}ste</title></news></url></urlset>";
        let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let utf16: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        for bytes in [latin, utf16, text.as_bytes().to_vec()] {
            let document = read(&bytes);
            assert_eq!(
                document.pages[0].news.as_deref().unwrap().title.as_deref(),
                Some("K\u{fc}ste")
            );
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let url = Url::parse("https://example.org/sitemap.xml").unwrap();
            let _ = parse(&bytes, &url, reading());
            let _ = parse(&[b"<urlset><url><loc>", bytes.as_slice()].concat(), &url, reading());
        }
    }
}
