//! Markdown files with front matter.

use super::dates::{self, Reading};
use super::extract::{self, Extract};
use super::front_matter::{self, Head};
use crate::articles::text;
use crate::problem::Problem;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// The dialect: CommonMark with tables, footnotes, strike-through and task lists.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
}

/// Whether a file is only there for people who look at the folder: a `README.md` without front
/// matter, and Hugo's `_index.md`, which describes a section.
pub(crate) fn is_no_article(name: &str, file: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    match last.as_str() {
        "_index.md" | "_index.markdown" => true,
        "readme.md" | "readme.markdown" => front_matter::split(file).is_ok_and(|split| !split.head.present),
        _ => false,
    }
}

/// Reads a Markdown file.
///
/// # Errors
/// Its front matter is broken or holds what cannot be meant: `front-matter`, with the line.
pub(crate) fn read(name: &str, file: &str, reading: Reading) -> Result<Extract, Problem> {
    let split = front_matter::split(file)?;
    let head = &split.head;
    let body = Body::parse(split.body);
    let title = head.text(&["title", "headline"]);
    let lead = body.lead_heading();
    let (title, without) = match title {
        Some(title) => {
            let repeated = lead.as_ref().is_some_and(|(text, level, range)| {
                *level == 1 && range.0 == 0 && text::one_line(text) == text::one_line(&title)
            });
            (Some(title), lead.filter(|_| repeated))
        }
        None => (lead.as_ref().map(|(text, _, _)| text.clone()), lead),
    };
    let skip = without.map(|(_, _, range)| range);
    let published = published(head, name, reading)?;
    let updated = head.date(
        &[
            "updated",
            "lastmod",
            "last_modified_at",
            "modified",
            "updatedDate",
            "last_updated",
            "modDatetime",
        ],
        reading,
    )?;
    let expires = head.date(&["expires", "expiryDate", "expiry_date", "expiry"], reading)?;
    let comments = head.comments(reading);
    Ok(Extract {
        id: head.text(&["id", "guid"]),
        guid: None,
        title,
        url: permalink(head),
        slug: head.text(&["slug"]),
        authors: head.authors(),
        categories: categories(head),
        language: head.text(&["language", "lang", "locale"]),
        published,
        updated: updated.map(|date| date.at),
        summary: head
            .text(&["summary", "description", "excerpt", "subtitle"])
            .or_else(|| body.excerpt(skip)),
        image: head.image(),
        html: body.html(skip),
        comment_count: head
            .text(&["comment_count", "commentCount"])
            .and_then(|count| count.parse().ok()),
        comments: comments.unwrap_or_default(),
        draft: is_draft(head, name),
        expires: expires.map(|date| date.at),
        base: None,
    })
}

fn published(
    head: &Head,
    name: &str,
    reading: Reading,
) -> Result<Option<crate::articles::Published>, Problem> {
    let stated = head.date(
        &[
            "date",
            "published",
            "publishDate",
            "pubDate",
            "pubDatetime",
            "publish_date",
            "published_at",
            "created",
        ],
        reading,
    );
    // `published: false` says something else, and `published: true` says nothing of a date.
    let stated = match stated {
        Err(problem)
            if problem.key.as_deref() == Some("published") && head.flag(&["published"]).is_some() =>
        {
            None
        }
        stated => stated?,
    };
    Ok(stated.or_else(|| dates::parse(extract::file_date(name)?, reading)))
}

fn is_draft(head: &Head, name: &str) -> bool {
    head.flag(&["draft"]) == Some(true)
        || head.flag(&["published"]) == Some(false)
        || head.flag(&["permalink"]) == Some(false)
        || head.flag(&["eleventyExcludeFromCollections"]) == Some(true)
        || name.split('/').any(|folder| folder == "_drafts")
}

/// `categories` and `category` (and `section`); tags stand in only where there are none of these.
fn categories(head: &Head) -> Vec<String> {
    let stated = head.list(&["categories", "category", "section"]);
    if stated.is_empty() {
        head.list(&["tags", "tag", "keywords"])
    } else {
        stated
    }
}

/// The address the file states; one with placeholders of another generator is for that generator.
fn permalink(head: &Head) -> Option<String> {
    let stated = head.text(&["url", "permalink", "canonical_url", "canonicalURL", "canonical"])?;
    let placeholder = stated.contains("/:") || stated.contains("{{") || stated == "false" || stated == "true";
    (!placeholder).then_some(stated)
}

/// The parsed text: events, and where its excerpt ends.
struct Body<'a> {
    events: Vec<Event<'a>>,
    more: Option<usize>,
}

impl<'a> Body<'a> {
    fn parse(markdown: &'a str) -> Body<'a> {
        let events: Vec<Event> = Parser::new_ext(markdown, options()).collect();
        let is_more = |event: &Event| match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let inner = html
                    .trim()
                    .strip_prefix("<!--")
                    .and_then(|html| html.strip_suffix("-->"));
                inner.is_some_and(|inner| inner.trim().eq_ignore_ascii_case("more"))
            }
            _ => false,
        };
        let more = events.iter().position(is_more);
        Body { events, more }
    }

    /// The first heading with text: that text, its level, and the events it is made of.
    fn lead_heading(&self) -> Option<(String, u8, (usize, usize))> {
        let mut start = None;
        for (index, event) in self.events.iter().enumerate() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => start = Some((index, *level as u8)),
                Event::End(TagEnd::Heading(_)) => {
                    let (from, level) = start?;
                    let text = plain(&self.events[from..=index]);
                    if !text.is_empty() {
                        return Some((text, level, (from, index)));
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// What stands before the more-tag, as plain text.
    fn excerpt(&self, without: Option<(usize, usize)>) -> Option<String> {
        Some(text::from_html(&self.rendered(self.more?, without))).filter(|text| !text.is_empty())
    }

    /// All of it as HTML, without a range of events.
    fn html(&self, without: Option<(usize, usize)>) -> String {
        self.rendered(self.events.len(), without)
    }

    fn rendered(&self, end: usize, without: Option<(usize, usize)>) -> String {
        let kept = self.events[..end]
            .iter()
            .enumerate()
            .filter(|(index, _)| without.is_none_or(|(from, to)| !(from..=to).contains(index)));
        let mut rendered = String::new();
        html::push_html(&mut rendered, kept.map(|(_, event)| boxed(event)));
        rendered
    }
}

/// A task's box as a character: no reader of a feed shows a form.
fn boxed<'a>(event: &Event<'a>) -> Event<'a> {
    match event {
        Event::TaskListMarker(done) => Event::Text(if *done { "☑ " } else { "☐ " }.into()),
        event => event.clone(),
    }
}

