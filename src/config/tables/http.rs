//! The tables `http`, `hub`, `http_client` and `metrics`.

use crate::config::section::Section;
use crate::config::values::{self, BadValue, Network};
use crate::config::{Http, HttpClient, HttpTls, Hub, Signature, Site};
use std::net::SocketAddr;

pub(super) fn http(table: &mut Section, site: Option<&Site>) -> Option<Http> {
    let listen = table.parse("listen", listen);
    let public_url = match table.is_missing("public_url") {
        true => site.map(|site| site.url.clone()),
        false => table.parse("public_url", values::base_url),
    };
    let trusted_proxies = table.list("trusted_proxies", Network::parse);
    let rate = table.number("rate", 0..=1_000_000);
    let burst = table.number("burst", 1..=1_000_000);
    let tls = match table.is_missing("tls") {
        true => Some(None),
        false => table.within("tls", tls).map(Some),
    };
    Some(Http {
        listen: listen?,
        public_url: public_url?,
        trusted_proxies: trusted_proxies?,
        rate: rate?,
        burst: burst?,
        tls: tls?,
    })
}

/// Subscribers must reach it: where nobody has said where the service is, there is none.
pub(super) fn hub(table: &mut Section, is_reached: bool) -> Option<Hub> {
    let enabled = match table.is_missing("enabled") {
        true => Some(is_reached),
        false => table.flag("enabled"),
    };
    let signature = table.choice("signature", &Signature::ALL, &[]);
    Some(Hub {
        enabled: enabled?,
        signature: signature?,
    })
}

/// `Some(None)`: nowhere.
pub(super) fn metrics_listener(table: &mut Section) -> Option<Option<SocketAddr>> {
    match table.is_missing("listen") {
        true => Some(None),
        false => table.parse("listen", listen).map(Some),
    }
}

fn listen(text: &str) -> Result<SocketAddr, BadValue> {
    let bad = || BadValue::new(format!("{text:?} is no address to listen on"));
    text.parse()
        .map_err(|_| bad().hint("write \"127.0.0.1:8080\" or \"[::1]:8080\""))
}

fn tls(table: &mut Section) -> Option<HttpTls> {
    for (key, hint) in [
        (
            "certificate",
            "a PEM file with the certificate and those above it",
        ),
        ("key", "a PEM file with the certificate's private key"),
    ] {
        if table.is_missing(key) {
            table.missing(key, hint);
        }
    }
    let certificate = table.folder("certificate");
    let key = table.folder("key");
    Some(HttpTls {
        certificate: certificate?,
        key: key?,
    })
}

pub(super) fn http_client(table: &mut Section) -> Option<HttpClient> {
    let allow = table.list("allow", Network::parse);
    let timeout = table.parse("timeout", values::duration);
    Some(HttpClient {
        allow: allow?,
        timeout: timeout?,
    })
}
