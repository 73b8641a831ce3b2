//! What earlier readings of a source left for this one.

use serde::{Serialize, de::DeserializeOwned};
use std::collections::{HashMap, HashSet};

/// All that a reading is told of those before it.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// Whether there was any.
    pub was_read: bool,
    /// What they asked to remember, by a path within the source or a URL.
    pub memory: HashMap<String, String>,
    /// The paths of the articles that are known from the source and not removed. What is not in
    /// here must be read, whatever the memory says of it: its article may belong to another source by now.
    pub known: HashSet<String>,
    /// Those of them that were there last and could not be taken in.
    pub failing: HashSet<String>,
}

impl Past {
    /// What was remembered by a key; what an older version of the program wrote and this one cannot
    /// read is forgotten.
    pub(crate) fn recall<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.memory.get(key)?).ok()
    }
}

/// What is to be remembered, kept only when the articles of the same reading are: `None` forgets.
#[derive(Debug, Default)]
pub struct Notes(pub Vec<(String, Option<String>)>);

impl Notes {
    pub(crate) fn keep<T: Serialize>(&mut self, key: &str, value: &T) {
        // Without a value the next reading begins anew, which is right, only slower.
        self.0.push((key.to_owned(), serde_json::to_string(value).ok()));
    }

    pub(crate) fn forget(&mut self, key: &str) {
        self.0.push((key.to_owned(), None));
    }

    /// Leaves out what is remembered just so.
    pub(crate) fn leave_out(&mut self, past: &Past) {
        self.0
            .retain(|(key, value)| past.memory.get(key) != value.as_ref());
    }
}
