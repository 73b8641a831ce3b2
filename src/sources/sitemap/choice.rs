//! What of a site is plainly no article, by its address alone. Pure.

use crate::problem::Problem;
use globset::GlobSet;
use url::Url;

/// A folder of these names holds lists, and no article is below it.
const LISTS: &[&str] = &[
    "tag",
    "tags",
    "category",
    "categories",
    "kategorie",
    "author",
    "authors",
    "autor",
    "page",
    "search",
    "feed",
    "rss",
    "wp-json",
    "wp-content",
    "wp-admin",
    "wp-includes",
    "cdn-cgi",
    "amp",
    "cart",
    "checkout",
    "login",
    "signup",
    "account",
];
/// A page of these names lists others, or is one of the few that every site has.
const LAST: &[&str] = &[
    "archive",
    "archives",
    "blog",
    "posts",
    "articles",
    "news",
    "topics",
    "series",
    "about",
    "contact",
    "imprint",
    "impressum",
    "privacy",
    "privacy-policy",
    "datenschutz",
    "terms",
    "sitemap",
    "404",
    "offline",
    "thanks",
    "thank-you",
    "subscribe",
];
/// What is no page.
const FILES: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "ico", "pdf", "xml", "rss", "atom", "json", "txt",
    "css", "js", "zip", "gz", "mp3", "mp4", "m4a", "mov", "webm", "ogg", "doc", "docx", "xls", "xlsx", "ppt",
    "pptx", "epub", "woff", "woff2", "ics",
];
/// Sitemaps of lists, as the systems name them, without their numbers.
const OF_LISTS: &[&str] = &[
    "author-sitemap",
    "category-sitemap",
    "post_tag-sitemap",
    "tag-sitemap",
    "sitemap-authors",
    "sitemap-tags",
    "sitemap-categories",
    "sitemap-tax-category",
    "sitemap-tax-post_tag",
    "wp-sitemap-users",
    "wp-sitemap-taxonomies-category",
    "wp-sitemap-taxonomies-post_tag",
];
/// Sitemaps of pages that are no posts.
const OF_PAGES: &[&str] = &[
    "page-sitemap",
    "pages-sitemap",
    "sitemap-pages",
    "sitemap-page",
    "sitemap-pt-page",
    "wp-sitemap-posts-page",
];

/// Which pages a source takes.
pub(super) struct Choice {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
}

/// What an address says of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    /// The operator wants no such page.
    NotWanted,
    /// It is the home page, a list, a file.
    NoArticle,
}

impl Choice {
    /// # Errors
    /// A glob is none: `config-value`.
    pub(super) fn new(include: &[String], exclude: &[String]) -> Result<Choice, Problem> {
        // Paths of URLs begin with a slash, globs of files do not: both are written.
        let from_root = |globs: &[String]| -> Vec<String> {
            let globs = globs.iter();
            globs
                .map(|glob| glob.trim_start_matches('/').to_owned())
                .collect()
        };
        Ok(Choice {
            include: crate::sources::files::globs(&from_root(include), "include")?,
            exclude: crate::sources::files::globs(&from_root(exclude), "exclude")?,
        })
    }

    /// Whether the operator said which pages are articles.
    pub(super) fn is_narrow(&self) -> bool {
        self.include.is_some()
    }

    pub(super) fn takes(&self, url: &Url) -> Taken {
        let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
        let path = path.trim_start_matches('/');
        // A folder is meant with and without its slash.
        let fits = |globs: &GlobSet| globs.is_match(path) || globs.is_match(path.trim_end_matches('/'));
        let wanted = self.include.as_ref().is_none_or(fits) && !self.exclude.as_ref().is_some_and(fits);
        match () {
            () if !wanted => Taken::NotWanted,
            () if is_no_article(url, self.is_narrow()) => Taken::NoArticle,
            () => Taken::Yes,
        }
    }
}

