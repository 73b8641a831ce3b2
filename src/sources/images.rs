//! The image of an article, and what can be told of it without fetching it.

use super::place::Place;
use crate::articles::{Image, audio, html};
use dom_query::Document;
use std::path::Path;
use url::Url;

/// The image a file states, by the address it has there.
pub(crate) fn stated(address: &str, alt: &str, base: &Url, place: &Place) -> Option<Image> {
    let url = html::absolute(address, base).filter(|u| u.starts_with("http"))?;
    let length = local_length(address, &url, base, place);
    Some(image(url, alt.to_owned(), None, None, length))
}

/// The first image of the content that is one to look at, not a counter's pixel.
pub(crate) fn first(content_html: &str, base: &Url, place: &Place) -> Option<Image> {
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
        let url = node.attr("src")?.to_string();
        let path = Url::parse(&url).map(|u| u.path().to_owned()).unwrap_or_default();
        let length = local_length(&path, &url, base, place);
        Some(image(url, alt, width, height, length))
    })
}

/// A picture in the folder of an article that is alone in it, named as one for its head: Hugo takes
/// these where none is stated.
pub(crate) fn beside(base: &Url, place: &Place) -> Option<Image> {
    place.looked_elsewhere.set(true);
    let folder = place.file.path.parent()?;
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| media_type(name).is_some())
        .collect();
    names.sort();
    let named = |word: &&str| {
        names
            .iter()
            .find(|name| name.to_ascii_lowercase().contains(*word))
    };
    let name = ["feature", "cover", "thumbnail"].iter().find_map(named)?;
    let mut url = base.clone();
    url.path_segments_mut().ok()?.pop_if_empty().push(name);
    let length = length_within(&folder.join(name), &std::fs::canonicalize(folder).ok()?)?;
    Some(image(url.into(), String::new(), None, None, Some(length)))
}

fn image(url: String, alt: String, width: Option<u32>, height: Option<u32>, length: Option<u64>) -> Image {
    let path = Url::parse(&url).map(|u| u.path().to_owned()).unwrap_or_default();
    Image {
        media_type: media_type(&path).map(str::to_owned),
        url,
        alt,
        width,
        height,
        length,
    }
}

/// The media type of a picture, by the extension of its path; `None`: it is no picture.
pub(crate) fn media_type(path: &str) -> Option<&'static str> {
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

/// Folders beside or above a source's that a site publishes as they are, under its root.
const SERVED: &[&str] = &["static", "public"];
/// The same, under their own name.
const SERVED_BY_NAME: &[&str] = &["assets", "images", "img", "media", "uploads"];
/// How many folders above a source's its site may begin: `src/content/blog`.
const LEVELS: usize = 3;

/// The size in bytes of an image or recording that lies beside its article, under the source's folder, or in a
/// folder that its site publishes as it is.
pub(super) fn local_length(written: &str, url: &str, base: &Url, place: &Place) -> Option<u64> {
    let origin = place.source.origin.path()?;
    // Of an absolute address only what the site itself serves can lie here.
    let of_site = url.strip_prefix(place.site.url.as_str())?;
    place.looked_elsewhere.set(true);
    let root = match std::fs::metadata(origin).ok()?.is_file() {
        true => origin.parent()?,
        false => origin,
    };
    let root = std::fs::canonicalize(root).ok()?;
    let of_site = decoded(of_site);
    let folder = place.file.path.parent()?;
    let of_article = url.strip_prefix(base.join(".").ok()?.as_str()).map(decoded);
    let beside = of_article.map(|rest| folder.join(rest));
    let candidates = [
        Some(folder.join(written)),
        beside,
        Some(root.join(written.trim_start_matches('/'))),
        Some(root.join(&of_site)),
    ];
    let within = candidates.into_iter().flatten();
    within
        .filter_map(|candidate| length_within(&candidate, &root))
        .next()
        .or_else(|| served_length(&of_site, &root))
}

/// The size of a file that the site serves from outside of the source's folder. Nothing but pictures
/// and recordings is looked at there.
fn served_length(of_site: &str, root: &Path) -> Option<u64> {
    media_type(of_site).or_else(|| audio::media_type(of_site))?;
    let first = of_site.split('/').next()?;
    let by_name = SERVED_BY_NAME.contains(&first);
    root.ancestors().skip(1).take(LEVELS).find_map(|above| {
        let served = SERVED.iter().map(|folder| above.join(folder));
        let found = served.map(|folder| (folder.join(of_site), folder));
        let own = by_name.then(|| (above.join(of_site), above.join(first)));
        found
            .chain(own)
            .find_map(|(file, folder)| length_within(&file, &std::fs::canonicalize(folder).ok()?))
    })
}

/// The size of a file, if it is one and lies in that folder.
fn length_within(file: &Path, folder: &Path) -> Option<u64> {
    let real = std::fs::canonicalize(file).ok()?;
    let meta = std::fs::metadata(&real).ok()?;
    (real.starts_with(folder) && meta.is_file()).then_some(meta.len())
}

/// A URL's path as a file's name.
fn decoded(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    percent_encoding::percent_decode_str(path)
        .decode_utf8_lossy()
        .into_owned()
}
