//! Where documents are, relative to `feeds.dir` and, the same, to `feeds.url`. A folder ends with `/`.

use super::document::Format;
use uuid::Uuid;

/// The folder of the site's comments.
pub const COMMENTS: &str = "comments/";

/// The documents of the feed in that folder.
#[must_use]
pub fn of_feed(folder: &str) -> [String; 3] {
    Format::OF_FEEDS.map(|format| format!("{folder}{}", format.file_name()))
}

/// The documents of the comments in that folder.
#[must_use]
pub fn of_comments(folder: &str) -> [String; 2] {
    Format::OF_COMMENTS.map(|format| format!("{folder}{}", format.file_name()))
}

/// The folder of the archive's pages.
const ARCHIVE: &str = "archive/";

/// The folder of a page of the archive.
#[must_use]
pub fn of_page(number: i64) -> String {
    format!("{ARCHIVE}{number}/")
}

/// Whether a document belongs to a page of the archive.
#[must_use]
pub fn is_of_page(path: &str) -> bool {
    let number = path.strip_prefix(ARCHIVE).and_then(|rest| rest.split('/').next());
    number.is_some_and(|number| number.parse::<i64>().is_ok())
}

/// Whether a document is one whose changes are told: a feed of articles, and no page of its archive.
#[must_use]
pub fn is_followed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_feed = Format::OF_FEEDS.iter().any(|format| format.file_name() == name);
    is_feed && !is_of_page(path) && !path.starts_with(COMMENTS)
}

/// The folder of the comments on an article.
#[must_use]
pub fn comments_on(article: &str) -> String {
    // An id that its source states may hold anything.
    let id =
        Uuid::try_parse(article).unwrap_or_else(|_| Uuid::new_v5(&Uuid::NAMESPACE_URL, article.as_bytes()));
    format!("{COMMENTS}{id}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_comments_and_lists_are_not_followed() {
        for path in ["rss.xml", "atom.xml", "category/a/feed.json", "archive/x/rss.xml"] {
            assert!(is_followed(path), "{path}");
        }
        for path in [
            "feeds.opml",
            "sitemap.xml",
            "archive/1/rss.xml",
            "comments/rss.xml",
            "README.md",
        ] {
            assert!(!is_followed(path), "{path}");
        }
    }

    #[test]
    fn an_articles_folder_is_no_way_out() {
        let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert_eq!(comments_on(uuid), format!("comments/{uuid}/"));
        assert!(!comments_on("../../etc").contains(".."));
        assert_ne!(comments_on("a"), comments_on("b"));
    }

    #[test]
    fn a_page_of_the_archive_is_known_by_its_folder() {
        assert!(is_of_page(&format!("{}rss.xml", of_page(3))));
        assert!(!is_of_page("rss.xml"));
    }
}