/// `narrow`: the operator chose it, so that only what can be no article at all is none.
fn is_no_article(url: &Url, narrow: bool) -> bool {
    let path = url.path().to_ascii_lowercase();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let Some((last, folders)) = parts.split_last() else {
        return url.query().is_none();
    };
    let extension = last.rsplit_once('.').map(|(_, extension)| extension);
    if extension.is_some_and(|extension| FILES.contains(&extension)) {
        return true;
    }
    let name = last.rsplit_once('.').map_or(*last, |(name, _)| name);
    let is_number = |part: &&str| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
    let is_archive = parts.len() <= 3 && parts[0].len() == 4 && parts.iter().all(is_number);
    let listed = folders.iter().any(|folder| LISTS.contains(folder)) || LISTS.contains(&name);
    let single = parts.len() == 1 && LAST.contains(&name);
    !narrow && (listed || is_archive || single)
}

/// Whether a sitemap holds lists of articles, and no article: by the name that its system gives it.
pub(super) fn holds_no_articles(sitemap: &Url) -> bool {
    OF_LISTS.contains(&name(sitemap).as_str())
}

/// Whether a sitemap holds pages that are no posts.
pub(super) fn holds_plain_pages(sitemap: &Url) -> bool {
    OF_PAGES.contains(&name(sitemap).as_str())
}

/// The name of a sitemap without extension and number.
fn name(sitemap: &Url) -> String {
    let file = sitemap
        .path()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let name = file.split('.').next().unwrap_or_default();
    name.trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches('-')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(choice: &Choice, path: &str) -> Taken {
        choice.takes(&Url::parse("https://example.org").unwrap().join(path).unwrap())
    }

    fn owned(globs: &[&str]) -> Vec<String> {
        globs.iter().map(|glob| (*glob).to_owned()).collect()
    }

    #[test]
    fn what_is_plainly_no_article_is_left_out() {
        let all = Choice::new(&[], &[]).unwrap();
        for none in [
            "/",
            "/tags/",
            "/tags/wind",
            "/category/boats/",
            "/blog/category/boats",
            "/author/ann/",
            "/page/2/",
            "/blog/page/3",
            "/2026/",
            "/2026/11/",
            "/2026/11/23",
            "/archive",
            "/about/",
            "/posts/",
            "/a.pdf",
            "/img/a.JPG",
            "/feed/",
            "/404.html",
        ] {
            assert_eq!(takes(&all, none), Taken::NoArticle, "{none}");
        }
        for article in [
            "/hello/",
            "/2026/11/23/hello",
            "/2026/11/hello.html",
            "/blog/hello",
            "/?p=7",
            "/posts/about",
            "/a.b.c",
            "/posts/2026",
            "/1984/",
            "/news/2026-11-23",
            "/pages/hello",
            "/tagged/hello",
        ] {
            let wanted = if article == "/1984/" {
                Taken::NoArticle
            } else {
                Taken::Yes
            };
            assert_eq!(takes(&all, article), wanted, "{article}");
        }
    }

    #[test]
    fn globs_are_of_the_path() {
        let choice = Choice::new(&owned(&["/blog/**", "caf\u{e9}/*"]), &owned(&["**/draft-*"])).unwrap();
        for yes in ["/blog/a", "/blog/2026/a/", "/caf%C3%A9/a", "/blog/tags/a"] {
            assert_eq!(takes(&choice, yes), Taken::Yes, "{yes}");
        }
        for no in ["/", "/other/a", "/blog/draft-a"] {
            assert_eq!(takes(&choice, no), Taken::NotWanted, "{no}");
        }
        assert_eq!(takes(&choice, "/blog/a.jpg"), Taken::NoArticle);
        assert!(Choice::new(&owned(&["["]), &[]).is_err());
    }

    #[test]
    fn sitemaps_are_known_by_their_names() {
        let url = |path: &str| Url::parse("https://example.org").unwrap().join(path).unwrap();
        for none in [
            "/author-sitemap.xml",
            "/category-sitemap2.xml",
            "/wp-sitemap-users-1.xml",
            "/sitemap-tags.xml",
        ] {
            assert!(holds_no_articles(&url(none)), "{none}");
        }
        for some in [
            "/post-sitemap.xml",
            "/sitemap-posts.xml",
            "/wp-sitemap-posts-post-1.xml",
            "/sitemap-0.xml",
            "/en/sitemap.xml",
        ] {
            assert!(
                !holds_no_articles(&url(some)) && !holds_plain_pages(&url(some)),
                "{some}"
            );
        }
        assert!(holds_plain_pages(&url("/page-sitemap.xml")));
        assert!(holds_plain_pages(&url("/wp-sitemap-posts-page-1.xml")));
    }
}
