//! JSON Feed 1.0 and 1.1: each item with values of the kinds that the standard asks for.

use super::addresses::{join, web_address};
use super::canonical::name_alone;
use super::document::{Document, Source, entry, no_feed};
use super::item::{self, Beside};
use super::keys::Raw;
use super::recordings::bytes;
use crate::articles::audio::seconds;
use crate::articles::{Audio, Author};
use crate::problem::Problem;
use crate::sources::audio::is_audio;
use crate::sources::dates;
use crate::sources::scan::About;
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use url::Url;

type Object = Map<String, Value>;

/// The fields of an item that are text.
const TEXTS: [&str; 5] = ["title", "content_html", "content_text", "summary", "id"];

pub(super) fn read(source: Source) -> Result<Document, Problem> {
    // Within strings they are forbidden, elsewhere they are space.
    let text = source.text.replace(|c: char| c.is_control(), " ");
    let (mut warnings, mut cut) = (Vec::new(), false);
    let feed = match serde_json::from_str(&text) {
        Ok(Value::Object(feed)) => feed,
        Ok(_) => return Err(no_feed(source.from, "it is JSON, and no object")),
        Err(error) => {
            let at = error.column().saturating_sub(1);
            let feed =
                salvage(&text).ok_or_else(|| no_feed(source.from, &format!("it is no JSON: {error}")))?;
            let whole = feed.get("items").and_then(Value::as_array).map_or(0, Vec::len);
            warnings.push(source.broken_off(at, whole));
            cut = true;
            feed
        }
    };
    let is_feed = text_of(&feed, "version").is_some_and(|version| version.contains("jsonfeed.org"));
    let items = feed
        .get("items")
        .and_then(Value::as_array)
        .filter(|_| is_feed || feed.contains_key("title"));
    let Some(items) = items.cloned().or(is_feed.then(Vec::new)) else {
        return Err(no_feed(source.from, "it is JSON, and no JSON Feed"));
    };
    let about = about(&feed, source);
    let home = about
        .url
        .as_deref()
        .or(about.feed.as_deref())
        .and_then(web_address)
        .or_else(|| source.url());
    let around = Around {
        authors: authors(&feed),
        language: about.language.clone(),
        home: home.clone(),
    };
    let raws = items
        .iter()
        .filter_map(Value::as_object)
        .map(|item| raw(item, &around, source))
        .collect();
    Ok(Document {
        raws,
        about,
        home,
        warnings,
        cut,
    })
}

/// What the feed says for all its items.
struct Around {
    authors: Vec<Author>,
    language: Option<String>,
    home: Option<Url>,
}

fn raw(item: &Object, around: &Around, source: Source) -> Raw {
    let guid = text_of(item, "id");
    let address = |key: &str| {
        text_of(item, key).and_then(|text| join(around.home.as_ref().or(Some(source.site)), &text))
    };
    let link = address("url")
        .or_else(|| guid.as_deref().and_then(web_address))
        .or_else(|| address("external_url"));
    let date = |key: &str| text_of(item, key).and_then(|text| dates::parse(&text, source.reading));
    let updated = date("date_modified");
    let own = authors(item);
    let beside = Beside {
        audio: audio(item, around.home.as_ref().or(Some(source.site))),
        guid: guid.clone(),
        original: link.clone(),
        published: date("date_published").or(updated),
        updated: updated.map(|updated| updated.at),
        language: text_of(item, "language").or_else(|| around.language.clone()),
        authors: if own.is_empty() {
            around.authors.clone()
        } else {
            own
        },
        ..Beside::default()
    };
    match entry(&repaired(item).to_string(), source.from) {
        Ok(entry) => {
            let mut raw = item::raw(entry, beside);
            if let Ok(extract) = &mut raw.extract {
                extract.image = image(item).or(extract.image.take());
            }
            raw
        }
        Err(problem) => Raw {
            guid,
            link,
            extract: Err(problem),
        },
    }
}

