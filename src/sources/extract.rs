//! What a file says by itself, and how that becomes an [`Article`] at a place of the site.

use super::file_names::{as_address, as_path, file_path, file_slug, is_index, language_prefix};
use super::generators::PLACEHOLDER;
use super::place::Place;
use super::{audio, images, limits};
use crate::articles::headings::Heading;
use crate::articles::nesting::{self, Excess};
use crate::articles::{Article, Audio, Author, Comment, Image, Published, html, identity, text};
use crate::clock::Instant;
use crate::config::SourceKind;
use crate::problem::Problem;
use chrono::Datelike;
use std::collections::HashSet;
use std::path::Path;
use url::Url;
use uuid::Uuid;

/// The longest summary that is made from a text whose author wrote none, in characters.
pub(crate) const SUMMARY_CHARS: usize = 300;
/// The longest guid that is carried on.
const GUID_BYTES: usize = 2000;
/// The longest title that is made from the first words of a text, in characters.
const TITLE_CHARS: usize = 80;

/// What one file says: not yet sanitised, addresses as they were written.
#[derive(Debug, Default)]
pub(crate) struct Extract {
    /// Stated by the file, to be kept for ever.
    pub(crate) id: Option<String>,
    /// By what the old system's feed called it, as it stood there. Where there is no id it is that too.
    pub(crate) guid: Option<String>,
    pub(crate) title: Option<String>,
    /// Stated by the file itself, absolute or from the site's root.
    pub(crate) url: Option<String>,
    pub(crate) slug: Option<String>,
    /// Where its generator publishes it, from the site's root; or what is missing for that.
    pub(crate) generated: Option<Result<String, String>>,
    pub(crate) authors: Vec<Author>,
    pub(crate) categories: Vec<String>,
    pub(crate) language: Option<String>,
    pub(crate) published: Option<Published>,
    pub(crate) updated: Option<Instant>,
    pub(crate) summary: Option<String>,
    /// Address and description.
    pub(crate) image: Option<(String, String)>,
    /// Width and height of that image, where they are stated.
    pub(crate) image_size: (Option<u32>, Option<u32>),
    /// A recording, its addresses as they were written.
    pub(crate) audio: Option<Audio>,
    pub(crate) html: String,
    pub(crate) comments: Vec<Comment>,
    pub(crate) comment_count: Option<u32>,
    pub(crate) draft: bool,
    pub(crate) expires: Option<Instant>,
    /// What addresses are relative to, where the file says so; else the article's own.
    pub(crate) base: Option<Url>,
    /// What is to be said of it; the file is named later.
    pub(crate) warnings: Vec<Problem>,
}

/// Makes the article: its address, its sanitised content, and what its file left out.
///
/// # Errors
/// Its address needs a date that it does not have (`url-needs-date`), it is nested too deep
/// (`too-deep`), or there is too much of it (`too-complex`).
pub(crate) fn article(extract: Extract, place: &Place) -> Result<(Article, Vec<Problem>), Problem> {
    let mut warnings = Vec::new();
    let url = url(&extract, place, &mut warnings)?;
    let base = &extract.base.clone().unwrap_or_else(|| folder_of(&url, place));
    let clean = html::clean(&extract.html, base).map_err(|excess| unparsable(excess, &place.file.path))?;
    let (content_html, plain, headings) = (clean.html, clean.text, clean.headings);
    let stated_title = extract
        .title
        .as_deref()
        .map(text::one_line)
        .filter(|title| !title.is_empty());
    let title = stated_title.unwrap_or_else(|| title_of(&plain, &url, place, &mut warnings));
    warnings.extend(left_out(&plain, &extract, place));
    let told = extract.warnings.iter().cloned();
    warnings.extend(told.map(|problem| problem.file(&place.file.path)));
    let stated_summary = extract
        .summary
        .as_deref()
        .map(text::one_line)
        .filter(|summary| !summary.is_empty());
    let stated_image = stated_image(&extract, base, place);
    let stated_audio = extract.audio.as_ref();
    let stated_audio = stated_audio.and_then(|stated| audio::stated(stated, base, place));
    let absolute = |author: Author| Author {
        url: author.url.and_then(|address| html::absolute(&address, base)),
        ..author
    };
    let shown = u32::try_from(extract.comments.len())
        .ok()
        .filter(|count| *count > 0);
    let mut article = Article {
        id: id(&extract, place),
        guid: extract.guid.filter(|guid| guid.len() <= GUID_BYTES),
        source: place.source.name.clone(),
        path: place.file.name.clone(),
        url: url.to_string(),
        title,
        authors: extract.authors.into_iter().map(absolute).collect(),
        categories: extract.categories,
        language: extract.language.as_deref().and_then(language),
        published: extract.published,
        updated: extract.updated,
        summary: stated_summary.unwrap_or_else(|| {
            text::first_words(&sentences(&plain, &headings, &content_html), SUMMARY_CHARS)
        }),
        image: stated_image.or_else(|| shown_image(&content_html, base, place)),
        audio: stated_audio.or_else(|| audio::first(&content_html, base, place)),
        content_html,
        comments: extract.comments,
        comment_count: extract.comment_count.or(shown),
        draft: extract.draft,
        expires: extract.expires,
    };
    warnings.extend(limits::keep_within(&mut article, &place.file.path));
    let article = text::clean(article);
    warnings.extend(limits::too_long_for_readers(&article, &place.file.path));
    Ok((article, warnings))
}

