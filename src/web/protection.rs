//! What protects those who read our answers in a browser.

use axum::http::{HeaderMap, HeaderValue, header};

/// What every answer says, but for one that the client has the document already: it has this too.
pub(super) fn protect(headers: &mut HeaderMap) {
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}
