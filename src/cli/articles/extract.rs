//! `tidings articles extract FILE… --kind K [--url U]`: what a source would make of files. Reads
//! neither a configuration nor a store; the timezone is UTC.

use crate::articles::headings::{self, Heading};
use crate::articles::text;
use crate::articles::{Article, Audio, Image, Precision};
use crate::cli::Global;
use crate::cli::output::{self, Exit};
use crate::clock::rfc3339;
use crate::config::{Site, SourceKind};
use crate::problem::Problem;
use crate::sources;
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::{Path, PathBuf};
use url::Url;

/// Show what a source would make of files
#[derive(Debug, Args)]
pub struct Extract {
    /// The files, each of the same kind
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What kind of source they would be of
    #[arg(long, value_enum)]
    kind: Kind,
    /// Where the files are published: what their relative addresses are relative to
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Markdown,
    Pages,
    Text,
    Feed,
    Wordpress,
    Ghost,
}

impl From<Kind> for SourceKind {
    fn from(kind: Kind) -> SourceKind {
        match kind {
            Kind::Markdown => SourceKind::Markdown,
            Kind::Pages => SourceKind::Pages,
            Kind::Text => SourceKind::Text,
            Kind::Feed => SourceKind::Feed,
            Kind::Wordpress => SourceKind::Wordpress,
            Kind::Ghost => SourceKind::Ghost,
        }
    }
}

#[derive(Serialize)]
struct Document {
    pages: Vec<Page>,
    errors: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// One file, as `docs/commands.md` has it; where nothing was found, empty.
#[derive(Default, Serialize)]
struct Page {
    file: String,
    url: Option<String>,
    guid: Option<String>,
    title: Option<String>,
    published: Option<String>,
    published_precision: Option<Precision>,
    updated: Option<String>,
    authors: Vec<String>,
    categories: Vec<String>,
    language: Option<String>,
    summary: Option<String>,
    image: Option<Image>,
    audio: Option<Audio>,
    draft: bool,
    content_html: String,
    content_text: String,
    headings: Vec<Heading>,
    comments: Vec<CommentOut>,
    comment_count: Option<u32>,
}

#[derive(Serialize)]
struct CommentOut {
    author: String,
    published: Option<String>,
    text: String,
}

/// Runs the command.
///
/// # Errors
/// Where standard output cannot be written.
pub fn run(global: &Global, extract: &Extract) -> anyhow::Result<Exit> {
    let site = Site::nowhere().context("the address of no site")?;
    let mut document = Document {
        pages: Vec::new(),
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    for file in &extract.files {
        let scan = sources::read_one(file, extract.kind.into(), &site, extract.url.as_ref());
        let articles = scan.articles.into_iter();
        document
            .pages
            .extend(articles.map(|article| page(file, article, &site.url)));
        document.warnings.extend(scan.warnings);
        for failed in scan.failed {
            document.pages.push(Page {
                file: file.display().to_string(),
                ..Page::default()
            });
            document.errors.push(failed.problem);
        }
    }
    if global.json {
        output::json(&document)?;
    } else {
        output::print(&for_people(&document.pages))?;
        output::problems(&document.errors);
        if !global.quiet {
            output::problems(&document.warnings);
        }
    }
    Ok(if document.errors.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn page(file: &Path, article: Article, nowhere: &Url) -> Page {
    let known = !article.url.starts_with(nowhere.as_str());
    Page {
        file: file.display().to_string(),
        url: known.then_some(article.url),
        guid: article.guid,
        title: Some(article.title),
        published: article.published.map(|date| rfc3339(date.at)),
        published_precision: article.published.map(|date| date.precision),
        updated: article.updated.map(rfc3339),
        authors: article.authors.into_iter().map(|author| author.name).collect(),
        categories: article.categories,
        language: article.language,
        summary: Some(article.summary).filter(|summary| !summary.is_empty()),
        image: article.image,
        audio: article.audio,
        draft: article.draft,
        content_text: text::with_captions(&article.content_html),
        headings: headings::of_html(&article.content_html),
        content_html: article.content_html,
        comments: article
            .comments
            .into_iter()
            .map(|comment| CommentOut {
                author: comment.author,
                published: comment.published.map(rfc3339),
                text: comment.text,
            })
            .collect(),
        comment_count: article.comment_count,
    }
}

/// The pages as lines for people.
fn for_people(pages: &[Page]) -> String {
    let mut text = String::new();
    for page in pages {
        text.push_str(&format!("{}\n", page.file));
        let comments = page.comments.len().to_string();
        let (authors, categories) = (page.authors.join(", "), page.categories.join(", "));
        let lines = [
            ("title", page.title.as_deref().unwrap_or_default()),
            ("url", page.url.as_deref().unwrap_or_default()),
            ("published", page.published.as_deref().unwrap_or_default()),
            ("authors", &authors),
            ("categories", &categories),
            ("summary", page.summary.as_deref().unwrap_or_default()),
            ("comments", &comments),
        ];
        for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
            text.push_str(&format!("  {name:<11}{value}\n"));
        }
        if !page.content_text.is_empty() {
            text.push_str(&format!("\n{}\n\n", page.content_text));
        }
    }
    text
}
