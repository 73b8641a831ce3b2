//! The small types of the configuration: each checks itself when it is made.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::{Host, Url};

/// Why a value is refused, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadValue {
    pub message: String,
    pub hint: Option<String>,
}

impl BadValue {
    #[must_use]
    pub fn new(message: impl Into<String>) -> BadValue {
        BadValue {
            message: message.into(),
            hint: None,
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> BadValue {
        self.hint = Some(hint.into());
        self
    }
}

/// Text that no log and no debug print shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: String) -> Secret {
        Secret(text)
    }

    /// The secret itself, for the one call that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A connection URL; it may hold a password.
    Postgres(Secret),
}

impl StoreUrl {
    /// `sqlite:PATH`, relative to `root`, or `postgres://…`.
    ///
    /// # Errors
    /// Any other scheme. No message shows the URL: it may hold a password.
    pub fn parse(text: &str, root: &Path) -> Result<StoreUrl, BadValue> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(':') {
                return Err(BadValue::new("no file is named").hint("write \"sqlite:data/tidings.db\""));
            }
            return Ok(StoreUrl::Sqlite(below(root, path)));
        }
        let hint = "write \"sqlite:PATH\" or \"postgres://user@host/database\"";
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") => {
                Ok(StoreUrl::Postgres(Secret::new(text.to_owned())))
            }
            _ => Err(BadValue::new("this is neither a file nor a PostgreSQL server").hint(hint)),
        }
    }
}

/// Where mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportUrl {
    /// `maildir:outbox`
    Maildir(PathBuf),
    /// `smtp://[user@]host[:port]`, `smtps://…`, `lmtp://…`
    Server {
        protocol: Protocol,
        user: Option<String>,
        host: String,
        port: u16,
        tls: Tls,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Smtp,
    Lmtp,
}

/// How a connection is protected. `StartTls` is that or nothing: never a fall-back to plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    None,
    StartTls,
    Implicit,
}

/// Where a ping goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// An `http` or `https` URL.
    Url(Url),
    /// `file:outbox/pings`: each request as a file, what would have been sent.
    Folder(PathBuf),
}

impl Endpoint {
    /// `http://…`, `https://…`, or `file:FOLDER` relative to `root`.
    ///
    /// # Errors
    /// Any other scheme, and a URL with a user or password: reports name endpoints.
    pub fn parse(text: &str, root: &Path) -> Result<Endpoint, BadValue> {
        if let Some(path) = text.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(BadValue::new("no folder is named").hint("write \"file:outbox/pings\""));
            }
            return Ok(Endpoint::Folder(below(root, path)));
        }
        Ok(Endpoint::Url(web_url(text)?))
    }
}

/// An absolute `http` or `https` URL with a host and without a user, a password or a fragment.
///
/// # Errors
/// What is wrong with it.
pub fn web_url(text: &str) -> Result<Url, BadValue> {
    let hint = "write it in full, as \"https://example.org/\"";
    let url = Url::parse(text).map_err(|error| BadValue::new(format!("no URL: {error}")).hint(hint))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(BadValue::new(format!("{}: is not http or https", url.scheme())).hint(hint));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadValue::new("the URL must not hold a user or password"));
    }
    if url.fragment().is_some() {
        return Err(BadValue::new("the URL must not hold a fragment (#…)"));
    }
    Ok(url)
}

/// As [`web_url`], for a place that others are below: no query, and it ends with `/`.
///
/// # Errors
/// What is wrong with it.
pub fn base_url(text: &str) -> Result<Url, BadValue> {
    let mut url = web_url(text)?;
    if url.query().is_some() {
        return Err(BadValue::new("the URL must not hold a query (?…)"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// `90s`, `15m`, `36h`, `90d`, `2w`: at least a second, at most a hundred years.
///
/// # Errors
/// Anything else.
pub fn duration(text: &str) -> Result<Duration, BadValue> {
    const LONGEST: u64 = 36_500 * 86_400;
    let bad = || {
        BadValue::new(format!("{text:?} is no duration"))
            .hint("write a number and s, m, h, d or w, as \"15m\"")
    };
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return Err(bad()),
    };
    if number.is_empty() {
        return Err(bad());
    }
    // A number too large for its type is as much too long as any other.
    match number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
    {
        Some(0) => Err(BadValue::new("a duration must be at least 1s")),
        Some(seconds) if seconds <= LONGEST => Ok(Duration::from_secs(seconds)),
        _ => Err(BadValue::new("a duration must be at most 36500d")),
    }
}

/// Whether a host of the configuration is this machine itself.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

/// A path of the file, seen from the working directory.
#[must_use]
pub fn below(root: &Path, path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    if root == Path::new(".") {
        path.to_owned()
    } else {
        root.join(path)
    }
}

/// A network in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    pub address: IpAddr,
    pub prefix: u8,
}

impl Network {
    /// `10.0.0.0/8`, `fd00::/8`, or one address.
    ///
    /// # Errors
    /// Anything else, names too: the check is on addresses.
    pub fn parse(text: &str) -> Result<Network, BadValue> {
        let bad = || BadValue::new(format!("{text:?} is no network")).hint("write it as \"10.0.0.0/8\"");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| bad())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        match prefix.unwrap_or(longest) {
            prefix if prefix <= longest => Ok(Network { address, prefix }),
            _ => Err(bad()),
        }
    }

    /// Whether an address is in it. An IPv4 address written as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let shift = 32 - u32::from(self.prefix);
                let cut = |bits: u32| bits.checked_shr(shift).unwrap_or(0);
                cut(ours.to_bits()) == cut(theirs.to_bits())
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let shift = 128 - u32::from(self.prefix);
                let cut = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
                cut(ours.to_bits()) == cut(theirs.to_bits())
            }
            _ => false,
        }
    }
}

