//! What a page says of what it is: an article, a list of articles, something else; whether it wants to be
//! in no index; where it really is. Pure.

use dom_query::Document;
use serde_json::Value;

/// A page of one of these types of schema.org is a list, or one that is no article.
const OTHER_TYPES: &[&str] = &[
    "CollectionPage",
    "SearchResultsPage",
    "ProfilePage",
    "AboutPage",
    "ContactPage",
    "CheckoutPage",
    "ItemList",
    "Product",
];
/// Classes of `<body>` that WordPress gives what is no post.
const OTHER_CLASSES: &[&str] = &[
    "archive",
    "category",
    "tag",
    "author",
    "search",
    "error404",
    "home",
    "page-template",
];
/// Words that the title of a page holds that is not there, although its server says so with no status.
const NOT_FOUND: &[&str] = &[
    "404",
    "not found",
    "nicht gefunden",
    "introuvable",
    "non trouv\u{e9}e",
    "no encontrad",
    "non trovata",
    "niet gevonden",
    "n\u{e3}o encontrad",
];
/// So many cards with a linked heading make a list.
const CARDS: usize = 3;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) noindex: bool,
    /// As written.
    pub(super) canonical: Option<String>,
    /// It says that it is one article.
    pub(super) article: bool,
    /// It is a list, or says that it is something else.
    pub(super) other: bool,
    /// OpenGraph calls it a page of a site.
    pub(super) website: bool,
}

/// Reads a page.
pub(super) fn read(document: &Document) -> Marks {
    let types = types(document);
    let articles = types.iter().filter(|name| is_article(name)).count();
    let metas = document.select("meta[content]");
    let meta = |wanted: &str| {
        metas.nodes().iter().find_map(|node| {
            let name = node.attr("property").or_else(|| node.attr("name"))?;
            let content = node.attr("content")?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| content.trim().to_lowercase())
        })
    };
    let kind = meta("og:type").unwrap_or_default();
    let class = document.select_single("body[class]").attr("class");
    let class = class.map(|class| class.to_lowercase()).unwrap_or_default();
    let classes: Vec<&str> = class.split_whitespace().collect();
    let is_post =
        classes.contains(&"single-post") || (classes.contains(&"single") && classes.contains(&"postid"));
    let items = "[itemtype$='Article'], [itemtype$='BlogPosting'], [itemtype$='NewsArticle']";
    let items = document.select(items).length();
    let cards = document.select("article h1 a[href], article h2 a[href], article h3 a[href]");
    let says_other = types.iter().any(|name| OTHER_TYPES.contains(&name.as_str())) && articles == 0;
    let is_wordpress = classes
        .iter()
        .any(|class| class.starts_with("wp-") || class.starts_with("page-id-"));
    let class_other = !is_post
        && (classes.contains(&"blog") || is_wordpress)
        && classes.iter().any(|class| OTHER_CLASSES.contains(class));
    let article =
        !class_other && (articles == 1 || items == 1 || is_post || meta("article:published_time").is_some());
    Marks {
        noindex: ["robots", "tidings"]
            .iter()
            .any(|name| meta(name).is_some_and(|said| is_noindex(&said))),
        canonical: document
            .select_single("link[rel~='canonical'][href]")
            .attr("href")
            .map(|href| href.trim().to_owned())
            .filter(|href| !href.is_empty()),
        article,
        other: !article
            && (says_other || class_other || articles > 1 || kind == "profile" || cards.length() >= CARDS),
        website: kind == "website",
    }
}

/// Whether an `X-Robots-Tag` wants the page to be in no index: its words are for all, or for the one
/// that is named before them.
pub(super) fn header_noindex(value: &str) -> bool {
    match value.split_once(':') {
        Some((name, rest))
            if !name.contains(',') && !name.trim().eq_ignore_ascii_case("unavailable_after") =>
        {
            name.trim().eq_ignore_ascii_case("tidings") && is_noindex(rest)
        }
        _ => is_noindex(value),
    }
}

fn is_noindex(value: &str) -> bool {
    let mut words = value.split(',').map(str::trim);
    words.any(|word| word.eq_ignore_ascii_case("noindex") || word.eq_ignore_ascii_case("none"))
}

