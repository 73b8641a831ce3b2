//! A month on one command line: `publish --at` some times a day, across a change of the clocks, while
//! articles come, change, move, go and come back. What each reader gets is held against a log in memory.

use crate::site::Site;
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const READERS: [&str; 3] = ["ann@example.com", "bo@example.org", "cy@example.net"];

/// What is in the folder.
#[derive(Debug, Clone)]
struct Article {
    file: String,
    /// Before that it is not public.
    date: DateTime<Utc>,
    version: u32,
    /// It is gone for now.
    away: bool,
}

struct Month {
    site: Site,
    random: Random,
    articles: BTreeMap<u32, Article>,
    /// What something has happened to since the last pass: a file that is moved and edited at once is
    /// another article.
    touched: BTreeSet<u32>,
    /// Numbered, in no edition yet.
    waiting: BTreeSet<u32>,
    /// Known to the store: those that come later are new.
    numbered: BTreeSet<u32>,
    /// What each edition must hold, by slot.
    expected: BTreeMap<DateTime<Utc>, BTreeSet<u32>>,
}

/// The slots of `30 2 * * *` in Berlin. Written down by hand, not asked of what is tested: an hour
/// before UTC in winter, two in summer; in the gap of spring the first instant after it, in the fold of
/// autumn the first of the two.
fn slot(day: NaiveDate) -> DateTime<Utc> {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let is_summer = |day| day <= date("2026-10-25") || day > date("2027-03-28");
    let (hour, minute) = match day {
        _ if day == date("2027-03-28") => (1, 0),
        _ if is_summer(day) => (0, 30),
        _ => (1, 30),
    };
    day.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap())
        .and_utc()
}

#[test]
fn a_month_with_the_fold_of_autumn() {
    Month::new(5).live("2026-10-11", 31, "2026-10-25");
}

#[test]
fn a_month_with_the_gap_of_spring() {
    Month::new(77).live("2027-03-14", 31, "2027-03-28");
}

