//! What readings of a source on the web have told, kept for those that ask nothing: a failure is a
//! failure until it is seen mended.

use super::past::Past;
use super::scan::Scan;
use crate::problem::Problem;

/// Where it is remembered; no path and no URL is called so.
const KEY: &str = "\nproblems";
/// So many are kept of one source.
const MOST: usize = 200;

/// The codes that such readings give.
const CODES: &[&str] = &[
    "api",
    "bad-url",
    "broken-reference",
    "control-character",
    "export",
    "feed",
    "front-matter",
    "invalid-utf8",
    "left-out",
    "link-outside",
    "members-only",
    "no-content",
    "no-date",
    "no-title",
    "not-free",
    "not-run",
    "pages-left",
    "pages-left-out",
    "pages-missing",
    "same-id",
    "same-words",
    "sitemap",
    "sitemap-cut",
    "source-gone",
    "source-moved",
    "source-unreachable",
    "too-complex",
    "too-deep",
    "too-large",
    "too-long",
    "unreadable-content",
    "unreadable-file",
    "unreadable-folder",
    "url-needs-date",
];

/// Keeps what the reading tells.
pub(crate) fn keep(scan: &mut Scan) {
    let failed = scan.failed.iter().map(|failed| &failed.problem);
    let problems: Vec<&Problem> = failed.chain(&scan.warnings).take(MOST).collect();
    scan.notes.keep(KEY, &problems);
}

/// What earlier readings told.
pub(crate) fn again(past: &Past) -> Vec<Problem> {
    let kept: Vec<Problem<String>> = past.recall(KEY).unwrap_or_default();
    kept.into_iter().filter_map(known).collect()
}

fn known(kept: Problem<String>) -> Option<Problem> {
    let code = CODES.iter().find(|code| **code == kept.code)?;
    Some(Problem {
        severity: kept.severity,
        code,
        file: kept.file,
        line: kept.line,
        key: kept.key,
        message: kept.message,
        hint: kept.hint,
        blocks_mail: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_told_again() {
        let told = Problem::error("source-gone", "m").key("k").hint("h");
        let mut scan = Scan {
            warnings: vec![told.clone(), Problem::warning("of-another-version", "m")],
            ..Scan::default()
        };
        keep(&mut scan);
        let mut past = Past::default();
        for (key, value) in scan.notes.0 {
            past.memory.insert(key, value.unwrap());
        }
        assert_eq!(again(&past), [told]);
        assert_eq!(again(&Past::default()), []);
    }
}
