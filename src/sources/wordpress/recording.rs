//! The recording of a post: WordPress's own field for enclosures, which PowerPress fills too, or those of
//! Seriously Simple Podcasting.

use super::wxr::Post;
use crate::articles::Audio;
use crate::articles::audio::seconds;
use crate::sources::audio::is_audio;

pub(super) fn of(post: &Post) -> Option<Audio> {
    post.meta("enclosure").and_then(enclosure).or_else(|| {
        let url = post.meta("audio_file").filter(|url| !url.is_empty())?;
        Some(Audio {
            url: url.to_owned(),
            length: post.meta("filesize_raw").and_then(|bytes| bytes.parse().ok()),
            duration: post.meta("duration").and_then(seconds),
            ..Audio::default()
        })
    })
}

/// A line each: address, bytes, type; then what PowerPress keeps, as PHP writes it down.
fn enclosure(text: &str) -> Option<Audio> {
    let mut lines = text.lines().map(str::trim);
    let url = lines.next()?.to_owned();
    let length = lines.next().and_then(|bytes| bytes.parse().ok());
    let media_type = lines.next().unwrap_or_default().to_owned();
    let more: String = lines.collect();
    let duration = more.split("\"duration\";s:").nth(1);
    is_audio(&url, &media_type).then(|| Audio {
        duration: duration.and_then(|rest| rest.split('"').nth(1)).and_then(seconds),
        length: length.filter(|bytes| *bytes > 1),
        media_type,
        url,
        ..Audio::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(metas: &[(&str, &str)]) -> Post {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Post {
            metas: metas.iter().map(owned).collect(),
            ..Post::default()
        }
    }

    #[test]
    fn the_recording_of_a_post() {
        let text = "https://e.example/a.mp3\n1234\naudio/mpeg\na:1:{s:8:\"duration\";s:8:\"00:01:05\";}";
        let audio = of(&post(&[("enclosure", text)])).unwrap();
        assert_eq!(
            (audio.url.as_str(), audio.media_type.as_str()),
            ("https://e.example/a.mp3", "audio/mpeg")
        );
        assert_eq!((audio.length, audio.duration), (Some(1234), Some(65)));
        let audio = of(&post(&[
            ("audio_file", "https://e.example/b"),
            ("duration", "2:00"),
        ]))
        .unwrap();
        assert_eq!(
            (audio.url.as_str(), audio.duration),
            ("https://e.example/b", Some(120))
        );
        assert_eq!(
            of(&post(&[("enclosure", "https://e.example/a.mp4\n5\nvideo/mp4")])),
            None
        );
        assert_eq!(of(&post(&[("enclosure", "")])), None);
    }
}
