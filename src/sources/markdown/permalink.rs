//! The address that front matter states, with the placeholders of the generators filled in.

use crate::articles::{Published, identity};
use crate::problem::Problem;
use crate::sources::file_names;
use crate::sources::front_matter::{Head, flag, keys, scalar};
use crate::sources::generators::{self, Addresses, Piece, slugs};
use crate::sources::place::Place;

/// What placeholders stand for.
pub(super) struct Known<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) published: Option<Published>,
    pub(super) title: Option<&'a str>,
    pub(super) slug: Option<&'a str>,
    /// Without tags that stand in for them.
    pub(super) categories: &'a [String],
}

/// The address that is stated, absolute or from the root of the host. Where it cannot be made, a
/// warning: then the source's template is used.
pub(super) fn stated(head: &Head, known: &Known) -> (Option<String>, Option<Problem>) {
    for key in keys::URL {
        let Some((written, value)) = head.own(&[key]) else {
            continue;
        };
        let value = value.get("build").unwrap_or(value);
        let Some(text) = scalar(value).filter(|text| !text.is_empty() && flag(value).is_none()) else {
            continue;
        };
        return match filled(key, &text, known) {
            Ok(address) => {
                let address = format!("{}{address}", language(key, &address, known.place));
                (Some(of_site(&address, known.place)), None)
            }
            Err(what) => {
                let text: String = text.chars().take(200).collect();
                let message = format!("{text:?}: {what}; the source's template is used");
                let mut problem = Problem::warning("bad-url", message)
                    .key(written)
                    .hint("state the address as it is published, or give the source a url_template");
                problem.line = head.line_of(written);
                (None, Some(problem))
            }
        };
    }
    (head.text(keys::CANONICAL), None)
}

/// For Hugo an address that does not begin at the root is that of its language.
fn language<'a>(key: &str, address: &str, place: &'a Place) -> &'a str {
    let site = place
        .generated()
        .filter(|site| matches!(site.addresses(), Addresses::Hugo(_)));
    match site {
        Some(site) if key == "url" && !address.starts_with('/') && !address.contains("://") => {
            site.locate(&place.file.name).prefix
        }
        _ => "",
    }
}

/// From the root of the host: a site that is published in a folder has its articles there.
fn of_site(address: &str, place: &Place) -> String {
    let base = place.site.url.path().trim_end_matches('/');
    let elsewhere = address.contains("://") || address.starts_with("//") || base.is_empty();
    let there = address
        .strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match elsewhere || there || !address.starts_with('/') {
        true => address.to_owned(),
        false => format!("{base}{address}"),
    }
}

/// The address that a text under a key is, with its placeholders filled in.
///
/// # Errors
/// What is missing for it.
pub(super) fn filled(key: &str, text: &str, known: &Known) -> Result<String, String> {
    let whose = match key {
        keys::PERMALINK => Whose::Jekyll,
        _ => Whose::Hugo,
    };
    let text = match whose {
        Whose::Jekyll => generators::of_style(text),
        Whose::Hugo => text,
    };
    let address = if text.contains("{{") || text.contains("{%") {
        with_expressions(text, known)?
    } else if text.contains("://") {
        text.to_owned()
    } else {
        with_placeholders(text, whose, known)?
    };
    let address = address.strip_suffix("index.html").unwrap_or(&address).to_owned();
    let last = address.rsplit('/').next().unwrap_or_default();
    // Zola's own word; its addresses end so.
    Ok(match key == "path" && !last.is_empty() && !last.contains('.') {
        true => format!("/{}/", address.trim_start_matches('/')),
        false if key == "path" => format!("/{}", address.trim_start_matches('/')),
        false => address,
    })
}

/// Whose placeholders they are: some have the same name and another meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Jekyll,
    Hugo,
}

/// Fills `:year` and its like.
fn with_placeholders(text: &str, whose: Whose, known: &Known) -> Result<String, String> {
    let mut filled = String::new();
    for piece in generators::pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Placeholder("sections", slice) => filled.push_str(&sections(known, slice)),
            Piece::Placeholder(name, _) => filled.push_str(&placeholder(name, whose, known)?),
        }
    }
    // What stands for nothing leaves nothing behind.
    while filled.contains("//") {
        filled = filled.replace("//", "/");
    }
    Ok(filled)
}

