//! A digest with its store: articles, readers and passes, in the words of the domain.

use crate::database::Database;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tidings::app::editions::{Chunks, EditionsReport, Facts, Place, Press};
use tidings::articles::state::Stored;
use tidings::articles::{Article, Author};
use tidings::clock::{Instant, from_seconds};
use tidings::config::values::StoreUrl;
use tidings::config::{CatchUp, Digest, Order};
use tidings::problem::Problem;
use tidings::schedule::Schedule;
use tidings::sql;
use tidings::store::Store;
use tidings::store::editions::{DEFAULT_CADENCE, Edition};
use tidings::subscribers::address::Mailbox;
use tidings::subscribers::tokens::SiteKey;

pub(super) fn at(text: &str) -> Instant {
    chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// When the store is made: a Monday at noon.
pub(super) fn beginning() -> Instant {
    at("2026-11-23T12:00:00Z")
}

/// Each Monday at seven, in UTC.
pub(super) fn weekly() -> Digest {
    Digest {
        name: "weekly".into(),
        title: "Weekly".into(),
        schedule: Schedule::parse("0 7 * * mon").unwrap(),
        timezone: chrono_tz::Tz::UTC,
        from: Mailbox::parse("news@example.org").unwrap(),
        reply_to: None,
        template: "digest".into(),
        categories: vec![],
        authors: vec![],
        sources: vec![],
        first_edition: 10,
        min_articles: 1,
        max_articles: None,
        order: Order::Newest,
        catch_up: CatchUp::Once,
        grace: std::time::Duration::ZERO,
        approval: false,
    }
}

/// One delivery, with the articles that its variant holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mail {
    pub(super) edition: String,
    pub(super) reader: i64,
    pub(super) articles: Vec<String>,
    pub(super) state: String,
}

pub(super) struct World {
    pub(super) store: Store,
    pub(super) digest: Digest,
    pub(super) key: SiteKey,
    /// Renderings fail while it is set.
    pub(super) broken: AtomicBool,
    pub(super) renderings: AtomicU32,
    filled: tokio::sync::watch::Sender<()>,
    pub(super) chunk: u32,
    url: StoreUrl,
    articles: Mutex<i64>,
    _folder: tempfile::TempDir,
    _database: Option<Database>,
}

impl World {
    pub(super) async fn sqlite(digest: Digest) -> World {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::Sqlite(folder.path().join("tidings.db"));
        World::on(url, folder, digest).await
    }

    /// In a database of its own; `None`: no server was named.
    pub(super) async fn postgres(digest: Digest) -> Option<World> {
        let database = Database::new().await?;
        let mut world = World::on(database.store_url(), tempfile::tempdir().unwrap(), digest).await;
        world._database = Some(database);
        Some(world)
    }

    /// The same story on each database there is.
    pub(super) async fn everywhere(digest: Digest) -> Vec<World> {
        let mut worlds = vec![World::sqlite(digest.clone()).await];
        worlds.extend(World::postgres(digest).await);
        worlds
    }

    /// The same store, as another process opens it.
    pub(super) async fn another(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    async fn on(url: StoreUrl, folder: tempfile::TempDir, digest: Digest) -> World {
        let store = Store::open(&url).await.unwrap();
        store
            .ensure_track(&digest.name, DEFAULT_CADENCE, beginning())
            .await
            .unwrap();
        World {
            store,
            digest,
            key: SiteKey::new(&[7; 32]),
            broken: AtomicBool::new(false),
            renderings: AtomicU32::new(0),
            filled: tokio::sync::watch::Sender::new(()),
            chunk: 3,
            url,
            articles: Mutex::new(0),
            _folder: folder,
            _database: None,
        }
    }

    /// A new article that is announced at once; its id is `a` and what is given.
    pub(super) async fn publish(&self) -> i64 {
        self.publish_in("News", beginning()).await
    }

    pub(super) async fn publish_in(&self, category: &str, dated: Instant) -> i64 {
        let number = self.store.highest_number().await.unwrap() + 1;
        self.write(Some(number), category, dated).await
    }

    /// A new article that nobody is told of yet.
    pub(super) async fn publish_unannounced(&self) -> i64 {
        self.write(None, "News", beginning()).await
    }

    /// Gives the article's place among all. While nothing was put off it is the announcement number too.
    async fn write(&self, announced: Option<i64>, category: &str, dated: Instant) -> i64 {
        let number = {
            let mut count = self.articles.lock().unwrap();
            *count += 1;
            *count
        };
        let article = Article {
            id: format!("a{number}"),
            source: "posts".into(),
            path: format!("{number}.md"),
            url: format!("https://example.org/{number}"),
            title: format!("Article {number}"),
            authors: vec![Author {
                name: "Ann".into(),
                url: None,
            }],
            categories: vec![category.into()],
            language: None,
            published: None,
            updated: None,
            summary: String::new(),
            content_html: String::new(),
            image: None,
            audio: None,
            comments: vec![],
            comment_count: None,
            guid: None,
            draft: false,
            expires: None,
        };
        self.store
            .write(sql!(
                "INSERT INTO articles (id, source, path, url, title, hash, likeness, published,
                   first_seen, changed, number, announced, facets)
                 VALUES ($1, $2, $3, $4, $5, '', '', $6, $6, $6, $7, $6, $8)"
            ))
            .bind(&*article.id)
            .bind(&*article.source)
            .bind(&*article.path)
            .bind(&*article.url)
            .bind(&*article.title)
            .bind(dated.timestamp())
            .bind(announced)
            .bind(
                serde_json::json!({ "authors": article.authors, "categories": article.categories })
                    .to_string(),
            )
            .run()
            .await
            .unwrap();
        self.store
            .write(sql!("INSERT INTO documents (article, document) VALUES ($1, $2)"))
            .bind(&*article.id)
            .bind(serde_json::to_string(&article).unwrap())
            .run()
            .await
            .unwrap();
        number
    }