fn plain(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text::one_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::rfc3339;
    use chrono_tz::Tz;

    fn reading() -> Reading {
        Reading::new(Tz::UTC, "en")
    }

    fn read_file(file: &str) -> Extract {
        read("a.md", file, reading()).unwrap()
    }

    #[test]
    fn the_title_is_stated_or_the_first_heading() {
        for (file, title, html) in [
            ("---\ntitle: A\n---\n# A\n\nx", Some("A"), "<p>x</p>\n"),
            (
                "---\ntitle: A\n---\n# B\n\nx",
                Some("A"),
                "<h1>B</h1>\n<p>x</p>\n",
            ),
            (
                "---\ntitle: A\n---\n## A\n\nx",
                Some("A"),
                "<h2>A</h2>\n<p>x</p>\n",
            ),
            ("# A *b* `c`\n\nx", Some("A b c"), "<p>x</p>\n"),
            ("x\n\n## Later\n\ny", Some("Later"), "<p>x</p>\n<p>y</p>\n"),
            ("x\n\n#\n", None, "<p>x</p>\n<h1></h1>\n"),
        ] {
            let extract = read_file(file);
            assert_eq!(extract.title.as_deref(), title, "{file}");
            assert_eq!(extract.html, html, "{file}");
        }
    }

    #[test]
    fn drafts_in_every_form() {
        for (name, file, draft) in [
            ("a.md", "---\ndraft: true\n---\n", true),
            ("a.md", "---\ndraft: 'yes'\n---\n", true),
            ("a.md", "---\npublished: false\n---\n", true),
            ("a.md", "---\npermalink: false\n---\n", true),
            ("_drafts/a.md", "x", true),
            ("a.md", "---\ndraft: false\npublished: true\n---\n", false),
            ("a.md", "+++\ndraft = true\n+++\n", true),
        ] {
            assert_eq!(read(name, file, reading()).unwrap().draft, draft, "{file}");
        }
    }

    #[test]
    fn categories_and_only_without_them_tags() {
        for (file, expected) in [
            ("---\ncategories: [A, B]\ntags: [c]\n---\n", vec!["A", "B"]),
            ("---\ncategory: A\n---\n", vec!["A"]),
            ("---\ntags: [c, d]\n---\n", vec!["c", "d"]),
            ("---\ntags: c, d\n---\n", vec!["c", "d"]),
            (
                "+++\n[taxonomies]\ncategories = [\"A\"]\ntags = [\"c\"]\n+++\n",
                vec!["A"],
            ),
            ("x", vec![]),
        ] {
            assert_eq!(read_file(file).categories, expected, "{file}");
        }
    }

    #[test]
    fn dates_stated_and_from_the_name() {
        let date = |name: &str, file: &str| {
            let extract = read(name, file, reading()).unwrap();
            extract.published.map(|p| rfc3339(p.at)[..10].to_owned())
        };
        assert_eq!(
            date("a.md", "---\npubDate: Jan 23 2026\n---\n").as_deref(),
            Some("2026-01-23")
        );
        assert_eq!(date("2026-01-23-a.md", "x").as_deref(), Some("2026-01-23"));
        assert_eq!(
            date("2026-01-23-a.md", "---\ndate: 2026-01-24\n---\n").as_deref(),
            Some("2026-01-24")
        );
        assert_eq!(date("a.md", "x"), None);
        assert_eq!(
            read("a.md", "---\ndate: soon\n---\n", reading())
                .unwrap_err()
                .code,
            "front-matter"
        );
    }

    #[test]
    fn the_excerpt_ends_at_the_more_tag() {
        let extract = read_file("# T\n\nOne *two*.\n\n<!-- more -->\n\nThree.");
        assert_eq!(extract.summary.as_deref(), Some("One two."));
        assert_eq!(read_file("One.\n\nTwo.").summary, None);
        assert_eq!(
            read_file("---\nsummary: S\n---\nOne.\n\n<!--more-->\n")
                .summary
                .as_deref(),
            Some("S")
        );
    }

    #[test]
    fn permalinks_of_other_generators_are_theirs() {
        for (written, expected) in [
            ("/a/b/", Some("/a/b/")),
            ("https://example.org/x", Some("https://example.org/x")),
            ("/:year/:title/", None),
            ("\"{{ page.slug }}/\"", None),
        ] {
            let extract = read_file(&format!("---\npermalink: {written}\n---\n"));
            assert_eq!(extract.url.as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn files_that_are_no_articles() {
        assert!(is_no_article("README.md", "# Posts\n"));
        assert!(is_no_article("posts/_index.md", "---\ntitle: Posts\n---\n"));
        assert!(!is_no_article("README.md", "---\ntitle: A post\n---\n"));
        assert!(!is_no_article("posts/a.md", "# Posts\n"));
    }
}
