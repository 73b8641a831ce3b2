//! The recording of an item: its enclosure, or what Media RSS says, with what podcasts tell of it.

use super::scope::Scope;
use super::tree::Element;
use crate::articles::Audio;
use crate::articles::audio::{Kind, seconds};
use crate::sources::audio::is_audio;

pub(super) fn of(item: &Element, scope: &Scope) -> Option<Audio> {
    let mut offered: Vec<&Element> = Vec::new();
    for child in item.elements() {
        match child.name.as_str() {
            "media:group" => offered.extend(child.all("media:content")),
            "enclosure" | "media:content" => offered.push(child),
            "link" if child.attribute("rel") == Some("enclosure") => offered.push(child),
            _ => {}
        }
    }
    let found = offered.into_iter().find_map(|element| {
        let stated = element.attribute("url").or(element.attribute("href"))?;
        let kind = element.attribute("type").unwrap_or_default();
        let is_medium = kind.is_empty() && element.attribute("medium") == Some("audio");
        let usable = !stated.is_empty() && (is_medium || is_audio(stated, kind));
        let url = scope.within(element).address(stated).filter(|_| usable)?;
        let length = element.attribute("length").or(element.attribute("filesize"));
        Some(Audio {
            url: url.into(),
            media_type: kind.to_owned(),
            length: length.and_then(bytes),
            duration: element.attribute("duration").and_then(seconds),
            ..Audio::default()
        })
    })?;
    let text = |name: &str| item.first_text(&[name]);
    let number = |name: &str| text(name)?.parse().ok();
    let linked = |name: &str| {
        let mut addresses = item.all(name).filter_map(|element| element.attribute("url"));
        addresses.find_map(|url| scope.address(url)).map(String::from)
    };
    Some(Audio {
        duration: text("itunes:duration")
            .and_then(|text| seconds(&text))
            .or(found.duration),
        season: number("itunes:season").or_else(|| number("podcast:season")),
        episode: number("itunes:episode").or_else(|| number("podcast:episode")),
        kind: text("itunes:episodetype").and_then(|name| Kind::named(&name)),
        explicit: text("itunes:explicit").and_then(|text| explicit(&text)),
        transcript: linked("podcast:transcript"),
        chapters: linked("podcast:chapters"),
        ..found
    })
}

/// A length that somebody has measured: many write 0 or 1.
pub(super) fn bytes(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|bytes| *bytes > 1)
}

fn explicit(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "explicit" => Some(true),
        "no" | "false" | "clean" => Some(false),
        _ => None,
    }
}