fn placeholder(name: &str, whose: Whose, known: &Known) -> Result<String, String> {
    if let Some(format) = generators::date(name) {
        let published = known.published.ok_or("it has no date")?;
        let local = published.at.with_timezone(&known.place.site.timezone);
        return Ok(local.format(format).to_string());
    }
    let stated = known.slug.filter(|slug| !slug.is_empty());
    match whose {
        Whose::Jekyll => of_jekyll(name, stated, known),
        Whose::Hugo => of_hugo(name, stated, known),
    }
    .or_else(|| of_any(name, known))
    .ok_or_else(|| format!("the placeholder :{name} is not known here"))
}

fn of_jekyll(name: &str, stated: Option<&str>, known: &Known) -> Option<String> {
    let own = || stated.map_or_else(|| file_names::file_slug(known.place), str::to_owned);
    Some(match name {
        "title" => slugs::jekyll_title(&own()),
        "slug" => slugs::jekyll(&own()),
        "name" | "basename" => file_names::file_slug(known.place),
        _ => return None,
    })
}

/// A page without a slug is called by its title there.
fn of_hugo(name: &str, stated: Option<&str>, known: &Known) -> Option<String> {
    // As an address it ends at an empty part.
    let written = |text: &str| slugs::hugo(text).trim_end_matches('#').to_owned();
    let file = || file_names::own_name(known.place);
    let title = || known.title.map(written).filter(|title| !title.is_empty());
    let title = || title().unwrap_or_else(|| written(file())).to_lowercase();
    Some(match name {
        "title" => title(),
        "slug" => stated.map_or_else(title, written),
        "slugorfilename" | "slugorcontentbasename" => written(stated.unwrap_or_else(file)),
        "filename" | "contentbasename" => written(file()),
        "section" => sections(known, Some("0")),
        _ => return None,
    })
}

fn sections(known: &Known, slice: Option<&str>) -> String {
    let site = known.place.generated();
    site.map_or(String::new(), |site| site.sections(&known.place.file.name, slice))
}

fn of_any(name: &str, known: &Known) -> Option<String> {
    let categories = |written: fn(&str) -> String| {
        let names = known.categories.iter().map(|name| written(name));
        names.collect::<Vec<_>>().join("/")
    };
    Some(match name {
        "categories" => categories(str::to_lowercase),
        "slugified_categories" => categories(slugs::jekyll),
        "collection" => "posts".to_owned(),
        "output_ext" => ".html".to_owned(),
        "name" | "filename" | "basename" | "contentbasename" => file_names::file_slug(known.place),
        _ => return None,
    })
}

/// The path of a file from the root, without the date before its name.
fn file_stem(place: &Place) -> String {
    let path = match place.generated() {
        Some(site) => site.locate(&place.file.name).path,
        None => generators::without_extension(&place.file.name).to_owned(),
    };
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    format!("/{folders}/{}", file_names::without_date(name)).replace("//", "/")
}

