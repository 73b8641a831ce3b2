//! A site of a thousand articles that the store has never seen: the first pass must not mail a thousand,
//! and what comes after it is told from all that was there.

use crate::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// So long a pass over it may take, also where tests run unoptimised and beside others.
const LONGEST_PASS: Duration = Duration::from_secs(60);

fn write(site: &Site, number: u64) {
    // Over seven years, all before the first pass, in no order.
    let day =
        chrono::NaiveDate::from_ymd_opt(2019, 1, 1).unwrap() + chrono::Days::new(number * 1_597 % 2_600);
    let words: String = (1..200)
        .map(|n| format!("w{} ", number * n * 7919 % 10_007))
        .collect();
    let body =
        format!("# Heading {number}\n\n{words}\n\n- a list\n- of *things*\n\n> and {number} <b>tags</b>\n");
    site.article(
        &format!("{}/{number}.md", number % 17),
        &format!("Tale {number}."),
        &day.to_string(),
        &body,
    );
}

fn states(site: &Site) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    let listed = site.ask(&["articles", "list", "--limit", "5000"]);
    for article in listed["articles"].as_array().unwrap() {
        *states
            .entry(article["state"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    states
}

#[test]
fn a_thousand_articles_unseen_are_not_a_thousand_mails() {
    let site = Site::new();
    for number in 1..=998 {
        write(&site, number);
    }
    let began = std::time::Instant::now();
    let first = site.publish(&["--now", "weekly"]);
    assert!(began.elapsed() < LONGEST_PASS, "{:?}", began.elapsed());
    assert_eq!(first["sources"][0]["new"], 1000);
    // `first_edition`, the newest of all; the rest is baseline.
    assert_eq!(first["editions"][0]["articles"].as_array().unwrap().len(), 10);
    assert_eq!(
        states(&site),
        BTreeMap::from([("baseline".to_owned(), 990), ("public".to_owned(), 10)])
    );
    let again = site.publish(&["--now", "weekly"]);
    let source = &again["sources"][0];
    assert_eq!((&source["unchanged"], &source["new"]), (&json!(1000), &json!(0)));
    assert_eq!(
        (&again["feeds"]["written"], &again["editions"]),
        (&json!([]), &json!([]))
    );
    // Three come, dated long ago, two are edited, one moves: three are new.
    for number in 2001..=2003 {
        write(&site, number);
    }
    site.article("1/1.md", "Tale 1, again.", "2020-01-01", "Edited.");
    site.article("2/2.md", "Tale 2, again.", "2020-01-01", "Edited.");
    std::fs::rename(site.path("articles/3/3.md"), site.path("articles/elsewhere.md")).unwrap();
    let third = site.publish(&["--now", "weekly"]);
    assert_eq!(titles(&site, &third), ["Tale 2001.", "Tale 2002.", "Tale 2003."]);
    assert_eq!(third["sources"][0]["removed"], 0, "{}", third["sources"][0]);
    // Five hundred more at once, as old: held, and told, and nobody gets them.
    for number in 3001..=3500 {
        write(&site, number);
    }
    let run = site.try_publish(&["--now", "weekly"]);
    assert_eq!(run.codes(), ["articles-held"], "{run:?}");
    assert_eq!(run.json()["sources"][0]["held"], 500);
    assert_eq!(run.json()["deliveries"]["sent"], 0);
    site.ask(&["articles", "release", "posts"]);
    let released = site.publish(&["--now", "weekly"]);
    assert_eq!(released["editions"][0]["articles"].as_array().unwrap().len(), 500);
    assert_eq!(released["deliveries"]["sent"], 1);
    assert_eq!(site.mails().len(), 3);
}

fn titles(site: &Site, report: &Value) -> Vec<String> {
    let id = report["editions"][0]["id"].as_str().unwrap();
    let shown = site.ask(&["editions", "show", id]);
    let articles = shown["editions"][0]["articles"].as_array().unwrap();
    let mut titles: Vec<String> = articles
        .iter()
        .map(|a| a["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    titles
}
