//! Lines that list people.

use crate::articles::Author;

/// Somebody of whom only the name is known.
pub(crate) fn person(name: String) -> Author {
    Author { name, url: None }
}

/// A name without the mail address that may stand beside it: `Ann Lee <ann@b.example>`, or
/// `ann@b.example (Ann Lee)`.
pub(crate) fn without_mail(text: &str) -> &str {
    let is_mail = |word: &str| word.contains('@') && !word.contains(char::is_whitespace);
    if let Some((name, rest)) = text.split_once('<')
        && let Some(mail) = rest.strip_suffix('>')
        && is_mail(mail)
    {
        return name.trim();
    }
    if let Some((mail, rest)) = text.split_once('(')
        && let Some(name) = rest.strip_suffix(')')
        && is_mail(mail.trim())
    {
        return name.trim();
    }
    text
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
    fn mail_addresses_are_no_part_of_a_name() {
        for (text, expected) in [
            ("Ann Lee <ann@b.example>", "Ann Lee"),
            ("ann@b.example (Ann Lee)", "Ann Lee"),
            ("Ann (the first)", "Ann (the first)"),
            ("Ann <3", "Ann <3"),
            ("Ann", "Ann"),
        ] {
            assert_eq!(without_mail(text), expected);
        }
    }

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
