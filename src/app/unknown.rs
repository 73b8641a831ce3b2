//! What somebody has named and is not there, in the words that every command has for it.

use crate::config::Digest;
use crate::problem::Problem;

/// No article has this id.
#[must_use]
pub fn article(id: &str) -> Problem {
    Problem::error("unknown-article", format!("there is no article \"{id}\""))
        .hint("tidings articles list names them")
}

/// No digest of the configuration has this name.
#[must_use]
pub fn digest(name: &str, known: &[Digest]) -> Problem {
    let known: Vec<&str> = known.iter().map(|digest| digest.name.as_str()).collect();
    Problem::error("unknown-digest", format!("there is no digest \"{name}\""))
        .hint(format!("known are: {}", known.join(", ")))
}

/// No edition has this name.
#[must_use]
pub fn edition(name: &str) -> Problem {
    Problem::error("unknown-edition", format!("there is no edition \"{name}\""))
        .hint("tidings editions list names them")
}

/// No delivery has this id.
#[must_use]
pub fn delivery(id: i64) -> Problem {
    Problem::error("unknown-delivery", format!("there is no delivery {id}"))
        .hint("tidings deliveries list names them")
}

/// No subscriber has this address or id.
#[must_use]
pub fn subscriber(who: &str) -> Problem {
    Problem::error("unknown-subscriber", format!("there is no subscriber \"{who}\""))
        .hint("tidings subscribers list names them")
}
