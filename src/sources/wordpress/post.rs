//! Which items of an export are articles for everybody, and what they say.

use super::html::{self, Shown};
use super::markup::escape;
use super::protected;
use super::recording;
use super::shortcodes::{Pictures, figure};
use super::wxr::{Export, Post};
use crate::articles::{Author, Comment, Precision, Published, text};
use crate::problem::Problem;
use crate::sources::collection::{Collection, Item};
use crate::sources::dates::{self, Reading};
use crate::sources::extract::Extract;
use crate::sources::images::media_type;
use crate::sources::left_out::LeftOut;
use crate::sources::scan::guarded;
use chrono::NaiveDateTime;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Reusable blocks may hold one another so deep.
const DEPTH: usize = 3;
/// So many bytes of them are read for one post.
const BLOCKS: usize = 10 << 20;

/// Makes articles of what is in an export for everybody.
pub(super) fn collection(
    mut export: Export,
    from: &Path,
    reading: Reading,
    shared: Option<&Files>,
) -> Collection {
    let mut own = Files::default();
    if shared.is_none() {
        own.add(&export.posts);
    }
    let files = shared.unwrap_or(&own);
    let mut left_out = LeftOut::default();
    let mut collection = Collection {
        about: std::mem::take(&mut export.about),
        whole: export.broken.is_none(),
        cut: export.broken.is_some(),
        ..Collection::default()
    };
    for post in std::mem::take(&mut export.posts) {
        if let Some(why) = why_not(&post) {
            left_out.count(&why);
            let changed = date(post.get("wp:post_modified_gmt")).map(|at| at.and_utc());
            collection.left_out.push((key(&post), changed));
            continue;
        }
        let warnings = &mut collection.warnings;
        let extract = guarded(from, || {
            extract(&post, &export.authors, files, from, reading, warnings)
        });
        collection.items.push(Item {
            key: key(&post),
            extract,
        });
    }
    collection.warnings.extend(left_out.note(from));
    if let Some(problem) = export.broken {
        collection.items.push(Item {
            key: ".".to_owned(),
            extract: Err(problem),
        });
    }
    collection
}

/// The number of the post: in the export as in the site's interface.
fn key(post: &Post) -> String {
    let id = post.get("wp:post_id");
    match id.is_empty() {
        true => format!("guid {}", post.get("guid")),
        false => id.to_owned(),
    }
}

/// Why an item is no article for everybody.
fn why_not(post: &Post) -> Option<String> {
    match post.get("wp:post_type") {
        "post" | "" => {}
        kind => return Some(format!("of type {kind}")),
    }
    match post.get("wp:status") {
        "publish" | "future" => {}
        "" => return Some("without a status".to_owned()),
        status => return Some(format!("with status {status}")),
    }
    if !post.get("wp:post_password").is_empty() {
        return Some("with a password".to_owned());
    }
    protected::by_meta(&post.metas).map(|key| format!("for members ({key})"))
}

fn extract(
    post: &Post,
    authors: &HashMap<String, String>,
    files: &Files,
    from: &Path,
    reading: Reading,
    warnings: &mut Vec<Problem>,
) -> Result<Extract, Problem> {
    if post.too_large {
        return Err(Problem::error("too-large", "the post has more than 10 MiB")
            .file(from)
            .line(post.line)
            .hint("shorten it; what is known of it stays"));
    }
    let pictures = OfPost { post, files };
    let content = files.with_blocks(post.get("content:encoded"), DEPTH, &mut { BLOCKS });
    let mut shown = html::shown(&content, &pictures);
    let excerpt = shown.beside(post.get("excerpt:encoded")).map(text::from_html);
    let title = text::from_html(&shown.title(post.get("title")));
    warnings.extend(html::said(&shown, from, Some(post.line)));
    let Shown {
        html, before_more, ..
    } = shown;
    let (comments, count) = comments(post, reading);
    let (categories, tags) = terms(post);
    Ok(Extract {
        guid: Some(post.get("guid").to_owned()).filter(|guid| !guid.is_empty()),
        title: Some(title).filter(|title| !title.is_empty()),
        url: Some(post.get("link").to_owned()),
        slug: Some(decoded(post.get("wp:post_name"))).filter(|slug| !slug.is_empty()),
        authors: names(post, authors),
        categories: if categories.is_empty() { tags } else { categories },
        published: published(post, reading),
        updated: date(post.get("wp:post_modified_gmt")).map(|at| at.and_utc()),
        summary: excerpt
            .filter(|text| !text.is_empty())
            .or_else(|| before_more.map(|html| text::from_html(&html))),
        image: post.meta("_thumbnail_id").and_then(|id| files.image(id)),
        audio: recording::of(post),
        html,
        comment_count: Some(count),
        comments,
        ..Extract::default()
    })
}

