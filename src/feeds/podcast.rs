//! What directories of podcasts read in RSS: the namespaces of iTunes and of the Podcast Index, where an
//! item has a recording.

use super::clean;
use super::model::{Feed, Item};
use super::recordings::Show;
use crate::articles::Audio;
use ::rss::extension::itunes::{ITunesCategory, ITunesChannelExtension, ITunesItemExtension, ITunesOwner};

pub(crate) const NAMESPACE: (&str, &str) = ("podcast", "https://podcastindex.org/namespace/1.0");

/// What iTunes wants of a feed; `plain` makes text what RSS wants.
pub(crate) fn of_channel(feed: &Feed, show: &Show, plain: fn(&str) -> String) -> ITunesChannelExtension {
    let settings = &show.settings;
    let name = settings
        .owner
        .as_deref()
        .map_or_else(|| feed.author.name.clone(), clean::line);
    let category = |(text, inner): &(String, Option<String>)| ITunesCategory {
        text: text.clone(),
        subcategory: inner.clone().map(|text| {
            Box::new(ITunesCategory {
                text,
                ..Default::default()
            })
        }),
    };
    ITunesChannelExtension {
        author: Some(plain(&feed.author.name)),
        categories: settings.categories.iter().map(category).collect(),
        image: show.image.clone(),
        explicit: Some(settings.explicit.to_string()),
        owner: settings.email.clone().map(|email| ITunesOwner {
            name: Some(plain(&name)),
            email: Some(email),
        }),
        r#type: Some(if settings.serial { "serial" } else { "episodic" }.to_owned()),
        ..Default::default()
    }
}

/// What iTunes wants of an item.
pub(crate) fn of_item(item: &Item) -> Option<ITunesItemExtension> {
    let audio = item.audio.as_ref()?;
    let number = |number: Option<u32>| number.map(|number| number.to_string());
    let is_cover = |kind: &str| matches!(kind, "image/jpeg" | "image/png");
    let cover = item.image.as_ref();
    let cover = cover.filter(|image| image.media_type.as_deref().is_some_and(is_cover));
    Some(ITunesItemExtension {
        image: cover.map(|image| image.url.clone()),
        duration: number(audio.duration),
        explicit: audio.explicit.map(|flag| flag.to_string()),
        episode: number(audio.episode),
        season: number(audio.season),
        episode_type: audio.kind.map(|kind| kind.name().to_owned()),
        ..Default::default()
    })
}

/// The files that belong to a recording: the name of the element, the address and the media type.
pub(crate) fn beside(audio: &Audio) -> impl Iterator<Item = (&'static str, &str, &'static str)> {
    let transcript = audio.transcript.as_deref();
    let transcript = transcript.map(|url| ("transcript", url, type_of_text(url)));
    let chapters = audio.chapters.as_deref();
    let chapters = chapters.map(|url| ("chapters", url, "application/json+chapters"));
    transcript.into_iter().chain(chapters)
}

fn type_of_text(url: &str) -> &'static str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    match path
        .rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase())
        .as_deref()
    {
        Some("vtt") => "text/vtt",
        Some("srt") => "application/x-subrip",
        Some("json") => "application/json",
        Some("txt") => "text/plain",
        _ => "text/html",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transcripts_by_their_names() {
        assert_eq!(type_of_text("https://e.example/a.VTT?x"), "text/vtt");
        assert_eq!(type_of_text("https://e.example/words"), "text/html");
    }
}
