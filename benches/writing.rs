//! How fast feeds are written, beside the crates that write them down: all articles of a magazine as the
//! pages of its archive, in RSS, Atom and JSON, by `feeds::documents`, from stored articles to bytes with
//! their hash. The crates `rss` and `atom_syndication`, and `serde_json`, only write down the same items,
//! read back beforehand from our own documents. Nothing touches the disk, nothing is compressed; one thread.
//!
//! `cargo bench --bench writing -- [--articles 100000] [--pairs 5]`
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

mod support;

use std::hint::black_box;
use std::time::Instant;
use support::{end, judge, load, median, option, spread};
use tidings::articles::state::{Marks, Stored};
use tidings::articles::{Article, Author, Precision, Published};
use tidings::clock::from_seconds;
use tidings::config::Config;
use tidings::feeds::{Document, FeedSite, Format, Place, Selection, Slugs, documents};

/// Our time over the sum of the crates'.
const BAR: f64 = 2.0;
/// Articles a page.
const PAGE: usize = 50;
/// How long an article is, in bytes.
const LENGTH: usize = 4096;
/// Monday, 2026-11-23T07:00:00Z
const MONDAY: i64 = 1_795_417_200;

fn main() {
    let count: usize = option("articles", 100_000);
    let pairs: usize = option("pairs", 5);
    let site = site();
    let articles: Vec<Stored> = (0..count).map(article).collect();
    let pages: Vec<(Selection, &[Stored])> = articles.chunks(PAGE).enumerate().map(page).collect();
    let theirs = Theirs::of(&pages, &site);
    println!("{count} articles in {} pages, each in three formats", pages.len());
    let mut ratios = Vec::new();
    for pair in 0..pairs {
        let ours = || seconds(|| pages.iter().for_each(|page| drop(black_box(made(page, &site)))));
        let (ours, crates) = if pair % 2 == 0 {
            let ours = ours();
            (ours, seconds(|| theirs.write()))
        } else {
            let crates = seconds(|| theirs.write());
            (ours(), crates)
        };
        println!(
            "ours {ours:.2} s, the crates {crates:.2} s: {:.2}; load {}",
            ours / crates,
            load()
        );
        ratios.push(ours / crates);
    }
    println!("time over the crates': {}", spread(&ratios));
    let ratio = median(&ratios);
    end(&[judge(
        "writing over the crates",
        ratio,
        "at most 2.0",
        ratio <= BAR,
    )]);
}

fn seconds(work: impl Fn()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

fn made((selection, articles): &(Selection, &[Stored]), site: &FeedSite) -> Vec<Vec<u8>> {
    let documents = documents(selection, articles, site).unwrap();
    documents.into_iter().map(bytes).collect()
}

fn bytes(document: Document) -> Vec<u8> {
    document.at(from_seconds(MONDAY))
}

/// The same items as the crates hold them.
struct Theirs {
    rss: Vec<rss::Channel>,
    atom: Vec<atom_syndication::Feed>,
    json: Vec<serde_json::Value>,
}

impl Theirs {
    fn of(pages: &[(Selection, &[Stored])], site: &FeedSite) -> Theirs {
        let mut theirs = Theirs {
            rss: Vec::new(),
            atom: Vec::new(),
            json: Vec::new(),
        };
        for page in pages {
            for document in documents(&page.0, page.1, site).unwrap() {
                let format = document.format;
                let bytes = bytes(document);
                match format {
                    Format::Rss => theirs.rss.push(rss::Channel::read_from(&bytes[..]).unwrap()),
                    Format::Atom => theirs
                        .atom
                        .push(atom_syndication::Feed::read_from(&bytes[..]).unwrap()),
                    _ => theirs.json.push(serde_json::from_slice(&bytes).unwrap()),
                }
            }
        }
        theirs
    }

    fn write(&self) {
        for channel in &self.rss {
            black_box(channel.pretty_write_to(Vec::new(), b' ', 2).unwrap());
        }
        let indented = atom_syndication::WriteConfig {
            write_document_declaration: true,
            indent_size: Some(2),
        };
        for feed in &self.atom {
            black_box(feed.write_with_config(Vec::new(), indented).unwrap());
        }
        for feed in &self.json {
            black_box(serde_json::to_string_pretty(feed).unwrap());
        }
    }
}

fn page((n, articles): (usize, &[Stored])) -> (Selection, &[Stored]) {
    let ids = articles.iter().map(|stored| stored.article.id.clone()).collect();
    let place = Place {
        older: n.checked_sub(1).map(|older| older as i64),
        newer: None,
        is_page: true,
    };
    (
        Selection::archived(n as i64, place, ids, tidings::config::Content::Full),
        articles,
    )
}

fn site() -> FeedSite {
    let text = "[site]\ntitle = \"Tides\"\nurl = \"https://tides.example/\"\n\
        [sources.posts]\nkind = \"markdown\"\npath = \"articles\"\n";
    let config = Config::read("config.toml".as_ref(), text, &Default::default()).unwrap();
    FeedSite {
        id: uuid::Uuid::NAMESPACE_URL,
        site: config.site,
        feeds: config.feeds,
        hubs: Vec::new(),
        cloud: None,
        slugs: Slugs::default(),
    }
}

/// Paragraphs of words, with markup and signs that have to be escaped.
fn article(n: usize) -> Stored {
    let paragraph = format!(
        "<p>The tide of day {n} came in over the flats &amp; the <em>withies</em>, \
         and <a href=\"https://tides.example/{n}?a=1&amp;b=2\">the table</a> said nothing of it.</p>\n"
    );
    let published = from_seconds(MONDAY - n as i64 * 3600);
    Stored {
        article: Article {
            id: uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, &n.to_be_bytes()).to_string(),
            guid: None,
            source: "posts".to_owned(),
            path: format!("{n}.md"),
            url: format!("https://tides.example/{n}"),
            title: format!("What day {n} brought"),
            authors: vec![Author {
                name: format!("Author {}", n % 7),
                url: None,
            }],
            categories: vec![format!("Category {}", n % 20)],
            language: None,
            published: Some(Published {
                at: published,
                precision: Precision::Second,
            }),
            updated: None,
            summary: "The tide came in over the flats and the withies.".to_owned(),
            content_html: paragraph.repeat(LENGTH / paragraph.len()),
            image: None,
            audio: None,
            comments: Vec::new(),
            comment_count: None,
            draft: false,
            expires: None,
        },
        first_seen: published,
        changed: published,
        number: None,
        announced: None,
        marks: Marks::default(),
    }
}
