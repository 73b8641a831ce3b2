//! What systemd is told over its socket (sd_notify(3)).

use super::running::{Service, until};
use crate::site::Site;
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn systemd_hears_of_start_life_reload_and_end() {
    let site = Site::new();
    let path = site.path("notify.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let to = heard.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while Arc::strong_count(&to) > 1 {
            if let Ok(length) = socket.recv(&mut buffer) {
                let said = String::from_utf8_lossy(&buffer[..length]).into_owned();
                to.lock().unwrap().push(said);
            }
        }
    });
    let has = |what: &str| {
        let heard = heard.lock().unwrap();
        heard.iter().any(|said| said.lines().any(|line| line == what))
    };
    let path = path.display().to_string();
    let environment = [("NOTIFY_SOCKET", path.as_str()), ("WATCHDOG_USEC", "400000")];
    let service = Service::start_with(&site, &environment);
    until("READY", || has("READY=1")).await;
    until("WATCHDOG", || has("WATCHDOG=1")).await;
    service.signal("HUP");
    until("RELOADING", || has("RELOADING=1")).await;
    let ready = || {
        let heard = heard.lock().unwrap();
        heard.iter().filter(|said| said.contains("READY=1")).count()
    };
    until("READY again", || ready() == 2).await;
    assert_eq!(service.stop().status, Some(0));
    assert!(has("STOPPING=1"));
}
