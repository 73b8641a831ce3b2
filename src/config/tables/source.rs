//! The tables `[sources.NAME]`.

use crate::config::section::{Section, because};
use crate::config::values::{self, BadValue};
use crate::config::{Origin, Site, Source, SourceKind};
use url::Url;

/// The kinds, and where each may be: on this machine, on the web.
const KINDS: &[(SourceKind, bool, bool)] = &[
    (SourceKind::Markdown, true, false),
    (SourceKind::Pages, true, false),
    (SourceKind::Text, true, false),
    (SourceKind::Feed, true, true),
    (SourceKind::Sitemap, false, true),
    (SourceKind::Wordpress, true, true),
    (SourceKind::Ghost, true, true),
];

pub(super) fn source(name: &str, table: &mut Section, site: Option<&Site>) -> Option<Source> {
    let names: Vec<(&str, SourceKind)> = KINDS.iter().map(|(kind, ..)| (kind.name(), *kind)).collect();
    let listed: Vec<String> = names.iter().map(|(name, _)| format!("{name:?}")).collect();
    if table.is_missing("kind") {
        table.missing("kind", &format!("write {}", listed.join(" or ")));
    }
    let kind = table.choice("kind", &names, &[]);
    let origin = kind.and_then(|kind| origin(table, kind));
    let key = table.secret("key");
    let url_template = table.parse("url_template", |text| {
        url_template(text, site.map(|site| &site.url))
    });
    let include = table.list("include", glob);
    let exclude = table.list("exclude", glob);
    let every = table.parse("every", values::duration);
    Some(Source {
        name: name.to_owned(),
        kind: kind?,
        origin: origin?,
        key,
        url_template,
        include: include?,
        exclude: exclude?,
        every: every?,
    })
}

/// Its path or its URL: one of the two.
fn origin(table: &mut Section, kind: SourceKind) -> Option<Origin> {
    let (_, here, there) = KINDS.iter().find(|(known, ..)| *known == kind)?;
    let refused = [("path", *here), ("url", *there)]
        .into_iter()
        .find(|(key, may)| !may && !table.is_missing(key));
    if let Some((key, _)) = refused {
        let other = if key == "path" { "url" } else { "path" };
        let bad = BadValue::new(format!("a source of kind {:?} has no {key}", kind.name()));
        table.refuse(key, bad.hint(format!("write {other} = …")));
        return None;
    }
    match (table.is_missing("path"), table.is_missing("url")) {
        (false, false) => {
            let bad = BadValue::new("a source has a path or a url, not both");
            table.refuse("url", bad.hint("make two sources of it"));
            None
        }
        (false, true) => table.folder("path").map(Origin::Path),
        (true, false) => table.parse("url", values::web_url).map(Origin::Url),
        (true, true) if *here && *there => {
            table.missing(
                "path",
                "the file that was exported; or url, where it is on the web",
            );
            None
        }
        (true, true) if *here => {
            table.missing("path", "the folder of the articles, or one file");
            None
        }
        (true, true) => {
            table.missing("url", "where it is, as \"https://example.org/sitemap.xml\"");
            None
        }
    }
}

/// Checks the placeholders, and makes a template that begins with `/` or a name absolute.
fn url_template(text: &str, site_url: Option<&Url>) -> Result<String, BadValue> {
    const PLACEHOLDERS: [&str; 6] = ["{slug}", "{path}", "{permalink}", "{year}", "{month}", "{day}"];
    let bare = PLACEHOLDERS
        .iter()
        .fold(text.to_owned(), |text, name| text.replace(name, "x"));
    if let Some(at) = bare.find(['{', '}']) {
        let found: String = bare[at..].chars().take(20).collect();
        return Err(
            BadValue::new(format!("the placeholder at {found:?} is not known"))
                .hint(format!("there are {}", PLACEHOLDERS.join(" "))),
        );
    }
    if !PLACEHOLDERS[..3].iter().any(|name| text.contains(name)) {
        return Err(BadValue::new("all articles would have the same URL").hint("use {slug} or {path}"));
    }
    let Some(site_url) = site_url.filter(|_| !bare.contains("://")) else {
        return values::web_url(&bare).map(|_| text.to_owned());
    };
    let absolute = match text.strip_prefix('/') {
        Some(rest) => format!("{}/{rest}", site_url.origin().ascii_serialization()),
        None => format!("{site_url}{text}"),
    };
    values::web_url(&absolute.replace(['{', '}'], "")).map(|_| absolute)
}

fn glob(text: &str) -> Result<String, BadValue> {
    globset::Glob::new(text).map(|_| text.to_owned()).map_err(because)
}
