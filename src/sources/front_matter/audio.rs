//! The recording that a head states: its address alone, or a table; what else is said of it stands in
//! that table or beside it.

use super::head::{Head, flag, scalar};
use super::keys;
use crate::articles::Audio;
use crate::articles::audio::{Kind, seconds};
use crate::sources::audio::is_audio;
use serde_json::Value;

impl Head {
    /// With its addresses as they are written.
    pub(crate) fn audio(&self) -> Option<Audio> {
        let (url, table) = keys::AUDIO
            .iter()
            .find_map(|key| recording(key, self.get(&[key])?.1))?;
        let said = Said { head: self, table };
        let number = |inside: &[&str], beside: &[&str]| said.text(inside, beside)?.parse().ok();
        Some(Audio {
            url,
            media_type: said.text(keys::AUDIO_TYPE, &[]).unwrap_or_default(),
            length: said
                .text(keys::AUDIO_LENGTH, keys::AUDIO_LENGTH_BESIDE)
                .and_then(|bytes| bytes.parse().ok())
                .filter(|bytes| *bytes > 0),
            duration: said
                .text(keys::AUDIO_DURATION, keys::AUDIO_DURATION)
                .and_then(|text| seconds(&text)),
            season: number(keys::SEASON, keys::SEASON),
            episode: number(keys::EPISODE, keys::EPISODE),
            kind: said
                .text(keys::EPISODE_KIND, keys::EPISODE_KIND)
                .and_then(|name| Kind::named(&name)),
            explicit: said.value(keys::EXPLICIT, keys::EXPLICIT).and_then(explicit),
            transcript: said
                .text(keys::TRANSCRIPT, keys::TRANSCRIPT)
                .filter(|text| is_address(text)),
            chapters: said
                .text(keys::CHAPTERS, keys::CHAPTERS)
                .filter(|text| is_address(text)),
        })
    }
}

/// What a head says of its recording, in a table of its own before what stands beside.
struct Said<'a> {
    head: &'a Head,
    table: Option<&'a Value>,
}

impl<'a> Said<'a> {
    fn value(&self, inside: &[&str], beside: &[&str]) -> Option<&'a Value> {
        let of_table = inside.iter().find_map(|key| self.table?.get(*key));
        let usable = |value: &&Value| !value.is_null();
        of_table
            .filter(usable)
            .or_else(|| self.head.get(beside).map(|(_, value)| value))
    }

    fn text(&self, inside: &[&str], beside: &[&str]) -> Option<String> {
        let text = scalar(self.value(inside, beside)?)?;
        (!text.is_empty()).then_some(text)
    }
}

/// The address under a key, and the table it stands in. `episode: 5` and `podcast: Our show` are none.
fn recording<'a>(key: &str, value: &'a Value) -> Option<(String, Option<&'a Value>)> {
    let value = match value {
        Value::Array(list) => list.first()?,
        value => value,
    };
    if value.is_object() {
        let found = keys::AUDIO_ADDRESS
            .iter()
            .filter_map(|key| scalar(value.get(*key)?))
            .find(|text| is_address(text) || is_audio(text, ""))?;
        return Some((found, Some(value)));
    }
    let text = value.as_str()?.trim().to_owned();
    let is_sure = !keys::AUDIO_UNSURE.contains(&key) && text.starts_with("http");
    (is_sure || is_audio(&text, "")).then_some((text, None))
}

/// Whether a text is an address, and not what should be found there.
fn is_address(text: &str) -> bool {
    let one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    one_word && text.contains(['/', '.']) && flag(&Value::String(text.to_owned())).is_none()
}

/// As a flag, or as directories called it once.
fn explicit(value: &Value) -> Option<bool> {
    match scalar(value)?.to_ascii_lowercase().as_str() {
        "explicit" => Some(true),
        "clean" => Some(false),
        _ => flag(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::front_matter::split;

    fn audio(head: &str) -> Option<Audio> {
        split(&format!("---\n{head}\n---\n")).unwrap().head.audio()
    }

    #[test]
    fn the_address_in_every_form() {
        for (head, url) in [
            ("audio: /a.mp3", "/a.mp3"),
            (
                "audio_url: https://cdn.example/track/5",
                "https://cdn.example/track/5",
            ),
            ("podcast: https://cdn.example/a.mp3", "https://cdn.example/a.mp3"),
            ("podcast:\n  mp3: a.mp3", "a.mp3"),
            ("enclosure:\n  url: a.m4a\n  length: 5", "a.m4a"),
            ("enclosures:\n- url: a.m4a", "a.m4a"),
            ("audio:\n  mp3: /a.mp3\n  ogg: /a.ogg", "/a.mp3"),
            ("audio: {url: /ep 1.mp3}", "/ep 1.mp3"),
            ("params:\n  podcast_file: a.opus", "a.opus"),
            ("episode:\n  filename: one.mp3\n  size: 10", "one.mp3"),
        ] {
            assert_eq!(audio(head).map(|audio| audio.url).as_deref(), Some(url), "{head}");
        }
        for none in [
            "audio: true",
            "audio: ''",
            "podcast: Our show",
            "podcast: https://show.example/",
            "episode: 5",
            "enclosure: https://cdn.example/",
            "audio: [x]",
            "image: a.mp3",
        ] {
            let found = audio(none).filter(|audio| !audio.url.starts_with("https://cdn"));
            assert_eq!(found, None, "{none}");
        }
    }

    #[test]
    fn what_is_said_of_it() {
        let of_table = "audio: {src: a.mp3, type: audio/mp3, bytes: 1234, duration: '1:05', season: 2, \
             episode: 7, episodeType: bonus, explicit: clean, transcript: a.vtt, chapters: /c.json}";
        let beside = "audio: a.mp3\naudio_type: x\nfile_size: 1234\nduration: 65\nseason: 2\nepisode: 7\n\
             episodeType: Bonus\nexplicit: 'no'\ntranscript: a.vtt\nchapters: /c.json";
        for head in [of_table, beside] {
            let found = audio(head).unwrap();
            assert_eq!((found.length, found.duration), (Some(1234), Some(65)), "{head}");
            assert_eq!((found.season, found.episode), (Some(2), Some(7)), "{head}");
            assert_eq!(
                (found.kind, found.explicit),
                (Some(Kind::Bonus), Some(false)),
                "{head}"
            );
            assert_eq!(found.transcript.as_deref(), Some("a.vtt"), "{head}");
            assert_eq!(found.chapters.as_deref(), Some("/c.json"), "{head}");
        }
        let poor =
            audio("audio: a.mp3\nduration: long\nepisode: x\ntranscript: All that was said.\nchapters: true");
        let url = "a.mp3".to_owned();
        assert_eq!(
            poor,
            Some(Audio {
                url,
                ..Audio::default()
            })
        );
    }
}
