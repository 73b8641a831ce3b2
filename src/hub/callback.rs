//! URLs that strangers want us to call. Whether an address may be reached is the HTTP client's to say.

use url::{Host, Url};

/// A longer one is none.
const LONGEST: usize = 1024;
/// Ports above the system's own that are of no web server, as browsers have them.
const OTHERS_PORTS: [u16; 17] = [
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 10080,
];

/// A callback, where it can be one.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &str) -> Result<Url, &'static str> {
    if text.len() > LONGEST {
        return Err("is longer than 1024 bytes");
    }
    let url = Url::parse(text).map_err(|_| "is no absolute URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("is not http or https");
    }
    // What the parser mends is not the URL that was meant.
    let as_written = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let names_host = |rest: &str| rest.starts_with("//") && !rest.starts_with("///");
    if !as_written || !text.split_once(':').is_some_and(|(_, rest)| names_host(rest)) {
        return Err("is no absolute URL");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or password");
    }
    if url.fragment().is_some() {
        return Err("must not hold a fragment");
    }
    match url.port() {
        Some(port) if port < 1024 && !matches!(port, 80 | 443) => {
            return Err("names a port that is not for the web");
        }
        Some(port) if OTHERS_PORTS.contains(&port) => return Err("names a port that is not for the web"),
        _ => {}
    }
    if url.as_str().len() > LONGEST {
        return Err("is longer than 1024 bytes");
    }
    Ok(url)
}

/// The host of a callback with its port: what limits go by.
#[must_use]
pub fn host(url: &Url) -> String {
    let host = url
        .host()
        .map(|host: Host<&str>| host.to_string())
        .unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or(0))
}

/// A callback with more behind its own query string, which stays as it is.
pub(super) fn with(callback: &Url, pairs: &[(&str, &str)]) -> Url {
    let mut url = callback.clone();
    url.query_pairs_mut().extend_pairs(pairs);
    url
}
