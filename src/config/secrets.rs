//! Secrets of the configuration: as they stand, in a variable, or in a file that is its owner's alone.

use super::raw::{Node, Table, Value};
use super::section::Section;
use super::values::{BadValue, Secret, below};
use crate::problem::Problem;
use std::path::Path;

impl Section<'_, '_> {
    /// A secret: as it stands, from a variable, or from a file without its last line break.
    pub(super) fn secret(&mut self, key: &str) -> Option<Secret> {
        let node = self.table.get(key)?;
        let found = match &node.value {
            Value::Text(text) => Ok(text.clone()),
            Value::Table(table) => self.pointed_at(key, table),
            _ => {
                self.wrong_type(key, node, "a text, { env = \"NAME\" } or { file = \"PATH\" }");
                return None;
            }
        };
        match found {
            Ok(text) if text.is_empty() => Err(BadValue::new("the secret is empty").hint("write it there")),
            Ok(text) => Ok(Secret::new(text)),
            Err(bad) => Err(bad),
        }
        .map_err(|bad| {
            self.reading
                .wrong("config-secret", self.path(key), &node.place, bad)
        })
        .ok()
    }

    fn pointed_at(&mut self, key: &str, table: &Table) -> Result<String, BadValue> {
        let [
            (
                kind,
                Node {
                    value: Value::Text(name),
                    ..
                },
            ),
        ] = &table.0[..]
        else {
            return Err(BadValue::new("must be { env = \"NAME\" } or { file = \"PATH\" }")
                .hint("or the secret itself, in quotes"));
        };
        if kind == "env" {
            let missing = || {
                BadValue::new(format!("the environment variable {name} is not set"))
                    .hint("set it for the user that runs tidings, or write { file = \"PATH\" }")
            };
            return self.reading.environment.get(name).cloned().ok_or_else(missing);
        }
        let path = below(self.reading.root, name);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            BadValue::new(format!("{} cannot be read: {error}", path.display()))
                .hint("write the secret into that file, and keep it to yourself: chmod 600")
        })?;
        if let Some(warning) = open_to_others(&path) {
            self.reading.problems.push(warning.key(self.path(key)));
        }
        Ok(text
            .strip_suffix('\n')
            .map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text))
            .to_owned())
    }
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<Problem> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        Problem::warning("secret-readable", "others on this machine may read the secret")
            .file(path)
            .hint(format!("chmod 600 {}", path.display()))
    })
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<Problem> {
    None
}