/// Fills `{{ page.fileSlug }}` and the few others that are only a value; the rest is a program.
fn with_expressions(text: &str, known: &Known) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    let unknown = |what: &str| {
        format!(
            "{} would have to be run",
            what.chars().take(80).collect::<String>()
        )
    };
    while let Some(at) = rest.find("{{") {
        filled.push_str(&rest[..at]);
        let end = rest[at..].find("}}").ok_or_else(|| unknown(&rest[at..]))?;
        let whole = &rest[at..at + end + 2];
        let mut steps = whole[2..end].split('|').map(str::trim);
        let value = match steps.next().unwrap_or_default() {
            "page.fileSlug" => Some(file_names::file_slug(known.place)),
            "page.filePathStem" => Some(file_stem(known.place)),
            "title" => known.title.map(str::to_owned),
            "slug" => known.slug.map(str::to_owned),
            _ => None,
        };
        let mut value = value.ok_or_else(|| unknown(whole))?;
        for step in steps {
            value = match step {
                "slugify" | "slug" => identity::slug(&value),
                "lower" | "downcase" => value.to_lowercase(),
                "url_encode" | "urlencode" | "safe" => value,
                _ => return Err(unknown(whole)),
            };
        }
        filled.push_str(&value);
        rest = &rest[at + end + 2..];
    }
    if rest.contains("{%") || filled.contains("{%") {
        return Err(unknown("{% … %}"));
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::dates::{self, Reading};
    use crate::sources::front_matter;
    use crate::sources::ground::Ground;

    /// The stated address of a file of that name, and how many warnings there are.
    fn address(site: &str, name: &str, head: &str) -> (Option<String>, usize) {
        let mut ground = Ground::new(name, None);
        ground.site.url = url::Url::parse(site).unwrap();
        let file = format!("---\n{head}\n---\n");
        let split = front_matter::split(&file).unwrap();
        let title = split.head.text(keys::TITLE);
        let slug = split.head.own_text(keys::SLUG);
        let categories = split.head.list(keys::CATEGORIES, false);
        let reading = Reading::new(chrono_tz::Tz::Europe__Vienna, "en");
        let known = Known {
            place: &ground.place(),
            published: dates::parse("2026-01-03T08:09:10", reading),
            title: title.as_deref(),
            slug: slug.as_deref(),
            categories: &categories,
        };
        let (url, warning) = stated(&split.head, &known);
        (url, usize::from(warning.is_some()))
    }

    #[test]
    fn addresses_with_placeholders() {
        for (head, expected) in [
            ("permalink: /a/b/", "/a/b/"),
            ("permalink: /:year/:month/:day/:title/", "/2026/01/03/The-Eel/"),
            (
                "permalink: /:short_year/:i_month/:i_day/:slug.html",
                "/26/1/3/the-eel.html",
            ),
            (
                "permalink: /:categories/:title:output_ext\ncategories: [Old Boats, wood]",
                "/old boats/wood/The-Eel.html",
            ),
            (
                "permalink: /:slugified_categories/:title/\ncategories: [Old Boats]",
                "/old-boats/The-Eel/",
            ),
            ("permalink: /:categories/:title/", "/The-Eel/"),
            ("permalink: pretty\ncategories: [a]", "/a/2026/01/03/The-Eel/"),
            ("permalink: date", "/2026/01/03/The-Eel.html"),
            ("permalink: ordinal", "/2026/003/The-Eel.html"),
            ("permalink: none", "/The-Eel.html"),
            ("permalink: /:year/:title/\nslug: own", "/2026/own/"),
            (
                "url: /:year/:monthname/:title/\ntitle: An Eel!",
                "/2026/January/an-eel/",
            ),
            ("url: /:year/:slug/\nslug: own", "/2026/own/"),
            ("url: https://example.org/x:y/", "https://example.org/x:y/"),
            ("path: news/eel", "/news/eel/"),
            ("path: /news/eel.html", "/news/eel.html"),
            ("permalink: /eel/index.html", "/eel/"),
            ("permalink: '/b/{{ page.fileSlug }}/'", "/b/The-Eel/"),
            ("permalink: '/b{{ page.filePathStem }}.html'", "/b/The-Eel.html"),
            (
                "permalink: '/b/{{ title | slugify }}/index.html'\ntitle: An Eel!",
                "/b/an-eel/",
            ),
            ("permalink: {build: /c/}", "/c/"),
            ("canonical_url: https://b.example/x", "https://b.example/x"),
        ] {
            let found = address("https://example.org/", "2026-01-03-The-Eel.md", head);
            assert_eq!(found, (Some(expected.to_owned()), 0), "{head}");
        }
    }

    #[test]
    fn addresses_that_cannot_be_made_are_told() {
        for (head, told) in [
            ("permalink: /:wind/:title/", 1),
            ("permalink: '/{{ page.date | date: \"%Y\" }}/'", 1),
            ("permalink: '/{% if x %}a{% endif %}/'", 1),
            ("permalink: '/{{ title'", 1),
            ("permalink: true", 0),
            ("params: {url: https://project.example/}", 0),
            ("title: x", 0),
        ] {
            assert_eq!(
                address("https://example.org/", "a.md", head),
                (None, told),
                "{head}"
            );
        }
    }

    #[test]
    fn a_site_in_a_folder_has_its_articles_there() {
        for (head, expected) in [
            ("permalink: /a/", "/blog/a/"),
            ("permalink: /blog/a/", "/blog/a/"),
            ("permalink: /blogs/a/", "/blog/blogs/a/"),
            ("path: a", "/blog/a/"),
            ("url: https://example.org/a/", "https://example.org/a/"),
        ] {
            let (url, _) = address("https://example.org/blog/", "a.md", head);
            assert_eq!(url.as_deref(), Some(expected), "{head}");
        }
    }
}
