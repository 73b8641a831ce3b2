//! The shortcodes whose HTML is obvious.

use super::tag::{Tag, is_of_name};
use crate::sources::wordpress::markup::escape;

/// Pictures that belong to a post, by their ids and in their order.
pub(in crate::sources::wordpress) trait Pictures {
    /// A picture as HTML: with its caption.
    fn picture(&self, id: &str) -> Option<String>;
    /// Of the post itself.
    fn of_post(&self) -> Vec<String>;
}

/// Of a post whose pictures are in its HTML already, as in a REST answer.
pub(in crate::sources::wordpress) struct NoPictures;

impl Pictures for NoPictures {
    fn picture(&self, _: &str) -> Option<String> {
        None
    }

    fn of_post(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Those that enclose something, and hide nothing whatever their attributes say.
pub(super) fn is_known(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "caption",
        "wp_caption",
        "gallery",
        "embed",
        "audio",
        "video",
        "code",
        "sourcecode",
        "source",
    ];
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The shortcodes of WordPress itself and of its videos.
pub(super) fn known(tag: &Tag, inner: &str, pictures: &dyn Pictures) -> Option<String> {
    if tag.is_end {
        return None;
    }
    Some(match tag.name.to_ascii_lowercase().as_str() {
        "caption" | "wp_caption" => caption(tag, inner),
        "gallery" => gallery(tag, pictures),
        "embed" => link(&address(tag, inner, &["src", "url"])?),
        "audio" => medium(
            "audio",
            &address(tag, inner, &["src", "mp3", "ogg", "m4a", "wav", "flac", "wma"])?,
        ),
        "video" => medium(
            "video",
            &address(
                tag,
                inner,
                &["src", "mp4", "webm", "m4v", "ogv", "mov", "flv", "wmv"],
            )?,
        ),
        "youtube" => of_site(tag, inner, "https://www.youtube.com/watch?v=")?,
        "vimeo" => of_site(tag, inner, "https://vimeo.com/")?,
        "dailymotion" => of_site(tag, inner, "https://www.dailymotion.com/video/")?,
        "tweet" | "twitter" => of_site(tag, inner, "https://twitter.com/i/status/")?,
        "soundcloud" | "spotify" | "instagram" | "gist" | "ted" | "facebook" | "googlevideo" => {
            link(&address(tag, inner, &["url", "src"])?)
        }
        "code" | "sourcecode" | "source" => code(tag, inner),
        _ => return None,
    })
}

fn address(tag: &Tag, inner: &str, keys: &[&str]) -> Option<String> {
    let stated = keys.iter().find_map(|key| tag.get(key));
    let word = || tag.word().map(str::to_owned);
    let found = stated
        .or_else(|| Some(inner.trim().to_owned()))
        .filter(|url| is_address(url));
    found.or_else(|| word().filter(|url| is_address(url)))
}

fn is_address(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with("http://") || text.starts_with("https://") || text.starts_with('/'))
        && !text.contains(|c: char| c.is_whitespace() || c == '<')
}

/// An address as it is, or the id of something at a known site.
fn of_site(tag: &Tag, inner: &str, site: &str) -> Option<String> {
    if let Some(url) = address(tag, inner, &["url", "src"]) {
        return Some(link(&url));
    }
    let id = tag.get("id").or_else(|| tag.word().map(str::to_owned));
    let id = id.or_else(|| Some(inner.trim().to_owned()))?;
    let good = !id.is_empty() && id.chars().all(is_of_name);
    good.then(|| link(&format!("{site}{id}")))
}

fn link(url: &str) -> String {
    let url = escape(url.trim());
    format!("\n\n<p><a href=\"{url}\">{url}</a></p>\n\n")
}

fn medium(element: &str, url: &str) -> String {
    format!(
        "\n\n<figure><{element} src=\"{}\" controls></{element}></figure>\n\n",
        escape(url.trim())
    )
}

/// The picture, with or without a link around it, and the words below it.
fn caption(tag: &Tag, inner: &str) -> String {
    let trimmed = inner.trim();
    let end = match trimmed.starts_with("<a") {
        true => trimmed.find("</a>").map(|at| at + 4),
        false => trimmed
            .find("<img")
            .and_then(|at| trimmed[at..].find('>').map(|end| at + end + 1)),
    };
    let (picture, below) = trimmed.split_at(end.unwrap_or(trimmed.len()));
    let words = tag.get("caption").unwrap_or_else(|| below.trim().to_owned());
    figure(picture, &words)
}

/// A picture with its caption, which is HTML.
pub(in crate::sources::wordpress) fn figure(picture: &str, caption: &str) -> String {
    let caption = match caption.trim() {
        "" => String::new(),
        caption => format!("<figcaption>{caption}</figcaption>"),
    };
    format!("\n\n<figure>{picture}{caption}</figure>\n\n")
}

fn gallery(tag: &Tag, pictures: &dyn Pictures) -> String {
    let ids = tag.get("ids").or_else(|| tag.get("include"));
    let all = match ids {
        Some(ids) => ids
            .split([',', ' '])
            .filter_map(|id| pictures.picture(id.trim()))
            .collect(),
        None => pictures.of_post(),
    };
    all.concat()
}

fn code(tag: &Tag, inner: &str) -> String {
    let language = tag.get("language").or_else(|| tag.get("lang"));
    let class = match language.filter(|name| name.chars().all(is_of_name)) {
        Some(name) => format!(" class=\"language-{name}\""),
        None => String::new(),
    };
    // The visual editor writes references, the other one does not.
    let text = match inner.contains("&lt;") {
        true => inner.trim_matches('\n').to_owned(),
        false => escape(inner.trim_matches('\n')),
    };
    format!("\n\n<pre><code{class}>{text}</code></pre>\n\n")
}
