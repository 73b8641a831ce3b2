//! What items are called, for ever: readers know an article by nothing else, and show it again when
//! it is called otherwise.

use super::clean;
use crate::articles::Article;
use std::collections::HashSet;
use url::Url;
use uuid::Uuid;

/// What an item is called.
pub(crate) struct Named {
    /// A URI, for Atom.
    pub(crate) id: String,
    /// Any text, for RSS and JSON Feed.
    pub(crate) guid: String,
}

/// The names in one document: none is there twice.
#[derive(Default)]
pub(crate) struct Names {
    ids: HashSet<String>,
    guids: HashSet<String>,
}

impl Names {
    /// By what older feeds called it, else by its own id.
    pub(crate) fn of(&mut self, article: &Article, site: Uuid) -> Named {
        let old = article.guid.as_deref().map(clean::text);
        let old = old.filter(|old| !old.trim().is_empty());
        let own = item_id(site, &article.id);
        // An id that a stranger's guid has taken.
        let last = made_up(site, &article.id);
        let iri = old.as_deref().filter(|old| is_iri(old)).map(str::to_owned);
        Named {
            id: first_free(&mut self.ids, [iri, Some(own.clone())], &last),
            guid: first_free(&mut self.guids, [old, Some(own)], &last),
        }
    }
}

fn first_free(taken: &mut HashSet<String>, wanted: [Option<String>; 2], last: &str) -> String {
    let mut wanted = wanted.into_iter().flatten();
    wanted
        .find(|name| taken.insert(name.clone()))
        .unwrap_or_else(|| last.to_owned())
}

/// The article's id as the URI that Atom wants: a UUID as `urn:uuid:…`, a URI as it is, and of all
/// else a UUID that is always the same.
fn item_id(site: Uuid, id: &str) -> String {
    if Uuid::try_parse(id).is_ok_and(|uuid| uuid.hyphenated().to_string() == id) {
        return format!("urn:uuid:{id}");
    }
    if id.is_ascii() && is_iri(id) {
        return id.to_owned();
    }
    made_up(site, id)
}

fn made_up(site: Uuid, id: &str) -> String {
    Uuid::new_v5(&site, format!("article:{id}").as_bytes())
        .urn()
        .to_string()
}

/// As RFC 3987 has it, as far as the characters go.
fn is_iri(text: &str) -> bool {
    let private = |c: char| matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..);
    let fits = |c: char| match c.is_ascii() {
        true => c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c),
        false => !c.is_control() && !c.is_whitespace() && !private(c),
    };
    // An id that would act, were it followed, is nobody's name.
    let acts = |url: &Url| matches!(url.scheme(), "javascript" | "vbscript" | "data");
    text.chars().all(fits) && Url::parse(text).is_ok_and(|url| !acts(&url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::tests::example;

    #[test]
    fn ids_are_uris_and_the_same_for_ever() {
        let site = Uuid::NAMESPACE_URL;
        let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert_eq!(item_id(site, uuid), format!("urn:uuid:{uuid}"));
        for uri in [
            "tag:example.org,2024:a",
            "https://example.org/?p=12",
            "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e",
        ] {
            assert_eq!(item_id(site, uri), uri);
        }
        for other in ["12", "my post", "über", "https://example.org/ä", ""] {
            let id = item_id(site, other);
            assert!(id.starts_with("urn:uuid:"), "{id}");
            assert_eq!(id, item_id(site, other));
        }
    }

    fn article(id: &str, guid: Option<&str>) -> Article {
        Article {
            guid: guid.map(str::to_owned),
            ..example::article(id, "T").article
        }
    }

    #[test]
    fn an_older_feeds_guid_is_carried_on_as_it_was() {
        let site = Uuid::NAMESPACE_URL;
        let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let own = format!("urn:uuid:{uuid}");
        for (guid, id) in [
            ("https://example.org/?p=12", "https://example.org/?p=12"),
            ("https://example.org/ä", "https://example.org/ä"),
            ("5f3a0c9e1b2d4c0039a1b2c3", own.as_str()),
            ("12", &own),
            ("two words", &own),
            ("javascript:alert(1)", &own),
        ] {
            let named = Names::default().of(&article(uuid, Some(guid)), site);
            assert_eq!((named.guid.as_str(), named.id.as_str()), (guid, id));
        }
        let named = Names::default().of(&article(uuid, None), site);
        assert_eq!((&named.guid, &named.id), (&own, &own));
    }

    #[test]
    fn a_guid_of_nothing_that_can_be_shown_is_none() {
        let named = Names::default().of(&article("12", Some("\u{7F}\u{FDD0}")), Uuid::NAMESPACE_URL);
        assert_eq!(named.guid, named.id);
    }

    #[test]
    fn no_name_is_there_twice() {
        let site = Uuid::NAMESPACE_URL;
        let mut names = Names::default();
        let all = [
            article("a", Some("1")),
            article("b", Some("1")),
            article("c", Some("tag:example.org,2026:x")),
            article("tag:example.org,2026:x", None),
        ]
        .map(|article| names.of(&article, site));
        let ids: HashSet<&str> = all.iter().map(|named| named.id.as_str()).collect();
        let guids: HashSet<&str> = all.iter().map(|named| named.guid.as_str()).collect();
        assert_eq!((ids.len(), guids.len()), (4, 4));
        assert_eq!(all[0].guid, "1");
        assert_eq!(all[1].guid, all[1].id);
    }
}
