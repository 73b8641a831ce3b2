//! All integration tests, one binary.

mod editions;
