//! Who reads: address, consent, tokens, lists to bring in. Rules are pure.

pub mod address;
pub mod csv;
pub mod suppression;
pub mod tokens;
