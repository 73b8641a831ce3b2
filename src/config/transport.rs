//! Reading `smtp.url`: where mail goes and how the connection is protected.

use super::values::{BadValue, Protocol, Tls, TransportUrl, below, is_loopback};
use std::path::Path;
use url::{Host, Url};

/// `smtp.tls`, as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    Required,
    None,
}

impl TransportUrl {
    /// `maildir:FOLDER` below `root`, or `smtp`, `smtps`, `lmtp` with `//[user@]host[:port]`. The
    /// ports are 25, 465 and 24. Unless it says otherwise, TLS is required on all hosts but this one.
    ///
    /// # Errors
    /// What is wrong with it. No message shows the URL: it may hold a password by mistake.
    pub(super) fn parse(
        text: &str,
        root: &Path,
        protection: Option<Protection>,
    ) -> Result<TransportUrl, BadValue> {
        if let Some(folder) = text.strip_prefix("maildir:") {
            if folder.is_empty() || folder.starts_with("//") {
                return Err(BadValue::new("no folder is named").hint("write \"maildir:outbox\""));
            }
            return Ok(TransportUrl::Maildir(below(root, folder)));
        }
        let hint = "write \"maildir:FOLDER\", \"smtp://user@host:port\", \"smtps://…\" or \"lmtp://…\"";
        let bad = |message: &str| BadValue::new(message).hint(hint);
        let url = Url::parse(text).map_err(|_| bad("this is neither a folder nor a mail server"))?;
        let (protocol, implicit, default_port) = match url.scheme() {
            "smtp" => (Protocol::Smtp, false, 25),
            "smtps" => (Protocol::Smtp, true, 465),
            "lmtp" => (Protocol::Lmtp, false, 24),
            _ => return Err(bad("this is neither a folder nor a mail server")),
        };
        if url.password().is_some() {
            return Err(BadValue::new("a password stands in the URL").hint("move it to smtp.password"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(bad("nothing may stand after the host and the port"));
        }
        let host = host(&url).ok_or_else(|| bad("the host is missing or wrong"))?;
        let tls = tls(implicit, is_loopback(&host), protection)?;
        Ok(TransportUrl::Server {
            protocol,
            user: user(&url)?,
            // A server on port 0 is none; the system would choose a port.
            port: url.port().filter(|port| *port != 0).unwrap_or(default_port),
            host,
            tls,
        })
    }
}

/// In lower case and ASCII; an IPv6 address in brackets.
fn host(url: &Url) -> Option<String> {
    let host = Host::parse(url.host_str()?).ok()?.to_string();
    (!host.is_empty()).then_some(host)
}

fn tls(implicit: bool, loopback: bool, protection: Option<Protection>) -> Result<Tls, BadValue> {
    match (implicit, protection) {
        (true, Some(Protection::None)) => Err(BadValue::new("smtps is TLS, but smtp.tls says \"none\"")
            .hint("write smtp:// or leave smtp.tls out")),
        (true, _) => Ok(Tls::Implicit),
        (false, Some(Protection::Required)) => Ok(Tls::StartTls),
        (false, Some(Protection::None)) => Ok(Tls::None),
        (false, None) if loopback => Ok(Tls::None),
        (false, None) => Ok(Tls::StartTls),
    }
}

/// The user with its `%40` read, as in `smtp://news%40example.org@mail.example.org`.
fn user(url: &Url) -> Result<Option<String>, BadValue> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let bad = || BadValue::new("the user is no text");
    let mut bytes = Vec::new();
    let mut rest = url.username().bytes();
    while let Some(byte) = rest.next() {
        let escaped = match byte {
            b'%' => hex(rest.next())
                .zip(hex(rest.next()))
                .map(|(high, low)| high * 16 + low),
            other => Some(other),
        };
        bytes.push(escaped.ok_or_else(bad)?);
    }
    let user = String::from_utf8(bytes).map_err(|_| bad())?;
    if user.chars().any(char::is_control) {
        return Err(bad());
    }
    Ok(Some(user))
}

fn hex(digit: Option<u8>) -> Option<u8> {
    char::from(digit?)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<TransportUrl, BadValue> {
        TransportUrl::parse(text, Path::new("."), None)
    }

    fn server(protocol: Protocol, user: Option<&str>, host: &str, port: u16, tls: Tls) -> TransportUrl {
        TransportUrl::Server {
            protocol,
            user: user.map(str::to_owned),
            host: host.to_owned(),
            port,
            tls,
        }
    }

    #[test]
    fn each_scheme_has_its_port_and_its_tls() {
        use Protocol::{Lmtp, Smtp};
        for (text, expected) in [
            (
                "smtp://mail.example.org",
                server(Smtp, None, "mail.example.org", 25, Tls::StartTls),
            ),
            (
                "smtp://Mail.Example.org:587/",
                server(Smtp, None, "mail.example.org", 587, Tls::StartTls),
            ),
            (
                "smtps://ann@mail.example.org",
                server(Smtp, Some("ann"), "mail.example.org", 465, Tls::Implicit),
            ),
            ("lmtp://localhost", server(Lmtp, None, "localhost", 24, Tls::None)),
            (
                "smtp://127.0.0.1:2525",
                server(Smtp, None, "127.0.0.1", 2525, Tls::None),
            ),
            ("smtp://[::1]:2525", server(Smtp, None, "[::1]", 2525, Tls::None)),
            (
                "smtps://127.0.0.1:2525",
                server(Smtp, None, "127.0.0.1", 2525, Tls::Implicit),
            ),
            (
                "smtp://a%40b.org@c.org",
                server(Smtp, Some("a@b.org"), "c.org", 25, Tls::StartTls),
            ),
            (
                "smtp://a@b.org@c.org",
                server(Smtp, Some("a@b.org"), "c.org", 25, Tls::StartTls),
            ),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        let sent = TransportUrl::parse("smtp://10.0.0.1", Path::new("."), Some(Protection::None));
        assert_eq!(sent, Ok(server(Smtp, None, "10.0.0.1", 25, Tls::None)));
        assert!(TransportUrl::parse("smtps://x.org", Path::new("."), Some(Protection::None)).is_err());
    }

    #[test]
    fn a_folder_is_below_the_root() {
        let root = Path::new("/srv/site");
        let parse = |text| TransportUrl::parse(text, root, None);
        assert_eq!(
            parse("maildir:outbox"),
            Ok(TransportUrl::Maildir("/srv/site/outbox".into()))
        );
        assert!(parse("maildir:").is_err() && parse("maildir://outbox").is_err());
    }

    #[test]
    fn what_is_wrong_is_refused_without_showing_a_password() {
        for bad in [
            "",
            "mail.example.org",
            "smtp:",
            "smtp://",
            "smtp://mail.example.org:99999",
            "smtp://mail.example.org/path",
            "smtp://mail.example.org?tls=no",
            "http://mail.example.org",
            "smtp://ann:hunter2@mail.example.org",
            "smtp://a%0d%0ab@mail.example.org",
            "smtp://a%ff@mail.example.org",
            "smtp://a b/",
        ] {
            let error = parse(bad).unwrap_err();
            assert!(!error.message.contains("hunter2"), "{bad}");
        }
    }
}
