//! The service's own certificate.

use crate::config::HttpTls;
use crate::problem::Problem;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// TLS 1.2 and 1.3, HTTP/1.1.
///
/// # Errors
/// `http-tls`
pub(super) fn acceptor(files: &HttpTls) -> Result<TlsAcceptor, Problem> {
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|why| unreadable(&files.certificate, "certificate", &why))?;
    if chain.is_empty() {
        return Err(unreadable(
            &files.certificate,
            "certificate",
            &pem::Error::NoItemsFound,
        ));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|why| unreadable(&files.key, "key", &why))?;
    let mut config = server_config(chain, key).map_err(|why| {
        problem(
            &files.certificate,
            format!("the certificate cannot be used: {why}"),
        )
        .key("http.tls")
        .hint("certificate and key must belong together, the service's own certificate first")
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What is wrong with a certificate and its key, if anything is.
#[must_use]
pub fn tls_problem(files: &HttpTls) -> Option<Problem> {
    acceptor(files).err()
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
}

fn unreadable(file: &Path, what: &str, why: &pem::Error) -> Problem {
    let why = match why {
        pem::Error::Io(why) => why.to_string(),
        pem::Error::NoItemsFound => format!("there is no {what} in it"),
        other => other.to_string(),
    };
    problem(file, format!("the {what} cannot be read: {why}"))
        .key(format!("http.tls.{what}"))
        .hint("it is a PEM file that the user who runs Tidings may read")
}

fn problem(file: &Path, message: String) -> Problem {
    Problem::error("http-tls", message).file(file)
}
