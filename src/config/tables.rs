//! What each table of `config.toml` becomes. Defaults that depend on other keys stand here.

mod feeds;
mod http;
mod operator;
mod smtp;
mod source;

use super::pings::indexnow_key;
use super::raw::{Table, Value};
use super::section::{Reading, Section, because, known_source, named, plain_name, section};
use super::values::{self, BadValue, Endpoint, StoreUrl};
use super::{CatchUp, Config, Delivery, Digest, InDoubt, Order, Ping, PingKind, Site, Subscribers, keys};
use crate::schedule::Schedule;
use chrono_tz::Tz;
use http::{http, http_client, hub, metrics_listener};
use operator::{mailbox, operator};
use smtp::smtp;
use source::source;
use std::time::Duration;

/// `None` where a problem was reported that leaves a hole.
pub(super) fn config<'a>(tree: &'a Table, reading: &mut Reading<'a>) -> Option<Config> {
    let site = section(tree, "site", reading, site);
    let known = site.as_ref();
    let store = section(tree, "store", reading, store);
    let sources = named(tree, "sources", reading, |name, table| source(name, table, known));
    let http = section(tree, "http", reading, |table| http(table, known));
    let source_names = names(tree, "sources");
    let around = feeds::Known {
        site: known,
        http: http.as_ref(),
        sources: &source_names,
    };
    let feeds = section(tree, "feeds", reading, |table| feeds::feeds(table, &around));
    let digests = named(tree, "digests", reading, |name, table| {
        digest(name, table, known, &source_names)
    });
    let smtp = section(tree, "smtp", reading, |table| smtp(table, http.as_ref()));
    let delivery = section(tree, "delivery", reading, delivery);
    let pings = named(tree, "pings", reading, ping);
    let shown_at = section(tree, "metrics", reading, metrics_listener);
    let is_reached = is_written(tree, "http", "public_url");
    let hub = section(tree, "hub", reading, |table| hub(table, is_reached));
    let http_client = section(tree, "http_client", reading, http_client);
    let subscribers = section(tree, "subscribers", reading, subscribers);
    let operator = section(tree, "operator", reading, |table| {
        operator(table, digests.as_deref())
    });
    Some(Config {
        file: reading.file.to_owned(),
        root: reading.root.to_owned(),
        site: site?,
        store: store?,
        sources: sources?,
        feeds: feeds?,
        digests: digests?,
        smtp: smtp?,
        delivery: delivery?,
        pings: pings?,
        http: http?,
        hub: hub?,
        metrics: shown_at?,
        http_client: http_client?,
        subscribers: subscribers?,
        operator: operator?,
        templates: values::below(reading.root, "email-templates"),
        warnings: Vec::new(),
    })
}

fn is_written(tree: &Table, table: &str, key: &str) -> bool {
    matches!(tree.get(table).map(|node| &node.value), Some(Value::Table(table)) if table.get(key).is_some())
}

fn names<'a>(tree: &'a Table, name: &str) -> Vec<&'a str> {
    match tree.get(name).map(|node| &node.value) {
        Some(Value::Table(tables)) => tables.0.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn site(table: &mut Section) -> Option<Site> {
    let id = table.parse("id", |text| {
        text.parse::<uuid::Uuid>().map_err(|_| {
            BadValue::new(format!("{text:?} is no UUID")).hint("leave it out: it then follows from site.url")
        })
    });
    let title = table.required("title", "the name of the site");
    let url = table.need(
        "url",
        "where the site is, as \"https://example.org/\"",
        values::base_url,
    );
    let logo = table.parse("logo", |text| match &url {
        Some(base) => base
            .join(text)
            .map_err(because)
            .and_then(|url| values::web_url(url.as_str())),
        None => values::web_url(text),
    });
    let language = table.parse("language", language);
    let timezone = table.parse("timezone", timezone);
    Some(Site {
        id,
        description: table.text("description").unwrap_or_default(),
        author: table.text("author"),
        postal_address: table.lines("postal_address"),
        title: title?,
        url: url?,
        language: language?,
        timezone: timezone?,
        logo,
    })
}

fn language(text: &str) -> Result<String, BadValue> {
    if values::is_language(text) {
        return Ok(text.to_owned());
    }
    Err(BadValue::new(format!("{text:?} is no language")).hint("write a code as \"en\" or \"de-AT\""))
}

fn timezone(text: &str) -> Result<Tz, BadValue> {
    text.parse::<Tz>().map_err(|_| {
        let all = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let hint = match keys::nearest(text, all) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => "write a name of the time zone database, as \"Europe/London\"".to_owned(),
        };
        BadValue::new(format!("{text:?} is no time zone")).hint(hint)
    })
}

fn store(table: &mut Section) -> Option<StoreUrl> {
    let url = table.secret("url")?;
    match StoreUrl::parse(url.reveal(), table.reading.root) {
        Ok(url) => Some(url),
        Err(bad) => {
            table.refuse("url", bad);
            None
        }
    }
}

