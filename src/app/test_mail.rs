//! A test mail: what an edition holds, or would hold now, sent at once to a few addresses.
//!
//! It moves no cursor and makes no edition. Its links carry tokens of no subscriber, so following them
//! changes nothing for anybody.

use super::delivery::{self, DeliveryReport, Orders, Shown};
use super::editions::{self, Batch};
use super::{Site, feeds, templates, unknown};
use crate::articles::state::Stored;
use crate::clock::Instant;
use crate::config::Digest;
use crate::delivery::due::Due;
use crate::digests::{self, EditionFacts, Frozen};
use crate::problem::Problem;
use crate::store::deliveries::Wanted;
use crate::store::editions::Edition;
use crate::subscribers::address::Address;
use serde::Serialize;

/// Where what is shown comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shows {
    /// The frozen mail of an edition that has started.
    Edition,
    /// What the edition would hold now.
    Batch,
    /// Nothing is new: the newest articles there are.
    Older,
    /// There are none: the template's sample.
    Sample,
}

/// What was sent, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Tested {
    pub shows: Shows,
    pub digest: String,
    /// The edition's name, where there is one.
    pub edition: Option<String>,
    /// The ids of the articles in it.
    pub articles: Vec<String>,
    pub deliveries: Vec<Shown>,
    /// Why it could not be sent.
    pub errors: Vec<Problem>,
}

/// So many older articles make a test mail, where the digest has no maximum.
const OLDER: usize = 10;

/// Sends a test mail of a digest or an edition.
///
/// # Errors
/// Neither a digest nor an edition of that name (`unknown-edition`); a template that does not render
/// (`template`); those of the store.
pub async fn send(site: &Site, of: &str, to: &[Address]) -> anyhow::Result<Tested> {
    let now = site.clock.now();
    let (digest, edition) = subject(site, of).await?;
    let mail = Mail::of(site, digest, edition.as_ref(), now).await?;
    let message = serde_json::to_string(&mail.frozen.marked(MARK))?;
    let to: Vec<String> = to.iter().map(ToString::to_string).collect();
    let ids = site.store.enter_test_mails(&mail.articles, &message, &to).await?;
    let orders = Orders {
        due: Due::Awaited(now),
        ..Orders::of_a_pass(now)
    };
    let DeliveryReport { problems, .. } = delivery::run(site, orders).await?;
    let wanted = Wanted {
        after: ids.first().map_or(0, |first| first - 1),
        limit: i64::MAX,
        ..Wanted::default()
    };
    let deliveries = delivery::list(site, &wanted).await?;
    let ours = |shown: &Shown| ids.iter().any(|id| id.to_string() == shown.id);
    Ok(Tested {
        shows: mail.shows,
        digest: digest.name.clone(),
        edition: edition.map(|edition| edition.name),
        articles: mail.articles,
        deliveries: deliveries.into_iter().filter(ours).collect(),
        errors: problems,
    })
}

/// Begins the subject of every test mail.
const MARK: &str = "[Test] ";

async fn subject<'a>(site: &'a Site, of: &str) -> anyhow::Result<(&'a Digest, Option<Edition>)> {
    let digests = &site.config.digests;
    let named = |name: &str| digests.iter().find(|digest| digest.name == name);
    if let Some(digest) = named(of) {
        return Ok((digest, None));
    }
    let edition = editions::named(site, of).await?;
    let digest = named(&edition.digest).ok_or_else(|| unknown::digest(&edition.digest, digests))?;
    Ok((digest, Some(edition)))
}

/// The mail before it is marked as a test.
struct Mail {
    shows: Shows,
    articles: Vec<String>,
    frozen: Frozen,
}

impl Mail {
    async fn of(
        site: &Site,
        digest: &Digest,
        edition: Option<&Edition>,
        now: Instant,
    ) -> anyhow::Result<Mail> {
        if let Some(edition) = edition
            && let Some((message, articles)) = site.store.main_variant(edition.id).await?
        {
            return Ok(Mail {
                shows: Shows::Edition,
                articles: serde_json::from_str(&articles)?,
                frozen: serde_json::from_str(&message)?,
            });
        }
        let batch = Batch::read(&site.store, digest, edition, now).await?;
        let facts = EditionFacts {
            digest,
            site: &site.config.site,
            public_url: &site.config.http.public_url,
            number: batch.number,
            name: edition.map_or(&digest.name, |edition| &edition.name),
            variant: "",
            language: &batch.language,
            starts: batch.starts,
            period_from: batch.previous,
            period_to: batch.starts,
            feeds: &feeds::named(&site.config),
        };
        let (folder, name) = (site.config.templates.clone(), digest.template.clone());
        let read = tokio::task::spawn_blocking(move || templates::read(&folder, &name)).await?;
        let templates = read.map_err(first)?;
        let (shows, selection) = match batch.selection {
            Some(selection) => (Shows::Batch, selection),
            None => match older(site, digest, now).await? {
                articles if !articles.is_empty() => (
                    Shows::Older,
                    digests::plan::Selection {
                        articles,
                        headlines: Vec::new(),
                    },
                ),
                _ => {
                    return Ok(Mail {
                        shows: Shows::Sample,
                        articles: Vec::new(),
                        frozen: digests::render_sample(&templates, &facts)?,
                    });
                }
            },
        };
        let articles: Vec<Stored> = site.store.articles(&selection.articles).await?;
        let headlines = site.store.articles(&selection.headlines).await?;
        Ok(Mail {
            shows,
            articles: selection.ids().cloned().collect(),
            frozen: digests::render(&templates, &facts, &articles, &headlines)?,
        })
    }
}

/// The newest articles that the digest takes.
async fn older(site: &Site, digest: &Digest, now: Instant) -> anyhow::Result<Vec<String>> {
    let filter = editions::filter(digest);
    let cards = site.store.cards(now).await?.into_iter();
    let taken = cards.filter(|card| filter.takes(card)).map(|card| card.id);
    Ok(taken.take(digest.max_articles.unwrap_or(OLDER)).collect())
}

fn first(problems: Vec<Problem>) -> Problem {
    let missing = || Problem::error("template", "the template cannot be read");
    problems.into_iter().next().unwrap_or_else(missing)
}
