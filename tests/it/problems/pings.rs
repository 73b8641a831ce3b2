//! Codes of the section "Pings".

use super::{Case, Good};
use crate::http_server::Script;

fn hub(good: &mut Good, endpoint: &str) {
    good.add(&format!(
        "[pings.hub]\nkind = \"websub\"\nendpoint = \"{endpoint}\""
    ));
}

pub(super) const CASES: &[Case] = &[
    Case::publish("ping-failed", "config.toml pings.hub.endpoint", |good| {
        let url = good.http(Script::status("400 Bad Request"));
        hub(good, &url);
    }),
    Case::command(
        "ping-endpoint-silent",
        "check --online",
        "config.toml pings.hub.endpoint",
        |good| {
            let url = good.http(Script::status("200 OK"));
            good.replace(super::site::NO_DIGEST, "");
            good.add(&format!("[http]\npublic_url = \"{url}\""));
            hub(good, "http://127.0.0.1:1/");
        },
    ),
    Case::publish("ping-deferred", "config.toml pings.hub.endpoint", |good| {
        let url = good.http(Script::status("503 Service Unavailable"));
        hub(good, &url);
    }),
    Case::publish("ping-endpoint-quiet", "config.toml pings.hub.endpoint", |good| {
        let url = good.http(Script::status("503 Service Unavailable"));
        hub(good, &url);
        for day in ["2026-11-20", "2026-11-21"] {
            good.run(&["publish", "--at", &format!("{day}T06:00:00Z")]);
        }
    }),
    Case::command(
        "indexnow-key",
        "check --online",
        "config.toml pings.engines.key",
        |good| {
            let url = good.http(Script::status("200 OK"));
            good.replace(super::site::NO_DIGEST, "");
            good.replace("https://tides.example/", &url);
            good.add(&format!(
                "[pings.engines]\nkind = \"indexnow\"\nendpoint = \"{url}\"\nkey = \"a1b2-c3d4e5\""
            ));
        },
    ),
];
