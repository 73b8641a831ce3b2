//! Who reads: address, consent, tokens, lists to bring in. Rules are pure.

pub mod address;
mod counted;
pub mod csv;
pub mod listed;
pub mod suppression;
pub mod tokens;
