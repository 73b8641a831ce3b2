//! The hub: who wants to hear of changed documents, by WebSub or rssCloud, and how they are told. Pure:
//! `web` takes the requests, `store` keeps them, and `app` asks and tells the callbacks.

mod callback;
mod cloud;
mod delivery;
mod form;
mod model;
mod subscription;

pub use callback::host;
pub use cloud::{please_notify, result};
pub use delivery::{Outcome, judge, next_try, notification, signature};
pub use model::{Mode, Protocol, Refused, Wanted};
pub use subscription::{denial, is_agreed, read, topic_path, verification};

#[cfg(test)]
mod tests;
