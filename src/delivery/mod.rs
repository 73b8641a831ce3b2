//! Getting delivery rows out as mail.
//!
//! `store::deliveries` says what is owed, `composer` and `letter` make the bytes, `connection` speaks
//! SMTP over a `wire` of our own, and a `lane` brings the three together: one lane a connection, all
//! rows written by one `committer`. `maildir` is the other way out. `blame` and `backoff` are the
//! rules for what is refused, and `takeover` those for workers that died.
//!
//! Knows nothing of how an edition came to be.

pub mod backoff;
pub mod blame;
pub mod committer;
pub mod composer;
pub mod connection;
pub mod due;
pub mod health;
pub mod lane;
pub mod letter;
pub mod maildir;
pub mod opening;
pub mod outcome;
pub mod queue;
pub mod quoted;
pub mod relay;
pub mod reply;
pub mod stop;
pub mod takeover;
pub mod wire;
pub mod worker;
