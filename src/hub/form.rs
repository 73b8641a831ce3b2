//! Forms that strangers send.

use std::collections::HashMap;
use url::form_urlencoded;

/// The fields of a form by their names. Of two of one name the first counts, and no value holds a NUL.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Form {
        let mut fields = HashMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            fields.entry(name.into_owned()).or_insert(value.into_owned());
        }
        Form(fields)
    }

    /// A field with something in it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.as_str();
        (!value.is_empty() && !value.contains('\0')).then_some(value)
    }
}
