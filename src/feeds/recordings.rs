//! A feed as a podcast, and recordings as feeds show them.

use super::clean;
use super::site::FeedSite;
use crate::articles::Audio;
use crate::config;
use url::Url;
use uuid::{Uuid, uuid};

/// In which the Podcast Index makes the guids of feeds.
const GUIDS: Uuid = uuid!("ead4c236-bf58-58c6-a2c6-a6b28d128cb6");

/// A feed as a podcast.
#[derive(Debug, Clone)]
pub(crate) struct Show {
    pub settings: config::Podcast,
    pub image: Option<String>,
    /// Whether its guid is the one that was configured.
    is_whole_site: bool,
}

impl Show {
    /// The feed of a folder.
    pub(crate) fn new(folder: &str, site: &FeedSite) -> Show {
        let settings = site.feeds.podcast.clone();
        let image = settings.image.as_ref().or(site.site.logo.as_ref());
        Show {
            image: image.and_then(|url| clean::web_url(url.as_str())),
            is_whole_site: folder.is_empty(),
            settings,
        }
    }

    /// By which directories know the feed, wherever it goes: the one it has there, else one that comes
    /// from its address.
    pub(crate) fn guid(&self, url: &Url) -> String {
        let stated = self.settings.guid.filter(|_| self.is_whole_site);
        let of_address = || Uuid::new_v5(&GUIDS, bare(url).as_bytes());
        stated.unwrap_or_else(of_address).to_string()
    }
}

/// An address without its scheme and the slashes at its end.
fn bare(url: &Url) -> &str {
    let text = url.as_str();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    text.trim_end_matches('/')
}

/// `None`: it has no address that a reader can fetch.
pub(crate) fn clean_audio(audio: &Audio) -> Option<Audio> {
    let web_url = |url: &Option<String>| url.as_deref().and_then(clean::web_url);
    let counted = |number: Option<u32>| number.filter(|number| *number > 0);
    Some(Audio {
        url: clean::web_url(&audio.url)?,
        media_type: clean::media_type(&audio.media_type)?,
        length: audio.length.filter(|bytes| *bytes > 0),
        duration: counted(audio.duration),
        season: counted(audio.season),
        episode: counted(audio.episode),
        kind: audio.kind,
        explicit: audio.explicit,
        transcript: web_url(&audio.transcript),
        chapters: web_url(&audio.chapters),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guid_is_the_podcast_indexs_own() {
        let guid = |url: &str| Uuid::new_v5(&GUIDS, bare(&Url::parse(url).unwrap()).as_bytes()).to_string();
        assert_eq!(
            guid("https://mp3s.nashownotes.com/pc20rss.xml"),
            "917393e3-1b1e-5cef-ace4-edaa54e1f810"
        );
        assert_eq!(
            guid("http://podnews.net/rss/"),
            "9b024349-ccf0-5f69-a609-6b82873eab3c"
        );
    }
}