fn stated_image(extract: &Extract, base: &Url, place: &Place) -> Option<Image> {
    let (address, alt) = extract.image.as_ref()?;
    let (width, height) = extract.image_size;
    images::stated(address, alt, base, place).map(|image| Image {
        width,
        height,
        ..image
    })
}

/// What the files beside an article are published under: an article that has a folder of its own is
/// published as one too, however its address is written.
fn folder_of(url: &Url, place: &Place) -> Url {
    let mut base = url.clone();
    let last = url.path().rsplit('/').next().unwrap_or_default();
    if is_bundle(place) && !last.is_empty() && !last.contains('.') {
        base.set_path(&format!("{}/", url.path()));
    }
    base
}

/// The first image of the text, else one that lies beside an article with a folder of its own.
fn shown_image(content_html: &str, base: &Url, place: &Place) -> Option<Image> {
    let beside = || is_bundle(place).then(|| images::beside(base, place))?;
    images::first(content_html, base, place).or_else(beside)
}

fn is_bundle(place: &Place) -> bool {
    place.source.kind == SourceKind::Markdown && is_index(place)
}

/// Warns of what an article should have and does not.
fn left_out(plain: &str, extract: &Extract, place: &Place) -> Vec<Problem> {
    let mut warnings = Vec::new();
    if plain.is_empty() {
        warnings.push(
            Problem::warning("no-content", "no text was found in it")
                .file(&place.file.path)
                .hint("see what is taken from it with `tidings articles extract`"),
        );
    }
    if extract.published.is_none() {
        warnings.push(
            Problem::warning(
                "no-date",
                "it states no date; the time it was first seen is taken",
            )
            .file(&place.file.path)
            .key("date")
            .hint("give it a date, so that it keeps its place when the store is made anew"),
        );
    }
    warnings
}

/// The lines of a text that a summary can be made of: it goes from sentence to sentence, without headings,
/// and without the names of the hosts that stand for films and frames.
fn sentences(plain: &str, headings: &[Heading], html: &str) -> String {
    let headings: HashSet<&str> = headings.iter().map(|heading| heading.text.as_str()).collect();
    let is_host = |line: &str| {
        let is_name = line.contains('.') && !line.contains(char::is_whitespace);
        is_name && html.contains(&format!("//{line}/"))
    };
    let lines = plain
        .lines()
        .filter(|line| !headings.contains(line) && !is_host(line));
    let mut sentences = String::new();
    // No character has more than four bytes.
    for line in lines {
        sentences.extend([line, "\n"]);
        if sentences.len() > SUMMARY_CHARS * 4 {
            break;
        }
    }
    sentences
}

/// The id a file states, else one from its path. What is no UUID or URI, a number for one, is only
/// unique within its source.
fn id(extract: &Extract, place: &Place) -> String {
    let of_source = |name: &str| identity::article_id(place.site_id, &place.source.name, name);
    let Some(stated) = extract
        .id
        .as_deref()
        .or(extract.guid.as_deref())
        .map(text::one_line)
        .filter(|id| !id.is_empty())
    else {
        return of_source(&place.file.name);
    };
    let uri = || stated.len() <= 500 && !stated.contains(' ') && Url::parse(&stated).is_ok();
    if Uuid::parse_str(&stated).is_ok() || uri() {
        stated
    } else {
        // No file's name has a line break.
        of_source(&format!("id\n{stated}"))
    }
}

