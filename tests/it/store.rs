//! What a site remembers from pass to pass: one story, told to SQLite and to PostgreSQL.

use crate::database::Database;
use std::collections::BTreeMap;
use std::path::Path;
use tidings::app::intake::IntakeReport;
use tidings::app::subscribers::SubscribersReport;
use tidings::app::{Site, intake, subscribers};
use tidings::articles::state::{State, Stored};
use tidings::clock::{Clock, Instant, from_seconds, rfc3339};
use tidings::config::Config;
use tidings::config::values::StoreUrl;
use tidings::problem::{Problem, Severity};
use tidings::sql;
use tidings::store::reported::Part;
use tidings::store::subscribers::Subscriber;
use tidings::store::{Store, StoreError, facts};

/// 2026-11-23T00:00:00Z
const START: i64 = 1_795_392_000;
const DAY: i64 = 86_400;

fn day(days: i64) -> Instant {
    from_seconds(START + days * DAY)
}

/// A site in a folder of its own.
struct House {
    root: tempfile::TempDir,
    config: Config,
}

impl House {
    fn new(store: Option<StoreUrl>) -> House {
        let root = tempfile::tempdir().unwrap();
        let text = "[site]\ntitle = \"Tides\"\nurl = \"https://tides.example/\"\n\
             [sources.posts]\nkind = \"markdown\"\npath = \"articles\"\n\
             [digests.weekly]\ntitle = \"Weekly\"\nschedule = \"0 7 * * 1\"\nfrom = \"w@tides.example\"\n\
             first_edition = 2\n\
             [digests.daily]\ntitle = \"Daily\"\nschedule = \"0 7 * * *\"\nfrom = \"d@tides.example\"\n\
             first_edition = 1\n\
             [smtp]\nurl = \"maildir:outbox\"\n\
             [http]\npublic_url = \"https://tides.example/\"\n";
        let mut config = Config::read(&root.path().join("config.toml"), text, &BTreeMap::new()).unwrap();
        if let Some(store) = store {
            config.store = store;
        }
        std::fs::create_dir(root.path().join("articles")).unwrap();
        std::fs::create_dir(root.path().join("subscribers")).unwrap();
        House { root, config }
    }

    async fn open(&self) -> Site {
        let (site, problems) = Site::open(self.config.clone(), Clock::System).await.unwrap();
        assert_eq!(problems, []);
        site
    }

    fn post(&self, file: &str, title: &str, days: i64, text: &str) {
        let date = rfc3339(day(days));
        self.put(
            &format!("articles/{file}"),
            format!("---\ntitle: {title}\ndate: {date}\n---\n{text}\n"),
        );
    }

    fn put(&self, file: &str, text: impl AsRef<[u8]>) {
        let file = self.root.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    fn remove(&self, file: &str) {
        std::fs::remove_file(self.root.path().join(file)).unwrap();
    }
}

async fn pass(site: &Site, days: i64) -> IntakeReport {
    let report = intake::run(site, day(days), intake::Rhythm::EachPass)
        .await
        .unwrap();
    each_has_its_document(&site.store).await;
    report
}

/// No article is without its document, and no document without its article.
async fn each_has_its_document(store: &Store) {
    let bare = sql!("SELECT id FROM articles WHERE id NOT IN (SELECT article FROM documents)");
    let lonely = sql!("SELECT article FROM documents WHERE article NOT IN (SELECT id FROM articles)");
    for missing in [bare, lonely] {
        let ids: Vec<(String,)> = store.read(missing).all().await.unwrap();
        assert_eq!(ids, [], "{}", missing.sqlite);
    }
}

async fn readers(site: &Site, days: i64) -> SubscribersReport {
    subscribers::run(site, day(days)).await.unwrap()
}

/// All articles by path.
async fn articles(site: &Site) -> BTreeMap<String, Stored> {
    let ids = site.store.article_ids().await.unwrap();
    let found = site.store.articles(&ids).await.unwrap();
    assert_eq!(found.len(), ids.len());
    found
        .into_iter()
        .map(|stored| (stored.article.path.clone(), stored))
        .collect()
}

async fn cards(site: &Site, days: i64) -> Vec<String> {
    let cards = site.store.cards(day(days)).await.unwrap();
    cards.into_iter().map(|card| card.title).collect()
}

/// Titles with their numbers.
async fn numbered(site: &Site, days: i64) -> Vec<(String, i64)> {
    let cards = site.store.numbered(0, 1_000, day(days)).await.unwrap();
    cards
        .into_iter()
        .map(|card| (card.title, card.number.unwrap()))
        .collect()
}

async fn reader(site: &Site, address: &str) -> Option<Subscriber> {
    site.store.subscriber(address, None).await.unwrap()
}

fn codes(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.code).collect()
}

