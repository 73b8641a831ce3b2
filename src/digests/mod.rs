//! The recurring mail: schedule → editions due; templates; edition + reader → message. Pure.
//!
//! An edition's variant is rendered once and frozen ([`render`] → [`mail::Frozen`]); what differs by
//! reader is holes in it. Knows nothing of the store, of the wire or of MIME.

pub mod alert;
pub mod check;
mod context;
mod facts;
mod freeze;
pub mod headers;
pub mod mail;
pub mod page;
pub mod pieces;
pub mod plan;
mod sentinel;
pub mod templates;
mod words;

#[cfg(test)]
mod tests;

pub use facts::{EditionFacts, viewed};
pub use mail::{Frozen, render, render_sample};
