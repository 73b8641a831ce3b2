//! Which posts are articles for everybody, and what they say.

use super::cards;
use super::nodes;
use super::rows::{Link, Meta, Post, Tables, Tag, User};
use crate::articles::{Author, Precision, Published, text};
use crate::problem::Problem;
use crate::sources::collection::{Collection, Item};
use crate::sources::dates::{self, Reading};
use crate::sources::extract::Extract;
use crate::sources::left_out::LeftOut;
use crate::sources::scan::{About, guarded};
use chrono::DateTime;
use std::collections::HashMap;
use std::path::Path;
use url::Url;

/// What addresses of the site begin with in an export.
const SITE: &str = "__GHOST_URL__";

/// What is around a post.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) from: &'a Path,
    pub(super) site: &'a Url,
    /// Whether the configuration says what addresses look like.
    pub(super) has_template: bool,
    pub(super) reading: Reading,
}

/// Makes articles of the posts that are for everybody. Tags and authors of an export are put to them.
pub(super) fn collection(mut tables: Tables, around: Around) -> Collection {
    let mut posts = std::mem::take(&mut tables.posts);
    join(&mut posts, &tables);
    let mut left_out = LeftOut::default();
    let mut collection = Collection {
        about: about(&tables),
        whole: true,
        ..Collection::default()
    };
    for post in posts {
        if let Some(why) = why_not(&post) {
            left_out.count(&why);
            let changed = date(post.updated_at.get(), around.reading).map(|date| date.at);
            collection.left_out.push((key(&post), changed));
            continue;
        }
        collection.items.push(Item {
            key: key(&post),
            extract: guarded(around.from, || {
                Ok(extract(&post, around, &mut collection.warnings))
            }),
        });
    }
    collection.warnings.extend(left_out.note(around.from));
    collection
}

fn key(post: &Post) -> String {
    let names = [&post.id, &post.uuid, &post.slug];
    names
        .into_iter()
        .find_map(|name| name.some())
        .unwrap_or("post")
        .to_owned()
}

fn is_set(column: &super::rows::Column) -> bool {
    !matches!(column.get(), "" | "0" | "false")
}

/// Why a post is no article for everybody.
fn why_not(post: &Post) -> Option<String> {
    let kind = post.kind.some().unwrap_or("post");
    if kind != "post" || is_set(&post.page) {
        return Some(format!("of type {}", if kind == "post" { "page" } else { kind }));
    }
    // The Content API gives what is published alone, and says nothing of it.
    match post.status.get() {
        "" if !post.status.is_stated() => {}
        "published" | "scheduled" => {}
        "" => return Some("without a status".to_owned()),
        status => return Some(format!("with status {status}")),
    }
    if is_set(&post.email_only) {
        return Some("for mail alone".to_owned());
    }
    // Old versions have no such column, and all that they publish is public.
    let visibility = match post.visibility.is_stated() {
        true => post.visibility.get(),
        false => "public",
    };
    match visibility {
        "" => Some("without a visibility".to_owned()),
        "public" if post.access.some().is_none() || is_set(&post.access) => None,
        visibility => Some(format!("for members ({visibility})")),
    }
}

fn extract(post: &Post, around: Around, warnings: &mut Vec<Problem>) -> Extract {
    let site = around.site.as_str().trim_end_matches('/');
    let absolute = |text: &str| text.replace(SITE, site);
    let raw = match post.html.some() {
        Some(html) => nodes::Rendered {
            html: html.to_owned(),
            ..nodes::Rendered::default()
        },
        None => nodes::render(post),
    };
    let shown = cards::public(&absolute(&raw.html));
    let title = text::one_line(post.title.get());
    warnings.extend(said(&title, &raw.unknown, shown.is_cut, around.from));
    let summary = [&post.custom_excerpt, &post.meta_description];
    let image = [&post.feature_image, &post.image]
        .into_iter()
        .find_map(|image| image.some());
    Extract {
        guid: guid(post),
        title: Some(title).filter(|title| !title.is_empty()),
        url: url(post, around).map(|url| absolute(&url)),
        slug: post.slug.some().map(str::to_owned),
        authors: post.authors.0.iter().filter_map(author).collect(),
        categories: post
            .tags
            .0
            .iter()
            .filter(|tag| is_public(tag))
            .map(|tag| tag.name.get().to_owned())
            .collect(),
        language: post.locale.some().map(str::to_owned),
        published: date(post.published_at.get(), around.reading),
        updated: date(post.updated_at.get(), around.reading).map(|date| date.at),
        summary: summary
            .into_iter()
            .find_map(|text| text.some())
            .map(str::to_owned),
        image: image.map(|image| (absolute(image), text::one_line(post.feature_image_alt.get()))),
        html: shown.html,
        ..Extract::default()
    }
}

fn said(title: &str, unknown: &[String], is_cut: bool, from: &Path) -> Vec<Problem> {
    let title = text::first_words(title, 80);
    let unknown = (!unknown.is_empty()).then(|| {
        Problem::warning(
            "not-run",
            format!("{title:?}: only the site can show: {}", unknown.join(", ")),
        )
        .file(from)
        .hint("they were left out; replace them in the post by what they show")
    });
    let cut = is_cut.then(|| {
        Problem::warning(
            "members-only",
            format!("{title:?}: what is for members alone was left out"),
        )
        .file(from)
        .hint("nothing to be done, unless it is for everybody: then take the restriction out of the post")
    });
    unknown.into_iter().chain(cut).collect()
}