/// The item alone, as a feed that `feed-rs` can read.
fn repaired(item: &Object) -> Value {
    let mut good: Object = TEXTS
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), text_of(item, key)?.into())))
        .collect();
    let tags: Vec<String> = list(item.get("tags")).into_iter().filter_map(text).collect();
    good.insert("tags".to_owned(), tags.into());
    json!({"version": "https://jsonfeed.org/version/1.1", "title": "", "items": [good]})
}

fn image(item: &Object) -> Option<(String, String)> {
    let of_attachment = || {
        let attachments = list(item.get("attachments"));
        let images = attachments.into_iter().filter_map(Value::as_object);
        let mut images =
            images.filter(|one| text_of(one, "mime_type").is_some_and(|kind| kind.starts_with("image/")));
        images.find_map(|one| text_of(one, "url"))
    };
    let stated = text_of(item, "image").or_else(|| text_of(item, "banner_image"));
    Some((stated.or_else(of_attachment)?, String::new()))
}

fn audio(item: &Object, base: Option<&Url>) -> Option<Audio> {
    let attachments = list(item.get("attachments"));
    let mut attachments = attachments.into_iter().filter_map(Value::as_object);
    attachments.find_map(|one| {
        let (stated, kind) = (
            text_of(one, "url")?,
            text_of(one, "mime_type").unwrap_or_default(),
        );
        let url = join(base, &stated).filter(|_| is_audio(&stated, &kind))?;
        Some(Audio {
            url: url.into(),
            media_type: kind,
            length: text_of(one, "size_in_bytes").and_then(|text| bytes(&text)),
            duration: text_of(one, "duration_in_seconds").and_then(|text| seconds(&text)),
            ..Audio::default()
        })
    })
}

/// `authors`, as 1.1 has it, `author` of 1.0; a name alone where it should be an object.
fn authors(object: &Object) -> Vec<Author> {
    let found = list(object.get("authors"))
        .into_iter()
        .chain(list(object.get("author")));
    let mut authors: Vec<Author> = Vec::new();
    let mut seen = HashSet::new();
    for one in found {
        let fields = one.as_object();
        let name = fields.map_or_else(|| text(one), |fields| text_of(fields, "name"));
        let Some(name) = name.and_then(|name| name_alone(&name)) else {
            continue;
        };
        let url = fields.and_then(|fields| web_address(&text_of(fields, "url")?));
        if seen.insert(name.clone()) {
            authors.push(Author {
                name,
                url: url.map(String::from),
            });
        }
    }
    authors
}

fn about(feed: &Object, source: Source) -> About {
    let base = source.url();
    let address = |key: &str| {
        text_of(feed, key)
            .and_then(|text| join(base.as_ref(), &text))
            .map(String::from)
    };
    let hub = list(feed.get("hubs"))
        .into_iter()
        .find_map(|hub| text_of(hub.as_object()?, "url"));
    About {
        title: text_of(feed, "title"),
        url: address("home_page_url"),
        description: text_of(feed, "description"),
        language: text_of(feed, "language"),
        feed: address("feed_url"),
        hub,
        ..About::default()
    }
}

/// The list that a value is, or the list of it alone.
fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

fn text_of(object: &Object, key: &str) -> Option<String> {
    text(object.get(key)?)
}

/// Text, also where it was written as a number.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The whole items of a feed that breaks off, with what it says before them.
fn salvage(text: &str) -> Option<Object> {
    let items = text.find("\"items\"")?;
    let start = items + text[items..].find('[')? + 1;
    let head = text[..items].trim_end().trim_end_matches(',');
    let mut feed: Object = serde_json::from_str(&format!("{head}}}")).ok()?;
    let mut rest = &text[start..];
    let mut whole = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(value)) = values.next() else {
            break;
        };
        whole.push(value);
        rest = &rest[values.byte_offset()..];
    }
    feed.insert("items".to_owned(), whole.into());
    Some(feed)
}
