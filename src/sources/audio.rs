//! The recording of an article, and what can be told of it without fetching it.

use super::images::local_length;
use super::place::Place;
use crate::articles::{Audio, audio, html};
use dom_query::Document;
use url::Url;

/// What most recordings are, where nothing says what this one is.
const LIKELY: &str = "audio/mpeg";

/// The recording that a file states, by the address it has there.
pub(crate) fn stated(stated: &Audio, base: &Url, place: &Place) -> Option<Audio> {
    let web = |address: &str| html::absolute(address, base).filter(|url| url.starts_with("http"));
    let url = web(&stated.url)?;
    let length = local_length(&stated.url, &url, base, place);
    Some(Audio {
        media_type: media_type(&stated.media_type, &url),
        length: length.or(stated.length),
        transcript: stated.transcript.as_deref().and_then(web),
        chapters: stated.chapters.as_deref().and_then(web),
        url,
        ..stated.clone()
    })
}

/// The first recording of the content that can be played there.
pub(crate) fn first(content_html: &str, base: &Url, place: &Place) -> Option<Audio> {
    if !content_html.contains("<audio") {
        return None;
    }
    let document = Document::fragment(content_html);
    let players = document.select("audio[src], audio source[src]");
    let player = players.nodes().first()?;
    let of_content = Audio {
        url: player.attr("src")?.to_string(),
        media_type: player
            .attr("type")
            .map(|kind| kind.to_string())
            .unwrap_or_default(),
        ..Audio::default()
    };
    stated(&of_content, base, place)
}

/// Whether an address, or a type beside it, is that of a recording.
pub(crate) fn is_audio(address: &str, media_type: &str) -> bool {
    let kind = media_type.trim().to_ascii_lowercase();
    match kind.as_str() {
        "" | "application/octet-stream" => audio::media_type(address).is_some(),
        kind => kind.starts_with("audio/") || kind == "application/ogg",
    }
}

fn media_type(stated: &str, url: &str) -> String {
    let essence = stated
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if essence.starts_with("audio/") {
        return essence;
    }
    audio::media_type(url).unwrap_or(LIKELY).to_owned()
}