/// What the site's feed calls it: the id; in versions before 1.0, where that was a number, the UUID.
fn guid(post: &Post) -> Option<String> {
    let id = post.id.some();
    let number = id.is_some_and(|id| id.len() < 24 && id.bytes().all(|byte| byte.is_ascii_digit()));
    let guid = if number {
        post.uuid.some().or(id)
    } else {
        id.or(post.uuid.some())
    };
    guid.map(str::to_owned)
}

/// What is stated; of an export, which states none, what Ghost makes of the slug.
fn url(post: &Post, around: Around) -> Option<String> {
    let stated = post.url.some().filter(|url| !url.contains("/404/"));
    let made = || Some(format!("{SITE}/{}/", post.slug.some()?)).filter(|_| !around.has_template);
    stated.map(str::to_owned).or_else(made)
}

fn author(user: &User) -> Option<Author> {
    let name = text::one_line(user.name.get());
    (!name.is_empty() && !name.contains('@')).then(|| Author {
        name,
        url: user.website.some().map(str::to_owned),
    })
}

fn is_public(tag: &Tag) -> bool {
    let name = tag.name.get();
    !name.is_empty() && !name.starts_with('#') && matches!(tag.visibility.get(), "" | "public")
}

/// RFC 3339, or milliseconds since 1970; a date without a timezone is in UTC.
fn date(stated: &str, reading: Reading) -> Option<Published> {
    if let Ok(number) = stated.parse::<f64>() {
        let at = DateTime::from_timestamp((number / 1000.0) as i64, 0)?;
        return Some(Published {
            at,
            precision: Precision::Second,
        });
    }
    let utc = Reading {
        timezone: chrono_tz::Tz::UTC,
        ..reading
    };
    dates::parse(stated, utc)
}

/// Puts to each post what other tables say of it.
fn join(posts: &mut [Post], tables: &Tables) {
    let metas: HashMap<&str, &Meta> = tables
        .posts_meta
        .iter()
        .map(|meta| (meta.post_id.get(), meta))
        .collect();
    let tags: HashMap<&str, &Tag> = tables.tags.iter().map(|tag| (tag.id.get(), tag)).collect();
    let users: HashMap<&str, &User> = tables.users.iter().map(|user| (user.id.get(), user)).collect();
    let tagged = by_post(&tables.posts_tags);
    let written = by_post(&tables.posts_authors);
    for post in posts {
        let id = post.id.get().to_owned();
        if let Some(meta) = metas.get(id.as_str()) {
            let fill = |column: &mut super::rows::Column, with: &super::rows::Column| {
                if column.some().is_none() {
                    column.clone_from(with);
                }
            };
            fill(&mut post.meta_description, &meta.meta_description);
            fill(&mut post.feature_image_alt, &meta.feature_image_alt);
            fill(&mut post.email_only, &meta.email_only);
        }
        let links = tagged.get(id.as_str()).into_iter().flatten();
        post.tags.0.extend(
            links
                .filter_map(|link| tags.get(link.tag_id.get()))
                .map(|tag| (*tag).clone()),
        );
        let links = written.get(id.as_str()).into_iter().flatten();
        post.authors.0.extend(
            links
                .filter_map(|link| users.get(link.author_id.get()))
                .map(|user| (*user).clone()),
        );
        if post.authors.0.is_empty() {
            post.authors
                .0
                .extend(users.get(post.author_id.get()).map(|user| (*user).clone()));
        }
    }
}

/// In their order.
fn by_post(links: &[Link]) -> HashMap<&str, Vec<&Link>> {
    let mut by_post: HashMap<&str, Vec<&Link>> = HashMap::new();
    for link in links {
        by_post.entry(link.post_id.get()).or_default().push(link);
    }
    for links in by_post.values_mut() {
        links.sort_by_key(|link| link.sort_order.get().parse().unwrap_or(i64::MAX));
    }
    by_post
}

fn about(tables: &Tables) -> About {
    let setting = |keys: &[&str]| {
        let found = tables
            .settings
            .iter()
            .find(|setting| keys.contains(&setting.key.get()));
        found.and_then(|setting| setting.value.some()).map(str::to_owned)
    };
    About {
        system: Some(format!("Ghost {}", tables.version.get()).trim_end().to_owned()),
        title: setting(&["title"]),
        url: setting(&["url"]),
        description: setting(&["description"]),
        language: setting(&["locale", "lang", "default_locale", "defaultLang"]),
        timezone: setting(&["timezone", "active_timezone", "activeTimezone"]),
        ..About::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_say_that_it_is_public_is_not() {
        for (columns, is_public) in [
            (r#"{"status":"published","visibility":"public"}"#, true),
            (r#"{"visibility":"public"}"#, true),
            (r#"{"status":"published"}"#, true),
            (r#"{"status":null,"visibility":"public"}"#, false),
            (r#"{"status":"","visibility":"public"}"#, false),
            (r#"{"status":"published","visibility":null}"#, false),
            (r#"{"status":"published","visibility":""}"#, false),
            (r#"{"status":"published","visibility":[]}"#, false),
        ] {
            let post = serde_json::from_str(columns).unwrap();
            assert_eq!(why_not(&post).is_none(), is_public, "{columns}");
        }
    }
}
