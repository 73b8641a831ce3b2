//! The functions behind the helpers: values in, a value out. `docs/mail.md` lists them all.

use crate::digests::words;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Write;

/// What a function is called with.
pub(super) struct Call<'a> {
    /// The whole context, for the site's language and timezone.
    pub(super) root: &'a Value,
    pub(super) values: Vec<&'a Value>,
    pub(super) named: Vec<(&'a str, &'a Value)>,
}

impl<'a> Call<'a> {
    fn value(&self, index: usize, what: &str) -> Result<&'a Value, String> {
        self.values
            .get(index)
            .copied()
            .ok_or_else(|| format!("is missing {what}"))
    }

    fn text(&self, index: usize, what: &str) -> Result<&'a str, String> {
        match self.value(index, what)? {
            Value::String(text) => Ok(text),
            Value::Null => Ok(""),
            other => Err(format!("{what} is no text but {}", kind(other))),
        }
    }

    fn number(&self, index: usize, what: &str) -> Result<u64, String> {
        let value = self.value(index, what)?;
        value
            .as_u64()
            .ok_or_else(|| format!("{what} is no number but {}", kind(value)))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a group of fields",
    }
}

type Answer = Result<Value, String>;

pub(super) struct Function {
    pub(super) name: &'static str,
    /// Its result is one of its values or says whether they are empty, so that it treats any two
    /// readers with a name alike.
    pub(super) passes_on: bool,
    pub(super) run: fn(&Call) -> Answer,
}

const fn function(name: &'static str, run: fn(&Call) -> Answer) -> Function {
    Function {
        name,
        passes_on: false,
        run,
    }
}

const fn passing(name: &'static str, run: fn(&Call) -> Answer) -> Function {
    Function {
        name,
        passes_on: true,
        run,
    }
}

pub(super) const ALL: &[Function] = &[
    function("eq", |call| compare(call, |a, b| a == b)),
    function("ne", |call| compare(call, |a, b| a != b)),
    function("gt", |call| compare(call, |a, b| as_number(a) > as_number(b))),
    function("lt", |call| compare(call, |a, b| as_number(a) < as_number(b))),
    passing("and", |call| Ok(first(call, false))),
    passing("or", |call| Ok(first(call, true))),
    passing("not", |call| Ok(Value::Bool(!is_true(call.value(0, "a value")?)))),
    function("count", count),
    function("date", date),
    function("fit_height", |call| Ok(fit(call)?.1)),
    function("fit_width", |call| Ok(fit(call)?.0)),
    function("join", join),
    function("plural", plural),
    function("reading_time", |call| {
        Ok(words::reading_minutes(call.text(0, "a text")?).into())
    }),
    function("truncate", |call| {
        let length = usize::try_from(call.number(1, "a length")?).unwrap_or(usize::MAX);
        Ok(words::truncate(call.text(0, "a text")?, length).into())
    }),
    function("wrap", |call| {
        let named = call.named.iter().find(|(name, _)| *name == "indent");
        let indent = named.and_then(|(_, value)| value.as_u64()).unwrap_or(0);
        let text = call.text(0, "a text")?;
        Ok(words::wrap(text, usize::try_from(indent).unwrap_or(0).min(40)).into())
    }),
];

/// As `{{value}}` would show it.
pub(super) fn shown(value: &Value) -> String {
    use handlebars::JsonRender;
    value.render()
}

fn is_true(value: &Value) -> bool {
    use handlebars::JsonTruthy;
    value.is_truthy(false)
}

/// The first value that is (not) empty, else the last.
fn first(call: &Call, wanted: bool) -> Value {
    let found = call.values.iter().find(|value| is_true(value) == wanted);
    found
        .or(call.values.last())
        .map_or(Value::Null, |value| (*value).clone())
}

fn compare(call: &Call, holds: fn(&Value, &Value) -> bool) -> Answer {
    let (a, b) = (call.value(0, "a value")?, call.value(1, "a second value")?);
    Ok(holds(a, b).into())
}

fn as_number(value: &Value) -> Option<f64> {
    value.as_f64()
}

fn count(call: &Call) -> Answer {
    match call.value(0, "a list")? {
        Value::Array(list) => Ok(list.len().into()),
        other => Err(format!("counts lists, and this is {}", kind(other))),
    }
}

fn plural(call: &Call) -> Answer {
    let number = call.number(0, "a number")?;
    let word = if number == 1 {
        call.text(1, "the word for one")?
    } else {
        call.text(2, "the word for many")?
    };
    Ok(word.into())
}

fn join(call: &Call) -> Answer {
    let Value::Array(list) = call.value(0, "a list")? else {
        return Err("joins lists".to_owned());
    };
    let words: Vec<String> = list.iter().map(shown).collect();
    Ok(words.join(call.text(1, "what stands between")?).into())
}

/// `{{date published "%-d %B %Y"}}`, in the digest's timezone. Without a format: the day, in words
/// where the edition is in English (month names are English), else as 2026-11-30.
fn date(call: &Call) -> Answer {
    let text = call.text(0, "an instant")?;
    let at: DateTime<Utc> = text.parse().map_err(|_| format!("{text:?} is no instant"))?;
    let edition = &call.root["edition"];
    let zone = edition["timezone"].as_str().and_then(|name| name.parse().ok());
    let local = at.with_timezone(&zone.unwrap_or(chrono_tz::UTC));
    let language = edition["language"].as_str().unwrap_or_default();
    let english = language
        .split('-')
        .next()
        .is_some_and(|tag| tag.eq_ignore_ascii_case("en"));
    let format = match call.values.get(1) {
        Some(_) => call.text(1, "a format")?,
        None if english => "%-d %B %Y",
        None => "%Y-%m-%d",
    };
    let mut out = String::new();
    match write!(out, "{}", local.format(format)) {
        Ok(()) => Ok(out.into()),
        Err(_) => Err(format!("{format:?} is no date format (as \"%-d %B %Y\")")),
    }
}

/// The size at which an image is shown in a column, and at most so high where a height is given as
/// well: in its own proportions, never larger than it is.
fn fit(call: &Call) -> Result<(Value, Value), String> {
    let image = call.value(0, "an image")?;
    let column = call.number(1, "the width of the column")?;
    let (width, height) = (image["width"].as_u64(), image["height"].as_u64());
    let Some(width) = width.filter(|width| *width > 0) else {
        return Ok((column.into(), Value::Null));
    };
    let mut shown = width.min(column);
    let Some(height) = height.filter(|height| *height > 0) else {
        return Ok((shown.into(), Value::Null));
    };
    if call.values.len() > 2 {
        let highest = call.number(2, "the greatest height")?;
        shown = shown.min(scaled(width, highest, height)).max(1);
    }
    Ok((shown.into(), scaled(height, shown, width).max(1).into()))
}

/// `length` times `part` / `whole`, to the nearest number.
fn scaled(length: u64, part: u64, whole: u64) -> u64 {
    length.saturating_mul(part).saturating_add(whole / 2) / whole
}
