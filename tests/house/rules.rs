//! The rules of the house, as one table of names and one list of properties, and what breaks them.

use crate::circles;
use crate::reading::{self, File};
use std::fmt;

/// A file has at most so many lines, without its tests.
pub(crate) const FILE_LINES: usize = 400;
/// A function has at most so many.
pub(crate) const FUNCTION_LINES: usize = 60;

/// Files that may be longer, each with the reason.
pub(crate) const LONGER_FILES: &[(&str, &str)] = &[];
/// Functions that may be longer, as `src/file.rs::name`, each with the reason.
pub(crate) const LONGER_FUNCTIONS: &[(&str, &str)] = &[];

/// Which top-level modules a line of the table is about.
pub(crate) enum In {
    Only(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

/// Names that may not appear in some modules.
pub(crate) struct Forbidden {
    pub(crate) rule: &'static str,
    pub(crate) within: In,
    /// Outside crates as `sqlx` or `std::fs`, own modules as `crate::config`.
    pub(crate) names: &'static [&'static str],
    pub(crate) except: &'static [&'static str],
    pub(crate) instead: &'static str,
}

/// Values in, values out.
pub(crate) const PURE: &[&str] = &[
    "articles",
    "clock",
    "digests",
    "feeds",
    "hash",
    "hub",
    "parallel",
    "pings",
    "problem",
    "schedule",
    "subscribers",
];

/// They touch the world: files, the network, the database, the terminal.
pub(crate) const WORLDLY: &[&str] = &[
    "app",
    "cli",
    "config",
    "delivery",
    "files",
    "http",
    "lib",
    "main",
    "sources",
    "store",
    "telemetry",
    "web",
];

pub(crate) const TABLE: &[Forbidden] = &[
    Forbidden {
        rule: "pure",
        within: In::Only(PURE),
        names: &[
            "axum",
            "lettre",
            "reqwest",
            "sqlx",
            "tempfile",
            "walkdir",
            "std::fs",
            "std::net",
            "std::process",
            "tokio::fs",
            "tokio::net",
            "tokio::process",
            "crate::app",
            "crate::cli",
            "crate::delivery",
            "crate::files",
            "crate::http",
            "crate::sources",
            "crate::store",
            "crate::web",
            "crate::telemetry",
        ],
        except: &[],
        instead: "take the value as an argument, and read or write it in `app`, `sources`, `store`, `http` or `delivery`",
    },
    Forbidden {
        rule: "sql only in store",
        within: In::AllBut(&["store"]),
        names: &["sqlx"],
        except: &[],
        instead: "add a function to `store` that says what is wanted",
    },
    Forbidden {
        rule: "lettre only in delivery",
        within: In::AllBut(&["delivery"]),
        names: &["lettre"],
        except: &[],
        instead: "use the own types, and turn them into lettre's in `delivery`",
    },
    Forbidden {
        rule: "reqwest only in http",
        within: In::AllBut(&["http"]),
        names: &["reqwest"],
        except: &[],
        instead: "ask the client in `http`, which has the limits",
    },
    Forbidden {
        rule: "logs, metrics and progress only through telemetry",
        within: In::AllBut(&["telemetry"]),
        names: &[
            "indicatif",
            "metrics",
            "metrics_exporter_prometheus",
            "tracing_subscriber",
        ],
        except: &[],
        instead: "call a function of `telemetry`",
    },
    Forbidden {
        rule: "telemetry knows nobody",
        within: In::Only(&["telemetry"]),
        names: &[
            "crate::app",
            "crate::config",
            "crate::delivery",
            "crate::http",
            "crate::sources",
            "crate::store",
        ],
        except: &[],
        instead: "take the numbers as arguments",
    },
    Forbidden {
        rule: "axum only in web",
        within: In::AllBut(&["web"]),
        names: &["axum", "hyper", "hyper_util", "tower_http"],
        except: &[],
        instead: "put the handler into `web`",
    },
    Forbidden {
        rule: "feeds, digests and pings apart",
        within: In::Only(&["feeds"]),
        names: &["crate::digests", "crate::pings"],
        except: &[],
        instead: "compose the two in `app`",
    },
    Forbidden {
        rule: "feeds, digests and pings apart",
        within: In::Only(&["digests"]),
        names: &["crate::feeds", "crate::pings"],
        except: &[],
        instead: "compose the two in `app`",
    },
    Forbidden {
        rule: "feeds, digests and pings apart",
        within: In::Only(&["pings"]),
        names: &["crate::digests", "crate::feeds"],
        except: &[],
        instead: "compose the two in `app`",
    },
    Forbidden {
        rule: "the foundations know no config",
        within: In::Only(&["articles", "clock", "problem", "schedule", "subscribers"]),
        names: &["crate::config"],
        except: &[],
        instead: "take the one value that is needed as an argument",
    },
    Forbidden {
        rule: "store knows only where it is",
        within: In::Only(&["store"]),
        names: &["crate::config"],
        except: &["crate::config::values::StoreUrl"],
        instead: "take the values that are stored as arguments",
    },
    Forbidden {
        rule: "nothing imports cli",
        within: In::AllBut(&["cli", "main"]),
        names: &["crate::cli"],
        except: &[],
        instead: "return a value, and let `cli` print it",
    },
    Forbidden {
        rule: "nothing imports app but cli",
        within: In::AllBut(&["app", "cli", "main"]),
        names: &["crate::app"],
        except: &[],
        instead: "move what is shared down, below `app`",
    },
    Forbidden {
        rule: "time comes from clock",
        within: In::AllBut(&["clock"]),
        names: &[
            "chrono::Local",
            "chrono::Utc::now",
            "std::time::SystemTime::now",
            "std::time::UNIX_EPOCH",
        ],
        except: &[],
        instead: "take a `Clock` or an `Instant`",
    },
    Forbidden {
        rule: "the clock is passed",
        within: In::AllBut(&["cli", "clock"]),
        names: &["crate::clock::Clock::System"],
        except: &[],
        instead: "take the `Clock` of the site, which `cli` has chosen",
    },
    Forbidden {
        rule: "standard output belongs to cli",
        within: In::AllBut(&["cli"]),
        names: &[
            "print!",
            "println!",
            "std::print!",
            "std::println!",
            "std::io::stdout",
        ],
        except: &[],
        instead: "return a report, or log it",
    },
];