/// HTML that no reader could show and no parser would take.
pub(crate) fn unparsable(excess: Excess, path: &Path) -> Problem {
    let (what, hint) = match excess {
        Excess::Depth => return too_deep(path),
        Excess::Attributes => (
            format!("a tag has more than {} attributes", nesting::MAX_ATTRIBUTES),
            "look for a quote that is missing, or leave it out with `exclude`",
        ),
        Excess::Tags => (
            format!("there are more than {} tags in it", nesting::MAX_TAGS),
            "split it, or leave it out with `exclude`",
        ),
        Excess::Weight => (
            "megabytes of text stand hundreds of elements deep".to_owned(),
            "look for tags that are never closed, or leave it out with `exclude`",
        ),
    };
    Problem::error("too-complex", what).file(path).hint(hint)
}

/// HTML that no reader could show.
pub(crate) fn too_deep(path: &Path) -> Problem {
    Problem::error(
        "too-deep",
        format!("elements are nested more than {} deep", nesting::MAX_DEPTH),
    )
    .file(path)
    .hint("look for a tag that is opened again and again and never closed")
}

/// What an article without a title is called: no feed may have an item that has none.
fn title_of(plain: &str, url: &Url, place: &Place, warnings: &mut Vec<Problem>) -> String {
    let words = text::first_words(plain.lines().next().unwrap_or_default(), TITLE_CHARS);
    let file_name = text::one_line(&file_slug(place));
    let (title, taken) = match (words.is_empty(), file_name.is_empty()) {
        (false, _) => (words, "its first words are taken"),
        (true, false) => (file_name, "its file name is taken"),
        // An item of a feed is named by its address, which may end with a slash.
        (true, true) => (url.to_string(), "its address is taken"),
    };
    let problem = Problem::warning("no-title", format!("it states no title; {taken}: {title:?}"));
    warnings.push(
        problem
            .file(&place.file.path)
            .key("title")
            .hint("give it a title"),
    );
    title
}

/// BCP 47 as far as its form goes: `en_US` is written `en-US`, what cannot be a tag is none.
fn language(stated: &str) -> Option<String> {
    let tag = stated.trim().split('.').next()?.replace('_', "-");
    let mut parts = tag.split('-');
    let primary = parts.next()?;
    let plain = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let good = (2..=3).contains(&primary.len())
        && primary.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(|part| plain(part, 8));
    good.then_some(tag)
}

/// The address an article has by what it states and by its source's template.
///
/// # Errors
/// As for [`article`].
pub(crate) fn address(extract: &Extract, place: &Place) -> Result<Url, Problem> {
    url(extract, place, &mut Vec::new())
}

/// The article's address: from outside, else stated, else the source's template.
fn url(extract: &Extract, place: &Place, warnings: &mut Vec<Problem>) -> Result<Url, Problem> {
    if let Some(url) = place.url {
        return Ok(url.clone());
    }
    if let Some(stated) = extract.url.as_deref().filter(|u| !u.trim().is_empty()) {
        match html::absolute(stated, &place.site.url).and_then(|u| Url::parse(&u).ok()) {
            Some(url) if url.scheme() != "mailto" => return Ok(url),
            _ => warnings.push(
                Problem::warning(
                    "bad-url",
                    format!("{stated:?} is no address of a page; the source's template is used"),
                )
                .file(&place.file.path)
                .key("url")
                .hint("write it as https://… or /…"),
            ),
        }
    }
    let template = match place.source.url_template.as_deref() {
        // Nobody sees it yet, and it gets its date when it is published.
        Some(template) if extract.draft && lacks_date(template, extract) => "{slug}",
        Some(template) => template,
        None => "{slug}",
    };
    let filled = fill(template, extract, place)?;
    let has_language = template.contains(PLACEHOLDER);
    let made = place.site.url.join(&filled).map(|url| match has_language {
        true => url,
        false => of_language(url, place),
    });
    made.map_err(|error| {
        Problem::error(
            "bad-url",
            format!("the source's url_template gives {filled:?}: {error}"),
        )
        .file(&place.file.path)
        .key(format!("sources.{}.url_template", place.source.name))
        .hint("correct the template, or state the article's url")
    })
}

