//! How much one client may ask for. Knows no protocol.

use std::time::Duration;

/// What protects the service from clients that are slow, greedy or many.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Open at once. One more takes the place of the one that has been idle longest, or else of one that
    /// has been at one request for longer than `request_time`; where all are busy it is closed. Below the usual limit of 1,024 open files, which mail and the store need too.
    pub connections: usize,
    /// From the first byte of a request to the end of its header fields; also how long a connection
    /// may wait for its next request, and a TLS handshake take.
    pub header_time: Duration,
    /// Of request line and header fields, in bytes.
    pub header_bytes: usize,
    /// Of a request, in bytes.
    pub body_bytes: usize,
    /// From the end of a request's header fields to the beginning of the answer: its body must have
    /// come by then.
    pub request_time: Duration,
    /// After which a connection is told to end with its present answer, and cut off a minute later.
    pub connection_age: Duration,
    /// For answers under way when the service stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 512,
            header_time: Duration::from_secs(15),
            header_bytes: 16 * 1024,
            body_bytes: 16 * 1024,
            request_time: Duration::from_secs(20),
            connection_age: Duration::from_secs(300),
            drain: Duration::from_secs(5),
        }
    }
}