fn decoded(slug: &str) -> String {
    percent_encoding::percent_decode_str(slug)
        .decode_utf8_lossy()
        .into_owned()
}

/// Those that a plugin for several authors names, else the one.
fn names(post: &Post, authors: &HashMap<String, String>) -> Vec<Author> {
    let several = post.terms.iter().filter(|term| term.domain == "author");
    let several: Vec<Author> = several
        .flat_map(|term| author(term.name.trim(), authors))
        .collect();
    match several.is_empty() {
        true => author(post.get("dc:creator"), authors),
        false => several,
    }
}

/// By the name that is shown; a login that is a mail address is nobody's name.
fn author(login: &str, authors: &HashMap<String, String>) -> Vec<Author> {
    let name = authors.get(login).map_or(login, String::as_str);
    let named = !name.is_empty() && !name.contains('@');
    named
        .then(|| Author {
            name: text::from_html(name),
            url: None,
        })
        .into_iter()
        .collect()
}

/// The names of categories and of tags. Old exports have each once more without a domain.
fn terms(post: &Post) -> (Vec<String>, Vec<String>) {
    let of = |domains: &[&str]| -> Vec<String> {
        let those = post
            .terms
            .iter()
            .filter(|term| domains.contains(&term.domain.as_str()));
        those
            .map(|term| match term.name.trim() {
                "" => decoded(&term.nicename),
                name => text::from_html(name),
            })
            .filter(|name| !name.is_empty())
            .collect()
    };
    let (categories, tags) = (of(&["category"]), of(&["post_tag", "tag"]));
    match categories.is_empty() && tags.is_empty() {
        true => (of(&[""]), tags),
        false => (categories, tags),
    }
}

/// `2024-05-01 10:00:00`; what has never been published has zeros there.
pub(super) fn date(text: &str) -> Option<NaiveDateTime> {
    let at = NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%d %H:%M:%S");
    let at = at.or_else(|_| NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M:%S"));
    at.ok().filter(|at| at.and_utc().timestamp() > 0)
}

fn published(post: &Post, reading: Reading) -> Option<Published> {
    let gmt = date(post.get("wp:post_date_gmt")).map(|at| Published {
        at: at.and_utc(),
        precision: Precision::Second,
    });
    let local = || date(post.get("wp:post_date")).and_then(|at| dates::parse(&at.to_string(), reading));
    gmt.or_else(local)
        .or_else(|| dates::parse(post.get("pubDate"), reading))
}

/// The approved ones of people, each followed by its answers, and how many there are.
fn comments(post: &Post, reading: Reading) -> (Vec<Comment>, u32) {
    let get = |comment: &HashMap<String, String>, name: &str| {
        comment
            .get(name)
            .map_or(String::new(), |text| text.trim().to_owned())
    };
    let shown: Vec<&HashMap<String, String>> = post
        .comments
        .iter()
        .filter(|comment| {
            let of_people = matches!(get(comment, "wp:comment_type").as_str(), "" | "comment");
            of_people
                && matches!(
                    get(comment, "wp:comment_approved").as_str(),
                    "1" | "approve" | "approved"
                )
        })
        .collect();
    let ids: Vec<String> = shown
        .iter()
        .map(|comment| get(comment, "wp:comment_id"))
        .collect();
    let mut answers: HashMap<String, Vec<usize>> = HashMap::new();
    let mut earlier: HashSet<&str> = HashSet::new();
    for (place, comment) in shown.iter().enumerate() {
        let parent = get(comment, "wp:comment_parent");
        // The answers to one that is not shown stand by themselves.
        let parent = if earlier.contains(parent.as_str()) {
            parent
        } else {
            String::new()
        };
        earlier.insert(&ids[place]);
        answers.entry(parent).or_default().push(place);
    }
    let mut order = Vec::with_capacity(shown.len());
    let mut waiting = answers.remove("").unwrap_or_default();
    waiting.reverse();
    while let Some(place) = waiting.pop() {
        order.push(place);
        let mut below = answers.remove(&ids[place]).unwrap_or_default();
        below.reverse();
        waiting.extend(below);
    }
    let comments: Vec<Comment> = order
        .into_iter()
        .map(|place| {
            let gmt = date(&get(shown[place], "wp:comment_date_gmt")).map(|at| at.and_utc());
            let local = || Some(dates::parse(&get(shown[place], "wp:comment_date"), reading)?.at);
            Comment {
                author: text::from_html(&get(shown[place], "wp:comment_author")),
                published: gmt.or_else(local),
                text: text::from_html(&get(shown[place], "wp:comment_content").replace('\n', "<br>")),
            }
        })
        .collect();
    let count = u32::try_from(comments.len()).unwrap_or(u32::MAX);
    (comments, count)
}

/// What posts are made of beside their text.
#[derive(Default)]
pub(crate) struct Files {
    /// Pictures by id.
    pictures: HashMap<String, Picture>,
    /// The ids of the pictures of each post, in order.
    of_posts: HashMap<String, Vec<String>>,
    /// Reusable blocks by id.
    blocks: HashMap<String, String>,
}

struct Picture {
    url: String,
    alt: String,
    caption: String,
}

impl Files {
    pub(super) fn add(&mut self, posts: &[Post]) {
        let files = self;
        for post in posts {
            let id = post.get("wp:post_id").to_owned();
            match post.get("wp:post_type") {
                "attachment" if is_picture(post.get("wp:attachment_url")) => {
                    let of = files
                        .of_posts
                        .entry(post.get("wp:post_parent").to_owned())
                        .or_default();
                    of.push(id.clone());
                    let picture = Picture {
                        url: post.get("wp:attachment_url").to_owned(),
                        alt: text::one_line(post.meta("_wp_attachment_image_alt").unwrap_or_default()),
                        caption: post.get("excerpt:encoded").to_owned(),
                    };
                    files.pictures.insert(id, picture);
                }
                "wp_block" if post.get("wp:status") == "publish" => {
                    files.blocks.insert(id, post.get("content:encoded").to_owned());
                }
                _ => {}
            }
        }
    }

    fn image(&self, id: &str) -> Option<(String, String)> {
        let picture = self.pictures.get(id)?;
        Some((picture.url.clone(), picture.alt.clone()))
    }

    /// The content with reusable blocks in their places.
    fn with_blocks(&self, content: &str, depth: usize, left: &mut usize) -> String {
        const BLOCK: &str = "<!-- wp:block {\"ref\":";
        let (mut made, mut rest) = (String::new(), content);
        while let Some(at) = rest.find(BLOCK).filter(|_| depth > 0) {
            let after = &rest[at + BLOCK.len()..];
            let id = after
                .split(|c: char| !c.is_ascii_digit())
                .next()
                .unwrap_or_default();
            made.push_str(&rest[..at]);
            let beyond = after.split_once("-->").map_or("", |(_, rest)| rest);
            let reference = &rest[at..rest.len() - beyond.len()];
            if !protected::without_blocks(reference).1.is_empty() {
                // It is for some alone: it stays what it is, and goes with all that is so.
                made.push_str(reference);
            } else if let Some(block) = self.blocks.get(id).filter(|block| block.len() <= *left) {
                // Counted is what is read: what comes of it may be nothing.
                *left -= block.len();
                made.push_str(&self.with_blocks(block, depth - 1, left));
            }
            rest = beyond;
        }
        made + rest
    }
}

fn is_picture(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    media_type(path).is_some()
}

struct OfPost<'a> {
    post: &'a Post,
    files: &'a Files,
}