fn owned(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
    pairs
        .iter()
        .map(|(title, number)| ((*title).to_owned(), *number))
        .collect()
}

async fn story(house: House) {
    openers_at_once(&house).await;
    let site = house.open().await;
    every_statement_is_taken(&site.store).await;
    first_pass(&house, &site).await;
    drop(site);
    let site = house.open().await;
    articles_change(&house, &site).await;
    readers_come(&house, &site).await;
    readers_stay_gone(&house, &site).await;
    problems_are_told_once(&site.store).await;
    passes_go_forward(&house).await;
    a_newer_schema_is_refused(&house, site).await;
}

async fn openers_at_once(house: &House) {
    let opening = (0..4).map(|_| {
        let url = house.config.store.clone();
        tokio::spawn(async move { Store::open(&url).await })
    });
    let opening: Vec<_> = opening.collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
}

async fn every_statement_is_taken(store: &Store) {
    let seeded = sql!("SELECT no_such_column FROM articles");
    let prepared = store.prepare_all().await;
    assert!(
        prepared
            .iter()
            .any(|(at, _)| at.starts_with("src/store/articles.rs:"))
    );
    let refused: Vec<String> = prepared
        .into_iter()
        .filter_map(|(at, taken)| Some(format!("{at}: {}", taken.err()?)))
        .collect();
    assert_eq!(refused.len(), 1, "{}", refused.join("\n"));
    assert!(refused[0].starts_with(seeded.at), "{}", refused[0]);
    assert!(refused[0].contains("no_such_column"), "{}", refused[0]);
}

async fn first_pass(house: &House, site: &Site) {
    house.post("one.md", "One", -30, "The first text.");
    house.post("two.md", "Two", -20, "The second text.");
    house.post(
        "three.md",
        "Three",
        -10,
        "The third \"text\" \\ with 🌊 and ' in it.",
    );
    house.post("later.md", "Later", 5, "Of next week.");
    house.put(
        "articles/draft.md",
        "---\ntitle: Draft\ndraft: true\n---\nNot yet.\n",
    );
    house.put("articles/broken.md", "---\ntitle: [\n---\nBroken.\n");
    let report = pass(site, 0).await;
    let source = &report.sources[0];
    assert_eq!((source.read, source.new, source.failed), (5, 5, 1));
    assert_eq!(report.announced.len(), 2);
    assert!(
        report
            .problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    );
    assert_eq!(numbered(site, 0).await, owned(&[("Two", 1), ("Three", 2)]));
    assert_eq!(cards(site, 0).await, ["Three", "Two", "One"]);
    let all = articles(site).await;
    assert_eq!(all["one.md"].state(day(0)), State::Baseline);
    assert_eq!(all["later.md"].state(day(0)), State::Scheduled);
    assert_eq!(all["draft.md"].state(day(0)), State::Draft);
    assert!(all["three.md"].article.content_html.contains('🌊'));
    assert_eq!(site.store.floor("weekly").await.unwrap(), Some(0));
    assert_eq!(site.store.floor("daily").await.unwrap(), Some(1));
    let created = site.store.fact_instant(facts::CREATED).await.unwrap();
    assert_eq!(created, Some(day(0)));
}

