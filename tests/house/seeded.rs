//! One breach of each rule, given to the same checker.

use super::rules::{Breach, House, PURE, TABLE, WORLDLY};

/// A small house that keeps the rules.
const SOUND: &[(&str, &str)] = &[
    (
        "src/lib.rs",
        "//! x\npub mod articles; pub mod clock; pub mod config; pub mod feeds; pub mod digests; pub mod store;",
    ),
    ("src/clock.rs", "//! x\npub fn now() { chrono::Utc::now(); }"),
    (
        "src/articles/mod.rs",
        "//! x\npub mod text;\npub struct Article;\nfn f() { text::cut() }",
    ),
    (
        "src/articles/text.rs",
        "//! x\npub(super) struct S { pub(in crate::articles) x: u8 }\npub fn cut() {}",
    ),
    ("src/config/mod.rs", "//! x\npub mod values;\npub struct Site;"),
    (
        "src/config/values.rs",
        "//! x\npub struct StoreUrl; pub struct Other;",
    ),
    (
        "src/feeds/mod.rs",
        "//! x\nuse crate::articles::{self, text};\npub fn f() { text::cut(); let _ = articles::Article; }",
    ),
    (
        "src/digests/mod.rs",
        "//! x\nuse crate::config::Site;\npub fn f(_: Site) {}",
    ),
    (
        "src/store/mod.rs",
        "//! x\nuse crate::config::values::StoreUrl;\n#[derive(sqlx::FromRow)] pub struct Row;\npub fn f(_: StoreUrl) { StoreUrl::Sqlite; q(sql!(\"SELECT 1\")); }\n#[cfg(test)] mod tests { fn f() { sqlx::query(\"SELECT 1\"); } }",
    ),
];

/// The sound house with one file more or other.
fn with(path: &str, text: &str) -> Vec<Breach> {
    let others = SOUND.iter().copied().filter(|(other, _)| *other != path);
    House::new(others.chain([(path, text)])).breaches()
}

/// The text in that place breaks that rule, on that line, and no other.
#[track_caller]
fn breaks(path: &str, text: &str, rule: &str, line: usize) {
    let breaches = with(path, text);
    let rules: Vec<(&str, usize)> = breaches.iter().map(|b| (b.rule, b.line)).collect();
    assert!(
        rules.contains(&(rule, line)),
        "{path}: wanted {rule:?} in line {line}, found {rules:?}"
    );
    assert!(
        breaches.iter().all(|breach| breach.file == path),
        "{path}: {breaches:?}"
    );
}

#[test]
fn the_sound_house_has_no_breach() {
    assert_eq!(House::new(SOUND.iter().copied()).breaches(), []);
}

/// Where each line of the table holds, and where it does not.
#[test]
fn every_name_of_the_table_in_every_module() {
    for line in TABLE {
        for top in PURE
            .iter()
            .chain(WORLDLY)
            .filter(|top| !["lib", "main"].contains(top))
        {
            for name in line.names {
                let forbidden = TABLE.iter().any(|other| {
                    other.rule == line.rule && other.within.holds(top) && other.names.contains(name)
                });
                // A macro is named by its call, all else by its path.
                let text = match name.strip_suffix('!') {
                    Some(_) => format!("//! x\nfn f() {{ {name}(); }}"),
                    None => format!("//! x\nfn f() {{ {name}; }}"),
                };
                let path = format!("src/{top}/seeded.rs");
                let found = House::new([(path.as_str(), text.as_str())]).breaches();
                let found = found.iter().any(|b| b.rule == line.rule && b.line == 2);
                assert_eq!(found, forbidden, "[{}] {name} in {top}", line.rule);
            }
        }
    }
}

#[test]
fn files_in_a_pure_module() {
    for text in [
        "//! x\nuse std::fs;",
        "//! x\nuse std::{fmt, fs::File};",
        "//! x\nfn f() { std::fs::read(\"x\"); }",
        "//! x\nfn f() -> Option<std::net::TcpStream> { None }",
        "//! x\nfn f() { vec![tokio::fs::read(\"x\")]; }",
        "//! x\nuse tokio::*;",
        "//! x\nuse std as s; fn f() { s::fs::read(\"x\"); }",
    ] {
        breaks("src/feeds/mod.rs", text, "pure", 2);
    }
}

