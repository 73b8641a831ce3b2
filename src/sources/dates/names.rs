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

/// What each month is called, in the languages that most pages are written in: whole and short names,
/// by spaces.
const MONTHS: [&str; 12] = [
    "january januar jänner janvier enero gennaio janeiro januari jan января январь stycznia \
     styczeń ocak січня يناير ינואר ιανουαρίου जनवरी januára ledna",
    "february februar février febrero febbraio fevereiro februari feb févr февраля февраль \
     lutego luty şubat лютого فبراير פברואר φεβρουαρίου února",
    "march märz mars marzo março maart mar mär марта март marca marzec mart березня مارس מרץ \
     μαρτίου března",
    "april avril abril aprile apr avr abr апреля апрель kwietnia kwiecień nisan квітня أبريل \
     ابريل אפריל απριλίου dubna",
    "may mai mayo maggio maio mei мая май maja maj mayıs травня مايو מאי μαΐου května",
    "june juni juin junio giugno junho jun июня июнь czerwca czerwiec haziran червня يونيو \
     יוני ιουνίου června",
    "july juli juillet julio luglio julho jul juil июля июль lipca lipiec temmuz липня يوليو \
     יולי ιουλίου července",
    "august août agosto augustus aug августа август sierpnia sierpień ağustos серпня أغسطس \
     اغسطس אוגוסט αυγούστου srpna augusti",
    "september septembre septiembre settembre setembro sep sept сентября сентябрь września \
     wrzesień eylül вересня سبتمبر ספטמבר σεπτεμβρίου září",
    "october oktober octobre octubre ottobre outubro oct okt октября октябрь października \
     październik ekim жовтня أكتوبر اكتوبر אוקטובר οκτωβρίου října",
    "november novembre noviembre novembro nov ноября ноябрь listopada listopad kasım \
     листопада نوفمبر נובמבר νοεμβρίου",
    "december dezember décembre diciembre dicembre dezembro dec dez déc dic декабря декабрь \
     grudnia grudzień aralık грудня ديسمبر דצמבר δεκεμβρίου prosince",
];

/// A month by its name or the start of it.
pub(super) fn month(word: &str) -> Option<u32> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let index = MONTHS
        .iter()
        .position(|names| names.split(' ').any(|name| name == word))?;
    u32::try_from(index + 1).ok()
}
