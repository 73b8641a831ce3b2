//! Codes of the section "Configuration".

use super::Case;
use std::fs;
use std::os::unix::fs::PermissionsExt;

pub(super) const CASES: &[Case] = &[
    Case::check("config-file", "config.toml", |good| {
        fs::remove_file(good.path("config.toml")).unwrap();
    }),
    Case::check("config-syntax", "config.toml:3", |good| {
        good.replace("title = \"Test Tides\"", "title = ");
    }),
    Case::check("config-unknown-key", "config.toml:5 site.timezome", |good| {
        good.replace("timezone", "timezome");
    }),
    Case::check("config-unsupported", "config.toml:16 bounces", |good| {
        good.add("[bounces.box]\nkind = \"imap\"");
    }),
    Case::check("config-missing", "config.toml:12 digests.weekly.from", |good| {
        good.replace("from = \"Test Tides <news@tides.example>\"", "");
    }),
    Case::check("config-value", "config.toml:14 digests.weekly.schedule", |good| {
        good.replace("0 7 * * 1", "0 25 * * 1");
    }),
    Case::check("config-secret", "config.toml:18 smtp.password", |good| {
        good.add("[smtp]\nurl = \"smtps://news@mail.example\"\npassword = { env = \"TIDINGS_TEST_UNSET\" }");
    }),
    Case::check("secret-readable", "password smtp.password", |good| {
        good.write("password", "secret\n");
        fs::set_permissions(good.path("password"), fs::Permissions::from_mode(0o644)).unwrap();
        good.add("[smtp]\nurl = \"smtps://news@mail.example\"\npassword = { file = \"password\" }");
    }),
    Case::command("unknown-digest", "publish --now none", "", |_| {}),
    Case::command("unknown-subscriber", "subscribers show none", "", |_| {}),
    Case::command("unknown-edition", "editions show none", "", |_| {}),
    Case::command("unknown-article", "articles explain none", "", |_| {}),
    Case::command(
        "at-before-newest-pass",
        "publish --at 2026-11-22T06:00:00Z",
        "--at",
        |good| good.pass(),
    ),
];
