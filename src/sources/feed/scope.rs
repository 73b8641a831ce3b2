//! What stands around an item and holds for it.

use super::addresses::join;
use super::tree::Element;
use crate::articles::Author;
use url::Url;

/// What the elements around an item say for all items.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// Where it is stated (`xml:base`).
    pub(super) base: Option<Url>,
    /// The feed's home, else the feed itself.
    pub(super) home: Option<Url>,
    pub(super) language: Option<String>,
    pub(super) authors: Vec<Author>,
}

impl Scope {
    /// The scope within an element.
    pub(super) fn within(&self, element: &Element) -> Scope {
        // CDF has its own.
        let stated = element.attribute("xml:base").or(element.attribute("base"));
        Scope {
            base: stated
                .and_then(|stated| join(self.base.as_ref().or(self.home.as_ref()), stated))
                .or_else(|| self.base.clone()),
            language: element
                .attribute("xml:lang")
                .map(str::to_owned)
                .or_else(|| self.language.clone()),
            ..self.clone()
        }
    }

    /// An address as it stands in an element of the feed's own.
    pub(super) fn address(&self, address: &str) -> Option<Url> {
        join(self.base.as_ref().or(self.home.as_ref()), address)
    }
}
