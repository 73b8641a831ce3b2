//! Where mail goes out: the relay of the configuration, checked once before anything is sent.

use crate::config;
use crate::config::values::{Protocol, Secret, Tls, TransportUrl, is_loopback};
use crate::problem::Problem;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// The two ways a mail can leave.
#[derive(Clone)]
pub enum Transport {
    /// Files in one folder for all readers.
    Maildir(PathBuf),
    Relay(Relay),
}

/// A server that takes our mail.
#[derive(Clone)]
pub struct Relay {
    pub host: String,
    pub port: u16,
    pub protocol: Protocol,
    pub hello: ClientId,
    pub security: Security,
    pub login: Option<Credentials>,
    /// For each command. The reply to the final dot is given twice as long: to give up there is what
    /// makes duplicates.
    pub timeout: Duration,
    /// Off only for servers that announce PIPELINING and get it wrong.
    pub pipelining: bool,
}

/// How the connection is protected.
#[derive(Clone)]
pub enum Security {
    Plain,
    /// TLS or nothing: a server that does not offer STARTTLS is not talked to.
    StartTls(Arc<ClientConfig>),
    /// TLS from the first byte.
    Implicit(Arc<ClientConfig>),
}

impl Transport {
    /// What `[smtp]` says.
    ///
    /// # Errors
    /// A password that would cross a network in plain text, a user without a password, a `ca` or
    /// `helo` that is of no use.
    pub fn new(smtp: &config::Smtp) -> Result<Transport, Problem> {
        let (protocol, user, host, port, tls) = match &smtp.url {
            TransportUrl::Maildir(folder) => return Ok(Transport::Maildir(folder.clone())),
            TransportUrl::Server {
                protocol,
                user,
                host,
                port,
                tls,
            } => (*protocol, user, host, *port, *tls),
        };
        Ok(Transport::Relay(Relay {
            // An IPv6 address stands in brackets in a URL only.
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            protocol,
            hello: hello(&smtp.helo)?,
            security: match tls {
                Tls::None => Security::Plain,
                Tls::StartTls => Security::StartTls(client(smtp.ca.as_deref())?),
                Tls::Implicit => Security::Implicit(client(smtp.ca.as_deref())?),
            },
            login: login(user.as_deref(), smtp.password.as_ref(), host, tls)?,
            timeout: smtp.timeout,
            pipelining: smtp.pipelining,
        }))
    }

    /// As rows and reports name it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Transport::Maildir(folder) => format!("maildir:{}", folder.display()),
            Transport::Relay(relay) => relay.name(),
        }
    }
}

impl Relay {
    /// `mail.example.org:587`
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

fn login(
    user: Option<&str>,
    password: Option<&Secret>,
    host: &str,
    tls: Tls,
) -> Result<Option<Credentials>, Problem> {
    let Some(user) = user else { return Ok(None) };
    let Some(password) = password else {
        return Err(Problem::error(
            "smtp-login",
            format!("smtp.url names the user {user:?}, and there is no password"),
        )
        .key("smtp.password")
        .hint("set smtp.password, best as { env = \"NAME\" } or { file = \"PATH\" }"));
    };
    if tls == Tls::None && !is_loopback(host) {
        return Err(Problem::error(
            "smtp-login",
            format!("the password for {host} would cross the network in plain text"),
        )
        .key("smtp.url")
        .hint("use smtps://, or leave smtp.tls at \"required\""));
    }
    Ok(Some(Credentials::new(
        user.to_owned(),
        password.reveal().to_owned(),
    )))
}

fn hello(name: &str) -> Result<ClientId, Problem> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Problem::error(
            "config-value",
            format!("{name:?} is no name to greet a server with"),
        )
        .key("smtp.helo"));
    }
    Ok(match name.parse() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(name.to_owned()),
    })
}

/// Trusts the authorities of the system, and those in the operator's own file.
fn client(ca: Option<&Path>) -> Result<Arc<ClientConfig>, Problem> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = ca {
        add_authorities(&mut roots, file).map_err(|why| {
            Problem::error("smtp-ca", format!("no certificate can be read: {why}"))
                .file(file)
                .key("smtp.ca")
                .hint("smtp.ca is a PEM file")
        })?;
    }
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| Problem::error("smtp-tls", why.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn add_authorities(roots: &mut RootCertStore, file: &Path) -> Result<(), String> {
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|why| why.to_string())? {
        let certificate = certificate.map_err(|why| why.to_string())?;
        roots.add(certificate).map_err(|why| why.to_string())?;
    }
    match roots.len() > before {
        true => Ok(()),
        false => Err("the file holds none".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_crosses_no_network_in_plain_text() {
        let secret = Secret::new("pass".to_owned());
        let with = |host, tls| login(Some("ann"), Some(&secret), host, tls);
        assert!(with("mail.example.org", Tls::None).is_err());
        assert!(with("10.0.0.1", Tls::None).is_err());
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            assert!(with(host, Tls::None).is_ok(), "{host}");
        }
        assert!(with("mail.example.org", Tls::StartTls).is_ok());
        assert!(login(Some("ann"), None, "localhost", Tls::None).is_err());
    }

    #[test]
    fn a_greeting_is_one_word() {
        assert!(matches!(hello("news.example.org"), Ok(ClientId::Domain(_))));
        assert!(matches!(hello("192.0.2.1"), Ok(ClientId::Ipv4(_))));
        assert!(hello("a\r\nMAIL").is_err());
        assert!(hello("").is_err());
    }
}
