//! Holds the directions of the house: every path in `src` is read with `syn` and held against one
//! table of rules (`rules.rs`). Each rule is also shown to fail where somebody breaks it. `manual`
//! holds the manual and the command line together.

#![expect(clippy::panic, reason = "all of this is a test")]

mod circles;
mod manual;
mod reading;
mod rules;
mod seeded;

use rules::{Breach, House, LONGER_FILES, LONGER_FUNCTIONS};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The package, wherever it was built.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// All files under a folder, relative to the root, with `/`.
fn files_under(folder: &str) -> Vec<String> {
    let mut open = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path: PathBuf = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(relative) = path.strip_prefix(root()) {
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn house() -> House {
    let sources: Vec<(String, String)> = files_under("src")
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| (path.clone(), read(&path)))
        .collect();
    House::new(sources.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

#[test]
fn the_house_keeps_its_rules() {
    let breaches = house().breaches();
    let list: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(breaches.is_empty(), "\n{}\n", list.join("\n"));
}

#[test]
fn every_exception_is_still_needed() {
    let house = house();
    for (path, _) in LONGER_FILES {
        let long = house
            .files
            .iter()
            .any(|f| f.path == *path && f.lines > rules::FILE_LINES);
        assert!(long, "{path} is no longer too long: take it out of LONGER_FILES");
    }
    for (name, _) in LONGER_FUNCTIONS {
        let long = house.files.iter().any(|file| {
            file.functions.iter().any(|(f, _, length)| {
                format!("{}::{f}", file.path) == *name && *length > rules::FUNCTION_LINES
            })
        });
        assert!(
            long,
            "{name} is no longer too long: take it out of LONGER_FUNCTIONS"
        );
    }
}

/// A module that nobody has judged would have no rules; and a rule about a module that has another name
/// by now would hold nothing.
#[test]
fn every_module_is_judged_and_every_rule_is_about_one() {
    let house = house();
    let there: BTreeSet<&str> = house
        .files
        .iter()
        .map(|file| file.module.first().map_or("lib", String::as_str))
        .collect();
    let judged: BTreeSet<&str> = rules::PURE.iter().chain(rules::WORLDLY).copied().collect();
    assert_eq!(there, judged, "tests/house/rules.rs: PURE and WORLDLY");
    for line in rules::TABLE {
        let named = line
            .names
            .iter()
            .filter_map(|name| name.strip_prefix("crate::")?.split("::").next());
        let within = match line.within {
            rules::In::Only(modules) => modules,
            rules::In::AllBut(_) => &[],
        };
        for module in named.chain(within.iter().copied()) {
            assert!(there.contains(module), "[{}] there is no {module}", line.rule);
        }
    }
}

/// Every problem code stands in the manual, and the manual names none that is gone.
#[test]
fn the_manual_lists_every_problem_code() {
    let house = house();
    let manual = read("docs/problems.md");
    let listed: BTreeSet<&str> = manual
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let unlisted: Vec<String> = house
        .files
        .iter()
        .flat_map(|file| file.codes.iter().map(move |(code, line)| (file, code, line)))
        .filter(|(_, code, _)| !listed.contains(code.as_str()))
        .map(|(file, code, line)| format!("{}:{line}: `{code}`", file.path))
        .collect();
    assert!(
        unlisted.is_empty(),
        "not in docs/problems.md:\n{}",
        unlisted.join("\n")
    );
    let said: BTreeSet<&str> = house
        .files
        .iter()
        .flat_map(|file| file.strings.iter().map(|text| text.value.as_str()))
        .collect();
    for code in listed {
        assert!(
            said.contains(code),
            "docs/problems.md: nothing gives `{code}` any more"
        );
    }
}

/// Each dependency stands in the architecture with its reason.
#[test]
fn every_dependency_has_a_reason() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let reasons = read("docs/ARCHITECTURE.md");
    let fuzz: toml::Table = read("fuzz/Cargo.toml").parse().unwrap();
    let tables = ["dependencies", "dev-dependencies"].map(|table| &manifest[table]);
    for table in tables.into_iter().chain([&fuzz["dependencies"]]) {
        for name in table.as_table().unwrap().keys().filter(|name| *name != "tidings") {
            assert!(
                reasons.contains(&format!("`{name}`")),
                "{name} is not in docs/ARCHITECTURE.md"
            );
        }
    }
}

/// Bugs on purpose are in no build that does not ask for them by name, and nothing but fuzzing does.
#[test]
fn seeded_bugs_are_never_shipped() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let features = manifest["features"].as_table().unwrap();
    assert!(
        features.keys().eq(["seeded-bugs"]),
        "no feature may bring another"
    );
    for path in ["scripts", "packaging", ".ci"].into_iter().flat_map(files_under) {
        let text = std::fs::read_to_string(root().join(&path)).unwrap_or_default();
        let builds = |line: &&str| line.contains("cargo") && !line.contains("clippy");
        let options = ["--features", "--all-features", "-F "];
        let asks = text
            .lines()
            .filter(builds)
            .any(|line| options.iter().any(|option| line.contains(option)));
        assert!(!asks, "{path} builds with features");
    }
}

/// What is published speaks of Tidings alone, and names no package registry's host.
#[test]
fn published_texts_name_no_workplace() {
    let words = [
        concat!("/wo", "rk/"),
        concat!("sub", "agent"),
        concat!("work", "tree"),
        concat!("issues ", "show"),
        concat!("anth", "ropic"),
        concat!("cla", "ude"),
        concat!("chat", "gpt"),
        concat!("the ", "lead "),
        concat!("crates", ".io/api"),
        concat!("index.", "crates.io"),
        concat!("static.", "crates.io"),
        concat!("deb.", "debian.org"),
        concat!("pypi", ".org"),
    ];
    let folders = [
        "src",
        "tests",
        "docs",
        "scripts",
        "migrations",
        "email-templates",
        "articles",
        "subscribers",
        "fuzz/src",
        "fuzz/fuzz_targets",
        "fuzz/corpus",
        "fuzz/dictionaries",
    ];
    let single = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Cargo.toml",
        "config.toml",
        "deny.toml",
        ".ci/run",
        "fuzz/Cargo.toml",
        "fuzz/rustc",
    ];
    let files = folders.iter().flat_map(|folder| files_under(folder));
    for path in files.chain(single.iter().map(|path| (*path).to_owned())) {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else {
            continue;
        };
        let text = text.to_lowercase();
        for word in words {
            assert!(!text.contains(word), "{path} says {word:?}");
        }
    }
}
