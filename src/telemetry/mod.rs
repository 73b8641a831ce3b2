//! What others see of the program at work: log lines, metrics, progress. Every other module tells what
//! happened by one call, and this one alone knows the crates that carry it out.
//!
//! No address and no secret leaves by it: log lines go through `mask`, labels of metrics are words of
//! the program or names of the configuration.

pub mod log;
mod mask;
pub mod metrics;
pub mod progress;

pub use mask::masked;
