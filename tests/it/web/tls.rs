//! The service's own certificate, and the check that asks whether the service is there.

use super::{House, PUBLIC, load, parse};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::fs;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

const TLS: &str =
    "\n[http]\npublic_url = \"https://localhost/\"\ntls = { certificate = \"tls.pem\", key = \"tls.key\" }\n";

/// A certificate for `localhost` and its key, as PEM; and the certificate by itself.
fn certificate() -> (String, String, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (cert.pem(), signing_key.serialize_pem(), cert.der().clone())
}

/// What a client that trusts only this certificate is answered.
async fn asked(house: &House, trusted: &CertificateDer<'static>) -> Option<u16> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(house.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .ok()?;
    let request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    Some(parse(&bytes)?.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_taken_up_and_a_bad_one_leaves_the_old() {
    let mut house = House::open(PUBLIC).await;
    let text = fs::read_to_string(house.folder.path("config.toml")).unwrap();
    house.folder.write("config.toml", text.replace(PUBLIC, TLS));
    let refused = house.reload().unwrap_err();
    assert_eq!(
        (refused.code, refused.key.as_deref()),
        ("http-tls", Some("http.tls.certificate"))
    );
    assert!(refused.file.as_ref().unwrap().ends_with("tls.pem"), "{refused}");

    let (pem, key, one) = certificate();
    house.folder.write("tls.pem", &pem);
    house.folder.write("tls.key", &pem);
    let refused = house.reload().unwrap_err();
    assert!(refused.file.as_ref().unwrap().ends_with("tls.key"), "{refused}");
    let (other_pem, other_key, other) = certificate();
    house.folder.write("tls.key", &other_key);
    let refused = house.reload().unwrap_err();
    assert_eq!(
        (refused.code, refused.key.as_deref()),
        ("http-tls", Some("http.tls"))
    );
    assert_eq!(house.get("/health/live").await.status, 200, "still without TLS");

    house.folder.write("tls.key", &key);
    house.reload().unwrap();
    until(async || asked(&house, &one).await == Some(200)).await;
    assert_eq!(asked(&house, &other).await, None);
    let plain = house
        .say("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    assert!(plain.is_none(), "plain HTTP is not answered: {plain:?}");

    house.folder.write("tls.pem", "nonsense");
    assert!(house.reload().is_err());
    assert_eq!(asked(&house, &one).await, Some(200), "the old one goes on");
    house.folder.write("tls.pem", &other_pem);
    house.folder.write("tls.key", &other_key);
    house.reload().unwrap();
    until(async || asked(&house, &other).await == Some(200)).await;
}

/// The listener takes a new configuration in a task of its own.
async fn until(holds: impl AsyncFn() -> bool) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it never came");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_finds_the_service_while_it_runs() {
    let mut house = House::open(PUBLIC).await;
    house.pass().await;
    let text = fs::read_to_string(house.folder.path("config.toml")).unwrap();
    let ours = format!("\n[http]\npublic_url = \"http://{}/\"\n", house.address);
    house.folder.write("config.toml", text.replace(PUBLIC, &ours));
    house.reload().unwrap();
    let config = load(&house.folder);
    assert_eq!(config.http.public_url.port(), Some(house.address.port()));
    let codes = |run: crate::site::Run| -> Vec<String> {
        let report = run.json();
        let problems = report["problems"].as_array().unwrap().clone();
        problems
            .iter()
            .map(|p| p["code"].as_str().unwrap().to_owned())
            .collect()
    };
    let folder = &house.folder;
    let check = || codes(folder.run(&["--json", "check", "--online"]));
    let found = tokio::task::block_in_place(check);
    assert!(
        !found
            .iter()
            .any(|code| code == "public-url-silent" || code == "feed-not-published"),
        "{found:?}"
    );
    house.stop().await;
    let folder = &house.folder;
    let found = tokio::task::block_in_place(|| codes(folder.run(&["--json", "check", "--online"])));
    assert!(found.iter().any(|code| code == "public-url-silent"), "{found:?}");
}