/// Whether a text is BCP 47 in its plain form: subtags of letters and digits, the first of two or three
/// letters.
#[must_use]
pub fn is_language(text: &str) -> bool {
    let subtag = |tag: &str| (1..=8).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_alphanumeric());
    let mut tags = text.split('-');
    let first = tags
        .next()
        .is_some_and(|tag| (2..=3).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_alphabetic()));
    first && tags.all(subtag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(duration("36h"), Ok(Duration::from_secs(36 * 3600)));
        assert_eq!(duration("90d"), Ok(Duration::from_secs(90 * 86_400)));
        assert_eq!(duration("2w"), Ok(Duration::from_secs(14 * 86_400)));
        for bad in [
            "",
            "m",
            "15",
            "-1m",
            "1.5h",
            "15 m",
            "0s",
            "15M",
            "36501d",
            "99999999999999999999d",
            "1é",
        ] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn places_end_with_a_slash() {
        assert_eq!(
            base_url("https://example.org/blog").unwrap().as_str(),
            "https://example.org/blog/"
        );
        assert_eq!(
            base_url("http://example.org").unwrap().as_str(),
            "http://example.org/"
        );
        for bad in [
            "example.org",
            "ftp://example.org/",
            "https://a:b@example.org/",
            "https://e.org/?a",
            "https://e.org/#a",
            "/x",
            "https://",
        ] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn stores_and_endpoints_are_below_the_root() {
        let root = Path::new("site");
        assert_eq!(
            StoreUrl::parse("sqlite:data/t.db", root),
            Ok(StoreUrl::Sqlite("site/data/t.db".into()))
        );
        assert_eq!(
            StoreUrl::parse("sqlite:/var/t.db", root),
            Ok(StoreUrl::Sqlite("/var/t.db".into()))
        );
        assert!(matches!(
            StoreUrl::parse("postgres://u:p@h/d", root),
            Ok(StoreUrl::Postgres(_))
        ));
        for bad in ["", "sqlite:", "sqlite::memory:", "mysql://u:p@h/d", "data/t.db"] {
            let error = StoreUrl::parse(bad, root).unwrap_err();
            assert!(!error.message.contains("u:p"));
        }
        assert_eq!(
            Endpoint::parse("file:outbox/pings", root),
            Ok(Endpoint::Folder("site/outbox/pings".into()))
        );
        assert!(matches!(
            Endpoint::parse("http://127.0.0.1:9/hub", root),
            Ok(Endpoint::Url(_))
        ));
        for bad in ["", "file:", "outbox", "ftp://x/", "https://u:p@h/"] {
            assert!(Endpoint::parse(bad, root).is_err(), "{bad}");
        }
    }

    #[test]
    fn networks_hold_their_addresses() {
        let ten = Network::parse("10.0.0.0/8").unwrap();
        assert!(ten.contains("10.255.0.1".parse().unwrap()));
        assert!(ten.contains("::ffff:10.1.1.1".parse().unwrap()));
        assert!(!ten.contains("11.0.0.1".parse().unwrap()));
        let all = Network::parse("0.0.0.0/0").unwrap();
        assert!(all.contains("203.0.113.1".parse().unwrap()));
        assert!(!all.contains("2001:db8::1".parse().unwrap()));
        assert!(
            Network::parse("fd00::/8")
                .unwrap()
                .contains("fd12::1".parse().unwrap())
        );
        assert!(
            Network::parse("127.0.0.1")
                .unwrap()
                .contains("127.0.0.1".parse().unwrap())
        );
        for bad in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "localhost",
            "10.0.0.0/",
            "10.0.0.0/-1",
        ] {
            assert!(Network::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert!(!format!("{:?}", StoreUrl::Postgres(secret)).contains("hunter2"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_a_value_panic(text in "\\PC{0,40}") {
            let root = Path::new(".");
            let _ = (duration(&text), base_url(&text), Network::parse(&text), is_loopback(&text));
            let _ = (StoreUrl::parse(&text, root), Endpoint::parse(&text, root));
        }
    }
}
