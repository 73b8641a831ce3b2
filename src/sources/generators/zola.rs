//! Sites of Zola.

use super::ignored::{Form, Ignored};
use super::languages::{Language, Languages};
use super::reading::{self, flag, get, list, text};
use super::site::{Generator, Rules, left_out};
use crate::config::OldSystem;
use crate::problem::Problem;
use crate::sources::scan::About;
use serde_json::Value;
use std::path::Path;

/// How Zola makes an address.
#[derive(Debug, Default)]
pub(crate) struct Zola {
    pub(crate) slugs: Slugs,
    pub(crate) keeps_dates: bool,
}

/// How Zola writes a name into an address.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slugs {
    #[default]
    On,
    Safe,
    Off,
}

pub(super) fn find(root: &Path) -> Result<Option<(Generator, Zola)>, Problem> {
    let (mut file, mut values) = (root.join("zola.toml"), reading::own(&root.join("zola.toml"))?);
    if values.is_none() {
        file = root.join("config.toml");
        values = reading::shared(&file)?;
    }
    let Some(values) = values.filter(|values| values.get("base_url").is_some()) else {
        return Ok(None);
    };
    let slugify = get(&values, "slugify");
    let zola = Zola {
        slugs: match slugify.and_then(|slugify| text(slugify, "paths")).as_deref() {
            Some("safe") => Slugs::Safe,
            Some("off") => Slugs::Off,
            _ => Slugs::On,
        },
        keeps_dates: slugify.is_some_and(|slugify| flag(slugify, "paths_keep_dates")),
    };
    let ignore = list(&values, "ignored_content");
    let mut rules = Rules::of(root, &root.join("content"));
    rules.ignored = Ignored::new(Form::LooseGlob, &ignore, &file)?;
    rules.languages = languages(&values);
    let generator = Generator {
        system: OldSystem::Zola,
        name: "Zola",
        what: "a Zola site",
        articles: reading::inside(root, "content"),
        include: Vec::new(),
        about: About {
            title: text(&values, "title"),
            url: text(&values, "base_url"),
            description: text(&values, "description"),
            language: text(&values, "default_language"),
            ..About::default()
        },
        warnings: left_out("ignored_content", &ignore, &file),
        strange: None,
        rules,
    };
    Ok(Some((generator, zola)))
}

fn languages(values: &Value) -> Languages {
    let default = text(values, "default_language").unwrap_or_else(|| "en".to_owned());
    let others = get(values, "languages").and_then(Value::as_object);
    let others = others.into_iter().flatten().map(|(code, _)| code.to_lowercase());
    let mut known: Vec<Language> = others
        .filter(|code| *code != default.to_lowercase())
        .map(|code| Language {
            prefix: format!("{code}/"),
            code,
            folder: None,
            is_disabled: false,
        })
        .collect();
    known.push(Language {
        code: default.to_lowercase(),
        prefix: String::new(),
        folder: None,
        is_disabled: false,
    });
    Languages::new(known, &default)
}
