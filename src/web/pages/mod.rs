//! The pages that readers see: one look, no script, and a policy that forbids any. Templates are
//! built in, and strict like those of mails.

use crate::config;
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use handlebars::Handlebars;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

const STYLE: &str = include_str!("style.css");
const TEMPLATES: [(&str, &str); 4] = [
    ("layout", include_str!("layout.hbs")),
    ("feed", include_str!("feed.hbs")),
    ("notice", include_str!("notice.hbs")),
    ("preferences", include_str!("preferences.hbs")),
];

/// A page that says one thing, and offers at most one thing to do.
#[derive(Debug, Serialize)]
pub(super) struct Notice {
    pub(super) title: String,
    pub(super) text: Vec<String>,
    pub(super) button: Option<Button>,
    pub(super) link: Option<Link>,
}

/// Posts `action` to the page's own address.
#[derive(Debug, Serialize)]
pub(super) struct Button {
    pub(super) action: &'static str,
    pub(super) label: String,
    /// Not what most people came for.
    pub(super) quiet: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Link {
    pub(super) url: String,
    pub(super) label: &'static str,
}

static PAGES: LazyLock<Result<Handlebars<'static>, String>> = LazyLock::new(|| {
    let mut pages = Handlebars::new();
    pages.set_strict_mode(true);
    for (name, text) in TEMPLATES {
        let parsed = pages.register_template_string(name, text);
        parsed.map_err(|why| format!("{name}: {why}"))?;
    }
    Ok(pages)
});

/// Nothing but our own style, and forms that lead back to us.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
});

/// A page with a title, a sentence, and nothing to do.
pub(super) fn message(site: &config::Site, title: &str, text: &str) -> Response {
    notice(
        site,
        &Notice {
            title: title.to_owned(),
            text: vec![text.to_owned()],
            button: None,
            link: None,
        },
    )
}

/// A mail in the browser. Its articles are strangers' work: it may show pictures and follow links, and
/// can run nothing, post nothing and be framed by nobody. It is everybody's, so it may be kept a while;
/// search engines find its articles where they stand.
pub(super) fn edition(html: String) -> Response {
    const POLICY: &str = "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; \
         form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
         sandbox allow-popups allow-popups-to-escape-sandbox";
    let mut answer = (headers(POLICY), html).into_response();
    let fresh = HeaderValue::from_static("public, max-age=300");
    answer.headers_mut().insert(header::CACHE_CONTROL, fresh);
    answer
}

pub(super) fn notice(site: &config::Site, notice: &Notice) -> Response {
    page(site, "notice", json!(notice))
}

/// Renders a page, with the headers that all of them have. Who sees one may hold a token: no cache
/// keeps it, no search engine lists it.
pub(super) fn page(site: &config::Site, name: &str, context: Value) -> Response {
    match render(site, name, context) {
        Ok(html) => (headers(&POLICY), html).into_response(),
        Err(why) => {
            tracing::error!(%why, name, "a page does not render");
            // Plain text, so that it is not taken for an error that still needs a page.
            (
                axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                [(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/html; charset=utf-8"),
                )],
                "Something went wrong on our side. Please try again in a while.",
            )
                .into_response()
        }
    }
}

fn headers(policy: &str) -> [(HeaderName, HeaderValue); 4] {
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (
            HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex, nofollow"),
        ),
    ]
}

fn render(site: &config::Site, name: &str, mut context: Value) -> Result<String, String> {
    context["site"] = json!({ "title": site.title, "url": site.url.as_str() });
    // A page that is called as the site is says so once.
    let title = context["title"].as_str().unwrap_or_default();
    context["head_title"] = match title == site.title {
        true => json!(title),
        false => json!(format!("{title} · {}", site.title)),
    };
    context["style"] = json!(STYLE);
    let pages = PAGES.as_ref().map_err(Clone::clone)?;
    pages.render(name, &context).map_err(|why| why.to_string())
}
