//! Random timelines against the real store, compared with a log kept in memory: who is owed which
//! article. The log knows no cursors and no windows, only sets of articles.

use super::world::{Mail, World, beginning, hours, weekly};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;
use tidings::app::editions::{defer, exclude, include};
use tidings::clock::Instant;
use tidings::config::{Digest, Order};
use tidings::schedule::Schedule;

#[derive(Debug, Clone)]
enum Event {
    Publish,
    /// An article that has no number yet.
    Prepare,
    /// Dated that many days before.
    BackDate(i64),
    /// One of the articles there are, by chance.
    Remove(usize),
    /// What the operator does with one of them and the edition that is planned.
    Include(usize),
    Exclude(usize),
    Defer(usize),
    Join(i64),
    /// One of the readers who can.
    Pause(i64),
    Resume(i64),
    Leave(i64),
    /// The next slot comes, and a pass.
    Slot,
    /// The same, and the pass is killed after so many polls.
    KilledSlot(u32),
    /// So many steps of the unfinished edition, then a kill.
    Steps(usize),
    Now,
    Break,
    Mend,
    Hold,
    Release,
    Drop,
}

fn event() -> impl Strategy<Value = Event> {
    let reader = || 1i64..=12;
    prop_oneof![
        6 => Just(Event::Publish),
        2 => (1i64..3000).prop_map(Event::BackDate),
        1 => (0usize..100).prop_map(Event::Remove),
        1 => Just(Event::Prepare),
        3 => (0usize..100).prop_map(Event::Include),
        2 => (0usize..100).prop_map(Event::Exclude),
        3 => (0usize..100).prop_map(Event::Defer),
        8 => reader().prop_map(Event::Join),
        3 => reader().prop_map(Event::Pause),
        4 => reader().prop_map(Event::Resume),
        2 => reader().prop_map(Event::Leave),
        4 => Just(Event::Slot),
        5 => (0u32..120).prop_map(Event::KilledSlot),
        5 => (1usize..5).prop_map(Event::Steps),
        2 => Just(Event::Now),
        1 => Just(Event::Break),
        2 => Just(Event::Mend),
        1 => Just(Event::Hold),
        2 => Just(Event::Release),
        1 => Just(Event::Drop),
    ]
}

#[derive(Debug, Clone)]
struct Choices {
    min_articles: usize,
    max_articles: Option<usize>,
    order: Order,
    chunk: u32,
    /// Each edition is planned an hour before its slot.
    grace: bool,
}

