//! What README shows of the sample site is what a stranger sees.

use crate::site::Site;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The sample's articles are of the autumn before; README's reader comes later still.
const AT: [&str; 2] = ["--at", "2026-11-23T08:00:00Z"];

const README: &str = include_str!("../../README.md");

/// The fenced blocks of README, with the word after the fence.
fn blocks() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in README.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(language), None) => open = Some((language, Vec::new())),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some((language, mut lines))) => {
                lines.push(line);
                open = Some((language, lines));
            }
            (None, None) => {}
        }
    }
    blocks
}

/// The arguments of README's first command, and the report that it shows after it.
fn first_command() -> (Vec<&'static str>, Vec<&'static str>) {
    let mut blocks = blocks().into_iter();
    let (_, command) = blocks.find(|(language, _)| *language == "sh").unwrap();
    let arguments = command[0].strip_prefix("cargo run --release -- ").unwrap();
    let (_, report) = blocks.find(|(language, _)| language.is_empty()).unwrap();
    (arguments.split_whitespace().collect(), report)
}

/// A published copy of the sample site, and the report.
fn published() -> (Site, Vec<String>) {
    let site = Site::sample();
    let (arguments, _) = first_command();
    let run = site.run(&[&arguments[..], &AT].concat());
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.stderr, "");
    (site, run.stdout.lines().map(str::to_owned).collect())
}

/// Every file of a folder, byte for byte.
fn bytes(site: &Site, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let names = site.snapshot(folder).into_keys();
    names
        .map(|name| {
            let content = fs::read(site.path(folder).join(&name)).unwrap();
            (name, content)
        })
        .collect()
}

#[test]
fn the_first_command_prints_what_readme_shows() {
    let (_, report) = published();
    let (_, shown) = first_command();
    assert_eq!(report, shown);
}

#[test]
fn a_second_run_finds_nothing_new_and_changes_no_byte() {
    let (site, _) = published();
    let (arguments, _) = first_command();
    let folders = ["feeds", "outbox", "articles", "subscribers"];
    let lists = [["editions", "list"], ["articles", "list"], ["deliveries", "list"]];
    let before = folders.map(|folder| bytes(&site, folder));
    let listed = lists.map(|list| site.run(&list).stdout);
    let again = site.run(&[&arguments[..], &AT].concat());
    assert_eq!(again.status, 0, "{again:?}");
    assert!(again.stdout.contains("Nothing is new."), "{again:?}");
    for (folder, before) in folders.iter().zip(before) {
        assert!(!before.is_empty(), "{folder}");
        assert_eq!(before, bytes(&site, folder), "{folder}");
    }
    assert_eq!(listed, lists.map(|list| site.run(&list).stdout));
}

#[test]
fn every_reader_of_the_sample_gets_one_mail_that_is_left_with_one_click() {
    let (site, _) = published();
    let list = fs::read_to_string(site.path("subscribers/readers.csv")).unwrap();
    let readers: BTreeSet<&str> = list
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    let mails = site.mails();
    let mut reached = BTreeSet::new();
    for mail in mails.values() {
        let to = mail
            .lines()
            .find_map(|line| line.strip_prefix("Delivered-To: "))
            .unwrap();
        assert!(reached.insert(to), "{to} twice");
        assert!(
            mail.contains("\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"),
            "{mail}"
        );
        assert!(mail.contains("\nList-Unsubscribe: <https://"), "{mail}");
    }
    assert_eq!(reached, readers);
}

#[test]
fn the_sample_has_what_readme_says() {
    let (site, _) = published();
    let listed = site.ask(&["articles", "list", "--limit", "1000"]);
    let articles = listed["articles"].as_array().unwrap();
    let states = |state: &str| {
        articles
            .iter()
            .filter(|article| article["state"] == state)
            .count()
    };
    assert_eq!((states("draft"), states("scheduled")), (1, 1));
    assert!(states("public") + states("baseline") >= 12, "{listed:#}");
    let sources: BTreeSet<_> = articles
        .iter()
        .map(|article| article["source"].as_str().unwrap())
        .collect();
    assert_eq!(sources, BTreeSet::from(["pages", "posts", "texts"]));
    let edition = &site.ask(&["editions", "show", "weekly/now/1"])["editions"][0];
    assert_eq!(edition["articles"].as_array().unwrap().len(), 10);
    assert_eq!(site.ask(&["check"])["problems"], json!([]));
    // The draft and the article of 2035 are nowhere.
    let published = site
        .snapshot("feeds")
        .into_values()
        .chain(site.mails().into_values());
    let published: String = published.collect();
    for hidden in articles
        .iter()
        .filter(|article| article["state"] == "draft" || article["state"] == "scheduled")
    {
        let title = hidden["title"].as_str().unwrap();
        assert!(!published.contains(title), "{title}");
    }
}

/// The configuration that README gives for a site of one's own is one that works.
#[test]
fn the_configuration_in_readme_works() {
    let (_, lines) = blocks()
        .into_iter()
        .find(|(language, _)| *language == "toml")
        .unwrap();
    let site = Site::bare(&lines.join("\n"));
    site.write(
        "content/posts/hello.md",
        "---\ntitle: Hello\ndate: 2026-11-20\n---\n\nHello.\n",
    );
    assert_eq!(site.ask(&["check"])["problems"], json!([]));
    let report = site.publish(&[]);
    assert_eq!(report["sources"][0]["new"], 1, "{report}");
    let listed = site.ask(&["articles", "list"]);
    assert_eq!(listed["articles"][0]["url"], "https://example.org/2026/hello/");
}
