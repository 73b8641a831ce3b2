//! The recurring mail: schedule → editions due; templates; edition + reader → message. Pure.

pub mod mail;
