//! The addresses of a site's pages: which are its own, and which of them are one page. Pure.

use super::robots::normal;
use url::Url;

/// The longest address that is taken (the sitemaps' protocol says the same).
const LONGEST: usize = 2_048;

/// What a query holds that is not of the page: who came, and from where.
const NOT_OF_THE_PAGE: &[&str] = &[
    "phpsessid",
    "jsessionid",
    "aspsessionid",
    "sessionid",
    "session_id",
    "sid",
    "fbclid",
    "gclid",
    "msclkid",
    "mc_cid",
    "mc_eid",
];

/// The address as it is asked for: without fragment, without a name and a password, without what
/// follows a visitor around. `None`: nobody can ask for it.
pub(super) fn clean(mut url: Url) -> Option<Url> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let session = url.path().to_ascii_lowercase().find(";jsessionid=");
    if let Some(at) = session {
        let path = url.path()[..at].to_owned();
        url.set_path(&path);
    }
    if url.query().is_some_and(|query| query.split('&').any(follows)) {
        let kept: Vec<&str> = url.query().unwrap_or_default().split('&').collect();
        let kept: Vec<&str> = kept.into_iter().filter(|pair| !follows(pair)).collect();
        let query = kept.join("&");
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
    }
    if url.query() == Some("") {
        url.set_query(None);
    }
    (url.as_str().len() <= LONGEST).then_some(url)
}

fn follows(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("utm_") || NOT_OF_THE_PAGE.contains(&name.as_str())
}

/// Whether two addresses are of one host: scheme and a `www.` do not count, the port does.
pub(super) fn same_host(a: &Url, b: &Url) -> bool {
    let bare = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        host.strip_prefix("www.").unwrap_or(host).to_owned()
    };
    bare(a) == bare(b) && a.port() == b.port()
}

/// What a page is known by: two addresses that differ by scheme, by `www.`, by a slash at the end or
/// by `index.html` are one page. `home` is the host whose pages are known by their path alone.
pub(super) fn key(url: &Url, home: &Url) -> String {
    let mut path = normal(url.path());
    if let Some((folder, file)) = path.rsplit_once('/')
        && matches!(file, "index.html" | "index.htm" | "index.php")
    {
        path.truncate(folder.len() + 1);
    }
    if path.len() > 1 && path.ends_with('/') {
        path.pop();
    }
    if let Some(query) = url.query() {
        path = format!("{path}?{query}");
    }
    match same_host(url, home) {
        true => path,
        false => format!(
            "//{}{path}",
            &url[url::Position::BeforeHost..url::Position::AfterPort]
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn what_follows_a_visitor_is_left_out() {
        for (written, asked) in [
            ("https://example.org/a#top", "https://example.org/a"),
            ("https://me:secret@example.org/a", "https://example.org/a"),
            (
                "https://example.org/a?utm_source=x&id=7&PHPSESSID=9",
                "https://example.org/a?id=7",
            ),
            ("https://example.org/a?sid=1", "https://example.org/a"),
            ("https://example.org/a?", "https://example.org/a"),
            ("https://example.org/a;jsessionid=1F", "https://example.org/a"),
        ] {
            assert_eq!(clean(url(written)).unwrap().as_str(), asked);
        }
        for none in ["ftp://example.org/a", "mailto:a@example.org", "javascript:1"] {
            assert_eq!(clean(url(none)), None, "{none}");
        }
        assert_eq!(
            clean(url(&format!("https://example.org/{}", "a".repeat(3000)))),
            None
        );
    }

    #[test]
    fn one_page_has_one_key() {
        let home = url("https://example.org/sitemap.xml");
        let key = |text: &str| key(&url(text), &home);
        for same in [
            "http://example.org/blog/a/",
            "https://www.example.org/blog/a",
            "https://example.org/blog/%61/index.html",
        ] {
            assert_eq!(key(same), "/blog/a", "{same}");
        }
        assert_eq!(key("https://example.org"), "/");
        assert_eq!(key("https://example.org/?p=7"), "/?p=7");
        assert_eq!(key("https://other.example/a"), "//other.example/a");
        assert_eq!(key("https://example.org:8443/a"), "//example.org:8443/a");
    }
}