fn choices() -> impl Strategy<Value = Choices> {
    let order = prop_oneof![Just(Order::Newest), Just(Order::Oldest)];
    let max = prop_oneof![2 => Just(None), 1 => Just(Some(2))];
    (1usize..=2, max, order, 1u32..=4, any::<bool>()).prop_map(
        |(min_articles, max_articles, order, chunk, grace)| Choices {
            min_articles,
            max_articles,
            order,
            chunk,
            grace,
        },
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Active,
    Paused,
    Left,
}

#[derive(Debug)]
struct Reader {
    standing: Standing,
    /// The numbers of what was announced while they were subscribed, and neither mailed nor dropped.
    owed: BTreeSet<i64>,
    /// All articles that were ever mailed to them.
    had: BTreeSet<i64>,
}

/// The log: who is owed what, and what is out of it.
struct Log {
    choices: Choices,
    readers: BTreeMap<i64, Reader>,
    /// The article of each number that was given, and not put off.
    articles: BTreeMap<i64, i64>,
    /// Articles that the sources have no longer, or that the operator has excluded.
    out: BTreeSet<i64>,
    /// How many articles there are, announced or not.
    published: i64,
    /// Mails that were compared already.
    compared: BTreeSet<(String, i64)>,
}

impl Log {
    fn announce(&mut self, article: i64, number: i64) {
        self.articles.insert(number, article);
        for reader in self.readers.values_mut() {
            if reader.standing != Standing::Left {
                reader.owed.insert(number);
            }
        }
    }

    /// A reader who joins is owed what comes after the last edition that began.
    fn join(&mut self, id: i64, last_upto: i64) {
        let owed = self.articles.range(last_upto + 1..).map(|(number, _)| *number);
        let owed = owed.collect::<BTreeSet<i64>>();
        let reader = self.readers.entry(id).or_insert(Reader {
            standing: Standing::Left,
            owed: BTreeSet::new(),
            had: BTreeSet::new(),
        });
        if reader.standing == Standing::Left {
            reader.owed = owed;
        }
        reader.standing = Standing::Active;
    }

    /// One of the readers of a standing; 0: there is none.
    fn one_who_is(&self, standing: Standing, which: i64) -> i64 {
        let such = self
            .readers
            .iter()
            .filter(|(_, reader)| reader.standing == standing);
        let such: Vec<i64> = such.map(|(id, _)| *id).collect();
        let place = usize::try_from(which).unwrap() % such.len().max(1);
        such.get(place).copied().unwrap_or_default()
    }

    /// What a reader is to get from an edition up to a number.
    fn due(&self, reader: &Reader, upto: i64) -> Vec<i64> {
        let waiting = reader.owed.range(..=upto).copied();
        waiting
            .filter(|number| !self.out.contains(&self.articles[number]))
            .collect()
    }

    /// Puts an article off: nobody is owed it under the number it had.
    fn defer(&mut self, article: i64, number: i64) {
        for reader in self.readers.values() {
            assert!(!reader.had.contains(&article), "a{article} was put off and had");
        }
        if let Some((&old, _)) = self.articles.iter().find(|(_, known)| **known == article) {
            self.articles.remove(&old);
            for reader in self.readers.values_mut() {
                reader.owed.remove(&old);
            }
        }
        self.announce(article, number);
    }

    /// Compares a mail with what its reader is owed, and settles it.
    fn compare(&mut self, mail: &Mail, upto: i64, by_hand: bool) {
        if !self.compared.insert((mail.edition.clone(), mail.reader)) {
            return;
        }
        let Choices {
            min_articles,
            max_articles,
            order,
            ..
        } = self.choices;
        let reader = &self.readers[&mail.reader];
        assert_eq!(
            reader.standing,
            Standing::Active,
            "{mail:?} to one who is not active"
        );
        let mut due = self.due(reader, upto);
        let min = if by_hand { 1 } else { min_articles };
        assert!(due.len() >= min, "{mail:?}: only {due:?} is due");
        let mut settled = upto;
        match (order, max_articles) {
            (Order::Newest, _) => due.reverse(),
            (Order::Oldest, Some(max)) if due.len() > max => {
                due.truncate(max);
                settled = due[max - 1];
            }
            (Order::Oldest, _) => {}
        }
        let mailed: Vec<i64> = mail.articles.iter().map(|id| id[1..].parse().unwrap()).collect();
        let owed: Vec<i64> = due.iter().map(|number| self.articles[number]).collect();
        assert_eq!(mailed, owed, "{mail:?}");
        let reader = self.readers.get_mut(&mail.reader).unwrap();
        for article in mailed {
            assert!(reader.had.insert(article), "{mail:?}: a{article} a second time");
        }
        reader.owed.retain(|number| *number > settled);
    }

    /// A drop settles all that the edition would have carried, for all who have not left.
    fn dropped(&mut self, upto: i64) {
        for reader in self.readers.values_mut() {
            reader.owed.retain(|number| *number > upto);
        }
    }
}

/// A timeline: the world, and the log of it.
struct Timeline {
    world: World,
    log: Log,
    removed: BTreeSet<i64>,
    hour: i64,
}

impl Timeline {
    async fn new(world: World, choices: Choices) -> Timeline {
        Timeline {
            world,
            log: Log {
                choices,
                readers: BTreeMap::new(),
                articles: BTreeMap::new(),
                out: BTreeSet::new(),
                published: 0,
                compared: BTreeSet::new(),
            },
            removed: BTreeSet::new(),
            hour: 0,
        }
    }

    fn now(&self) -> Instant {
        hours(self.hour)
    }

    /// Takes the new mails into the log.
    async fn compare(&mut self) {
        for mail in self.world.mails().await {
            let edition = self.world.edition(&mail.edition).await;
            self.log.compare(&mail, edition.upto, edition.slot.is_none());
        }
    }

    async fn last_upto(&self) -> i64 {
        let track = self
            .world
            .store
            .track("weekly", "default")
            .await
            .unwrap()
            .unwrap();
        track.upto.unwrap_or(track.floor)
    }

    async fn happen(&mut self, event: &Event) {
        match *event {
            Event::Publish => {
                let article = self.world.publish().await;
                self.published(article).await;
            }
            Event::BackDate(days) => {
                let dated = beginning() - chrono::Duration::days(days);
                let article = self.world.publish_in("News", dated).await;
                self.published(article).await;
            }
            Event::Prepare => self.log.published = self.world.publish_unannounced().await,
            Event::Remove(which) => self.remove(which).await,
            Event::Include(_) | Event::Exclude(_) | Event::Defer(_) => self.choose(event).await,
            Event::Join(reader) => {
                let known = self.log.readers.get(&reader);
                if known.is_none_or(|known| known.standing == Standing::Left) {
                    self.log.join(reader, self.last_upto().await);
                    self.world.join(reader).await;
                }
            }
            Event::Pause(which) => {
                let id = self.log.one_who_is(Standing::Active, which);
                self.stand(id, Standing::Active, Standing::Paused, "paused").await;
            }
            Event::Resume(which) => {
                let id = self.log.one_who_is(Standing::Paused, which);
                self.stand(id, Standing::Paused, Standing::Active, "active").await;
            }
            Event::Leave(id) => {
                self.stand(id, Standing::Active, Standing::Left, "unsubscribed")
                    .await;
                self.stand(id, Standing::Paused, Standing::Left, "unsubscribed")
                    .await;
            }
            Event::Slot => {
                self.hour += 1;
                self.world.pass(self.now()).await;
            }
            Event::KilledSlot(polls) => {
                self.hour += 1;
                self.world.killed_pass(self.now(), polls).await;
            }
            Event::Steps(steps) => self.world.some_steps(self.now(), steps).await,
            Event::Now => {
                self.world.pass_now(self.now()).await;
            }
            Event::Break => self.world.broken.store(true, Relaxed),
            Event::Mend => self.world.broken.store(false, Relaxed),
            Event::Hold => self.hold(Some(1)).await,
            Event::Release => self.hold(None).await,
            Event::Drop => self.drop().await,
        }
        self.compare().await;
    }

    async fn published(&mut self, article: i64) {
        self.log.published = article;
        let number = self.world.number(article).await.unwrap();
        self.log.announce(article, number);
    }

    /// One of the articles there are.
    fn article(&self, which: usize) -> Option<i64> {
        (self.log.published > 0).then(|| 1 + which as i64 % self.log.published)
    }

    /// One of those that some active reader is owed, mostly: there is more to get wrong about them.
    fn owed_article(&self, which: usize) -> Option<i64> {
        let active = self.log.readers.values();
        let active = active.filter(|reader| reader.standing == Standing::Active);
        let owed: BTreeSet<i64> = active.flat_map(|reader| reader.owed.iter().copied()).collect();
        let owed: Vec<i64> = owed.iter().map(|number| self.log.articles[number]).collect();
        (!which.is_multiple_of(4) && !owed.is_empty()).then(|| owed[which / 4 % owed.len()])
    }

    /// What is frozen stays in its edition, so removals come between editions.
    async fn remove(&mut self, which: usize) {
        let unfinished = self.world.unfinished().await;
        if unfinished.is_none_or(|edition| edition.state == "planned")
            && let Some(article) = self.article(which)
        {
            self.world.remove(article).await;
            self.log.out.insert(article);
            self.removed.insert(article);
        }
    }

    /// Includes, excludes or defers, if it is allowed; whether it was must follow from the log.
    async fn choose(&mut self, event: &Event) {
        let Some(edition) = self.world.unfinished().await else {
            return;
        };
        let (Event::Include(which) | Event::Exclude(which) | Event::Defer(which)) = event else {
            return;
        };
        let Some(article) = self.owed_article(*which).or(self.article(*which)) else {
            return;
        };
        let ids = [format!("a{article}")];
        let place = self.world.place(&edition.name, self.now());
        let done = match event {
            Event::Include(_) => include(place, &ids).await,
            Event::Exclude(_) => exclude(place, &ids).await,
            _ => defer(place, &ids).await,
        };
        let Ok(done) = done else {
            return;
        };
        assert_eq!(edition.state, "planned");
        let number = self.world.number(article).await.unwrap();
        assert_eq!(done[0].number, number);
        match event {
            Event::Exclude(_) => {
                self.log.out.insert(article);
            }
            Event::Defer(_) => {
                if !self.removed.contains(&article) {
                    self.log.out.remove(&article);
                }
                self.log.defer(article, number);
            }
            _ => {
                self.log.out.remove(&article);
                if !self.log.articles.contains_key(&number) {
                    self.log.announce(article, number);
                }
                let upto = self.world.edition(&edition.name).await.upto;
                assert!(upto >= number, "it is taken in");
            }
        }
    }

    async fn stand(&mut self, id: i64, from: Standing, to: Standing, name: &'static str) {
        if let Some(reader) = self.log.readers.get_mut(&id)
            && reader.standing == from
        {
            reader.standing = to;
            self.world.stands(id, name).await;
        }
    }

    async fn hold(&self, since: Option<i64>) {
        if let Some(edition) = self.world.unfinished().await {
            self.world.hold(edition.id, since).await;
        }
    }

    /// Drops the unfinished edition to its end; the drop itself is killed once on the way.
    async fn drop(&mut self) {
        let Some(edition) = self.world.unfinished().await else {
            return;
        };
        if self.world.store.begin_drop(&edition).await.unwrap() {
            self.world.some_steps(self.now(), 1).await;
            self.world.some_steps(self.now(), 1000).await;
            self.log.dropped(edition.upto);
        }
    }

    /// Everybody comes back and everything is mended: then nobody may be owed anything.
    async fn end(&mut self) {
        self.happen(&Event::Mend).await;
        self.happen(&Event::Release).await;
        for _ in 1..=12 {
            self.happen(&Event::Resume(0)).await;
        }
        for _ in 0..40 {
            let report = self.world.pass_now(self.now()).await;
            self.compare().await;
            if report
                .skipped
                .iter()
                .any(|skipped| skipped.reason == "nothing new")
            {
                break;
            }
        }
        assert_eq!(self.world.unfinished().await, None);
        for (id, reader) in &self.log.readers {
            if reader.standing == Standing::Active {
                let lost = self.log.due(reader, i64::MAX);
                assert!(lost.is_empty(), "reader {id} never got {lost:?}");
            }
        }
    }
}

fn hourly(choices: &Choices) -> Digest {
    Digest {
        schedule: Schedule::parse("@hourly").unwrap(),
        min_articles: choices.min_articles,
        max_articles: choices.max_articles,
        order: choices.order,
        grace: std::time::Duration::from_secs(if choices.grace { 3600 } else { 0 }),
        ..weekly()
    }
}

async fn run(mut world: World, choices: Choices, events: &[Event]) {
    world.chunk = choices.chunk;
    let mut timeline = Timeline::new(world, choices).await;
    for event in events {
        timeline.happen(event).await;
    }
    timeline.end().await;
}

/// Runs a timeline on a worker thread of its own runtime, as the program does.
fn tell(choices: Choices, events: Vec<Event>, postgres: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let story = async move {
        let digest = hourly(&choices);
        let world = if postgres {
            World::postgres(digest).await
        } else {
            Some(World::sqlite(digest).await)
        };
        if let Some(world) = world {
            run(world, choices, &events).await;
        }
    };
    if let Err(failed) = runtime.block_on(async { tokio::spawn(story).await }) {
        std::panic::resume_unwind(failed.into_panic());
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// So many timelines; `TIDINGS_TIMELINES` asks for more.
fn timelines(usual: u32) -> u32 {
    let asked = std::env::var("TIDINGS_TIMELINES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

proptest! {
    #![proptest_config(config(timelines(24)))]

    #[test]
    fn every_reader_gets_every_article_once(choices in choices(), events in prop::collection::vec(event(), 10..60)) {
        tell(choices, events, false);
    }
}

proptest! {
    #![proptest_config(config(timelines(4)))]

    #[test]
    fn on_postgresql_too(choices in choices(), events in prop::collection::vec(event(), 10..60)) {
        tell(choices, events, true);
    }
}