/// Whether a title says that there is nothing.
pub(super) fn is_not_found(title: &str) -> bool {
    let title = title.to_lowercase();
    title.chars().count() <= 60 && NOT_FOUND.iter().any(|words| title.contains(words))
}

/// The types of schema.org that the page gives itself in JSON-LD.
fn types(document: &Document) -> Vec<String> {
    let scripts = document.select("script[type*='ld+json']");
    let mut found = Vec::new();
    for node in scripts.nodes() {
        if let Ok(value) = serde_json::from_str::<Value>(node.text().trim()) {
            collect(&value, &mut found);
        }
    }
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(object) => {
            let mut name = |value: &Value| {
                let name = value.as_str().unwrap_or_default();
                found.push(name.rsplit(['/', ':', '#']).next().unwrap_or(name).to_owned());
            };
            match object.get("@type") {
                Some(Value::Array(names)) => names.iter().for_each(&mut name),
                Some(value) => name(value),
                None => {}
            }
            for key in ["@graph", "mainEntity"] {
                if let Some(inner) = object.get(key) {
                    collect(inner, found);
                }
            }
        }
        _ => {}
    }
}

fn is_article(name: &str) -> bool {
    let one = ["Report", "Review", "Recipe", "HowTo"].contains(&name);
    one || ((name.ends_with("Article") || name.ends_with("Posting")) && name != "JobPosting")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(head: &str, body: &str) -> Marks {
        read(&Document::from(format!("<html><head>{head}</head>{body}</html>")))
    }

    #[test]
    fn an_article_says_so() {
        for head in [
            "<script type='application/ld+json'>{\"@type\": \"BlogPosting\"}</script>",
            "<script type='application/ld+json'>{\"@graph\": [{\"@type\": [\"NewsArticle\"]}, {\"@type\": \"WebPage\"}]}</script>",
            "<meta property='article:published_time' content='2026-11-20'>",
        ] {
            assert!(marks(head, "<body>").article, "{head}");
        }
        assert!(marks("", "<body class='post-template single single-post wp-x'>").article);
        assert!(marks("", "<main itemscope itemtype='https://schema.org/BlogPosting'>").article);
        let none = marks("<meta property='og:type' content='website'>", "<body><p>Hello");
        assert_eq!((none.article, none.other, none.website), (false, false, true));
    }

    #[test]
    fn a_list_is_told() {
        let two = "<script type='application/ld+json'>[{\"@type\": \"BlogPosting\"}, {\"@type\": \"BlogPosting\"}]</script>";
        assert!(marks(two, "<body>").other);
        let collection = "<script type='application/ld+json'>{\"@type\": \"CollectionPage\"}</script>";
        assert!(marks(collection, "<body>").other);
        let cards = "<article><h2><a href='/a'>A</a></h2></article>".repeat(3);
        assert!(marks("", &format!("<body>{cards}")).other);
        assert!(marks("", "<body class='archive category wp-custom-logo'>").other);
        assert!(marks("<meta property='og:type' content='profile'>", "<body>").other);
        let post = format!("<body class='single-post'><h1>A</h1>{cards}");
        assert!(!marks("", &post).other, "other posts stand below a post");
    }

    #[test]
    fn robots_words_are_read() {
        assert!(marks("<meta name='ROBOTS' content='NoIndex, follow'>", "<body>").noindex);
        assert!(marks("<meta name='robots' content='none'>", "<body>").noindex);
        assert!(
            !marks(
                "<meta name='robots' content='noarchive, max-snippet:-1'>",
                "<body>"
            )
            .noindex
        );
        for (value, noindex) in [
            ("noindex", true),
            ("nofollow, noindex", true),
            ("otherbot: noindex", false),
            ("tidings: noindex", true),
            ("unavailable_after: 25 Jun 2010 15:00:00 PST, noindex", true),
            ("noarchive", false),
        ] {
            assert_eq!(header_noindex(value), noindex, "{value}");
        }
    }

    #[test]
    fn titles_that_say_there_is_nothing() {
        for title in ["404", "Page not found | Tides", "Seite nicht gefunden"] {
            assert!(is_not_found(title), "{title}");
        }
        assert!(!is_not_found("Lost and found"));
    }
}
