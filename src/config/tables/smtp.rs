//! The table `smtp`.

use crate::config::section::{Section, one_line};
use crate::config::transport::Protection;
use crate::config::values::{self, BadValue, Tls, TransportUrl};
use crate::config::{Http, Smtp};
use url::Url;

/// Where mail goes.
pub(super) fn smtp(table: &mut Section, http: Option<&Http>) -> Option<Smtp> {
    let words = [("required", Protection::Required), ("none", Protection::None)];
    let protection = table.choice("tls", &words, &[]);
    let root = table.reading.root;
    let url = table.parse("url", |text| TransportUrl::parse(text, root, protection));
    let password = table.secret("password");
    if let Some(url) = &url {
        check_credentials(table, url);
    }
    let ca = table.folder("ca");
    let helo = match table.is_missing("helo") {
        true => http.map(|http| host_name(&http.public_url)),
        false => table.parse("helo", helo),
    };
    let connections = table.number("connections", 1..=1000);
    let rate = table.number("rate", 1..=1_000_000);
    let timeout = table.parse("timeout", values::duration);
    let pipelining = table.flag("pipelining");
    Some(Smtp {
        url: url?,
        password,
        ca,
        helo: helo?,
        connections: connections?,
        rate,
        timeout: timeout?,
        pipelining: pipelining?,
    })
}

/// User and password go together, and never in plain text to another machine.
fn check_credentials(table: &mut Section, url: &TransportUrl) {
    let has_password = !table.is_missing("password");
    let TransportUrl::Server { user, host, tls, .. } = url else {
        if has_password {
            table.refuse(
                "password",
                BadValue::new("smtp.url is a folder: there is nobody to tell it to"),
            );
        }
        return;
    };
    match (user, has_password) {
        (Some(_), false) => table.missing("password", "smtp.url names a user; or write { env = \"NAME\" }"),
        (None, true) => {
            let bad = BadValue::new("a password without a user")
                .hint("name the user in smtp.url: smtp://user@host");
            table.refuse("password", bad);
        }
        _ => {}
    }
    if has_password && *tls == Tls::None && !values::is_loopback(host) {
        let bad = BadValue::new("the password would go to another machine in plain text");
        table.refuse("tls", bad.hint("leave smtp.tls out, or set it to \"required\""));
    }
}

/// What EHLO may say of us: a host name or an address in brackets.
fn helo(text: &str) -> Result<String, BadValue> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    match one_line(text)? {
        text if !text.is_empty() && text.len() <= 255 && text.chars().all(fits) => Ok(text.to_owned()),
        _ => Err(BadValue::new(format!("{text:?} is no host name"))),
    }
}

fn host_name(url: &Url) -> String {
    match url.host() {
        Some(url::Host::Ipv4(address)) => format!("[{address}]"),
        Some(url::Host::Ipv6(address)) => format!("[IPv6:{address}]"),
        Some(url::Host::Domain(name)) => name.to_owned(),
        None => "localhost".to_owned(),
    }
}
