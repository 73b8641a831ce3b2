//! The words of a line, and which of them have been used up.

use super::names;

#[derive(Debug)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) used: bool,
}

impl Token {
    pub(super) fn number(&self) -> Option<u32> {
        if self.used {
            return None;
        }
        let digits = self.text.trim_end_matches(['.', ',']);
        let digits = ["st", "nd", "rd", "th", "er", "º", "ª"]
            .iter()
            .find_map(|suffix| digits.strip_suffix(suffix))
            .unwrap_or(digits);
        let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if plain { digits.parse().ok() } else { None }
    }

    pub(super) fn month(&self) -> Option<u32> {
        if self.used { None } else { names::month(&self.text) }
    }
}

/// The digits of Arabic, Persian and Hindi as those that are counted with here.
pub(super) fn western(c: char) -> char {
    [0x0660_u32, 0x06F0, 0x0966]
        .iter()
        .find_map(|zero| {
            let value = (c as u32).checked_sub(*zero).filter(|value| *value < 10)?;
            char::from_digit(value, 10)
        })
        .unwrap_or(c)
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    // The `T` between an ISO date and its time is a gap like any other; `年月日` are separators.
    let mut spaced = String::with_capacity(text.len() + 8);
    let chars: Vec<char> = text.chars().map(western).collect();
    for (index, &c) in chars.iter().enumerate() {
        let digit = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
        let before = index.checked_sub(1).and_then(|i| chars.get(i));
        let after = chars.get(index + 1);
        match c {
            'T' | 't' if digit(before) && digit(after) => spaced.push(' '),
            '年' | '月' | '년' | '월' if digit(before) => spaced.push('-'),
            '日' | '일' if digit(before) => spaced.push(' '),
            ',' | '|' | '·' | '•' | '(' | ')' | '/' if !(digit(before) && digit(after)) => {
                spaced.push(' ');
                if c != ',' && c != '/' && c != '(' && c != ')' {
                    spaced.push(c);
                    spaced.push(' ');
                }
            }
            c => spaced.push(c),
        }
    }
    spaced
        .split_whitespace()
        .map(|t| Token {
            text: t.to_owned(),
            used: false,
        })
        .collect()
}
