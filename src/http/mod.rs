//! The one HTTP client: timeouts, size limits, addresses allowed.