/// One breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Breach {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) rule: &'static str,
    pub(crate) what: String,
    pub(crate) instead: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Breach {
            file,
            line,
            rule,
            what,
            instead,
        } = self;
        write!(f, "{file}:{line}: [{rule}] {what}; {instead}")
    }
}

/// All files of `src`, without those for tests.
pub(crate) struct House {
    pub(crate) files: Vec<File>,
}

/// What a path means, seen from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// From the crate's root.
    Inside(Vec<String>),
    Outside(Vec<String>),
}

impl House {
    /// Takes `(path, text)` of each file.
    pub(crate) fn new<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> House {
        let mut files: Vec<File> = sources
            .into_iter()
            .map(|(path, text)| reading::read(path, text))
            .collect();
        let for_tests: Vec<Vec<String>> = files
            .iter()
            .flat_map(|file| {
                file.test_modules
                    .iter()
                    .map(|name| [file.module.as_slice(), std::slice::from_ref(name)].concat())
            })
            .collect();
        files.retain(|file| !for_tests.iter().any(|module| file.module.starts_with(module)));
        House { files }
    }

    /// What a path in a file means.
    pub(crate) fn resolve(&self, file: &File, segments: &[String]) -> Target {
        self.resolve_at(file, segments, 8)
    }

    fn resolve_at(&self, file: &File, segments: &[String], depth: usize) -> Target {
        let Some((first, rest)) = segments.split_first() else {
            return Target::Outside(Vec::new());
        };
        let own = if file.module == ["main"] {
            &[][..]
        } else {
            &file.module[..]
        };
        match first.as_str() {
            "crate" => return Target::Inside(rest.to_vec()),
            "tidings" if file.module == ["main"] => return Target::Inside(rest.to_vec()),
            "self" => return self.resolve_in(own, rest),
            "super" => {
                let up = rest.iter().take_while(|s| *s == "super").count();
                let base = &own[..own.len().saturating_sub(up + 1)];
                return Target::Inside([base, &rest[up..]].concat());
            }
            _ => {}
        }
        if let Some(meant) = file.aliases.get(first)
            && meant.as_slice() != [first.clone()]
            && depth > 0
        {
            return match self.resolve_at(file, meant, depth - 1) {
                Target::Inside(path) => Target::Inside([path, rest.to_vec()].concat()),
                Target::Outside(path) => Target::Outside([path, rest.to_vec()].concat()),
            };
        }
        let child = [own, std::slice::from_ref(first)].concat();
        if self.files.iter().any(|other| other.module == child) {
            return Target::Inside([own, segments].concat());
        }
        Target::Outside(segments.to_vec())
    }

    fn resolve_in(&self, own: &[String], rest: &[String]) -> Target {
        Target::Inside([own, rest].concat())
    }

    /// The file that holds what an inside path names, through `pub use` where somebody hands it on.
    pub(crate) fn holder(&self, path: &[String]) -> Option<&File> {
        self.holder_at(path, 8)
    }

    fn holder_at(&self, path: &[String], depth: usize) -> Option<&File> {
        let (file, rest) = (0..=path.len()).rev().find_map(|length| {
            let file = self.files.iter().find(|file| file.module == path[..length])?;
            Some((file, &path[length..]))
        })?;
        match rest.first().and_then(|name| file.exported.get(name)) {
            Some(meant) if depth > 0 => match self.resolve(file, meant) {
                Target::Inside(path) => self.holder_at(&path, depth - 1),
                Target::Outside(_) => Some(file),
            },
            _ => Some(file),
        }
    }