fn digest(name: &str, table: &mut Section, site: Option<&Site>, sources: &[&str]) -> Option<Digest> {
    let title = table
        .text("title")
        .or_else(|| site.map(|site| site.title.clone()));
    let when = "a crontab line, as \"0 7 * * 1\" for Mondays at seven";
    let schedule = table.need("schedule", when, |text| {
        Schedule::parse(text).map_err(|error| {
            because(error).hint("minute, hour, day of month, month, day of week: \"0 7 * * 1\"")
        })
    });
    let timezone = match table.is_missing("timezone") {
        true => site.map(|site| site.timezone),
        false => table.parse("timezone", timezone),
    };
    let from = table.need("from", "who sends it, as \"Ann <ann@example.org>\"", mailbox);
    let reply_to = table.parse("reply_to", mailbox);
    let template = table.parse("template", |text| plain_name(text).map(|()| text.to_owned()));
    let categories = table.names("categories");
    let authors = table.names("authors");
    let of_sources = table.list("sources", |text| known_source(text, sources));
    let first_edition = table.number("first_edition", 0..=100_000);
    let min_articles = table.number("min_articles", 1..=100_000);
    let max_articles = table.number("max_articles", 1..=100_000);
    let order = table.choice(
        "order",
        &[("newest", Order::Newest), ("oldest", Order::Oldest)],
        &[],
    );
    let catch_up = table.choice(
        "catch_up",
        &[("once", CatchUp::Once), ("skip", CatchUp::Skip)],
        &[],
    );
    let grace = match table.is_missing("grace") {
        true => Some(Duration::ZERO),
        false => table.parse("grace", values::duration),
    };
    let approval = table.flag("approval");
    Some(Digest {
        name: name.to_owned(),
        title: title?,
        schedule: schedule?,
        timezone: timezone?,
        from: from?,
        reply_to,
        template: template?,
        categories: categories?,
        authors: authors?,
        sources: of_sources?,
        first_edition: first_edition? as usize,
        min_articles: min_articles? as usize,
        max_articles: max_articles.map(|count| count as usize),
        order: order?,
        catch_up: catch_up?,
        grace: grace?,
        approval: approval?,
    })
}

fn delivery(table: &mut Section) -> Option<Delivery> {
    let retry = table.list("retry", values::duration);
    if retry.as_ref().is_some_and(Vec::is_empty) {
        table.refuse(
            "retry",
            BadValue::new("the list is empty").hint("write at least one wait, as [\"15m\"]"),
        );
    }
    let give_up = table.parse("give_up", values::duration);
    let in_doubt = table.choice(
        "in_doubt",
        &[("retry", InDoubt::Retry), ("leave", InDoubt::Leave)],
        &[],
    );
    let lease = table.parse("lease", lease);
    Some(Delivery {
        retry: retry?,
        give_up: give_up?,
        in_doubt: in_doubt?,
        lease: lease?,
    })
}

/// It is renewed three times in its length, by whole seconds.
fn lease(text: &str) -> Result<std::time::Duration, BadValue> {
    let lease = values::duration(text)?;
    match lease.as_secs() {
        3..=3600 => Ok(lease),
        _ => Err(BadValue::new("a lease lasts from 3 seconds to an hour").hint("write \"60s\"")),
    }
}

fn ping(name: &str, table: &mut Section) -> Option<Ping> {
    let root = table.reading.root;
    if table.is_missing("kind") {
        table.missing(
            "kind",
            "write \"websub\", \"xmlrpc\", \"indexnow\" or \"rsscloud\"",
        );
    }
    let kind = table.choice("kind", &PingKind::OF_PINGS, &[]);
    let endpoint = table.need("endpoint", "the URL to tell, or \"file:FOLDER\"", |text| {
        Endpoint::parse(text, root)
    });
    let key = ping_key(table, kind);
    Some(Ping {
        name: name.to_owned(),
        kind: kind?,
        endpoint: endpoint?,
        key,
    })
}

/// The key that IndexNow needs, and nobody else.
fn ping_key(table: &mut Section, kind: Option<PingKind>) -> Option<String> {
    let given = !table.is_missing("key");
    match (kind?, given) {
        (PingKind::Indexnow, false) => {
            table.missing(
                "key",
                "choose 8 to 128 letters, digits and -; it also names a file of the site",
            );
            None
        }
        (PingKind::Indexnow, true) => {
            let key = table.secret("key")?;
            match indexnow_key(key.reveal()) {
                Ok(key) => Some(key),
                Err(bad) => {
                    table.refuse("key", bad);
                    None
                }
            }
        }
        (_, true) => {
            table.refuse(
                "key",
                BadValue::new("only pings of kind \"indexnow\" have a key").hint("take it out"),
            );
            None
        }
        (_, false) => None,
    }
}

fn subscribers(table: &mut Section) -> Option<Subscribers> {
    Some(Subscribers {
        dir: table.folder("dir")?,
    })
}
