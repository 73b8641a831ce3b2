//! The recording that belongs to an article: an episode of a podcast, or the text read out.

use serde::{Deserialize, Serialize};

/// What is not stated is not written down, so that more can be told of a recording one day and the
/// hashes of articles stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audio {
    /// Absolute.
    pub url: String,
    /// As `audio/mpeg`.
    pub media_type: String,
    /// In bytes, where it is stated or the file is at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub season: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explicit: Option<bool>,
    /// Where its words can be read. Absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// Where its parts are listed, in JSON. Absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapters: Option<String>,
}

/// What kind of an episode it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Full,
    Trailer,
    Bonus,
}

impl Kind {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Full => "full",
            Kind::Trailer => "trailer",
            Kind::Bonus => "bonus",
        }
    }

    /// By its name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Kind> {
        let kinds = [Kind::Full, Kind::Trailer, Kind::Bonus];
        kinds
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// The media type of a recording by the end of its path; `None`: it is none that is known.
#[must_use]
pub fn media_type(path: &str) -> Option<&'static str> {
    let path = path.split(['?', '#']).next()?;
    let extension = path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase())?;
    Some(match extension.as_str() {
        "mp3" => "audio/mpeg",
        "m4a" | "m4b" => "audio/x-m4a",
        "aac" => "audio/aac",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "flac" => "audio/flac",
        "wav" => "audio/wav",
        "weba" => "audio/webm",
        _ => return None,
    })
}

/// Seconds, written as `5025`, `5025.4`, `1:23:45`, `83:45`, `1h 23m 45s` or `PT1H23M45S`. Nothing
/// lasts longer than a month.
#[must_use]
pub fn seconds(text: &str) -> Option<u32> {
    let text = text.trim().to_ascii_lowercase();
    let seconds = if text.contains(':') {
        let parts: Option<Vec<u32>> = text.split(':').map(whole).collect();
        match parts?.as_slice() {
            [minutes, seconds] => minutes.checked_mul(60)?.checked_add(*seconds)?,
            [hours, minutes, seconds] => hours
                .checked_mul(3600)?
                .checked_add(minutes.checked_mul(60)?)?
                .checked_add(*seconds)?,
            _ => return None,
        }
    } else if text.ends_with(|c: char| c.is_ascii_digit()) {
        whole(&text)?
    } else {
        by_units(text.strip_prefix("pt").unwrap_or(&text))?
    };
    (1..=31 * 86_400).contains(&seconds).then_some(seconds)
}

/// A number, without what stands behind its point.
fn whole(text: &str) -> Option<u32> {
    let text = text.trim();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(part)).then(|| whole.parse().ok())?
}

/// `1h 23m 45s`, `83 min`.
fn by_units(text: &str) -> Option<u32> {
    let mut total: u32 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at(end);
        let behind = behind.trim_start();
        let end = behind
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let factor = match unit {
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            _ => return None,
        };
        total = total.checked_add(whole(number)?.checked_mul(factor)?)?;
        rest = behind.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_in_every_form() {
        for (text, expected) in [
            ("5025", Some(5025)),
            (" 5025.7 ", Some(5025)),
            ("1:23:45", Some(5025)),
            ("01:23:45.500", Some(5025)),
            ("83:45", Some(5025)),
            ("1h 23m 45s", Some(5025)),
            ("83 min, 45 sec", Some(5025)),
            ("PT1H23M45S", Some(5025)),
            ("0", None),
            ("00:00", None),
            ("", None),
            ("long", None),
            ("1:2:3:4", None),
            ("-5", None),
            ("99999999999", None),
            ("4000000000:00", None),
            ("5 days", None),
            ("1.2.3", None),
            (".5h", None),
        ] {
            assert_eq!(seconds(text), expected, "{text:?}");
        }
    }

    #[test]
    fn recordings_by_their_names() {
        assert_eq!(media_type("/a/One.MP3?x=1"), Some("audio/mpeg"));
        for other in ["/a.mp4", "/a.jpg", "/a", "", "/mp3"] {
            assert_eq!(media_type(other), None, "{other}");
        }
        assert_eq!(Kind::named(" Trailer"), Some(Kind::Trailer));
        assert_eq!(Kind::named("x"), None);
    }
}