#[test]
fn the_world_in_a_pure_module() {
    breaks("src/digests/mod.rs", "//! x\nuse crate::store;", "pure", 2);
    breaks(
        "src/digests/mod.rs",
        "//! x\nfn f() { crate::store::f(); }",
        "pure",
        2,
    );
    breaks(
        "src/articles/text.rs",
        "//! x\nuse super::super::store::f;",
        "pure",
        2,
    );
}

#[test]
fn sql_outside_the_store() {
    let rule = "sql only in store";
    breaks("src/app.rs", "//! x\nfn f(e: sqlx::Error) {}", rule, 2);
    breaks(
        "src/app.rs",
        "//! x\n#[derive(sqlx::FromRow)] struct Row;",
        rule,
        2,
    );
    breaks(
        "src/app.rs",
        "//! x\nconst Q: &str = \"DELETE FROM articles\";",
        rule,
        2,
    );
    breaks(
        "src/app.rs",
        "//! x\nfn f() { run!(\"UPDATE articles SET x\"); }",
        rule,
        2,
    );
}

#[test]
fn a_statement_outside_sql() {
    let rule = "statements in sql!";
    breaks(
        "src/store/mod.rs",
        "//! x\nconst Q: &str = \"SELECT 1\";",
        rule,
        2,
    );
    breaks(
        "src/store/mod.rs",
        "//! x\nfn f(q: &str) { sqlx::query(q); }",
        rule,
        2,
    );
}

#[test]
fn parts_out_of_their_place() {
    breaks(
        "src/app.rs",
        "//! x\nuse lettre::Address;",
        "lettre only in delivery",
        2,
    );
    breaks(
        "src/app.rs",
        "//! x\nuse reqwest::Client;",
        "reqwest only in http",
        2,
    );
    breaks("src/app.rs", "//! x\nuse axum::Router;", "axum only in web", 2);
}

#[test]
fn feeds_digests_and_pings_together() {
    let rule = "feeds, digests and pings apart";
    breaks("src/feeds/mod.rs", "//! x\nuse crate::digests::f;", rule, 2);
    breaks(
        "src/digests/mod.rs",
        "//! x\nuse crate::{config, feeds};",
        rule,
        2,
    );
    breaks("src/digests/mod.rs", "//! x\nuse super::pings;", rule, 2);
    breaks("src/pings/websub.rs", "//! x\nuse crate::feeds::f;", rule, 2);
}

#[test]
fn config_in_the_foundations() {
    let rule = "the foundations know no config";
    breaks("src/articles/text.rs", "//! x\nuse crate::config::Site;", rule, 2);
    breaks(
        "src/schedule.rs",
        "//! x\nfn f(_: crate::config::Site) {}",
        rule,
        2,
    );
}

#[test]
fn config_in_the_store() {
    let rule = "store knows only where it is";
    breaks(
        "src/store/mod.rs",
        "//! x\nuse crate::config::values::{Other, StoreUrl};",
        rule,
        2,
    );
    breaks("src/store/mod.rs", "//! x\nuse crate::config::*;", rule, 2);
}

#[test]
fn somebody_imports_cli_or_app() {
    breaks(
        "src/sources.rs",
        "//! x\nuse crate::cli::output;",
        "nothing imports cli",
        2,
    );
    breaks("src/app.rs", "//! x\nuse crate::cli;", "nothing imports cli", 2);
    breaks(
        "src/sources.rs",
        "//! x\nuse crate::app::Site;",
        "nothing imports app but cli",
        2,
    );
}

#[test]
fn another_clock() {
    let rule = "time comes from clock";
    breaks("src/app.rs", "//! x\nfn f() { chrono::Utc::now(); }", rule, 2);
    breaks(
        "src/app.rs",
        "//! x\nuse chrono::Utc;\nfn f() { Utc::now(); }",
        rule,
        3,
    );
    breaks(
        "src/app.rs",
        "//! x\nuse std::time::SystemTime as T;\nfn f() { T::now(); }",
        rule,
        3,
    );
}