    /// The title is changed, as by a correction.
    pub(super) async fn correct(&self, number: i64, title: &str) {
        let id = format!("a{number}");
        let mut article = self
            .store
            .articles(std::slice::from_ref(&id))
            .await
            .unwrap()
            .remove(0)
            .article;
        article.title = title.into();
        self.store
            .write(sql!("UPDATE articles SET title = $2 WHERE id = $1"))
            .bind(id.clone())
            .bind(title.to_owned())
            .run()
            .await
            .unwrap();
        self.store
            .write(sql!("UPDATE documents SET document = $2 WHERE article = $1"))
            .bind(id)
            .bind(serde_json::to_string(&article).unwrap())
            .run()
            .await
            .unwrap();
    }

    pub(super) async fn remove(&self, number: i64) {
        self.store
            .write(sql!("UPDATE articles SET removed = 1 WHERE id = $1"))
            .bind(format!("a{number}"))
            .run()
            .await
            .unwrap();
    }

    /// A reader who joins the track now, or joins again.
    pub(super) async fn join(&self, reader: i64) {
        self.join_with(reader, "", "").await;
    }

    pub(super) async fn join_with(&self, reader: i64, topics: &str, language: &str) {
        let cursor = self
            .store
            .joining_cursor(&self.digest.name, DEFAULT_CADENCE)
            .await
            .unwrap()
            .unwrap();
        self.store
            .write(sql!(
                "INSERT INTO subscribers (id, address, key, created) VALUES ($1, $2, $2, 0) ON CONFLICT DO NOTHING"
            ))
            .bind(reader)
            .bind(address(reader))
            .run()
            .await
            .unwrap();
        self.store
            .write(sql!(
                "INSERT INTO subscriptions (subscriber, digest, standing, cursor, since, topics, language)
                 VALUES ($1, $2, 'active', $3, 0, $4, $5)
                 ON CONFLICT (subscriber, digest) DO UPDATE SET standing = 'active',
                   cursor = CASE WHEN subscriptions.cursor > excluded.cursor
                     THEN subscriptions.cursor ELSE excluded.cursor END"
            ))
            .bind(reader)
            .bind(self.digest.name.clone())
            .bind(cursor)
            .bind(topics.to_owned())
            .bind(language.to_owned())
            .run()
            .await
            .unwrap();
    }

    pub(super) async fn stands(&self, reader: i64, standing: &'static str) {
        self.store
            .write(sql!(
                "UPDATE subscriptions SET standing = $2 WHERE subscriber = $1"
            ))
            .bind(reader)
            .bind(standing)
            .run()
            .await
            .unwrap();
    }

    /// One pass over the editions.
    pub(super) async fn pass(&self, now: Instant) -> EditionsReport {
        self.run(now, false).await
    }

    /// One pass with an edition at once.
    pub(super) async fn pass_now(&self, now: Instant) -> EditionsReport {
        self.run(now, true).await
    }

