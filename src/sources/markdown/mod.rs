//! Markdown files with front matter, as the common site generators publish them.

mod address;
mod body;
mod code;
mod context;
mod dialects;
mod directives;
mod formulas;
mod html;
mod jsx;
mod left_out;
mod links;
mod mdx;
mod permalink;
mod references;
mod stated;
mod templates;
mod wiki;

use super::dates::Reading;
use super::extract::Extract;
use super::front_matter::{self, Head, keys};
use super::place::Place;
use crate::articles::text;
use crate::problem::Problem;
use body::Body;
use context::Context;
use memchr::memchr;
use permalink::Known;
use references::References;
use std::borrow::Cow;

/// Whether a file is only there for people who look at the folder: a `README.md` without front
/// matter, and Hugo's `_index.md`, which describes a section.
pub(crate) fn is_no_article(name: &str, file: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    match last.split('.').next().unwrap_or_default() {
        "_index" => true,
        "readme" => front_matter::split(file).is_ok_and(|split| !split.head.present),
        _ => false,
    }
}

/// Reads a Markdown file.
///
/// # Errors
/// Its front matter is broken or holds what cannot be meant: `front-matter`, with the line.
pub(crate) fn read(place: &Place, file: &str, reading: Reading) -> Result<Extract, Problem> {
    let file = line_ends(file);
    let split = front_matter::split(&file)?;
    let head = &place.with_defaults(split.head);
    let context = Context {
        place,
        head,
        references: References { place, reading },
    };
    let (text, mut warnings) = plain(split.body, split.body_line, &context);
    let body = Body::parse(&text, &context);
    let (title, skip) = title(head, &body);
    let published = stated::published(head, place, reading)?;
    let categories = stated::categories(head, place);
    let slug = head.own_text(keys::SLUG);
    let known = Known {
        place,
        published,
        title: title.as_deref(),
        slug: slug.as_deref(),
        categories: &categories,
    };
    let (url, warning) = permalink::stated(head, &known);
    warnings.extend(warning.into_iter().chain(body.warnings.iter().cloned()));
    Ok(Extract {
        id: head.own_text(keys::ID),
        guid: None,
        url,
        generated: address::generated(&known),
        authors: head.authors(),
        language: head.text(keys::LANGUAGE).or_else(|| language(place)),
        published,
        updated: head.date(keys::UPDATED, reading)?.map(|date| date.at),
        summary: head
            .text(keys::SUMMARY)
            .or_else(|| separated(&text, &context))
            .or_else(|| body.excerpt(skip)),
        image_size: (None, None),
        image: head.image(),
        audio: head.audio(),
        html: body.into_html(skip),
        comment_count: head
            .text(keys::COMMENT_COUNT)
            .and_then(|count| count.parse().ok()),
        comments: head.comments(reading).unwrap_or_default(),
        draft: stated::is_draft(head, place),
        expires: head.date(keys::EXPIRES, reading)?.map(|date| date.at),
        base: None,
        warnings,
        title,
        slug,
        categories: match categories.is_empty() {
            true => stated::tags(head, place),
            false => categories,
        },
    })
}

/// The text as Markdown alone, and what was left out of it. `first_line` is the line of the file it
/// begins on.
fn plain<'a>(body: &'a str, first_line: u64, context: &Context) -> (Cow<'a, str>, Vec<Problem>) {
    let is_mdx = is_mdx(&context.place.file.name);
    let (text, mut warnings) = match is_mdx {
        true => mdx::run(body, first_line, context),
        false => templates::run(body, first_line, context),
    };
    let (text, directives) = dialects::written(text, context, is_mdx);
    warnings.extend(left_out::of_names(&directives, body, first_line));
    (text, warnings)
}

/// The language that the name of the file or its folder says, where its site has several.
fn language(place: &Place) -> Option<String> {
    let language = place.generated()?.language(&place.file.name);
    language.map(str::to_owned)
}

fn is_mdx(name: &str) -> bool {
    let (_, extension) = name.rsplit_once('.').unwrap_or_default();
    extension.eq_ignore_ascii_case("mdx")
}

/// The title, stated or the first heading's, and the events of the heading that repeats or gives it.
fn title(head: &Head, body: &Body) -> (Option<String>, Option<(usize, usize)>) {
    let lead = body.lead_heading();
    let Some(title) = head.text(keys::TITLE) else {
        return lead.map_or((None, None), |(text, _, range)| (Some(text), Some(range)));
    };
    let repeats = |(text, level, range): &(String, u8, (usize, usize))| {
        *level == 1 && range.0 == 0 && text::one_line(text) == text::one_line(&title)
    };
    let repeated = lead.filter(repeats).map(|(_, _, range)| range);
    (Some(title), repeated)
}

/// What stands before the separator that the front matter names.
fn separated(text: &str, context: &Context) -> Option<String> {
    let separator = context.head.own_text(keys::EXCERPT_SEPARATOR)?;
    let (before, _) = text.split_once(&separator)?;
    let body = Body::parse(before, context);
    let title = body.lead_heading().map(|(_, _, range)| range);
    let excerpt = text::from_html(&body.into_html(title));
    (!excerpt.is_empty()).then_some(excerpt)
}

