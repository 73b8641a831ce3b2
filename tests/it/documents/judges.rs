//! `xmllint`: a strict parser of XML, and of Atom the grammar of RFC 4287.

use std::path::{Path, PathBuf};
use std::process::Command;
use walkdir::WalkDir;

/// So many files in one run of it.
const AT_ONCE: usize = 200;

pub(crate) struct Judges {
    grammar: PathBuf,
}

impl Judges {
    /// `None`: there is no xmllint here, which is said.
    pub(crate) fn found() -> Option<Judges> {
        let found = Command::new("xmllint").arg("--version").output().is_ok();
        if !found {
            assert!(
                std::env::var("TIDINGS_TEST_STRICT").as_deref() != Ok("1"),
                "xmllint is missing (Debian's package libxml2-utils)"
            );
            println!("left out: xmllint is missing (Debian's package libxml2-utils)");
        }
        let grammar = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/atom.rng");
        found.then_some(Judges { grammar })
    }

    /// All XML below a folder must be right. Returns how many documents that are.
    pub(crate) fn look_at(&self, folder: &Path) -> usize {
        let findings = self.findings(folder);
        assert!(findings.is_empty(), "{}", findings.join("\n"));
        documents(folder).len()
    }

    /// What xmllint says of the XML below a folder, a text for each kind of look that failed.
    pub(crate) fn findings(&self, folder: &Path) -> Vec<String> {
        let all = documents(folder);
        let (atom, other): (Vec<PathBuf>, Vec<PathBuf>) =
            all.into_iter().partition(|path| path.ends_with("atom.xml"));
        let grammar = self.grammar.to_str().unwrap();
        let mut findings = Vec::new();
        for (documents, more) in [(&other, &[][..]), (&atom, &["--relaxng", grammar][..])] {
            for some in documents.chunks(AT_ONCE) {
                let mut command = Command::new("xmllint");
                command.args(["--noout", "--nonet"]).args(more).args(some);
                let done = command.output().unwrap();
                if !done.status.success() {
                    findings.push(String::from_utf8_lossy(&done.stderr).into_owned());
                }
            }
        }
        findings
    }
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let is_xml = |path: &PathBuf| path.extension().is_some_and(|end| end == "xml" || end == "opml");
    WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(is_xml)
        .collect()
}