    async fn run(&self, now: Instant, by_hand: bool) -> EditionsReport {
        let render = |facts: &Facts<'_>, articles: &[Stored], headlines: &[Stored], language: &str| {
            self.render(facts, articles, headlines, language)
        };
        let press = self.press(now, &render);
        press.run(by_hand.then_some("weekly")).await.unwrap()
    }

    /// One pass that is killed after its future was polled so often, if it takes that long.
    pub(super) async fn killed_pass(&self, now: Instant, polls: u32) {
        let render = |facts: &Facts<'_>, articles: &[Stored], headlines: &[Stored], language: &str| {
            self.render(facts, articles, headlines, language)
        };
        let press = self.press(now, &render);
        let mut pass = Box::pin(press.run(None));
        let mut left = polls;
        std::future::poll_fn(|context| {
            if left == 0 {
                return std::task::Poll::Ready(());
            }
            left -= 1;
            pass.as_mut().poll(context).map(|done| {
                done.unwrap();
            })
        })
        .await;
    }

    /// Takes the track's unfinished edition `steps` steps on, then is killed.
    pub(super) async fn some_steps(&self, now: Instant, steps: usize) {
        let render = |facts: &Facts<'_>, articles: &[Stored], headlines: &[Stored], language: &str| {
            self.render(facts, articles, headlines, language)
        };
        let press = self.press(now, &render);
        for _ in 0..steps {
            let Some(edition) = self.unfinished().await else {
                return;
            };
            press.step(&self.digest, &edition).await.unwrap();
        }
    }

    fn press<'a>(&'a self, now: Instant, render: &'a tidings::app::editions::Render<'a>) -> Press<'a> {
        Press {
            store: &self.store,
            digests: std::slice::from_ref(&self.digest),
            key: &self.key,
            now,
            chunks: Chunks::up_to(self.chunk),
            render,
            filled: &self.filled,
        }
    }

    fn render(
        &self,
        facts: &Facts<'_>,
        articles: &[Stored],
        headlines: &[Stored],
        language: &str,
    ) -> Result<String, Problem> {
        self.renderings.fetch_add(1, Ordering::Relaxed);
        if self.broken.load(Ordering::Relaxed) {
            return Err(Problem::error("template", "there is no {{titel}}"));
        }
        let titles = |list: &[Stored]| -> Vec<String> {
            list.iter().map(|stored| stored.article.title.clone()).collect()
        };
        Ok(serde_json::json!({
            "edition": facts.name, "number": facts.number, "language": language,
            "articles": titles(articles), "headlines": titles(headlines),
        })
        .to_string())
    }

    pub(super) async fn unfinished(&self) -> Option<Edition> {
        self.store
            .unfinished(&self.digest.name, DEFAULT_CADENCE)
            .await
            .unwrap()
    }

    pub(super) async fn edition(&self, name: &str) -> Edition {
        self.store.edition_named(name).await.unwrap().unwrap()
    }

    /// All deliveries, by edition and reader.
    pub(super) async fn mails(&self) -> Vec<Mail> {
        let rows: Vec<(String, i64, String, String)> = self
            .store
            .read(sql!(
                "SELECT e.name, d.subscriber, v.articles, d.state FROM deliveries AS d
                   JOIN editions AS e ON e.id = d.edition JOIN variants AS v ON v.id = d.variant
                 ORDER BY e.id, d.subscriber"
            ))
            .all()
            .await
            .unwrap();
        rows.into_iter()
            .map(|(edition, reader, articles, state)| Mail {
                edition,
                reader,
                articles: serde_json::from_str(&articles).unwrap(),
                state,
            })
            .collect()
    }

    pub(super) async fn cursor(&self, reader: i64) -> i64 {
        let (cursor,): (i64,) = self
            .store
            .read(sql!("SELECT cursor FROM subscriptions WHERE subscriber = $1"))
            .bind(reader)
            .one()
            .await
            .unwrap();
        cursor
    }

    /// What was frozen for an edition.
    pub(super) async fn messages(&self, edition: &str) -> Vec<serde_json::Value> {
        let rows: Vec<(String,)> = self
            .store
            .read(sql!(
                "SELECT v.message FROM variants AS v JOIN editions AS e ON e.id = v.edition
                 WHERE e.name = $1 ORDER BY v.id"
            ))
            .bind(edition.to_owned())
            .all()
            .await
            .unwrap();
        rows.iter()
            .map(|(json,)| serde_json::from_str(json).unwrap())
            .collect()
    }

    /// What the operator does with an article and an edition that is planned.
    pub(super) fn place<'a>(&'a self, edition: &'a str, now: Instant) -> Place<'a> {
        Place {
            store: &self.store,
            digests: std::slice::from_ref(&self.digest),
            edition,
            now,
        }
    }

    /// The number that an article has in the digest.
    pub(super) async fn number(&self, article: i64) -> Option<i64> {
        let (number,): (Option<i64>,) = self
            .store
            .read(sql!(
                "SELECT COALESCE((SELECT number FROM deferrals WHERE article = $1),
                   (SELECT number FROM articles WHERE id = $1))"
            ))
            .bind(format!("a{article}"))
            .one()
            .await
            .unwrap();
        number
    }

    /// Every mail that waits is sent.
    pub(super) async fn deliver_all(&self) {
        self.store
            .write(sql!(
                "UPDATE deliveries SET state = 'sent', next_try = NULL WHERE state = 'queued'"
            ))
            .run()
            .await
            .unwrap();
    }

    pub(super) async fn hold(&self, id: i64, since: Option<i64>) {
        self.store
            .write(sql!(
                "UPDATE editions SET held = $2, hold_reason = 'by hand', hold_code = NULL WHERE id = $1"
            ))
            .bind(id)
            .bind(since)
            .run()
            .await
            .unwrap();
    }
}

pub(super) fn address(reader: i64) -> String {
    format!("reader{reader}@example.org")
}

/// An instant so many hours after the beginning.
pub(super) fn hours(n: i64) -> Instant {
    from_seconds(beginning().timestamp() + n * 3600)
}