async fn articles_change(house: &House, site: &Site) {
    let before = articles(site).await;
    let report = pass(site, 1).await;
    let source = &report.sources[0];
    assert_eq!((source.unchanged, source.new, source.updated), (5, 0, 0));
    assert_eq!(
        articles(site).await,
        before,
        "a pass that finds nothing new changes nothing"
    );

    house.post("two.md", "Two", -20, "The second text, corrected.");
    house.remove("articles/one.md");
    house.remove("articles/three.md");
    house.post(
        "sea/three.md",
        "Three",
        -10,
        "The third \"text\" \\ with 🌊 and ' in it.",
    );
    house.post("four.md", "Four", -40, "Back-dated and new.");
    house.put("articles/broken.md", "---\ntitle: Mended\n---\nMended.\n");
    let report = pass(site, 6).await;
    let source = &report.sources[0];
    assert_eq!(
        (source.new, source.updated, source.removed),
        (2, 2, 1),
        "{source:?}"
    );
    let all = articles(site).await;
    assert_eq!(all["sea/three.md"].article.id, before["three.md"].article.id);
    assert_eq!(all["two.md"].changed, day(6));
    assert_eq!(all["two.md"].first_seen, day(0));
    assert_eq!(all["one.md"].state(day(6)), State::Removed);
    assert_eq!(
        numbered(site, 6).await,
        owned(&[("Two", 1), ("Three", 2), ("Four", 3), ("Later", 4), ("Mended", 5)])
    );
    assert_eq!(cards(site, 6).await, ["Mended", "Later", "Three", "Two", "Four"]);
    assert_eq!(site.store.highest_number().await.unwrap(), 5);
    let asked = [
        all["two.md"].article.id.clone(),
        "no such".into(),
        all["four.md"].article.id.clone(),
    ];
    let found = site.store.articles(&asked).await.unwrap();
    let titles: Vec<&str> = found.iter().map(|stored| stored.article.title.as_str()).collect();
    assert_eq!(titles, ["Two", "Four"], "in the order asked");
    assert_eq!(all["four.md"].announced, Some(day(6)));
}

async fn readers_come(house: &House, site: &Site) {
    house.put(
        "subscribers/a.csv",
        "email,name,digests\nann@example.org,Ann,weekly\nnobody\nBob@Example.org,,\n",
    );
    house.put(
        "subscribers/b.csv",
        "email,name\nann@example.org,Anna\ncay@example.org,Cay\n",
    );
    let report = readers(site, 6).await;
    assert_eq!((report.added, report.subscribed), (3, 5));
    assert_eq!(
        codes(&report.problems),
        ["subscriber-address", "subscriber-twice"]
    );
    let file = report.problems[0].file.clone().unwrap();
    assert!(Path::new(&file).is_file(), "{file} is where the problem is");
    let ann = reader(site, "ann@example.org").await.unwrap();
    assert_eq!(ann.name, "Ann");
    assert_eq!(ann.subscriptions.len(), 1);
    assert_eq!(
        (
            ann.subscriptions[0].standing.as_str(),
            ann.subscriptions[0].cursor
        ),
        ("active", 0)
    );
    let bob = reader(site, "bob@example.org").await.unwrap();
    assert_eq!(bob.address, "Bob@example.org");
    let cursors: Vec<(&str, i64)> = bob
        .subscriptions
        .iter()
        .map(|of| (of.digest.as_str(), of.cursor))
        .collect();
    assert_eq!(cursors, [("daily", 1), ("weekly", 0)], "the floor of each");
    let wording: Vec<(String,)> = site
        .store
        .read(sql!("SELECT wording FROM consents WHERE subscriber = $1"))
        .bind(ann.id)
        .all()
        .await
        .unwrap();
    assert_eq!(
        wording,
        [("listed by the operator in subscribers/a.csv, line 2".to_owned(),)]
    );
    let again = readers(site, 7).await;
    assert_eq!((again.added, again.updated, again.subscribed), (0, 0, 0));
    assert_eq!(
        codes(&again.problems),
        codes(&report.problems),
        "problems are repeated"
    );
}

