//! The folder of lists, read from its files a line at a time.

use crate::config::Config;
use crate::config::values::below;
use crate::hash::{sha256, sha256_of};
use crate::problem::Problem;
use crate::store::subscribers::OnList;
use crate::subscribers::csv::{self, Line, List};
use crate::subscribers::listed::Listed;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The files of lists there are.
pub(super) struct Folder {
    root: PathBuf,
    folder: PathBuf,
    digests: Vec<String>,
    files: io::Result<Vec<PathBuf>>,
}

/// What was found in them beside the lines.
pub(super) struct Lists {
    pub(super) problems: Vec<Problem>,
    /// Whether the folder could be listed. Where not, nobody counts as taken out.
    pub(super) readable: bool,
    listed: Listed,
    /// The files whose readers are not known now.
    unusable: HashSet<String>,
}

impl Lists {
    /// Whether somebody who was listed is so no more.
    pub(super) fn lack(&self, person: &OnList) -> bool {
        !self.listed.holds(&person.key) && !self.unusable.contains(csv::file_of(&person.listed_in))
    }
}

impl Folder {
    pub(super) fn of(config: &Config) -> Folder {
        Folder {
            root: config.root.clone(),
            folder: config.subscribers.dir.clone(),
            digests: config.digests.iter().map(|digest| digest.name.clone()).collect(),
            files: csv_files(&config.subscribers.dir),
        }
    }

    /// Another one where anything in the files is another.
    pub(super) fn print(&self) -> String {
        let mut print = format!("digests {}", self.digests.join(" "));
        let Ok(files) = &self.files else {
            print.push_str(" unreadable");
            return sha256(print.as_bytes());
        };
        for path in files {
            let hash = File::open(path).and_then(sha256_of);
            let hash = hash.unwrap_or_else(|_| "unreadable".to_owned());
            print = format!("{print}\n{} {hash}", self.name(path));
        }
        sha256(print.as_bytes())
    }

    /// Reads all lists. Each reader is given on once: the first line that names them counts.
    pub(super) fn read(&self, mut each: impl FnMut(Line)) -> Lists {
        let mut lists = Lists {
            problems: Vec::new(),
            readable: true,
            listed: Listed::default(),
            unusable: HashSet::new(),
        };
        match &self.files {
            Ok(files) => {
                for path in files {
                    self.read_file(path, &mut lists, &mut each);
                }
            }
            Err(error) => {
                lists.problems.push(unreadable(&self.folder, error));
                lists.readable = false;
            }
        }
        lists
    }

    fn read_file(&self, path: &Path, lists: &mut Lists, each: &mut impl FnMut(Line)) {
        let file = self.name(path);
        lists.listed.begin(&file);
        let listed = &mut lists.listed;
        let enter = |line: Line| {
            if listed.enter(&line) {
                each(line);
            }
        };
        let read = File::open(path).and_then(|input| csv::read(&file, input, &self.digests, enter));
        let list = read.unwrap_or_else(|error| List {
            problems: vec![unreadable(Path::new(&file), &error)],
            usable: false,
        });
        let told = list.problems.into_iter().chain(lists.listed.end(&file));
        lists.problems.extend(told.map(|problem| self.placed(problem)));
        if !list.usable {
            lists.unusable.insert(file);
        }
    }

    /// As messages and consents name a file: relative to the site's root where it is in there.
    fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }

    /// With the whole path of its file.
    fn placed(&self, problem: Problem) -> Problem {
        let place = |file: String| below(&self.root, &file).display().to_string();
        Problem {
            file: problem.file.map(place),
            ..problem
        }
    }
}

/// In the order of their names; a folder that is missing is an empty one.
fn csv_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_csv = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        if is_csv && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::error("subscriber-list", format!("the list cannot be read: {error}"))
        .file(path)
        .hint("its readers stay as they are")
}
