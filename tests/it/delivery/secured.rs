//! STARTTLS, TLS and login: what is protected, and what is refused.

use super::codes;
use crate::post_office::{PostOffice, Setup};
use crate::smtp_server::{Script, Security, SmtpServer};
use tidings::app::delivery::DeliveryReport;
use tidings::app::report::DeliveryCounts as Counts;

#[tokio::test(flavor = "multi_thread")]
async fn starttls_and_tls_with_login() {
    for security in [Security::StartTls, Security::Implicit] {
        for mechanisms in ["PLAIN LOGIN", "LOGIN"] {
            let server = secured(security, (mechanisms, "ann", "secret")).await;
            let report = secured_pass(&server, security, true).await;
            assert_eq!(
                report.counts,
                Counts {
                    sent: 3,
                    ..Counts::default()
                },
                "{security:?} {mechanisms}"
            );
        }
        let server = secured(security, ("PLAIN", "ann", "other")).await;
        let report = secured_pass(&server, security, true).await;
        assert_eq!(codes(&report), ["smtp-login"]);
        assert!(!format!("{:?}", report.problems).contains("secret"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_that_fits_nothing_is_said() {
    for (security, trusted) in [
        (Security::StartTls, false),
        (Security::Implicit, false),
        (Security::Plain, true),
        (Security::StartTlsWithInjection, true),
    ] {
        let server = secured(security, ("PLAIN", "ann", "secret")).await;
        let report = secured_pass(&server, security, trusted).await;
        assert_eq!(codes(&report), ["smtp-tls"], "{security:?}");
        let said = server.lines();
        let secret = |line: &String| line.starts_with("AUTH") || line.starts_with("MAIL");
        assert!(!said.iter().any(secret), "{said:?}");
    }
}

async fn secured(security: Security, login: (&'static str, &'static str, &'static str)) -> SmtpServer {
    SmtpServer::start(Script {
        security,
        login: Some(login),
        ..Script::default()
    })
    .await
}

/// Asks for TLS, whatever the server does.
async fn secured_pass(server: &SmtpServer, security: Security, trusted: bool) -> DeliveryReport {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), &server.certificate).unwrap();
    let (scheme, port) = match security {
        Security::Implicit => ("smtps", server.port),
        _ => ("smtp", server.port),
    };
    let office = PostOffice::open_in(
        folder.path(),
        Setup {
            smtp: match trusted {
                true => "connections = 1\ntls = \"required\"\npassword = \"secret\"\nca = \"ca.pem\"",
                false => "connections = 1\ntls = \"required\"\npassword = \"secret\"",
            },
            ..Setup::with(format!("{scheme}://ann@localhost:{port}"))
        },
    )
    .await;
    office.seed(3).await;
    office.pass().await
}
