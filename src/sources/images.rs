//! The image of an article, and what can be told of it without fetching it.

use super::place::Place;
use crate::articles::{Image, html};
use dom_query::Document;
use url::Url;

/// The image a file states, by the address it has there.
pub(crate) fn stated(address: &str, alt: &str, base: &Url, place: &Place) -> Option<Image> {
    let url = html::absolute(address, base).filter(|u| u.starts_with("http"))?;
    Some(image(url, alt.to_owned(), None, None, place, Some(address)))
}

/// The first image of the content that is one to look at, not a counter's pixel.
pub(crate) fn first(content_html: &str, place: &Place) -> Option<Image> {
    if !content_html.contains("<img") {
        return None;
    }
    let document = Document::fragment(content_html);
    let images = document.select("img[src]");
    images.nodes().iter().find_map(|node| {
        let size = |name: &str| node.attr(name).and_then(|value| value.parse::<u32>().ok());
        let (width, height) = (size("width"), size("height"));
        if width.is_some_and(|w| w < 40) || height.is_some_and(|h| h < 40) {
            return None;
        }
        let alt = node.attr("alt").map(|alt| alt.to_string()).unwrap_or_default();
        Some(image(
            node.attr("src")?.to_string(),
            alt,
            width,
            height,
            place,
            None,
        ))
    })
}

fn image(
    url: String,
    alt: String,
    width: Option<u32>,
    height: Option<u32>,
    place: &Place,
    written: Option<&str>,
) -> Image {
    let path = Url::parse(&url).map(|u| u.path().to_owned()).unwrap_or_default();
    let media_type = media_type(&path).map(str::to_owned);
    let length = local_length(written.unwrap_or(&path), &url, place);
    Image {
        url,
        alt,
        width,
        height,
        media_type,
        length,
    }
}

fn media_type(path: &str) -> Option<&'static str> {
    let extension = path.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase())?;
    Some(match extension.as_str() {
        "jpg" | "jpeg" | "jfif" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

/// The size of an image that lies beside its article or under the source's folder, in bytes.
fn local_length(written: &str, url: &str, place: &Place) -> Option<u64> {
    let origin = place.source.origin.path()?;
    let root = match std::fs::metadata(origin).ok()?.is_file() {
        true => origin.parent()?,
        false => origin,
    };
    let root = std::fs::canonicalize(root).ok()?;
    // Of an absolute address only what the site itself serves can lie here.
    let of_site = url.strip_prefix(place.site.url.as_str())?;
    let beside = place.file.path.parent()?.join(written);
    let candidates = [
        beside,
        root.join(written.trim_start_matches('/')),
        root.join(of_site),
    ];
    candidates.iter().find_map(|candidate| {
        let real = std::fs::canonicalize(candidate).ok()?;
        let meta = std::fs::metadata(&real).ok()?;
        (real.starts_with(&root) && meta.is_file()).then_some(meta.len())
    })
}
