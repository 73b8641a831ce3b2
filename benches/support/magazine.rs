//! A magazine of many articles in Markdown, for the program and for Hugo alike: made by a generator of
//! fixed pseudo-random numbers, so that every run has the same one.

use super::process::program;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;
use tidings::clock::{from_seconds, rfc3339};

pub(crate) const CATEGORIES: usize = 20;
pub(crate) const AUTHORS: usize = 7;
/// Articles in a feed.
pub(crate) const ITEMS: usize = 50;
/// In a folder: what is in all of them together may be too much for one.
const IN_FOLDER: usize = 500;
/// How long an article is, in bytes.
const LENGTH: usize = 4096;
/// Monday, 2026-11-23T07:00:00Z: when the passes are made. No article is newer.
const MONDAY: i64 = 1_795_417_200;

pub(crate) struct Magazine {
    folder: TempDir,
    /// Of the article that is edited next.
    edits: usize,
    articles: usize,
}

impl Magazine {
    pub(crate) fn new(articles: usize) -> Magazine {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let magazine = Magazine {
            folder,
            edits: 0,
            articles,
        };
        for n in 0..articles {
            let file = magazine.article(n);
            if n % IN_FOLDER == 0 {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
            }
            fs::write(file, article(n)).unwrap();
        }
        fs::write(magazine.path("config.toml"), OURS).unwrap();
        fs::write(magazine.path("hugo.toml"), THEIRS).unwrap();
        fs::create_dir_all(magazine.path("layouts/_default")).unwrap();
        fs::write(magazine.path("layouts/_default/rss.xml"), TEMPLATE).unwrap();
        magazine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn article(&self, n: usize) -> PathBuf {
        let folder = n / IN_FOLDER;
        self.path(&format!("articles/{folder:03}/piece-{n:06}.md"))
    }

    /// A pass of the program.
    pub(crate) fn pass(&self) -> Command {
        let mut command = program();
        command
            .args(["publish", "--at", &rfc3339(from_seconds(MONDAY))])
            .current_dir(self.folder.path());
        command
    }

    /// Hugo's build of the same feeds.
    pub(crate) fn hugo(&self) -> Command {
        let mut command = Command::new("hugo");
        command
            .args(["--config", "hugo.toml", "--quiet"])
            .current_dir(self.folder.path());
        command
    }

    /// Takes away all that either has made.
    pub(crate) fn forget(&self) {
        for made in ["data", "feeds", "outbox", "public", "resources"] {
            let _ = fs::remove_dir_all(self.path(made));
        }
    }

    /// Gives one article another text.
    pub(crate) fn edit(&mut self) {
        self.edits += 1;
        let file = self.article(self.articles / 2);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, format!("{text}\nMended for the {}th time.\n", self.edits)).unwrap();
    }

    /// How many items stand in each feed of a folder, by the feed's path without its file's name.
    pub(crate) fn items(&self, folder: &str, file: &str) -> Vec<(String, usize)> {
        let root = self.path(folder);
        let mut found = Vec::new();
        for entry in walkdir::WalkDir::new(&root) {
            let entry = entry.unwrap();
            if entry.file_name() != file {
                continue;
            }
            let document = fs::read_to_string(entry.path()).unwrap();
            let document = roxmltree::Document::parse(&document).unwrap();
            let items = document.descendants().filter(|node| node.has_tag_name("item"));
            found.push((name(entry.path(), &root), items.count()));
        }
        found.sort();
        found
    }
}

fn name(file: &Path, root: &Path) -> String {
    file.parent()
        .unwrap()
        .strip_prefix(root)
        .unwrap()
        .display()
        .to_string()
}

const OURS: &str = r#"
[site]
title = "Tides"
url = "https://tides.example/"

[sources.posts]
kind = "markdown"
path = "articles"

[feeds]
# What Hugo makes here, and no more.
archive = false
sitemap = false

[http]
public_url = "https://tides.example/"
"#;

const THEIRS: &str = r#"
title = "Tides"
baseURL = "https://tides.example/"
contentDir = "articles"
disableKinds = ["section", "taxonomy", "sitemap", "robotsTXT", "404"]
ignoreErrors = ["error-disable-taxonomy"]
rssLimit = 50

[taxonomies]
category = "categories"
author = "authors"

[permalinks]
categories = "/category/:slug/"
authors = "/author/:slug/"

[outputs]
home = ["RSS"]
term = ["RSS"]

[[cascade]]
[cascade._build]
render = "never"
list = "always"
[cascade._target]
kind = "page"
"#;

