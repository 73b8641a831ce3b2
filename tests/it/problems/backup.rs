//! Codes of the section "Backups, alerts", and those of readers brought in by hand.

use super::{Case, Good};
use crate::http_server::Script;
use crate::site::NOW;
use std::fs;
use std::io::Write;

/// A backup of a site that has made a pass, and then nothing but the backup.
fn lost(good: &Good) {
    good.pass();
    good.ask(&["backup", "b.tar.gz"]);
    fs::rename(good.path("data"), good.path("lost")).unwrap();
}

fn restored(good: &Good) {
    lost(good);
    good.ask(&["restore", "b.tar.gz", "--at", NOW]);
}

/// An archive as a later version might write it.
fn from_the_future() -> Vec<u8> {
    let text = b"{\"format\": \"tidings-backup\", \"version\": 99}";
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    archive
        .append_data(&mut header, "backup.json", &text[..])
        .unwrap();
    let mut gzip = archive.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}

const BROKEN: &str = "---\ntitle: [\n---\nx\n";

pub(super) const CASES: &[Case] = &[
    Case::command("file-there", "backup config.toml", "config.toml", |_| {}),
    Case::command("backup-foreign", "restore config.toml", "config.toml", |_| {}),
    Case::command("backup-damaged", "restore b.tar.gz", "b.tar.gz", |good| {
        lost(good);
        let whole = fs::read(good.path("b.tar.gz")).unwrap();
        good.write("b.tar.gz", &whole[..whole.len() / 2]);
    }),
    Case::command("backup-newer", "restore b.tar.gz", "b.tar.gz", |good| {
        good.write("b.tar.gz", from_the_future());
    }),
    Case::command(
        "store-there",
        "restore b.tar.gz",
        "data/tidings.db store.url",
        |good| {
            lost(good);
            fs::rename(good.path("lost"), good.path("data")).unwrap();
        },
    ),
    Case::command("secret-there", "restore b.tar.gz", "data/secret", |good| {
        lost(good);
        good.write("data/secret", [7; 32]);
    }),
    Case::publish("sending-held", "", |good| restored(good)),
    Case::command(
        "restore-unread",
        "restore --accept --at 2026-11-23T06:00:00Z",
        "",
        |good| {
            restored(good);
            good.write("articles/broken.md", BROKEN);
        },
    ),
    Case::publish("alert-failed", "config.toml operator.webhook", |good| {
        good.add("[operator]\nwebhook = \"file:hook\"");
        good.write("articles/broken.md", BROKEN);
        good.pass();
        fs::remove_file(good.path("articles/broken.md")).unwrap();
        let url = good.http(Script::status("404 Not Found"));
        good.replace("file:hook", &url);
    }),
    Case::publish("heartbeat-failed", "config.toml operator.heartbeat", |good| {
        let url = good.http(Script::status("503 Service Unavailable"));
        good.add(&format!("[operator]\nheartbeat = \"{url}\""));
    }),
    Case::command(
        "subscriber-kept-out",
        "subscribers add bo@example.com",
        "",
        |good| {
            good.ask(&["subscribers", "add", "bo@example.com"]);
            good.ask(&["subscribers", "remove", "bo@example.com"]);
        },
    ),
    Case::command("export-needs-file", "subscribers export", "", |_| {}),
];
