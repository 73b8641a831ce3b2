//! Which line of a text an offset is in, counted as an editor does, while the text is read. The CSV
//! reader's own count is that of the line before, if lines end with two characters or blank ones come
//! between.

use std::collections::VecDeque;
use std::io::{self, Read};

/// What is read, with the line breaks between what was asked for last and what has been read.
pub(super) struct Counted<R> {
    inner: R,
    /// How much has been read.
    read: u64,
    /// Where a `\r` or `\n` stands, and whether a line ends with it.
    breaks: VecDeque<(u64, bool)>,
    last: u8,
    line: u64,
}

impl<R: Read> Counted<R> {
    pub(super) fn new(inner: R) -> Counted<R> {
        Counted {
            inner,
            read: 0,
            breaks: VecDeque::new(),
            last: 0,
            line: 1,
        }
    }

    /// The line, from 1, of the first character at or after `start` that breaks no line. `start` must
    /// never become smaller.
    pub(super) fn line_at(&mut self, start: u64) -> u64 {
        let mut at = start;
        while let Some(&(place, ends)) = self.breaks.front()
            && place <= at
        {
            self.breaks.pop_front();
            self.line += u64::from(ends);
            at = at.max(place + 1);
        }
        self.line
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        for &byte in &buffer[..count] {
            if byte == b'\n' || byte == b'\r' {
                // The two characters of one line end count once.
                let ends = byte == b'\r' || self.last != b'\r';
                self.breaks.push_back((self.read, ends));
            }
            self.last = byte;
            self.read += 1;
        }
        Ok(count)
    }
}
