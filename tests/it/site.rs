//! A site in a folder of its own, and the real program run on it.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The instant the tests' passes are made at, a Monday before the weekly slot.
pub(crate) const NOW: &str = "2026-11-23T06:00:00Z";

const CONFIG: &str = r#"
[site]
title = "Test Tides"
url = "https://tides.example/"
timezone = "UTC"
postal_address = "1 Quay Street, Tidewater"

[sources.posts]
kind = "markdown"
path = "articles"

[digests.weekly]
title = "The weekly tide"
schedule = "0 7 * * 1"
from = "Test Tides <news@tides.example>"
"#;

/// A whole site in a temporary folder.
pub(crate) struct Site {
    folder: TempDir,
    config: String,
}

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Site {
    /// Two articles, one digest, one reader, mail to a Maildir.
    pub(crate) fn new() -> Site {
        let site = Site::empty();
        site.article("first.md", "First light", "2026-11-20", "The *first* one.");
        site.article("second.md", "Second wind", "2026-11-21", "The second one.");
        site.readers("email,name\nann@example.com,Ann\n");
        site
    }

    pub(crate) fn empty() -> Site {
        let site = Site {
            folder: TempDir::new().unwrap(),
            config: String::new(),
        };
        let mut site = site.with("");
        site.config = CONFIG.to_owned();
        site.save_config();
        for folder in ["articles", "subscribers", "feeds"] {
            fs::create_dir_all(site.path(folder)).unwrap();
        }
        site
    }

    /// A configuration, and nothing else.
    pub(crate) fn bare(config: &str) -> Site {
        let site = Site {
            folder: TempDir::new().unwrap(),
            config: config.to_owned(),
        };
        site.save_config();
        site
    }

    /// A copy of the sample site as it comes with the repository, without what runs left in it.
    pub(crate) fn sample() -> Site {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let site = Site::bare(&fs::read_to_string(root.join("config.toml")).unwrap());
        for folder in ["articles", "email-templates", "subscribers"] {
            let files = walkdir::WalkDir::new(root.join(folder)).into_iter();
            for file in files
                .map(Result::unwrap)
                .filter(|file| file.file_type().is_file())
            {
                let name = file.path().strip_prefix(root).unwrap().display().to_string();
                site.write(&name, fs::read(file.path()).unwrap());
            }
        }
        site
    }

    /// Adds to the configuration.
    pub(crate) fn with(mut self, toml: &str) -> Site {
        self.add(toml);
        self
    }

    /// As [`Site::with`].
    pub(crate) fn add(&mut self, toml: &str) {
        self.config.push_str(toml);
        self.config.push('\n');
        self.save_config();
    }

    /// Replaces a piece of the configuration that must be there.
    pub(crate) fn replacing(mut self, old: &str, new: &str) -> Site {
        self.replace(old, new);
        self
    }

    /// As [`Site::replacing`].
    pub(crate) fn replace(&mut self, old: &str, new: &str) {
        assert!(self.config.contains(old), "no {old:?} in the configuration");
        self.config = self.config.replace(old, new);
        self.save_config();
    }

    fn save_config(&self) {
        fs::write(self.path("config.toml"), &self.config).unwrap();
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn article(&self, file: &str, title: &str, date: &str, body: &str) {
        let title = serde_json::to_string(title).unwrap();
        self.write(
            &format!("articles/{file}"),
            format!("---\ntitle: {title}\ndate: {date}\n---\n\n{body}\n"),
        );
    }

    pub(crate) fn readers(&self, csv: &str) {
        self.write("subscribers/readers.csv", csv);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .stdin(Stdio::null());
        command.env_remove("RUST_LOG");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().unwrap();
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts the program without waiting for it, its output thrown away.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// `tidings publish` at [`NOW`] with more arguments; it must end well.
    pub(crate) fn publish(&self, more: &[&str]) -> Value {
        let run = self.try_publish(more);
        assert_eq!(run.status, 0, "{run:?}");
        run.json()
    }

    /// The same at another instant.
    pub(crate) fn publish_at(&self, at: &str) -> Value {
        self.ask(&["publish", "--at", at])
    }

    pub(crate) fn try_publish(&self, more: &[&str]) -> Run {
        self.run(&[&["--json", "publish", "--at", NOW], more].concat())
    }

    /// The JSON of a command that must end well.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[&["--json"], arguments].concat());
        assert_eq!(run.status, 0, "{run:?}");
        run.json()
    }

    /// The delivered messages, by file name.
    pub(crate) fn mails(&self) -> BTreeMap<String, String> {
        read_all(&self.path("outbox/new"))
    }

    /// Every file below a folder with its content, by relative path.
    pub(crate) fn snapshot(&self, folder: &str) -> BTreeMap<String, String> {
        read_all(&self.path(folder))
    }
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The problems a report carries, as `code`s.
    pub(crate) fn codes(&self) -> Vec<String> {
        let report = self.json();
        let errors = report["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .filter_map(|e| e["code"].as_str().map(str::to_owned))
            .collect()
    }
}

fn read_all(root: &Path) -> BTreeMap<String, String> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(root).unwrap().display().to_string();
            (
                name,
                String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned(),
            )
        })
        .collect()
}
