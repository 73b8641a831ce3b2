//! Files that look as they did are not read again, and nothing is any different for it: a site that
//! remembers how its files looked goes through the same passes as one that is made to forget it.

use crate::database::Database;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tidings::app::Site;
use tidings::app::pass::{self, Wish};
use tidings::clock::{self, Clock, Instant, from_seconds};
use tidings::config::Config;
use tidings::sql;
use tidings::store::Store;
use tidings::subscribers::tokens::SiteKey;

const START: i64 = 1_795_456_800;
const DAY: i64 = 86_400;
/// More than what a file must be older than to be remembered, in nanoseconds.
const SETTLED: i64 = 120_000_000;
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a test with as much stack as the program gives its threads.
fn with_room(test: impl Future<Output = ()> + Send + 'static) {
    const STACK: usize = 8 * 1024 * 1024;
    let run = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().thread_stack_size(STACK).build().unwrap();
        runtime.block_on(test);
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run);
    if let Err(panic) = thread.unwrap().join() {
        std::panic::resume_unwind(panic);
    }
}

/// A folder of articles, and two sites with a store each that read it.
struct Twins {
    root: tempfile::TempDir,
    remembers: Site,
    forgets: Site,
    day: i64,
    _databases: Vec<Database>,
}

impl Twins {
    async fn new(databases: Vec<Database>) -> Twins {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("articles")).unwrap();
        let store = |place: usize| match databases.get(place) {
            Some(database) => database.url(),
            None => "sqlite:data/tidings.db".to_owned(),
        };
        Twins {
            remembers: site(&root.path().join("remembers"), &store(0), "UTC").await,
            forgets: site(&root.path().join("forgets"), &store(1), "UTC").await,
            root,
            day: 0,
            _databases: databases,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join("articles").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Waits until no file is so new that it would be read again for that.
    fn settle(&self) {
        let began = std::time::Instant::now();
        let newest = walkdir::WalkDir::new(self.path("")).into_iter().map(|entry| {
            let meta = entry.unwrap().metadata().unwrap();
            meta.ctime() * 1_000_000_000 + meta.ctime_nsec()
        });
        let settled = newest.max().unwrap() + SETTLED;
        while clock::of_files() < settled {
            assert!(began.elapsed() < PATIENCE);
            std::thread::yield_now();
        }
    }

    /// A pass of both, a day after the one before. What the one that remembers reports.
    async fn pass(&mut self) -> Value {
        self.day += 1;
        let now = from_seconds(START + self.day * DAY);
        let forget = sql!("DELETE FROM memory");
        self.forgets.store.write(forget).run().await.unwrap();
        let (ours, theirs) = (
            publish(&self.remembers, now).await,
            publish(&self.forgets, now).await,
        );
        assert_eq!(ours, theirs);
        assert_eq!(articles(&self.remembers).await, articles(&self.forgets).await);
        let documents = |site: &Site| documents(&site.config.feeds.dir);
        assert_eq!(documents(&self.remembers), documents(&self.forgets));
        ours
    }
}

async fn site(root: &Path, store: &str, timezone: &str) -> Site {
    let text = format!(
        "[site]\ntitle = \"Tidewater\"\nurl = \"https://tidewater.example/\"\ntimezone = \"{timezone}\"\n\
         [store]\nurl = \"{store}\"\n\
         [sources.posts]\nkind = \"markdown\"\npath = \"../articles\"\n\
         [http]\npublic_url = \"https://tidewater.example/\"\n"
    );
    fs::create_dir_all(root).unwrap();
    let config = Config::read(&root.join("config.toml"), &text, &BTreeMap::new()).unwrap();
    Site {
        store: Store::open(&config.store).await.unwrap(),
        config: Arc::new(config),
        clock: Clock::System,
        id: uuid::Uuid::NAMESPACE_URL,
        key: SiteKey::new(&[7; 32]),
    }
}

/// What a pass reports, without where it is.
async fn publish(site: &Site, now: Instant) -> Value {
    let site = Site {
        clock: Clock::Fixed(now),
        ..site.clone()
    };
    let report = pass::publish(&site, Vec::new(), &Wish::default()).await.unwrap();
    let root = site.config.root.display().to_string();
    let text = serde_json::to_string(&report).unwrap().replace(&root, "");
    serde_json::from_str(&text).unwrap()
}

/// An article's id, path, hash and document, its number, and when it was removed, failed and changed.
type Row = (
    String,
    String,
    String,
    String,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    i64,
);

/// All that the store has of the articles.
async fn articles(site: &Site) -> Vec<Row> {
    let rows = site.store.read(sql!(
        "SELECT a.id, a.path, a.hash, d.document, a.number, a.removed, a.failing, a.changed
         FROM articles AS a JOIN documents AS d ON d.article = a.id ORDER BY a.id"
    ));
    rows.all().await.unwrap()
}

fn documents(dir: &Path) -> BTreeMap<PathBuf, String> {
    let files = walkdir::WalkDir::new(dir).into_iter().map(Result::unwrap);
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(dir).unwrap().to_owned();
            (path, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

fn article(title: &str, more: &str, text: &str) -> String {
    format!("---\ntitle: {title}\ndate: 2026-11-20\n{more}---\n{text}\n")
}

/// What the store says an article's content is: another value makes whoever reads the file find it edited.
async fn unsettle(site: &Site) {
    let other = sql!("UPDATE articles SET hash = 'another'");
    site.store.write(other).run().await.unwrap();
}

fn counts(report: &Value) -> [u64; 3] {
    ["read", "updated", "unchanged"].map(|key| report["sources"][0][key].as_u64().unwrap())
}

#[test]
fn only_what_looks_different_is_read() {
    with_room(async {
        let mut twins = Twins::new(Vec::new()).await;
        for n in 0..6 {
            twins.write(&format!("{n}.md"), &article(&format!("Piece {n}"), "", "Text."));
        }
        twins.write("undated.md", "---\ntitle: Undated\n---\nText.\n");
        twins.write("pictured.md", &article("Pictured", "", "![A mast](/mast.png)"));
        twins.write("leading.md", &article("Leading", "", "To [another](0.md)."));
        twins.settle();
        twins.pass().await;
        unsettle(&twins.remembers).await;
        let now = |day: i64| from_seconds(START + (100 + day) * DAY);
        // What gave a warning is read in each pass, and so is what looks at other files.
        assert_eq!(counts(&publish(&twins.remembers, now(0)).await), [9, 3, 6]);
        unsettle(&twins.remembers).await;
        // Its bytes are the same, and nobody could know.
        twins.write("3.md", &article("Piece 3", "", "Text."));
        fs::rename(twins.path("4.md"), twins.path("5.md")).unwrap();
        assert_eq!(counts(&publish(&twins.remembers, now(1)).await), [8, 5, 3]);
        // Another configuration may make something else of each.
        unsettle(&twins.remembers).await;
        let root = twins.root.path().join("remembers");
        let moved = site(&root, "sqlite:data/tidings.db", "Asia/Tokyo").await;
        assert_eq!(counts(&publish(&moved, now(2)).await), [8, 8, 0]);
    });
}

#[test]
fn a_change_that_hides_itself_is_found() {
    with_room(async {
        let mut twins = Twins::new(Vec::new()).await;
        twins.write("a.md", &article("One", "", "Ebb."));
        twins.settle();
        twins.pass().await;
        let file = fs::File::options().write(true).open(twins.path("a.md")).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        // The same length, and the time of its last change as it was.
        twins.write("a.md", &article("One", "", "Flo."));
        file.set_modified(modified).unwrap();
        twins.settle();
        assert_eq!(counts(&twins.pass().await), [1, 1, 0]);
        // A copy that keeps the times, put in its place.
        twins.write("../copy.md", &article("Two", "", "Ebb."));
        let copy = fs::File::options()
            .write(true)
            .open(twins.path("../copy.md"))
            .unwrap();
        copy.set_modified(modified).unwrap();
        fs::rename(twins.path("../copy.md"), twins.path("a.md")).unwrap();
        twins.settle();
        assert_eq!(counts(&twins.pass().await), [1, 1, 0]);
        // A time in the future is no reason to trust it.
        let file = fs::File::options().write(true).open(twins.path("a.md")).unwrap();
        let ahead = Duration::from_nanos(clock::of_files() as u64) + Duration::from_secs(3600);
        file.set_modified(SystemTime::UNIX_EPOCH + ahead).unwrap();
        twins.pass().await;
        unsettle(&twins.remembers).await;
        let later = from_seconds(START + 50 * DAY);
        assert_eq!(counts(&publish(&twins.remembers, later).await), [1, 1, 0]);
    });
}

#[test]
fn what_hides_a_folder_is_seen_though_its_articles_are_unchanged() {
    with_room(async {
        let mut twins = Twins::new(Vec::new()).await;
        twins.write("a/b.md", &article("One", "", "Ebb."));
        for section in ["title: A", "draft: true", "title: A"] {
            twins.write("a/_index.md", &format!("---\n{section}\n---\n"));
            twins.settle();
            twins.pass().await;
        }
    });
}

#[test]
fn passes_are_the_same_as_if_all_were_read() {
    with_room(async {
        for seed in [3, 11] {
            live(Vec::new(), seed).await;
        }
    });
}

#[test]
fn passes_are_the_same_as_if_all_were_read_on_postgres() {
    with_room(async {
        let (Some(one), Some(other)) = (Database::new().await, Database::new().await) else {
            return;
        };
        live(vec![one, other], 29).await;
    });
}

/// Articles come, change, move, go, clash, break and are mended between passes.
async fn live(databases: Vec<Database>, seed: u64) {
    let mut twins = Twins::new(databases).await;
    let mut dice = Dice(seed);
    for step in 0..24 {
        for _ in 0..dice.below(4) {
            event(&twins, &mut dice, step);
        }
        // Now and then a pass comes at once: what is new is then read again in the next one.
        if dice.below(4) > 0 {
            twins.settle();
        }
        println!("seed {seed}, step {step}");
        twins.pass().await;
    }
}

fn event(twins: &Twins, dice: &mut Dice, step: u64) {
    let name = |n: u64| format!("{}piece-{n}.md", ["", "deep/"][n as usize % 2]);
    let (one, other) = (name(dice.below(8)), name(dice.below(8)));
    let (path, to) = (twins.path(&one), twins.path(&other));
    let title = format!("Piece {step} {}", dice.below(3));
    match dice.below(13) {
        0..=3 => twins.write(&one, &article(&title, "", &format!("Text {step}."))),
        4 => twins.write(&one, &article("Same", "", "Text.")),
        5 => twins.write(&one, &article(&title, "url: /taken/\n", "Text.")),
        6 => twins.write(&one, "---\ntitle: [\n---\nBroken.\n"),
        7 => twins.write(
            &one,
            &article(&title, "", &format!("![A mast](/mast.png), [more]({other})")),
        ),
        8 => twins.write("mast.png", &"x".repeat(dice.below(40) as usize)),
        9 => twins.write(&one, &article(&title, "draft: true\n", "Not yet.")),
        10 => {
            let later = format!(
                "---\ntitle: {title}\ndate: 2026-12-{:02}\n---\nLater.\n",
                1 + dice.below(20)
            );
            twins.write(&one, &later);
        }
        11 => {
            let _ = fs::remove_file(path);
        }
        _ => {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            let _ = fs::rename(path, to);
        }
    }
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
