//! The names of elements: what the many namespaces of feeds mean, each by one short prefix.

/// Namespaces, in lower case and without what ends them, and the prefix they get here. What feeds
/// themselves are made of, RSS and Atom of every version, has none.
const NAMESPACES: &[(&str, &str)] = &[
    ("", ""),
    ("http://www.w3.org/2005/atom", ""),
    ("https://www.w3.org/2005/atom", ""),
    ("http://purl.org/atom/ns", ""),
    ("http://purl.org/rss/1.0", ""),
    ("http://purl.org/net/rss1.1", ""),
    ("http://purl.org/rss/1.0/modules/rss091", ""),
    ("http://my.netscape.com/rdf/simple/0.9", ""),
    ("http://my.netscape.com/publish/formats/rss-0.91.dtd", ""),
    ("http://channel.netscape.com/rdf/simple/0.9", ""),
    ("http://backend.userland.com/rss", ""),
    ("http://backend.userland.com/rss2", ""),
    ("http://backend.userland.com/rss091", ""),
    ("http://backend.userland.com/rss092", ""),
    ("http://blogs.law.harvard.edu/tech/rss", ""),
    ("http://cyber.law.harvard.edu/rss", ""),
    ("http://cyber.law.harvard.edu/rss/rss.html", ""),
    ("http://example.com/newformat", ""),
    ("http://example.com/necho", ""),
    ("http://purl.org/echo", ""),
    ("uri/of/echo/namespace", ""),
    ("http://purl.org/pie", ""),
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns", "rdf"),
    ("http://www.w3.org/1999/xhtml", "xhtml"),
    ("http://www.w3.org/xml/1998/namespace", "xml"),
    ("http://purl.org/rss/1.0/modules/content", "content"),
    ("http://purl.org/dc/elements/1.1", "dc"),
    ("http://purl.org/dc/elements/1.0", "dc"),
    ("http://purl.org/dc/terms", "dcterms"),
    ("http://purl.org/rss/1.0/modules/slash", "slash"),
    ("http://purl.org/syndication/thread/1.0", "thr"),
    ("http://rssnamespace.org/feedburner/ext/1.0", "feedburner"),
    ("http://www.pheedo.com/namespace/pheedo", "pheedo"),
    ("http://search.yahoo.com/mrss", "media"),
    ("http://video.search.yahoo.com/mrss", "media"),
    ("http://tools.search.yahoo.com/mrss", "media"),
    ("http://www.itunes.com/dtds/podcast-1.0.dtd", "itunes"),
    ("http://www.itunes.com/dtds/podcast-2.0.dtd", "itunes"),
    ("http://example.com/dtds/podcast-1.0.dtd", "itunes"),
    ("https://podcastindex.org/namespace/1.0", "podcast"),
    ("http://podcastindex.org/namespace/1.0", "podcast"),
    (
        "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
        "podcast",
    ),
];

/// Prefixes that are known without a declaration, where they have another name here.
const UNDECLARED: &[(&str, &str)] = &[
    ("atom", ""),
    ("atom10", ""),
    ("rss", ""),
    ("xhtml", "xhtml"),
    ("xht", "xhtml"),
];

/// The prefix of what nobody here knows.
const FOREIGN: &str = "x";

/// The prefix of a namespace; `None`: it is not known.
pub(super) fn of_namespace(uri: &str) -> Option<&'static str> {
    let uri = uri.trim().to_ascii_lowercase();
    let bare = uri.trim_end_matches(['/', '#']);
    NAMESPACES
        .iter()
        .find(|(known, _)| *known == bare)
        .map(|(_, prefix)| *prefix)
}

/// The prefix that is meant by one that was declared for a namespace, or not at all.
pub(super) fn of_prefix(prefix: &str, declared: Option<&str>) -> &'static str {
    if let Some(uri) = declared {
        return of_namespace(uri).unwrap_or(FOREIGN);
    }
    let prefix = prefix.to_ascii_lowercase();
    let own = NAMESPACES.iter().map(|(_, own)| (*own, *own));
    let mut known = UNDECLARED.iter().copied().chain(own);
    known
        .find(|(known, _)| *known == prefix)
        .map_or(FOREIGN, |(_, own)| own)
}
