//! Ghost: its exports, and a site's Content API.
//!
//! An article is called by its post's id in both, and has the guid of the site's feed, so that one can
//! go from the one to the other.

pub(crate) mod api;
mod cards;
mod nodes;
mod post;
mod rows;

use super::collection::{Collection, Item};
use super::dates::Reading;
use super::decoded::Decoded;
use crate::problem::Problem;
use crate::sources::files::unreadable;
use rows::{Document, Tables};
use serde::de::DeserializeSeed;
use std::io::{Read, Seek};
use std::path::Path;
use url::Url;

/// Where the posts of an export are published.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) site: &'a Url,
    /// Whether the configuration says what addresses look like.
    pub(crate) has_template: bool,
}

/// Reads an export.
///
/// # Errors
/// It is none: `export`.
pub(crate) fn parse(
    input: impl Read + Seek,
    from: &Path,
    place: Place,
    reading: Reading,
) -> Result<Collection, Problem> {
    let mut decoded = Decoded::new(input, usize::MAX).map_err(|error| unreadable(from, &error))?;
    let mut tables = Tables::default();
    let mut json = serde_json::Deserializer::from_reader(&mut decoded);
    let broken = Document(&mut tables).deserialize(&mut json).err().map(|error| {
        Problem::error("export", format!("the export breaks off: {error}"))
            .file(from)
            .line(error.line() as u64)
            .hint("export it again; what is known from it stays")
    });
    if !tables.is_one {
        return Err(broken.unwrap_or_else(|| {
            Problem::error("export", "it is no Ghost export: it has no table of posts")
                .file(from)
                .hint("export it with Settings → Import/Export")
        }));
    }
    if broken.is_some() && !tables.has_all_of_posts() {
        // Which posts are for mail alone, and whose they are, stands where the export is cut off.
        tables.posts.clear();
    }
    let around = post::Around {
        from,
        site: place.site,
        has_template: place.has_template,
        reading,
    };
    let mut collection = post::collection(tables, around);
    if let Some(problem) = broken {
        (collection.whole, collection.cut) = (false, true);
        collection.items.push(Item {
            key: ".".to_owned(),
            extract: Err(problem),
        });
    }
    Ok(collection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn of_an_export_without_all_its_tables_nothing_is_taken() {
        let export = r#"{"db":[{"data":{
            "posts":[{"id":"1","title":"T","status":"published","visibility":"public"}],
            "posts_authors":[],
            "posts_meta":[{"post_id":"9"},{"post_id":"1","email_only":0}],
            "posts_tags":[{"post_id":"1","tag_id":"t"}],
            "tags":[{"id":"t","name":"Sea"}],
            "users":[{"id":"u","name":"Ann"}],
            "webhooks":[{"id":"w"}]}}]}"#;
        let site = Url::parse("https://pier.example/").unwrap();
        let place = Place {
            site: &site,
            has_template: false,
        };
        let taken = |cut: &str| {
            let reading = Reading::new(chrono_tz::Tz::UTC, "en");
            let found = parse(Cursor::new(cut.as_bytes()), Path::new("g.json"), place, reading).unwrap();
            let failed = found.items.iter().filter(|item| item.extract.is_err()).count();
            (found.items.len() - failed, failed, found.whole)
        };
        for table in ["posts_authors", "posts_meta", "posts_tags", "tags", "users"] {
            let at = export.find(&format!("\"{table}\"")).unwrap() + table.len() + 5;
            assert_eq!(taken(&export[..at]), (0, 1, false), "{table}");
        }
        let at = export.find("webhooks").unwrap();
        assert_eq!(taken(&export[..at]), (1, 1, false));
        assert_eq!(taken(export), (1, 0, true));
    }
}
