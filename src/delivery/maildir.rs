//! Mail as files: one Maildir for all readers.
//!
//! A message is written in `tmp`, put on disk, and renamed into `new` under the name of its delivery,
//! so that a repeat overwrites and nothing half-written is ever seen.

use super::composer::Ready;
use crate::files::{private_file, private_folder};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How many of a batch are on disk, and why not all.
#[derive(Debug)]
pub struct Written {
    pub mails: usize,
    pub error: Option<io::Error>,
}

/// An open Maildir.
#[derive(Debug, Clone)]
pub struct Maildir {
    folder: PathBuf,
}

impl Maildir {
    /// Makes the folders that are missing, for nobody but their owner.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn open(folder: &Path) -> io::Result<Maildir> {
        for part in ["tmp", "new", "cur"] {
            private_folder(&folder.join(part))?;
        }
        Ok(Maildir {
            folder: folder.to_owned(),
        })
    }

    /// Puts mails in `new`, one after the other until one fails. When it returns, those it counts are
    /// on disk under their names, and of the one that failed nothing is left.
    #[must_use]
    pub fn deliver_all(&self, mails: &[Ready]) -> Written {
        let mut done = 0;
        let error = mails
            .iter()
            .try_for_each(|mail| self.deliver(mail).map(|()| done += 1))
            .err();
        match File::open(self.folder.join("new")).and_then(|new| new.sync_all()) {
            Ok(()) => Written { mails: done, error },
            Err(why) => Written {
                mails: 0,
                error: Some(why),
            },
        }
    }

    fn deliver(&self, mail: &Ready) -> io::Result<()> {
        let name = format!("{:09}.tidings", mail.row.id);
        let unfinished = self.folder.join("tmp").join(&name);
        let written = write(&unfinished, mail)
            .and_then(|()| fs::rename(&unfinished, self.folder.join("new").join(&name)));
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        written
    }
}

fn write(path: &Path, mail: &Ready) -> io::Result<()> {
    let mut file = private_file(path)?;
    let message = format!(
        "Return-Path: <{}>\nDelivered-To: {}\n{}",
        mail.from,
        mail.to,
        mail.letter.text().replace("\r\n", "\n")
    );
    file.write_all(message.as_bytes())?;
    file.sync_all()
}
