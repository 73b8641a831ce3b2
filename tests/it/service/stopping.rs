//! A service that is told to stop leaves nothing in doubt.

use super::everywhere;
use super::running::{Service, until};
use crate::site::Site;
use crate::smtp_server::{Fault, Script, SmtpServer, What, copies};
use std::time::Duration;

const READERS: usize = 300;

fn with_readers() -> Site {
    let site = Site::new()
        .replacing("schedule = \"0 7 * * 1\"", "schedule = \"* * * * * *\"")
        .with("[smtp]\nconnections = 4\n");
    let readers: String = (1..=READERS)
        .map(|n| format!("reader{n}@example.com\n"))
        .collect();
    site.readers(&format!("email\n{readers}"));
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_again_and_again_while_it_sends_everybody_has_one_copy() {
    for (on, site, _database) in everywhere(with_readers).await {
        let server = SmtpServer::start(Script {
            delay: Duration::from_millis(5),
            ..Script::default()
        })
        .await;
        for stop in 1..=3 {
            let service = sending_to(&site, &server);
            until("some mail", || server.count() >= stop * READERS / 4).await;
            let ended = service.stop();
            assert_eq!(ended.status, Some(0), "{on}: {}", ended.log);
            assert!(ended.took < Duration::from_secs(5), "{on}: {:?}", ended.took);
        }
        assert!(server.count() < READERS, "{on}: nothing was left to stop");
        let listed = site.ask(&["deliveries", "list", "--state", "sending"]);
        assert_eq!(listed["deliveries"].as_array().unwrap().len(), 0, "{on}");
        let service = sending_to(&site, &server);
        until("the rest", || server.count() >= READERS).await;
        assert_eq!(service.stop().status, Some(0), "{on}");
        assert_eq!(server.count(), READERS, "{on}: a copy too many");
        assert_eq!(copies(&server).len(), READERS, "{on}");
    }
}

fn sending_to(site: &Site, server: &SmtpServer) -> Service {
    let url = format!("smtp://127.0.0.1:{}", server.port);
    Service::start_with(site, &[("TIDINGS_SMTP__URL", &url)])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_before_the_dot_holds_no_stop_up() {
    let server = SmtpServer::start(Script {
        fault: Some(Fault {
            step: "data",
            what: What::Hang,
        }),
        every: 1,
        ..Script::default()
    })
    .await;
    let site = with_readers();
    let service = sending_to(&site, &server);
    until("a connection", || {
        server.lines().iter().any(|line| line.starts_with("DATA"))
    })
    .await;
    let ended = service.stop();
    assert_eq!(ended.status, Some(0), "{}", ended.log);
    assert!(ended.took < Duration::from_secs(8), "{:?}", ended.took);
    let listed = site.ask(&["deliveries", "list", "--state", "queued", "--limit", "1000"]);
    assert_eq!(listed["deliveries"].as_array().unwrap().len(), READERS);
}
