//! Hashes as text: they travel in JSON and stand in text columns.

use aws_lc_rs::digest::{Context, SHA256, digest};
use std::io::{self, Read};
use twox_hash::XxHash3_128;

/// 64 hexadecimal digits, lower case.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// XXH3 with 128 bits, as 32 hexadecimal digits: tells one version of a text from another twenty times as
/// fast, and guards against nobody who wants two to be alike.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> String {
    format!("{:032x}", XxHash3_128::oneshot(bytes))
}

/// The first 96 bits of SHA-256.
#[must_use]
pub fn short(bytes: &[u8]) -> [u8; 12] {
    let mut start = [0; 12];
    start.copy_from_slice(&digest(&SHA256, bytes).as_ref()[..12]);
    start
}

/// SHA-256 of what is read to its end, without keeping it.
///
/// # Errors
/// Where it cannot be read.
pub fn sha256_of(mut input: impl Read) -> io::Result<String> {
    let mut context = Context::new(&SHA256);
    let mut buffer = [0; 16 * 1024];
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(hex(context.finish().as_ref())),
            count => context.update(&buffer[..count]),
        }
    }
}

/// Two hexadecimal digits a byte, lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nothing_is_the_known_one() {
        assert_eq!(
            sha256(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
