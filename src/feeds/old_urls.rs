//! Where the feeds of other systems were, and which of ours is each: readers who followed a site
//! before it moved follow it on.

use super::document::Format;
use crate::config::{OldSystem, OldUrl};
use OldSystem::{Astro, Blogger, Eleventy, Ghost, Hugo, Jekyll, Substack, Tumblr, Wordpress, Zola};

/// One of their addresses: the path, with `*` for one step of any name and `$` for one that names a
/// category or author, and what is there.
type Row = (OldSystem, &'static str, Selection, Format);

/// What a document of theirs was about.
#[derive(Clone, Copy)]
enum Selection {
    Site,
    Category,
    Author,
}

use Format::{Atom, Json, Rss};
use Selection::{Author, Category, Site};

/// As their manuals have it. Of several that fit, the first counts.
const ROWS: &[Row] = &[
    (Wordpress, "feed", Site, Rss),
    (Wordpress, "feed/rss", Site, Rss),
    (Wordpress, "feed/rss2", Site, Rss),
    (Wordpress, "feed/rdf", Site, Rss),
    (Wordpress, "feed/atom", Site, Atom),
    (Wordpress, "feed/json", Site, Json),
    (Wordpress, "index.php/feed", Site, Rss),
    (Wordpress, "wp-feed.php", Site, Rss),
    (Wordpress, "wp-rss.php", Site, Rss),
    (Wordpress, "wp-rss2.php", Site, Rss),
    (Wordpress, "wp-rdf.php", Site, Rss),
    (Wordpress, "wp-atom.php", Site, Atom),
    (Wordpress, "category/$/feed", Category, Rss),
    (Wordpress, "category/$/feed/atom", Category, Atom),
    (Wordpress, "category/*/$/feed", Category, Rss),
    (Wordpress, "category/*/$/feed/atom", Category, Atom),
    (Wordpress, "tag/$/feed", Category, Rss),
    (Wordpress, "tag/$/feed/atom", Category, Atom),
    (Wordpress, "author/$/feed", Author, Rss),
    (Wordpress, "author/$/feed/atom", Author, Atom),
    (Ghost, "rss", Site, Rss),
    (Ghost, "feed", Site, Rss),
    (Ghost, "tag/$/rss", Category, Rss),
    (Ghost, "author/$/rss", Author, Rss),
    (Hugo, "index.xml", Site, Rss),
    (Hugo, "categories/$/index.xml", Category, Rss),
    (Hugo, "tags/$/index.xml", Category, Rss),
    (Hugo, "authors/$/index.xml", Author, Rss),
    (Hugo, "*/index.xml", Site, Rss),
    (Jekyll, "feed.xml", Site, Atom),
    (Jekyll, "atom.xml", Site, Atom),
    (Jekyll, "rss.xml", Site, Rss),
    (Jekyll, "feed/$.xml", Category, Atom),
    (Jekyll, "feed/by_tag/$.xml", Category, Atom),
    (Zola, "rss.xml", Site, Rss),
    (Zola, "atom.xml", Site, Atom),
    (Zola, "categories/$/rss.xml", Category, Rss),
    (Zola, "categories/$/atom.xml", Category, Atom),
    (Zola, "tags/$/rss.xml", Category, Rss),
    (Zola, "tags/$/atom.xml", Category, Atom),
    (Zola, "authors/$/rss.xml", Author, Rss),
    (Zola, "authors/$/atom.xml", Author, Atom),
    (Zola, "*/rss.xml", Site, Rss),
    (Zola, "*/atom.xml", Site, Atom),
    (Astro, "rss.xml", Site, Rss),
    (Eleventy, "feed.xml", Site, Atom),
    (Eleventy, "feed/feed.xml", Site, Atom),
    (Eleventy, "feed/feed.json", Site, Json),
    (Blogger, "feeds/posts/default", Site, Atom),
    (Blogger, "feeds/posts/default/-/$", Category, Atom),
    (Blogger, "atom.xml", Site, Atom),
    (Blogger, "rss.xml", Site, Rss),
    (Substack, "feed", Site, Rss),
    (Tumblr, "rss", Site, Rss),
    (Tumblr, "tagged/$/rss", Category, Rss),
];

/// Which of our documents an old address means, relative to `feeds.url`. `path` is relative to the
/// site, decoded; `query` as it was sent.
#[must_use]
pub fn target(old: &[OldUrl], path: &str, query: Option<&str>) -> Option<String> {
    let path = path.trim_matches('/');
    old.iter().find_map(|old| match old {
        OldUrl::Path { path: known, target } => (known.trim_matches('/') == path).then(|| target.clone()),
        OldUrl::System(system) => of_system(*system, path, query),
    })
}

fn of_system(system: OldSystem, path: &str, query: Option<&str>) -> Option<String> {
    if let (Wordpress, "" | "index.php", Some(query)) = (system, path, query) {
        let wanted = query.split('&').find_map(|pair| pair.strip_prefix("feed="))?;
        return Some(document(Site, "", if wanted == "atom" { Atom } else { Rss }));
    }
    let rows = ROWS.iter().filter(|(of, ..)| *of == system);
    rows.into_iter().find_map(|(_, pattern, selection, format)| {
        let name = fits(pattern, path)?;
        // Blogger's own way of asking for the other format.
        let rss =
            system == Blogger && query.is_some_and(|query| query.split('&').any(|pair| pair == "alt=rss"));
        Some(document(*selection, name, if rss { Rss } else { *format }))
    })
}

fn document(selection: Selection, name: &str, format: Format) -> String {
    let file = format.file_name();
    match selection {
        Site => file.to_owned(),
        Category => format!("category/{name}/{file}"),
        Author => format!("author/{name}/{file}"),
    }
}

/// The name in a path that a pattern asks for, empty where it asks for none; `None`: it does not fit.
fn fits<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let mut found = "";
    let mut steps = path.split('/');
    for wanted in pattern.split('/') {
        let step = steps.next()?;
        match wanted.split_once('$') {
            Some((before, after)) => {
                found = step.strip_prefix(before)?.strip_suffix(after)?;
                if found.is_empty() || found.starts_with('.') {
                    return None;
                }
            }
            None if wanted == "*" && !step.is_empty() => {}
            None if wanted == step => {}
            None => return None,
        }
    }
    steps.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feeds_of_known_systems_are_found() {
        for (system, path, query, expected) in [
            (Wordpress, "/feed/", None, Some("rss.xml")),
            (Wordpress, "/feed", None, Some("rss.xml")),
            (Wordpress, "/feed/atom/", None, Some("atom.xml")),
            (Wordpress, "/", Some("feed=rss2"), Some("rss.xml")),
            (Wordpress, "/", Some("x=1&feed=atom"), Some("atom.xml")),
            (Wordpress, "/", None, None),
            (
                Wordpress,
                "/category/boats/feed/",
                None,
                Some("category/boats/rss.xml"),
            ),
            (
                Wordpress,
                "/category/craft/boats/feed/",
                None,
                Some("category/boats/rss.xml"),
            ),
            (Wordpress, "/author/ann/feed/", None, Some("author/ann/rss.xml")),
            (Wordpress, "/a-post/feed/", None, None),
            (Wordpress, "/category/../feed/", None, None),
            (Ghost, "/rss/", None, Some("rss.xml")),
            (Ghost, "/tag/boats/rss/", None, Some("category/boats/rss.xml")),
            (Hugo, "/index.xml", None, Some("rss.xml")),
            (Hugo, "/posts/index.xml", None, Some("rss.xml")),
            (
                Hugo,
                "/categories/boats/index.xml",
                None,
                Some("category/boats/rss.xml"),
            ),
            (Jekyll, "/feed.xml", None, Some("atom.xml")),
            (Jekyll, "/feed/boats.xml", None, Some("category/boats/atom.xml")),
            (Jekyll, "/feed/.xml", None, None),
            (Eleventy, "/feed/feed.json", None, Some("feed.json")),
            (Blogger, "/feeds/posts/default", None, Some("atom.xml")),
            (Blogger, "/feeds/posts/default", Some("alt=rss"), Some("rss.xml")),
            (Ghost, "/feed/atom/", None, None),
        ] {
            let found = target(&[OldUrl::System(system)], path, query);
            assert_eq!(found.as_deref(), expected, "{system:?} {path} {query:?}");
        }
    }

    #[test]
    fn a_path_of_the_operators_comes_in_its_order() {
        let own = OldUrl::Path {
            path: "/feed".to_owned(),
            target: "category/boats/rss.xml".to_owned(),
        };
        let old = [own, OldUrl::System(Wordpress)];
        assert_eq!(
            target(&old, "/feed/", None).as_deref(),
            Some("category/boats/rss.xml")
        );
        assert_eq!(target(&old, "/feed/atom", None).as_deref(), Some("atom.xml"));
    }

    #[test]
    fn every_row_can_be_reached() {
        for (n, (system, pattern, ..)) in ROWS.iter().enumerate() {
            let path = pattern.replace(['*', '$'], "x");
            let first = ROWS
                .iter()
                .position(|(of, pattern, ..)| of == system && fits(pattern, &path).is_some());
            assert_eq!(first, Some(n), "{system:?} {pattern}");
        }
    }
}