async fn readers_stay_gone(house: &House, site: &Site) {
    let left = sql!("UPDATE subscriptions SET standing = 'unsubscribed' WHERE subscriber = $1");
    let ann = reader(site, "ann@example.org").await.unwrap().id;
    site.store.write(left).bind(ann).run().await.unwrap();
    let bounced = sql!("UPDATE subscribers SET address_state = 'bounced' WHERE key = 'cay@example.org'");
    site.store.write(bounced).run().await.unwrap();
    let suppressed = sql!("INSERT INTO suppressions (hash, reason, since) VALUES ($1, 'complained', 1)");
    let dee = tidings::subscribers::address::Address::parse("dee@example.org").unwrap();
    let hash = tidings::subscribers::suppression::hash(&site.key, &dee);
    site.store.write(suppressed).bind(hash).run().await.unwrap();
    let edition = sql!("INSERT INTO tracks (digest, cadence, upto) VALUES ('weekly', 'default', 4)");
    site.store.write(edition).run().await.unwrap();

    house.put(
        "subscribers/a.csv",
        "email,name,digests\nann@example.org,Ann Berg,\ncay@example.org,,\ndee@example.org,,\neve@example.org,,\n",
    );
    house.remove("subscribers/b.csv");
    let report = readers(site, 8).await;
    assert_eq!(
        (report.added, report.subscribed, report.unlisted),
        (1, 2, 1),
        "{report:?}"
    );
    let ann = reader(site, "ann@example.org").await.unwrap();
    assert_eq!(ann.name, "Ann Berg");
    assert_eq!(
        ann.subscriptions.len(),
        1,
        "who left is subscribed to nothing more"
    );
    assert_eq!(ann.subscriptions[0].standing, "unsubscribed");
    assert!(
        reader(site, "dee@example.org").await.is_none(),
        "who is suppressed does not come back"
    );
    assert_eq!(
        reader(site, "bob@example.org").await.unwrap().subscriptions.len(),
        2
    );
    let eve = reader(site, "eve@example.org").await.unwrap();
    let cursors: Vec<i64> = eve.subscriptions.iter().map(|of| of.cursor).collect();
    assert_eq!(
        cursors,
        [1, 4],
        "daily: the floor; weekly: the last edition's upto"
    );
    assert_eq!(codes(&report.problems), ["subscriber-unlisted"]);
    assert!(report.problems[0].message.contains("Bob@example.org"));
    let again = readers(site, 9).await;
    assert_eq!(again.unlisted, 0, "it is said once");
    let page = site.store.subscribers(ann.id, 2).await.unwrap();
    assert_eq!(page.len(), 2);
    assert!(page[0].id > ann.id && page[1].id > page[0].id);
}

async fn problems_are_told_once(store: &Store) {
    let one = Problem::error("front-matter", "bad").line(3);
    let moved = Problem {
        line: Some(9),
        ..one.clone()
    };
    let two = Problem::warning("site-id", "other");
    assert_eq!(
        store
            .report(Part::Turn, &[one.clone(), two.clone()], day(1))
            .await
            .unwrap(),
        [true, true]
    );
    let third = Problem::error("front-matter", "worse");
    assert_eq!(
        store.report(Part::Turn, &[third, moved], day(2)).await.unwrap(),
        [true, false]
    );
    assert_eq!(
        store.report(Part::Turn, &[two, one], day(2)).await.unwrap(),
        [true, false],
        "it went away in between"
    );
}

async fn passes_go_forward(house: &House) {
    let at = |days: i64| async move {
        let (site, _) = Site::open(house.config.clone(), Clock::Fixed(day(days)))
            .await
            .unwrap();
        intake::run(&site, day(days), intake::Rhythm::EachPass).await
    };
    let refused = at(5).await.unwrap_err();
    let problem = refused.downcast_ref::<Problem>().unwrap();
    assert_eq!(problem.code, "at-before-newest-pass");
    assert!(at(6).await.is_ok());
    let site = house.open().await;
    assert!(
        intake::run(&site, day(4), intake::Rhythm::EachPass).await.is_ok(),
        "a clock that is behind is no reason to stop"
    );
    let newest = site.store.fact_instant(facts::NEWEST_PASS).await.unwrap();
    assert_eq!(newest, Some(day(6)));
}