impl Month {
    fn new(seed: u64) -> Month {
        let site = Site::empty()
            .replacing("0 7 * * 1", "30 2 * * *")
            .replacing("timezone = \"UTC\"", "timezone = \"Europe/Berlin\"");
        site.readers(&format!("email\n{}\n", READERS.join("\n")));
        let seed = std::env::var("TIDINGS_TEST_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or(seed);
        println!("TIDINGS_TEST_SEED={seed}");
        Month {
            site,
            random: Random(seed),
            articles: BTreeMap::new(),
            touched: BTreeSet::new(),
            waiting: BTreeSet::new(),
            numbered: BTreeSet::new(),
            expected: BTreeMap::new(),
        }
    }

    /// On the day on which the clocks change there is something to send.
    fn live(mut self, from: &str, days: i64, change: &str) {
        let (first, change): (NaiveDate, NaiveDate) = (from.parse().unwrap(), change.parse().unwrap());
        let mut last = first.and_hms_opt(12, 0, 0).unwrap().and_utc();
        self.pass(last, None);
        for day in (1..=days).map(|n| first + Duration::days(n)) {
            // A day without any pass now and then: its slot is caught up with the next one.
            if day != change && self.random.below(8) == 0 {
                continue;
            }
            if day == change {
                self.add(day - Duration::days(1));
            }
            for _ in 0..=self.random.below(2) {
                for _ in 0..self.random.below(3) {
                    self.event(day);
                }
                let seconds = i64::from(self.random.below(86_400));
                let at = (day.and_time(NaiveTime::MIN).and_utc() + Duration::seconds(seconds)).max(last);
                let slots = (0..=9).map(|back| slot(day - Duration::days(back)));
                let newest = slots.filter(|slot| *slot > last && *slot <= at).max();
                self.pass(at, newest);
                last = at;
            }
        }
        self.compare();
        assert!(self.expected.contains_key(&slot(change)), "{:?}", self.expected);
    }

    /// Something happens to the folder.
    fn event(&mut self, day: NaiveDate) {
        let is_there = |(number, article): &(&u32, &Article)| !article.away && !self.touched.contains(number);
        let there: Vec<u32> = self
            .articles
            .iter()
            .filter(is_there)
            .map(|(number, _)| *number)
            .collect();
        let some = there
            .get(self.random.below(there.len().max(1) as u32) as usize)
            .copied();
        let kind = self.random.below(10);
        if kind < 4 {
            self.touched.extend(some);
        }
        match (kind, some) {
            (0 | 1, Some(number)) => {
                self.articles.get_mut(&number).unwrap().version += 1;
                self.write(number);
            }
            (2, Some(number)) => {
                let article = self.articles.get_mut(&number).unwrap();
                let old = std::mem::replace(
                    &mut article.file,
                    format!("moved-{number}-{}.md", self.random.0 % 997),
                );
                std::fs::remove_file(self.site.path(&format!("articles/{old}"))).unwrap();
                self.write(number);
            }
            (3, Some(number)) => {
                let article = self.articles.get_mut(&number).unwrap();
                article.away = true;
                let file = format!("articles/{}", article.file);
                std::fs::remove_file(self.site.path(&file)).unwrap();
            }
            (4, _) => {
                let gone = self.articles.iter_mut().find(|(_, article)| article.away);
                if let Some((number, article)) = gone {
                    article.away = false;
                    let number = *number;
                    self.write(number);
                }
            }
            // Dated today, long ago, or some days ahead.
            (kind, _) => {
                let shift = match kind {
                    5 => -40,
                    6 => 1 + i64::from(self.random.below(4)),
                    _ => 0,
                };
                self.add(day + Duration::days(shift));
            }
        }
    }

    /// A new article, dated so.
    fn add(&mut self, day: NaiveDate) {
        let number = self.articles.len() as u32 + 1;
        let article = Article {
            file: format!("tale-{number}.md"),
            date: day.and_time(NaiveTime::MIN).and_utc(),
            version: 1,
            away: false,
        };
        self.articles.insert(number, article);
        self.write(number);
    }

    fn write(&self, number: u32) {
        let article = &self.articles[&number];
        // Its words are its own, so that only a move makes two files alike.
        let words: String = (1..=30)
            .map(|n| format!("word{} ", u64::from(number) * 7919 * n % 10_007))
            .collect();
        let body = format!("{words}\n\nVersion {}.", article.version);
        let date = article.date.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.site
            .article(&article.file, &format!("Tale {number}."), &date, &body);
    }

    /// A pass, and what it must make of what has become public and of the slot that has come.
    fn pass(&mut self, at: DateTime<Utc>, slot: Option<DateTime<Utc>>) {
        let at_text = at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let run = self.site.run(&["--json", "publish", "--at", &at_text]);
        assert_eq!(run.status, 0, "{at_text} {run:?}");
        self.touched.clear();
        for (number, article) in &self.articles {
            if !article.away && article.date <= at && self.numbered.insert(*number) {
                self.waiting.insert(*number);
            }
        }
        let report = run.json();
        let made: Vec<&Value> = report["editions"].as_array().unwrap().iter().collect();
        let Some(slot) = slot else {
            assert!(made.is_empty(), "{at_text}: no slot has come: {report}");
            return;
        };
        let held: BTreeSet<u32> = self
            .waiting
            .iter()
            .copied()
            .filter(|number| !self.articles[number].away)
            .collect();
        // What is away when an edition starts is settled with it.
        self.waiting.clear();
        if !held.is_empty() {
            self.expected.insert(slot, held);
        }
    }

    /// The editions, their articles and every mail, as they were expected.
    fn compare(&self) {
        let editions = self.site.ask(&["editions", "list", "--limit", "1000"]);
        let mut made = BTreeMap::new();
        for edition in editions["editions"].as_array().unwrap() {
            if edition["state"] == "skipped" || edition["articles"].as_array().unwrap().is_empty() {
                continue;
            }
            let slot: DateTime<Utc> = edition["slot"].as_str().unwrap().parse().unwrap();
            let articles = edition["articles"].as_array().unwrap();
            let numbers = articles
                .iter()
                .map(|a| number(a["title"].as_str().unwrap()))
                .collect();
            assert_eq!(edition["counts"]["sent"], READERS.len(), "{edition}");
            assert!(made.insert(slot, numbers).is_none(), "two of one slot: {edition}");
        }
        assert_eq!(made, self.expected);
        let all: Vec<u32> = self.expected.values().flatten().copied().collect();
        assert!(all.len() > 15, "too little has happened: {all:?}");
        for reader in READERS {
            let mut got: Vec<u32> = Vec::new();
            let to = format!("Delivered-To: {reader}\n");
            for mail in self.site.mails().values().filter(|mail| mail.contains(&to)) {
                let titles = self
                    .articles
                    .keys()
                    .filter(|n| mail.contains(&format!("Tale {n}.")));
                got.extend(titles);
            }
            got.sort_unstable();
            let mut due = all.clone();
            due.sort_unstable();
            assert_eq!(got, due, "{reader}");
        }
    }
}

fn number(title: &str) -> u32 {
    title
        .trim_start_matches("Tale ")
        .trim_end_matches('.')
        .parse()
        .unwrap()
}

/// xorshift64: the same month for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % u64::from(bound.max(1))) as u32
    }
}
