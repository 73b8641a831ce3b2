//! Codes of the section "The site".

use super::Case;
use crate::http_server::Script;
use std::fs;

/// Without digests no mail has links, so that `http` will do.
pub(super) const NO_DIGEST: &str = "[digests.weekly]\ntitle = \"The weekly tide\"\nschedule = \"0 7 * * 1\"\nfrom = \"Test Tides <news@tides.example>\"\n";

pub(super) const CASES: &[Case] = &[
    Case::command("init-exists", "init .", "config.toml", |good| {
        std::fs::remove_dir_all(good.path("subscribers")).unwrap();
    }),
    Case::command("init-from", "init other --from feeds", "feeds", |_| {}),
    Case::command("usage", "init other --url nonsense", "", |_| {}),
    Case::check("store", "store.url", |good| {
        good.write("data/tidings.db", "this is no database, whatever its name says");
    }),
    Case::command("ended-early", "init articles/first.md/site", "", |_| {}),
    Case::check("no-source", "config.toml sources", |good| {
        good.replace("[sources.posts]\nkind = \"markdown\"\npath = \"articles\"\n", "");
    }),
    Case::check("unwritable-folder", "feeds feeds.dir", |good| {
        fs::remove_dir(good.path("feeds")).unwrap();
        good.write("feeds", "a file");
    }),
    Case::check("public-url", "config.toml http.public_url", |good| {
        good.add("[http]\npublic_url = \"http://tides.example/\"");
    }),
    Case::command(
        "public-url-silent",
        "check --online",
        "config.toml http.public_url",
        |good| {
            let feeds = good.http(Script::status("200 OK"));
            good.replace(NO_DIGEST, "");
            good.add(&format!(
                "[feeds]\nurl = \"{feeds}\"\n[http]\npublic_url = \"http://127.0.0.1:1/\""
            ));
        },
    ),
    Case::command("http-listen", "serve", "config.toml http.listen", |good| {
        good.add("[http]\nlisten = \"203.0.113.1:8080\"");
    }),
    Case::check("http-tls", "tls.pem http.tls.certificate", |good| {
        good.add("[http]\ntls = { certificate = \"tls.pem\", key = \"tls.key\" }");
    }),
    Case::command(
        "feed-not-published",
        "check --online",
        "config.toml feeds.url",
        |good| {
            let url = good.http(Script::status("404 Not Found"));
            good.replace(NO_DIGEST, "");
            good.add(&format!("[http]\npublic_url = \"{url}\""));
        },
    ),
    Case::command("metrics-listen", "serve", "config.toml metrics.listen", |good| {
        let address = good.taken();
        good.add(&format!("[metrics]\nlisten = \"{address}\""));
    }),
    Case::command("worker-sqlite", "worker", "config.toml store.url", |_| {}),
    Case::inside(
        "reload-store",
        "the service logs it and goes on",
        "tests/it/service/reload.rs::a_wrong_configuration_is_named_and_the_old_one_goes_on",
    ),
    Case::check("postal-address", "config.toml site.postal_address", |good| {
        good.replace("postal_address = \"1 Quay Street, Tidewater\"", "");
    }),
    Case::check("site-id", "config.toml site.id", |good| {
        good.pass();
        good.replace("tides.example/", "elsewhere.example/");
    }),
    Case::check("secret-missing", "data/secret", |good| {
        good.pass();
        fs::remove_file(good.path("data/secret")).unwrap();
    }),
    Case::check("secret-other", "data/secret", |good| {
        good.pass();
        good.write("data/secret", [7; 32]);
    }),
    Case::check("secret-unreadable", "data/secret", |good| {
        good.pass();
        good.write("data/secret", "short");
    }),
];