/// A file whose lines end in the way of old Macintoshes would be one line to all that follows.
fn line_ends(file: &str) -> Cow<'_, str> {
    match memchr(b'\n', file.as_bytes()).is_none() && file.contains('\r') {
        true => Cow::Owned(file.replace('\r', "\n")),
        false => Cow::Borrowed(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::rfc3339;
    use crate::sources::ground::Ground;

    fn try_read(name: &str, file: &str) -> Result<Extract, Problem> {
        let ground = Ground::new(name, None);
        read(&ground.place(), file, Reading::new(chrono_tz::Tz::UTC, "en"))
    }

    fn read_named(name: &str, file: &str) -> Extract {
        try_read(name, file).unwrap()
    }

    fn read_file(file: &str) -> Extract {
        read_named("a.md", file)
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
            ("_a.md", "x", true),
            ("a.md", "---\nheadless: true\n---\n", true),
            ("a.md", "---\n_build: {list: never}\n---\n", true),
            ("a.md", "---\nbuild: {render: never, list: always}\n---\n", false),
            ("a.md", "+++\n[build]\nlist = false\n+++\n", true),
            ("a.md", "+++\nrender = false\n+++\n", true),
            ("a.md", "---\neleventyExcludeFromCollections: true\n---\n", true),
            (
                "a.md",
                "---\neleventyExcludeFromCollections: [posts]\n---\n",
                true,
            ),
            (
                "a.md",
                "---\neleventyExcludeFromCollections: [boats]\n---\n",
                false,
            ),
            ("a.md", "---\nbuild: {list: always, render: always}\n---\n", false),
            ("a.md", "{\"draft\": true}\n\nx", true),
            ("a.md", "---\ndraft: false\npublished: true\n---\n", false),
            ("a.md", "+++\ndraft = true\n+++\n", true),
        ] {
            assert_eq!(read_named(name, file).draft, draft, "{file}");
        }
    }

    #[test]
    fn categories_and_only_without_them_tags() {
        for (file, expected) in [
            ("---\ncategories: [A, B]\ntags: [c]\n---\n", vec!["A", "B"]),
            ("---\ncategory: A\n---\n", vec!["A"]),
            ("---\ntags: [c, d]\n---\n", vec!["c", "d"]),
            ("---\ntags: c, d\n---\n", vec!["c", "d"]),
            ("---\ntags: [posts, c, All]\n---\n", vec!["c"]),
            ("---\ntags: post\n---\n", vec![]),
            (
                "---\ncategories: []\ncategory: A b\ntags: [c]\n---\n",
                vec!["A b"],
            ),
            ("---\ncategories: A b\n---\n", vec!["A b"]),
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
            let extract = read_named(name, file);
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
        for (name, head, expected) in [
            ("2026-01-23-a/index.md", "x: y", Some("2026-01-23")),
            ("2026-01-23/a.md", "x: y", Some("2026-01-23")),
            (
                "a.md",
                "date: 2026-01-23\npublishDate: 2026-03-01",
                Some("2026-03-01"),
            ),
            (
                "a.md",
                "date: 2026-01-23\npublishDate: 2026-01-01",
                Some("2026-01-23"),
            ),
            ("a.md", "publishDate: 2026-01-23", Some("2026-01-23")),
            ("a.md", "lastmod: 2026-01-23", Some("2026-01-23")),
            ("2026-01-23-a.md", "lastmod: 2026-02-23", Some("2026-01-23")),
            ("a.md", "date: Last Modified", None),
            ("a.md", "date: git Created", None),
            ("a.md", "date: 1769126400", Some("2026-01-23")),
            ("a.md", "published: true\ncreated: 2026-01-23", Some("2026-01-23")),
            ("a.md", "date: 2026-01-23 15:41:00 +0100", Some("2026-01-23")),
            ("a.md", "pubDate: 'Jan 23 2026'", Some("2026-01-23")),
            ("a.md", "date: 2399-01-01", Some("2399-01-01")),
            (
                "a.md",
                "date: 2026-01-23\npublishDate: 2999-01-01",
                Some("2999-01-01"),
            ),
            ("_posts/2999-01-05-x.md", "x: y", Some("2999-01-05")),
        ] {
            let file = format!("---\n{head}\n---\nx");
            assert_eq!(date(name, &file).as_deref(), expected, "{name}: {head}");
        }
        let problem = try_read("a.md", "---\ndate: soon\n---\n").unwrap_err();
        assert_eq!(problem.code, "front-matter");
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
    fn jekyll_parts_words_and_names_folders() {
        for (name, head, expected) in [
            ("_posts/2026-01-23-a.md", "categories: a b", vec!["a", "b"]),
            ("_posts/2026-01-23-a.md", "tags: a b", vec!["a", "b"]),
            ("_posts/2026-01-23-a.md", "category: a b", vec!["a b"]),
            ("2026-01-23-a.md", "layout: post\ncategories: a b", vec!["a", "b"]),
            (
                "boats/_posts/2026-01-23-a.md",
                "categories: [wood]",
                vec!["boats", "wood"],
            ),
            (
                "boats/old/_posts/2026-01-23-a.md",
                "tags: x",
                vec!["boats", "old"],
            ),
        ] {
            let file = format!("---\n{head}\n---\nx");
            assert_eq!(read_named(name, &file).categories, expected, "{name}: {head}");
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
