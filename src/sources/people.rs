//! Lines that list people.

use crate::articles::Author;

/// Somebody of whom only the name is known.
pub(crate) fn person(name: String) -> Author {
    Author { name, url: None }
}

/// The names in a line: `Ann Lee, Bob Ray and Cy`.
pub(crate) fn names(line: &str) -> Vec<String> {
    let mut names = vec![line.to_owned()];
    for separator in [", and ", " and ", " & ", ",", ";", " und ", " et ", " y "] {
        names = names
            .iter()
            .flat_map(|name| {
                name.split(separator)
                    .map(|part| part.trim().to_owned())
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        for (line, expected) in [
            ("Ann Lee", vec!["Ann Lee"]),
            ("Ann Lee, Bob Ray and Cy", vec!["Ann Lee", "Bob Ray", "Cy"]),
            ("Ann Lee, Bob Ray, and Cy", vec!["Ann Lee", "Bob Ray", "Cy"]),
            ("Ann & Bob", vec!["Ann", "Bob"]),
            ("Anderson", vec!["Anderson"]),
            (" , ", vec![]),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
    }
}