    /// Everything that breaks a rule, in the order of files and lines.
    pub(crate) fn breaches(&self) -> Vec<Breach> {
        let mut found: Vec<Breach> = self
            .files
            .iter()
            .flat_map(|file| [self.names(file), statements(file), shape(file)].concat())
            .chain(circles::breaches(self))
            .collect();
        found.sort();
        found.dedup();
        found
    }

    fn names(&self, file: &File) -> Vec<Breach> {
        let top = file.module.first().map_or("", String::as_str);
        let mut found = Vec::new();
        for line in TABLE.iter().filter(|line| line.within.holds(top)) {
            for named in &file.paths {
                let path = match self.resolve(file, &named.segments) {
                    Target::Inside(path) => format!("crate::{}", path.join("::")),
                    Target::Outside(path) => path.join("::"),
                };
                if line.except.iter().any(|name| within(name, &path)) {
                    continue;
                }
                if let Some(name) = line.names.iter().find(|name| covers(name, &path)) {
                    found.push(Breach {
                        file: file.path.clone(),
                        line: named.line,
                        rule: line.rule,
                        what: format!("`{top}` names `{path}`, and may not name `{name}`"),
                        instead: line.instead.to_owned(),
                    });
                }
            }
        }
        found
    }
}

impl In {
    /// Whether the line is about that module.
    pub(crate) fn holds(&self, top: &str) -> bool {
        match self {
            In::Only(list) => list.contains(&top),
            In::AllBut(list) => !list.contains(&top),
        }
    }
}

/// Whether a path is the name or something in it.
fn within(name: &str, path: &str) -> bool {
    path.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The same, or a glob that brings the name in.
fn covers(name: &str, path: &str) -> bool {
    let globbed = path.strip_suffix("::*").filter(|globbed| *globbed != "crate");
    within(name, path) || globbed.is_some_and(|globbed| within(globbed, name))
}

const SQL: &[&str] = &[
    "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ", "CREATE ", "ALTER ", "DROP ", "PRAGMA ", "BEGIN ",
];

/// What `sql!` and transactions are made of, and what is another thing on each database: copying all
/// of it.
const MACHINERY: &[&str] = &[
    "src/store/db.rs",
    "src/store/journal.rs",
    "src/store/dump.rs",
    "src/store/open.rs",
    "src/store/scratch.rs",
];

/// SQL text stands in `store`, and there in `sql!`, which hands it to the test that prepares every
/// statement on both databases. [`MACHINERY`] is free of that.
fn statements(file: &File) -> Vec<Breach> {
    if MACHINERY.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let in_store = file.module.first().is_some_and(|top| top == "store");
    let (rule, instead) = if in_store {
        ("statements in sql!", "write it as `sql!(\"…\")`")
    } else {
        ("sql only in store", "move the statement into `store`")
    };
    let breach = |line: usize, what: String| Breach {
        file: file.path.clone(),
        line,
        rule,
        what,
        instead: instead.to_owned(),
    };
    let texts = file.strings.iter().filter(|text| {
        let value = text.value.trim_start();
        SQL.iter().any(|word| value.starts_with(word))
            && !(in_store && text.macro_name.as_deref() == Some("sql"))
    });
    let mut found: Vec<Breach> = texts
        .map(|text| breach(text.line, format!("an SQL statement: {:.40?}", text.value.trim())))
        .collect();
    if in_store {
        let raw = [
            "query",
            "query_as",
            "query_scalar",
            "query_with",
            "raw_sql",
            "QueryBuilder",
        ];
        found.extend(file.paths.iter().filter_map(|named| {
            let called = matches!(named.segments.as_slice(), [first, name] if first == "sqlx" && raw.contains(&name.as_str()));
            called.then(|| breach(named.line, format!("`{}`", named.segments.join("::"))))
        }));
    }
    found
}

/// Length, introduction, `unsafe`.
fn shape(file: &File) -> Vec<Breach> {
    let breach = |line: usize, rule: &'static str, what: String, instead: &str| Breach {
        file: file.path.clone(),
        line,
        rule,
        what,
        instead: instead.to_owned(),
    };
    let mut found = Vec::new();
    if !file.introduced {
        let instead = "begin with `//!`: what it is for, and what it must not know";
        found.push(breach(1, "introduced", "no introduction".to_owned(), instead));
    }
    if file.lines > FILE_LINES && !LONGER_FILES.iter().any(|(path, _)| *path == file.path) {
        let what = format!("{} lines without tests, more than {FILE_LINES}", file.lines);
        found.push(breach(
            1,
            "short files",
            what,
            "make it a folder of several files",
        ));
    }
    for (name, line, length) in &file.functions {
        let known = format!("{}::{name}", file.path);
        if *length > FUNCTION_LINES && !LONGER_FUNCTIONS.iter().any(|(path, _)| *path == known) {
            let what = format!("`{name}` has {length} lines, more than {FUNCTION_LINES}");
            found.push(breach(*line, "short functions", what, "give its parts names"));
        }
    }
    for line in &file.unsafe_lines {
        found.push(breach(
            *line,
            "no unsafe",
            "`unsafe`".to_owned(),
            "find the safe way",
        ));
    }
    found
}
