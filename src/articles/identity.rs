//! What an article is known by: ids that survive a lost database, and slugs. Pure.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use url::Url;
use uuid::Uuid;

/// The longest slug, in bytes: file systems allow 255 for a name, and more is added to it.
pub const SLUG_BYTES: usize = 100;

/// The site's id where the configuration states none: a UUIDv5 of its URL.
#[must_use]
pub fn site_id(site_url: &Url) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, site_url.as_str().as_bytes())
}

/// An article's permanent id: a UUIDv5 of the site, the source and the path within it. The same
/// files give the same ids on any machine, so that a lost database announces nothing again.
#[must_use]
pub fn article_id(site_id: Uuid, source: &str, path: &str) -> String {
    // The separator stands in neither name nor path, so no two pairs are the same text.
    Uuid::new_v5(&site_id, format!("{source}\0{path}").as_bytes()).to_string()
}

/// A text as part of a URL or a file name: letters and digits of any script in lower case, `-` for
/// all else; never empty, never more than [`SLUG_BYTES`].
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    let lower: String = text.nfc().collect::<String>().to_lowercase();
    for c in lower.nfc() {
        // Marks belong to the letter before them: without its vowel signs a word of Hindi is another.
        let mark = is_combining_mark(c) && !slug.is_empty() && !slug.ends_with('-');
        let piece = if c.is_alphanumeric() || mark { c } else { '-' };
        if piece == '-' && (slug.is_empty() || slug.ends_with('-')) {
            continue;
        }
        if slug.len() + piece.len_utf8() > SLUG_BYTES {
            break;
        }
        slug.push(piece);
    }
    let kept = slug.trim_end_matches('-');
    if kept.is_empty() {
        "untitled".to_owned()
    } else {
        kept.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_depend_on_site_source_and_path_alone() {
        let site = site_id(&Url::parse("https://example.org/").unwrap());
        let id = article_id(site, "posts", "a/b.md");
        assert_eq!(id, article_id(site, "posts", "a/b.md"));
        assert_ne!(id, article_id(site, "posts", "a/c.md"));
        assert_ne!(id, article_id(site, "pages", "a/b.md"));
        assert_ne!(article_id(site, "ab", "c"), article_id(site, "a", "bc"));
        let other = site_id(&Url::parse("https://example.net/").unwrap());
        assert_ne!(id, article_id(other, "posts", "a/b.md"));
    }

    #[test]
    fn slugs_stay_readable() {
        for (text, expected) in [
            ("Hello, World!", "hello-world"),
            ("  Fish & Chips  ", "fish-chips"),
            ("Größe und Maß", "größe-und-maß"),
            ("Привет, мир", "привет-мир"),
            ("हिन्दी में", "हिन्दी-में"),
            ("日本語のタイトル", "日本語のタイトル"),
            ("cafe\u{301}", "café"),
            ("../../etc/passwd", "etc-passwd"),
            ("🎉", "untitled"),
            ("", "untitled"),
            ("C++ 17", "c-17"),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_a_safe_slug(text in any::<String>()) {
            let made = slug(&text);
            prop_assert!(!made.is_empty() && made.len() <= SLUG_BYTES);
            prop_assert!(!made.starts_with('-') && !made.ends_with('-') && !made.contains("--"));
            prop_assert!(made.chars().all(|c| c == '-' || c.is_alphanumeric() || is_combining_mark(c)));
        }
    }
}