/// Hugo's own, but with the whole text beside the summary, as our feeds have it.
const TEMPLATE: &str = r#"{{- $pages := .RegularPages -}}
{{- if .IsHome -}}{{- $pages = .Site.RegularPages -}}{{- end -}}
{{- $pages = $pages | first .Site.Config.Services.RSS.Limit -}}
{{- printf "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>" | safeHTML }}
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>{{ .Site.Title }}{{ with .Title }}: {{ . }}{{ end }}</title>
<link>{{ .Permalink }}</link>
<description>{{ .Site.Title }}</description>
<generator>Hugo</generator>
{{- with .OutputFormats.Get "RSS" }}
{{ printf "<atom:link href=%q rel=\"self\" type=%q />" .Permalink .MediaType | safeHTML }}
{{- end }}
{{- range $pages }}
<item>
<title>{{ .Title }}</title>
<link>https://tides.example/{{ .File.ContentBaseName }}</link>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" | safeHTML }}</pubDate>
<guid isPermaLink="false">{{ .File.UniqueID }}</guid>
<description>{{ .Summary | html }}</description>
<content:encoded>{{ .Content | html }}</content:encoded>
</item>
{{- end }}
</channel>
</rss>
"#;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    /// From 0 to just below.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn word(&mut self) -> &'static str {
        let words = &*WORDS_APART;
        words[self.below(words.len())]
    }

    fn words(&mut self, least: usize, most: usize) -> String {
        let count = least + self.below(most - least);
        let words: Vec<&str> = (0..count).map(|_| self.word()).collect();
        words.join(" ")
    }

    /// A sentence, with now and then a link, emphasis or code within.
    fn sentence(&mut self) -> String {
        let mut words: Vec<String> = (0..8 + self.below(12)).map(|_| self.word().to_owned()).collect();
        let place = self.below(words.len());
        let word = words[place].clone();
        words[place] = match self.below(10) {
            0 | 1 => format!("[{word} {}](/piece-{:06})", self.word(), self.below(10_000)),
            2 => format!("[{word}](https://www.{}.example/{}/)", self.word(), self.word()),
            3 | 4 => format!("*{word}*"),
            5 => format!("**{word} {}**", self.word()),
            6 => format!("`{word}()`"),
            _ => word,
        };
        let sentence = words.join(" ");
        let mut letters = sentence.chars();
        let first = letters.next().unwrap().to_uppercase();
        format!("{first}{}. ", letters.as_str())
    }

    fn paragraph(&mut self) -> String {
        let sentences = 3 + self.below(3);
        let mut text: String = (0..sentences).map(|_| self.sentence()).collect();
        text.push_str("\n\n");
        text
    }
}

/// Front matter and text.
fn article(n: usize) -> String {
    let mut dice = Dice((n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    for _ in 0..4 {
        dice.below(2);
    }
    // One an hour.
    let date = rfc3339(from_seconds(MONDAY - 3600 * (n as i64 + 1)));
    let mut text = format!(
        "---\ntitle: \"Piece {n}: {}\"\ndate: {date}\nauthors: [\"Author {}\"]\ncategories: [\"Category {}\", \"Category {}\"]\n---\n\n",
        dice.words(3, 7),
        dice.below(AUTHORS),
        n % CATEGORIES,
        dice.below(CATEGORIES),
    );
    while text.len() < LENGTH {
        match dice.below(9) {
            0 | 1 => write!(text, "## {}\n\n", dice.words(2, 6)).unwrap(),
            2 => {
                for _ in 0..3 + dice.below(4) {
                    writeln!(text, "- {}", dice.sentence().trim_end()).unwrap();
                }
                text.push('\n');
            }
            3 => {
                let (name, value) = (dice.word(), dice.below(1000));
                write!(
                    text,
                    "```rust\nfn {name}(x: u32) -> Option<u32> {{\n    (x < {value}).then_some(x & {value})\n}}\n```\n\n"
                )
                .unwrap();
            }
            4 => write!(text, "> {}", dice.paragraph()).unwrap(),
            _ => text.push_str(&dice.paragraph()),
        }
    }
    text
}

static WORDS_APART: LazyLock<Vec<&str>> = LazyLock::new(|| WORDS.split(' ').collect());
const WORDS: &str = "\
    tide harbour quay boat mast sail rope anchor river bridge lock basin mud reed heron gull eel net \
    rain wind fog frost summer winter market street house window door garden wall roof bread salt tea \
    soup letter paper ink page map clock bell lamp the a of and to in was is that it for on with as his \
    her they we not but from old new long short quiet loud bright dark slow early late often never \
    always walked carried found lost kept opened closed wrote read waited returned crossed remembered \
    forgot half nearly between";
