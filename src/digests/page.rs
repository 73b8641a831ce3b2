//! An edition as everybody may see it in a browser. It is rendered from the template of its mail, for
//! nobody: the reader's fields are null.

use super::context;
use super::freeze;
use super::templates::{Failure, Part, Templates};
use handlebars::Context;
use serde::Deserialize;
use serde_json::Value;

/// Renders the HTML part without a reader.
///
/// # Errors
/// A template that cannot do without one.
pub(super) fn render(templates: &Templates, mut context: Value) -> Result<String, Failure> {
    context::set_nobody(&mut context);
    let html = freeze::finished(templates, Part::Html, &Context::from(context))?;
    Ok(without_dead_links(html))
}

/// Takes out the links of readers that a template writes without asking whether there are any.
fn without_dead_links(html: String) -> String {
    const DEAD: &str = "href=\"\"";
    if !html.contains(DEAD) {
        return html;
    }
    let document = dom_query::Document::from(html);
    document.select("a[href='']").remove();
    document.html().to_string()
}

/// The page of a frozen message, as the store keeps it.
#[must_use]
pub fn of_message(message: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Page {
        page: Option<String>,
    }
    serde_json::from_str::<Page>(message).ok()?.page
}
