//! The names of months and weekdays, in the languages that most pages are written in, and words that
//! join the parts of a date.

/// Words that only lead to a date or join its parts.
pub(super) fn is_filler(word: &str) -> bool {
    // What parts a line stays, so that its parts can be told.
    if matches!(word, "|" | "·" | "•" | "-" | "–" | "—") {
        return false;
    }
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    matches!(
        word.as_str(),
        "" | "at"
            | "on"
            | "the"
            | "of"
            | "de"
            | "del"
            | "um"
            | "uhr"
            | "le"
            | "el"
            | "am"
            | "à"
            | "a"
            | "às"
            | "den"
            | "o'clock"
            | "h"
    ) || is_weekday(&word)
}

fn is_weekday(word: &str) -> bool {
    const DAYS: &[&str] = &[
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonnabend",
        "sonntag",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "lunes",
        "martes",
        "miércoles",
        "jueves",
        "viernes",
        "sábado",
        "domingo",
    ];
    DAYS.contains(&word)
}

/// A month by its name or the start of it, in the languages that most pages are written in.
pub(super) fn month(word: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &[
            "january", "januar", "jänner", "janvier", "enero", "gennaio", "janeiro", "januari", "jan",
        ],
        &[
            "february",
            "februar",
            "février",
            "febrero",
            "febbraio",
            "fevereiro",
            "februari",
            "feb",
            "févr",
        ],
        &["march", "märz", "mars", "marzo", "março", "maart", "mar", "mär"],
        &["april", "avril", "abril", "aprile", "apr", "avr", "abr"],
        &["may", "mai", "mayo", "maggio", "maio", "mei"],
        &["june", "juni", "juin", "junio", "giugno", "junho", "jun"],
        &[
            "july", "juli", "juillet", "julio", "luglio", "julho", "jul", "juil",
        ],
        &["august", "août", "agosto", "augustus", "aug"],
        &[
            "september",
            "septembre",
            "septiembre",
            "settembre",
            "setembro",
            "sep",
            "sept",
        ],
        &[
            "october", "oktober", "octobre", "octubre", "ottobre", "outubro", "oct", "okt",
        ],
        &["november", "novembre", "noviembre", "novembro", "nov"],
        &[
            "december",
            "dezember",
            "décembre",
            "diciembre",
            "dicembre",
            "dezembro",
            "dec",
            "dez",
            "déc",
            "dic",
        ],
    ];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let index = NAMES.iter().position(|names| names.contains(&word.as_str()))?;
    u32::try_from(index + 1).ok()
}