async fn a_newer_schema_is_refused(house: &House, site: Site) {
    let newer = sql!("UPDATE _sqlx_migrations SET version = 4711 WHERE version = 1");
    site.store.write(newer).run().await.unwrap();
    drop(site);
    let refused = Store::open(&house.config.store).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Newer { found: 4711, .. }),
        "{refused}"
    );
    assert!(refused.to_string().contains("run the newer Tidings"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_on_sqlite() {
    story(House::new(None)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_on_postgresql() {
    let Some(database) = Database::new().await else {
        return;
    };
    story(House::new(Some(database.store_url()))).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn store_and_secret_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new(None);
    let site = house.open().await;
    pass(&site, 0).await;
    let mode = |name: &str| {
        let path = house.root.path().join("data").join(name);
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode(""), 0o700);
    for file in ["tidings.db", "tidings.db-wal", "tidings.db-shm", "secret"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_belongs_to_the_store() {
    let house = House::new(None);
    let key = house.open().await.key.id();
    assert_eq!(house.open().await.key.id(), key, "it stays");
    let secret = house.root.path().join("data/secret");
    let bytes = std::fs::read(&secret).unwrap();
    assert_eq!(bytes.len(), 32);
    let refused = || async {
        let error = Site::open(house.config.clone(), Clock::System)
            .await
            .map(drop)
            .unwrap_err();
        error.downcast_ref::<Problem>().unwrap().code
    };
    std::fs::remove_file(&secret).unwrap();
    assert_eq!(refused().await, "secret-missing");
    assert!(!secret.exists(), "no other one is made");
    std::fs::write(&secret, [1; 32]).unwrap();
    assert_eq!(refused().await, "secret-other");
    std::fs::write(&secret, [1; 31]).unwrap();
    assert_eq!(refused().await, "secret-unreadable");
    std::fs::write(&secret, bytes).unwrap();
    house.open().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_moves_keeps_its_id() {
    let mut house = House::new(None);
    let id = house.open().await.id;
    house.config.site.url = url::Url::parse("https://elsewhere.example/").unwrap();
    let (site, problems) = Site::open(house.config.clone(), Clock::System).await.unwrap();
    assert_eq!(site.id, id);
    assert_eq!(codes(&problems), ["site-id"]);
    assert!(problems[0].hint.as_ref().unwrap().contains(&id.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_store_is_refused_by_name() {
    let house = House::new(None);
    std::fs::create_dir(house.root.path().join("data")).unwrap();
    house.put("data/tidings.db", "This is no database. ".repeat(100));
    let refused = Store::open(&house.config.store).await.unwrap_err().to_string();
    assert!(refused.contains("tidings.db"), "{refused}");
}

/// What SQLite's connection that writes is set to.
async fn pragma(store: &Store, what: &str) -> String {
    let Store::Sqlite { write, .. } = store else {
        panic!("no SQLite");
    };
    let pragma = format!("SELECT CAST({0} AS TEXT) FROM pragma_{0}", what);
    sqlx::query_scalar(sqlx::AssertSqlSafe(pragma))
        .fetch_one(write)
        .await
        .unwrap()
}

/// The mode that it keeps its journal in.
async fn journal(store: &Store) -> String {
    pragma(store, "journal_mode").await
}

async fn enter_a_source(tx: &mut tidings::store::Tx) {
    tx.enter_readings(&["posts".to_owned()], day(0)).await.unwrap();
}

async fn sources(store: &Store) -> usize {
    store.begin().await.unwrap().last_passes().await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_store_is_filled_without_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(folder.path().join("tidings.db"));
    let store = Store::open(&url).await.unwrap();
    assert_eq!(journal(&store).await, "wal");

    // What is not committed has not happened.
    let mut tx = store.begin_much().await.unwrap();
    assert!(!folder.path().join("tidings.db-wal").exists(), "it has no log");
    enter_a_source(&mut tx).await;
    drop(tx);
    store.end_much().await;
    assert_eq!(
        (journal(&store).await.as_str(), sources(&store).await),
        ("wal", 0)
    );

    // Who opens it meanwhile waits.
    let mut tx = store.begin_much().await.unwrap();
    enter_a_source(&mut tx).await;
    let mut opening = tokio::spawn(async move {
        let other = Store::open(&url).await.unwrap();
        sources(&other).await
    });
    let too_early = tokio::time::timeout(std::time::Duration::from_millis(100), &mut opening).await;
    assert!(too_early.is_err());
    tx.commit_much().await.unwrap();
    store.end_much().await;
    assert_eq!(opening.await.unwrap(), 1);
    assert_eq!(journal(&store).await, "wal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_others_have_open_keeps_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(folder.path().join("tidings.db"));
    let store = Store::open(&url).await.unwrap();
    let other = Store::open(&url).await.unwrap();
    let mut tx = store.begin_much().await.unwrap();
    enter_a_source(&mut tx).await;
    let read: Vec<(String,)> = other.read(sql!("SELECT name FROM facts")).all().await.unwrap();
    assert!(read.len() < 100, "nobody waits");
    tx.commit_much().await.unwrap();
    store.end_much().await;
    assert_eq!(
        (journal(&other).await.as_str(), sources(&other).await),
        ("wal", 1)
    );
}

/// Documents are written before it is known what becomes of their articles: of two that claim one id or one
/// URL, of one that has moved, of one that takes the path of another.
async fn documents_are_those_of_their_articles(house: House) {
    let site = house.open().await;
    let write = |file: &str, head: &str, text: &str| {
        let post = format!("---\ntitle: {file}\ndate: 2026-11-20\n{head}\n---\n{text}\n");
        std::fs::write(house.root.path().join("articles").join(file), post).unwrap();
    };
    let texts = || async {
        let stored = articles(&site).await;
        let text = |stored: Stored| stored.article.content_html.trim().to_owned();
        stored
            .into_iter()
            .map(|(path, stored)| (path, text(stored)))
            .collect::<Vec<_>>()
    };
    let is = |expected: &[(&str, &str)]| {
        let text = |text: &str| format!("<p>{text}</p>");
        expected
            .iter()
            .map(|(path, t)| ((*path).to_owned(), text(t)))
            .collect::<Vec<_>>()
    };
    write("a.md", "id: urn:one", "The first of one id.");
    write("b.md", "id: urn:one", "The second of one id.");
    write("c.md", "url: /same", "The first at one URL.");
    write("d.md", "url: /same", "The second at one URL.");
    let report = pass(&site, 0).await;
    assert_eq!(report.problems.len(), 2);
    let mut expected = is(&[
        ("a.md", "The first of one id."),
        ("c.md", "The first at one URL."),
    ]);
    assert_eq!(texts().await, expected);

    let path = |file: &str| house.root.path().join("articles").join(file);
    for file in ["b.md", "d.md"] {
        std::fs::remove_file(path(file)).unwrap();
    }
    std::fs::rename(path("c.md"), path("e.md")).unwrap();
    write("c.md", "url: /other", "Something else at the old path.");
    pass(&site, 1).await;
    expected = is(&[
        ("a.md", "The first of one id."),
        ("c.md", "Something else at the old path."),
        ("e.md", "The first at one URL."),
    ]);
    assert_eq!(texts().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_those_of_their_articles_on_sqlite() {
    documents_are_those_of_their_articles(House::new(None)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_those_of_their_articles_on_postgresql() {
    let Some(database) = Database::new().await else {
        return;
    };
    documents_are_those_of_their_articles(House::new(Some(database.store_url()))).await;
}

/// SQLite ends a transaction by itself when the disk is full; there is another as soon as there is room.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_one_transaction_alone() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(folder.path().join("tidings.db"));
    let store = Store::open(&url).await.unwrap();
    let Store::Sqlite { write, .. } = &store else {
        panic!("no SQLite");
    };
    let pages: i64 = sqlx::query_scalar("PRAGMA max_page_count = 1")
        .fetch_one(write)
        .await
        .unwrap();
    assert!(pages > 1, "at least what there is");
    let document = |n: usize| (format!("urn:{n}"), "x".repeat(100_000));
    for is_full in [true, false] {
        let mut tx = store.begin_much().await.unwrap();
        let written = tx.write_documents((0..100).map(document).collect()).await;
        assert_eq!(written.is_err(), is_full, "{written:?}");
        drop(tx);
        store.end_much().await;
        assert_eq!(journal(&store).await, "wal");
    }
}
