//! Where a site's generator publishes an article that states no address of its own.

use super::permalink::{self, Known};
use crate::sources::file_names;
use crate::sources::generators::{self, Addresses, Astro, Here, Hugo, Located, Slugs, Zola, slugs};

/// The address from the site's root; what is missing for it, if it cannot be made. `None`: nobody asks.
pub(super) fn generated(known: &Known) -> Option<Result<String, String>> {
    let site = known.place.generated()?;
    if !generators::are_asked(known.place.source) {
        return None;
    }
    let file = site.locate(&known.place.file.name);
    Some(match site.addresses() {
        Addresses::Hugo(rules) => hugo(rules, &file, known),
        Addresses::Jekyll(rules) => permalink::filled("permalink", &rules.pattern, known),
        Addresses::Zola(rules) => Ok(zola(rules, &file, known)),
        Addresses::Astro(rules) => Ok(astro(rules, site, &file, known)),
        Addresses::Eleventy => Ok(eleventy(&file)),
    })
}

fn hugo(rules: &Hugo, file: &Located, known: &Known) -> Result<String, String> {
    let (page, folders) = page(&file.path);
    let section = folders.split('/').next().unwrap_or_default();
    let path = match rules.pattern(section, file.language) {
        // It reads what it has made as an address.
        Some(pattern) => permalink::filled("url", pattern, known)?.replace('+', " "),
        None => {
            let from_name = || {
                rules
                    .takes_slugs_from_names
                    .then(|| file_names::without_date(page))
            };
            let last = known.slug.or_else(from_name).unwrap_or(page);
            format!("{folders}/{last}")
        }
    };
    let mut path = slugs::hugo(path.trim_matches('/'));
    if rules.drops_accents {
        path = slugs::without_accents(&path);
    }
    if !rules.keeps_case {
        path = slugs::lower(&path);
    }
    let end = match path.ends_with(".html") {
        true => "",
        false if rules.is_ugly && !path.is_empty() => ".html",
        false => "/",
    };
    Ok(format!("{}{path}{end}", file.prefix))
}

fn zola(rules: &Zola, file: &Located, known: &Known) -> String {
    let (page, folders) = page(&file.path);
    let bare = match rules.keeps_dates {
        true => page,
        false => file_names::without_date(page),
    };
    let name = known.slug.unwrap_or(bare);
    let slug = match rules.slugs {
        Slugs::On => slugs::zola(name),
        Slugs::Safe => slugs::zola_safe(name),
        Slugs::Off => name.to_owned(),
    };
    format!("{}{folders}/{slug}/", file.prefix)
}

fn astro(rules: &Astro, site: &Here, file: &Located, known: &Known) -> String {
    let path = match rules.of_file(site.content(), &file.path) {
        Some((prefix, inside)) => {
            let steps: Vec<String> = inside.split('/').map(slugs::astro).collect();
            let name = steps.join("/");
            let name = known.slug.unwrap_or_else(|| without_index(&name));
            format!("{prefix}{name}")
        }
        None => without_index(file.path.strip_prefix("pages/").unwrap_or(&file.path)).to_owned(),
    };
    match rules.has_no_slash {
        true => path,
        false => path + "/",
    }
}

/// The path as it is; a file that is called as its folder is the page of that.
fn eleventy(file: &Located) -> String {
    let path = without_index(&file.path);
    let mut steps = path.rsplit('/');
    let (last, folder) = (steps.next(), steps.next());
    match path.rsplit_once('/') {
        Some((folders, _)) if last == folder => format!("{folders}/"),
        _ => format!("{path}/"),
    }
}

/// The name of a page and the folders it is in; one with a folder of its own is called as that.
fn page(path: &str) -> (&str, &str) {
    let own = without_index(path);
    own.rsplit_once('/')
        .map_or((own, ""), |(folders, name)| (name, folders))
}

fn without_index(path: &str) -> &str {
    match path.strip_suffix("index") {
        Some(rest) if rest.is_empty() || rest.ends_with('/') => rest.trim_end_matches('/'),
        _ => path,
    }
}
