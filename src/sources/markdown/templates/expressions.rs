//! Expressions that are only a value: a text in quotes, the site's address, the title.

use crate::sources::front_matter::keys;
use crate::sources::markdown::context::Context;

/// What an expression stands for; `None`: it would have to be computed.
pub(super) fn value(expression: &str, context: &Context) -> Option<String> {
    let mut steps = steps(expression).into_iter();
    let mut value = simple(steps.next()?, context)?;
    for step in steps {
        let (filter, argument) = step.split_once(':').unwrap_or((step, ""));
        let argument = || simple(argument.trim(), context);
        value = match filter.trim() {
            "relative_url" | "url" => format!("{}{value}", base_path(context)),
            "absolute_url" => format!("{}{}{value}", origin(context), base_path(context)),
            "prepend" => format!("{}{value}", argument()?),
            "append" => format!("{value}{}", argument()?),
            "escape" | "safe" | "strip" | "xml_escape" => value,
            _ => return None,
        };
    }
    Some(value)
}

/// The parts between the bars that stand in no quotes.
fn steps(expression: &str) -> Vec<&str> {
    let mut quote = None;
    let bar = |c: char| {
        match quote {
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        c == '|' && quote.is_none()
    };
    expression.split(bar).map(str::trim).collect()
}

fn simple(word: &str, context: &Context) -> Option<String> {
    for quote in ['"', '\''] {
        if let Some(inner) = word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return Some(inner.to_owned());
        }
    }
    Some(match word {
        "site.baseurl" => base_path(context),
        "site.url" => origin(context),
        "site.title" => context.place.site.title.clone(),
        "page.title" | "title" => context.head.text(keys::TITLE)?,
        _ => return None,
    })
}

fn base_path(context: &Context) -> String {
    context.place.site.url.path().trim_end_matches('/').to_owned()
}

fn origin(context: &Context) -> String {
    context.place.site.url.origin().ascii_serialization()
}
