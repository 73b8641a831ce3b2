//! What front matter, name and folder of a file say together: whether it is published, when, under
//! which categories.

use crate::articles::Published;
use crate::problem::Problem;
use crate::sources::dates::{self, Reading};
use crate::sources::file_names;
use crate::sources::front_matter::{Head, is_built_nowhere, is_collection, is_unlisted, keys};
use crate::sources::place::Place;

/// The folders in which Jekyll keeps articles.
const POSTS: &str = "_posts";
const DRAFTS: &str = "_drafts";

/// The date of an article: a stated one, else that of its file's name, else that of its last change.
/// Where a day is stated before which it is not shown, that day, if it is later.
///
/// # Errors
/// What is stated and no date: `front-matter`.
pub(super) fn published(head: &Head, place: &Place, reading: Reading) -> Result<Option<Published>, Problem> {
    let date = head.date(keys::DATE, reading)?;
    let shown = head.date(keys::PUBLISH, reading)?;
    let stated = match (date, shown) {
        (Some(date), Some(shown)) if shown.at > date.at => Some(shown),
        (date, shown) => date.or(shown),
    };
    let named = || dates::parse(file_names::file_date(place)?, reading);
    match stated.or_else(named) {
        Some(date) => Ok(Some(date)),
        None => head.date(keys::DATE_AT_LAST, reading),
    }
}

/// Whether its generator would publish it nowhere, or in no list.
pub(super) fn is_draft(head: &Head, place: &Place) -> bool {
    let last = place.file.name.rsplit('/').next().unwrap_or_default();
    keys::DRAFT.iter().any(|key| head.flag(&[key]) == Some(true))
        || keys::SHOWN.iter().any(|key| head.flag(&[key]) == Some(false))
        || is_unlisted(head)
        || is_built_nowhere(head)
        || last.starts_with('_')
        || folders(place).contains(&DRAFTS)
        // What the article says of itself is stronger, where it may say something.
        || place.hidden.iter().any(|keys| head.own(keys).is_none())
}

/// Jekyll's folders above `_posts`, then what is stated.
pub(super) fn categories(head: &Head, place: &Place) -> Vec<String> {
    let mut found: Vec<String> = above_posts(place).iter().map(|s| (*s).to_owned()).collect();
    let many = head.list(&keys::CATEGORIES[..1], is_jekyll(head, place));
    found.extend(match many.is_empty() {
        false => many,
        // One `category` is one, whatever stands in it.
        true => head.list(&keys::CATEGORIES[1..], false),
    });
    found
}

/// Tags, which stand in where there are no categories.
pub(super) fn tags(head: &Head, place: &Place) -> Vec<String> {
    let mut tags = head.list(keys::TAGS, is_jekyll(head, place));
    tags.retain(|tag| !is_collection(tag));
    tags
}

/// A post in Jekyll's folders, or one with its date before its name and a layout.
pub(super) fn is_jekyll(head: &Head, place: &Place) -> bool {
    let folders = folders(place);
    let layout = || head.own(&["layout"]).is_some() && file_names::file_date(place).is_some();
    folders.contains(&POSTS) || folders.contains(&DRAFTS) || layout()
}

fn above_posts<'a>(place: &'a Place) -> Vec<&'a str> {
    let folders: Vec<&str> = place.file.name.split('/').collect();
    let posts = folders.iter().position(|folder| *folder == POSTS);
    folders[..posts.unwrap_or(0)].to_vec()
}

/// The folders a file is in: the source's own, and those within it.
fn folders<'a>(place: &'a Place) -> Vec<&'a str> {
    let within = place.file.name.matches('/').count();
    let parents = place.file.path.iter().rev().skip(1).take(within + 1);
    parents.filter_map(|folder| folder.to_str()).collect()
}