/// An article in another language than the site's stands beside the one of the same name.
fn of_language(mut url: Url, place: &Place) -> Url {
    let prefix = language_prefix(place);
    if !prefix.is_empty() {
        let base = place.site.url.path();
        let (base, rest) = match url.path().strip_prefix(base) {
            Some(rest) => (base, rest),
            None => ("/", url.path().trim_start_matches('/')),
        };
        let path = format!("{base}{prefix}{rest}");
        url.set_path(&path);
    }
    url
}

fn needs_date(template: &str) -> bool {
    let parts = ["{year}", "{month}", "{day}"];
    parts.iter().any(|part| template.contains(part))
}

fn lacks_date(template: &str, extract: &Extract) -> bool {
    let generated = matches!(extract.generated, Some(Err(_))) && template.contains(PLACEHOLDER);
    generated || (extract.published.is_none() && needs_date(template))
}

fn no_date(template: &str, why: &str, place: &Place) -> Problem {
    Problem::error(
        "url-needs-date",
        format!("its address is {template:?}, and {why}"),
    )
    .file(&place.file.path)
    .key("date")
    .hint("give it a date")
}

fn fill(template: &str, extract: &Extract, place: &Place) -> Result<String, Problem> {
    let mut filled = template.to_owned();
    if let Some(generated) = extract
        .generated
        .as_ref()
        .filter(|_| template.contains(PLACEHOLDER))
    {
        let address = generated.as_ref().map_err(|why| no_date(template, why, place))?;
        filled = filled.replace(PLACEHOLDER, &as_address(address));
    }
    if needs_date(&filled) {
        let published = extract
            .published
            .ok_or_else(|| no_date(template, "it has no date", place))?;
        let local = published.at.with_timezone(&place.site.timezone);
        filled = filled
            .replace("{year}", &format!("{:04}", local.year()))
            .replace("{month}", &format!("{:02}", local.month()))
            .replace("{day}", &format!("{:02}", local.day()));
    }
    let slug = extract.slug.clone().filter(|s| !s.trim_matches('/').is_empty());
    let slug = slug.unwrap_or_else(|| file_slug(place));
    Ok(filled
        .replace("{slug}", &as_path(&slug))
        .replace("{path}", &as_path(&file_path(place))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articles::Precision;
    use crate::sources::ground::Ground;
    use chrono::DateTime;

    fn dated() -> Extract {
        // Already the 23rd in Vienna.
        let at = DateTime::parse_from_rfc3339("2026-01-22T23:30:00Z")
            .unwrap()
            .to_utc();
        Extract {
            title: Some("T".to_owned()),
            published: Some(Published {
                at,
                precision: Precision::Second,
            }),
            html: "<p>x</p>".to_owned(),
            ..Extract::default()
        }
    }

    #[test]
    fn a_summary_begins_with_words() {
        let html = "<p><a href=\"https://film.example/1\">film.example</a></p><h2>T</h2><p>Words.</p>";
        let headings = crate::articles::headings::of_html(html);
        let plain = text::from_html(html);
        assert_eq!(sentences(&plain, &headings, html).trim(), "Words.");
    }

    #[test]
    fn addresses_from_the_template() {
        for (name, template, slug, expected) in [
            ("a.md", None, None, "https://example.org/a"),
            (
                "2026-01-23-hello-world.md",
                None,
                None,
                "https://example.org/hello-world",
            ),
            ("deep/er/a.md", None, None, "https://example.org/a"),
            ("trip/index.md", None, None, "https://example.org/trip"),
            ("a.md", None, Some("own-slug"), "https://example.org/own-slug"),
            ("My File?.md", None, None, "https://example.org/My-File%3F"),
            ("a.md", None, Some("../../x"), "https://example.org/x"),
            (
                "b/a.md",
                Some("blog/{path}/"),
                None,
                "https://example.org/blog/b/a/",
            ),
            (
                "a.md",
                Some("/{year}/{month}/{day}/{slug}.html"),
                None,
                "https://example.org/2026/01/23/a.html",
            ),
            (
                "a.md",
                Some("https://other.example/{slug}"),
                None,
                "https://other.example/a",
            ),
        ] {
            let extract = Extract {
                slug: slug.map(str::to_owned),
                ..dated()
            };
            let (article, warnings) = Ground::new(name, template).article(extract).unwrap();
            assert_eq!(article.url, expected, "{name}");
            assert_eq!(warnings, []);
        }
    }

    #[test]
    fn stated_addresses_and_those_that_are_none() {
        let url = |stated: &str| {
            let extract = Extract {
                url: Some(stated.to_owned()),
                ..dated()
            };
            let (article, warnings) = Ground::new("a.md", None).article(extract).unwrap();
            (article.url, warnings.len())
        };
        assert_eq!(url("/x/y/"), ("https://example.org/x/y/".to_owned(), 0));
        assert_eq!(url("https://b.example/x"), ("https://b.example/x".to_owned(), 0));
        assert_eq!(url("javascript:x"), ("https://example.org/a".to_owned(), 1));
        assert_eq!(url("mailto:a@b.example"), ("https://example.org/a".to_owned(), 1));
        let undated = Extract {
            published: None,
            ..dated()
        };
        let problem = Ground::new("a.md", Some("{year}/{slug}"))
            .article(undated)
            .unwrap_err();
        assert_eq!(problem.code, "url-needs-date");
    }

    #[test]
    fn what_is_left_out_is_found_and_told() {
        let extract = Extract {
            html: "<p>First words of it.</p><h2>H</h2><p>More.</p>".to_owned(),
            ..Extract::default()
        };
        let (article, warnings) = Ground::new("a.md", None).article(extract).unwrap();
        assert_eq!(article.title, "First words of it.");
        assert_eq!(article.summary, "First words of it. More.");
        let codes: Vec<&str> = warnings.iter().map(|w| w.code).collect();
        assert_eq!(codes, ["no-title", "no-date"]);
        let (article, warnings) = Ground::new("some-name.md", None)
            .article(Extract::default())
            .unwrap();
        assert_eq!(article.title, "some-name");
        let (article, _) = Ground::new("\u{200B}.md", Some("x"))
            .article(Extract::default())
            .unwrap();
        assert_eq!(article.title, "https://example.org/x");
        assert_eq!(warnings.len(), 3);
    }

    #[test]
    fn images_at_hand_are_measured_and_others_are_not() {
        let ground = Ground::new("posts/a.md", None);
        std::fs::write(ground.dir.path().join("posts/b.jpg"), [0; 7]).unwrap();
        std::fs::write(ground.dir.path().join("c.png"), [0; 9]).unwrap();
        for (written, length, media_type) in [
            ("b.jpg", Some(7), Some("image/jpeg")),
            ("/c.png", Some(9), Some("image/png")),
            ("https://example.org/c.png", Some(9), Some("image/png")),
            ("https://b.example/c.png", None, Some("image/png")),
            ("../../../../etc/passwd", None, None),
        ] {
            let extract = Extract {
                image: Some((written.to_owned(), String::new())),
                ..dated()
            };
            let (article, _) = ground.article(extract).unwrap();
            let image = article.image.unwrap();
            assert_eq!(
                (image.length, image.media_type.as_deref()),
                (length, media_type),
                "{written}"
            );
        }
        let html =
            "<img src=\"/dot.gif\" width=\"1\" height=\"1\"><img src=\"/c.png\" alt=\"C\" width=\"300\">";
        let (article, _) = ground
            .article(Extract {
                html: html.to_owned(),
                ..dated()
            })
            .unwrap();
        let image = article.image.unwrap();
        assert_eq!(
            (image.alt.as_str(), image.width, image.length),
            ("C", Some(300), Some(9))
        );
    }

    #[test]
    fn ids_are_stated_or_from_the_path() {
        let id = |name: &str, stated: Option<&str>| {
            let extract = Extract {
                id: stated.map(str::to_owned),
                ..dated()
            };
            Ground::new(name, None).article(extract).unwrap().0.id
        };
        let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert_eq!(id("a.md", Some(uuid)), uuid);
        assert_eq!(
            id("a.md", Some("tag:example.org,2026:1")),
            "tag:example.org,2026:1"
        );
        assert_eq!(
            id("a.md", Some("17")),
            id("b.md", Some("17")),
            "it moves with its file"
        );
        assert_ne!(id("a.md", Some("17")), "17");
        assert_ne!(id("a.md", None), id("b.md", None));
        assert_eq!(id("a.md", Some(" ")), id("a.md", None));
    }

    #[test]
    fn languages_are_tags() {
        for (stated, expected) in [
            ("en_US", Some("en-US")),
            ("de", Some("de")),
            ("pt_BR.UTF-8", Some("pt-BR")),
            ("English language", None),
            ("", None),
        ] {
            assert_eq!(language(stated).as_deref(), expected, "{stated}");
        }
    }
}