#[test]
fn a_clock_that_was_not_passed() {
    let text = "//! x\nuse crate::clock::Clock as C;\nfn f() { C::System.now(); }";
    breaks("src/app.rs", text, "the clock is passed", 3);
}

#[test]
fn printing_outside_cli() {
    let rule = "standard output belongs to cli";
    breaks("src/app.rs", "//! x\nfn f() { println!(\"x\"); }", rule, 2);
    breaks(
        "src/app.rs",
        "//! x\nfn f() { if true { vec![print!(\"x\")]; } }",
        rule,
        2,
    );
}

#[test]
fn a_circle_between_files() {
    let text = "//! x\nuse super::Article;\npub fn cut(_: Article) {}";
    let parent = "//! x\npub mod text;\npub struct Article;\npub fn f() { text::cut(Article); }";
    let mut files = SOUND.to_vec();
    files.retain(|(path, _)| !path.starts_with("src/articles"));
    files.extend([("src/articles/mod.rs", parent), ("src/articles/text.rs", text)]);
    let breaches = House::new(files).breaches();
    assert_eq!(breaches.len(), 1, "{breaches:?}");
    assert_eq!(breaches[0].rule, "no circle between files");
    assert!(
        breaches[0].what.contains("src/articles/text.rs:2"),
        "{}",
        breaches[0]
    );
}

#[test]
fn a_circle_between_files_through_what_is_handed_on() {
    let files = [
        ("src/lib.rs", "//! x\npub mod a;"),
        (
            "src/a/mod.rs",
            "//! x\nmod b; mod c;\npub use b::B; pub use c::C;",
        ),
        ("src/a/b.rs", "//! x\nuse super::C;\npub struct B(C);"),
        ("src/a/c.rs", "//! x\nuse super::B;\npub struct C(Box<B>);"),
    ];
    let rules: Vec<&str> = House::new(files).breaches().iter().map(|b| b.rule).collect();
    assert_eq!(rules, ["no circle between files"]);
}

#[test]
fn a_circle_between_modules() {
    let files = [
        ("src/lib.rs", "//! x\npub mod config; pub mod sources;"),
        (
            "src/config/mod.rs",
            "//! x\npub mod values;\nuse crate::sources::kind::Kind;",
        ),
        ("src/config/values.rs", "//! x\npub struct V;"),
        (
            "src/sources/mod.rs",
            "//! x\npub mod kind;\nuse crate::config::values::V;",
        ),
        ("src/sources/kind.rs", "//! x\npub struct Kind;"),
    ];
    let rules: Vec<&str> = House::new(files).breaches().iter().map(|b| b.rule).collect();
    assert_eq!(rules, ["no circle between modules"]);
}

#[test]
fn long_files_and_functions() {
    let long = format!("//! x\n{}", "pub const X: u8 = 0;\n".repeat(400));
    breaks("src/app.rs", &long, "short files", 1);
    let tests = format!(
        "//! x\n#[cfg(test)]\nmod tests {{\n{}}}\n",
        "const X: u8 = 0;\n".repeat(400)
    );
    assert_eq!(with("src/app.rs", &tests), []);
    let long = format!("//! x\n/// y\nfn f() {{\n{}}}\n", "    g();\n".repeat(60));
    breaks("src/app.rs", &long, "short functions", 3);
}

#[test]
fn problem_codes_are_found_wherever_they_are() {
    let text = "//! x\nfn f() { Problem::error(\"a\", x); vec![g(Problem::warning(\"b\", format!(\"{c}\"))), vec![Problem::error(\"d\", y)]]; }";
    let house = House::new([("src/app.rs", text)]);
    let codes: Vec<&str> = house.files[0]
        .codes
        .iter()
        .map(|(code, _)| code.as_str())
        .collect();
    assert_eq!(codes, ["a", "b", "d"]);
}

#[test]
fn no_introduction() {
    breaks("src/app.rs", "// x\nfn f() {}", "introduced", 1);
}

#[test]
fn the_word_unsafe() {
    breaks("src/app.rs", "//! x\nfn f() { unsafe { g() } }", "no unsafe", 2);
    breaks("src/app.rs", "//! x\nm! { unsafe fn f() {} }", "no unsafe", 2);
}