impl Pictures for OfPost<'_> {
    fn picture(&self, id: &str) -> Option<String> {
        let picture = self.files.pictures.get(id)?;
        let (url, alt) = (escape(&picture.url), escape(&picture.alt));
        Some(figure(
            &format!("<img src=\"{url}\" alt=\"{alt}\">"),
            &picture.caption,
        ))
    }

    fn of_post(&self) -> Vec<String> {
        let ids = self.files.of_posts.get(self.post.get("wp:post_id"));
        ids.into_iter()
            .flatten()
            .filter_map(|id| self.picture(id))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::wordpress::shortcodes::NoPictures;

    #[test]
    fn blocks_of_blocks_are_read_in_bounds() {
        let reference = |id: u32| format!("<!-- wp:block {{\"ref\":{id}}} /-->");
        let blocks = [
            ("1".to_owned(), reference(9).repeat(20_000)),
            ("2".to_owned(), "Words".to_owned()),
        ];
        let files = Files {
            blocks: HashMap::from(blocks),
            ..Files::default()
        };
        let content = format!("{}{}", reference(2), reference(1).repeat(20_000));
        let mut left = BLOCKS;
        let began = std::time::Instant::now();
        assert_eq!(files.with_blocks(&content, DEPTH, &mut left), "Words");
        assert!(began.elapsed().as_secs() < 20 && left < BLOCKS);
    }

    #[test]
    fn a_reference_that_is_for_some_alone_brings_nothing() {
        let files = Files {
            blocks: HashMap::from([("2".to_owned(), "Words".to_owned())]),
            ..Files::default()
        };
        for (marks, words) in [
            ("", true),
            (",\"metadata\":{\"name\":\"A\"}", true),
            (",\"metadata\":{\"blockVisibility\":false}", false),
            (",\"blockVisibility\":{\"visibilityByRole\":\"logged-in\"}", false),
        ] {
            let content = format!("a<!-- wp:block {{\"ref\":2{marks}}} /-->z");
            let content = files.with_blocks(&content, DEPTH, &mut { BLOCKS });
            assert_eq!(content.contains("Words"), words, "{content}");
            assert_eq!(html::shown(&content, &NoPictures).protected.is_empty(), words);
        }
    }
}
