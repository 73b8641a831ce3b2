//! Single lines told apart by their words: headings of discussions, buttons, footers, names.

/// The heading or the counter of a discussion, and the number of comments it states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Discussion {
    pub(crate) count: Option<u32>,
}

const DISCUSSIONS: &[&str] = &[
    "discussion",
    "discussions",
    "comments",
    "comment",
    "responses",
    "replies",
    "reader comments",
    "readers comments",
    "reader responses",
    "what readers say",
    "what our readers say",
    "conversation",
    "the conversation",
    "join the discussion",
    "join the conversation",
    "leave a comment",
    "leave a reply",
    "add a comment",
    "post a comment",
    "your comments",
    "user comments",
    "your thoughts",
    "have your say",
    "feedback",
    "comments section",
    "comment section",
    "all comments",
    "latest comments",
    "recent comments",
    "kommentare",
    "diskussion",
    "commentaires",
    "comentarios",
    "comentários",
    "commenti",
    "reacties",
    "be the first to comment",
    "no comments yet",
    "no comments",
    "comments are closed",
];
const COUNTED: &[&str] = &[
    "comment",
    "comments",
    "response",
    "responses",
    "reply",
    "replies",
    "thought",
    "thoughts",
    "reaction",
    "reactions",
    "kommentar",
    "kommentare",
    "commentaire",
    "commentaires",
    "comentarios",
    "comentários",
];

/// Whether a line opens a discussion: `Discussion`, `Comments (3)`, `2 Responses to “…”`.
pub(crate) fn discussion(line: &str) -> Option<Discussion> {
    // No character has more than four bytes.
    if line.len() > 480 || line.chars().count() > 120 {
        return None;
    }
    // What states no number first is short.
    if line.len() > 100 && line.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let phrase = bare_words(line);
    let number = |word: &str| {
        let digits = word.starts_with(|c: char| c.is_ascii_digit() || c == '+');
        digits
            .then(|| word.replace([',', '.'], "").parse::<u32>().ok())
            .flatten()
    };
    let (first, rest) = phrase.split_once(' ').unwrap_or((&phrase, ""));
    let (what, follows) = rest.split_once(' ').unwrap_or((rest, ""));
    if let Some(count) = number(first).filter(|_| COUNTED.contains(&what)) {
        let follows = follows.split(' ').next().unwrap_or_default();
        let of_article = matches!(follows, "" | "on" | "to" | "so" | "in" | "about");
        return of_article.then_some(Discussion { count: Some(count) });
    }
    if let Some((heading, count)) = phrase.rsplit_once(' ')
        && let Some(count) = number(count)
    {
        return DISCUSSIONS
            .contains(&heading)
            .then_some(Discussion { count: Some(count) });
    }
    let phrase = phrase.trim_end_matches(['!', '.', ',']);
    if !DISCUSSIONS.contains(&phrase) {
        return None;
    }
    let none = phrase.starts_with("no ") || phrase.starts_with("be the first");
    Some(Discussion {
        count: none.then_some(0),
    })
}

/// The words of a line in small letters, without what stands between and around them.
fn bare_words(line: &str) -> String {
    let mut words = String::with_capacity(line.len());
    for c in line.chars().filter(|c| !matches!(c, '’' | '\'')) {
        if c.is_whitespace() || "():|·•–—-".contains(c) {
            if !words.is_empty() && !words.ends_with(' ') {
                words.push(' ');
            }
        } else {
            words.extend(c.to_lowercase());
        }
    }
    words.truncate(words.trim_end_matches(' ').len());
    words
}

const BUTTONS: &[&str] = &[
    "reply",
    "like",
    "likes",
    "dislike",
    "share",
    "report",
    "flag",
    "edit",
    "edit page",
    "edit this page",
    "suggest changes",
    "suggest an edit",
    "delete",
    "quote",
    "permalink",
    "link",
    "upvote",
    "downvote",
    "show more",
    "read more",
    "load more",
    "load more comments",
    "view all comments",
    "view replies",
    "hide replies",
    "newest",
    "oldest",
    "newest first",
    "oldest first",
    "most liked",
    "author",
    "verified",
    "guest",
    "post",
    "post comment",
    "submit",
    "send",
    "cancel",
    "cancel reply",
    "name",
    "email",
    "website",
    "comment",
    "log in",
    "login",
    "sign in",
    "sign up",
    "subscribe",
    "follow",
    "helpful",
    "report abuse",
    "antworten",
    "répondre",
    "responder",
    "pinned",
    "edited",
    "thank you",
    "reply to this",
    "reply to this comment",
    "top",
    "best",
];
const INVITATIONS: &[&str] = &[
    "rate this",
    "leave a",
    "add a comment",
    "add your comment",
    "write a comment",
    "post a comment",
    "log in to",
    "login to",
    "sign in to",
    "you must be",
    "join the",
    "be the first",
    "your email address",
    "required fields",
    "sort by",
    "reply to",
    "in reply to",
    "save my name",
    "notify me",
    "comments are",
    "view all",
    "show all",
    "load more",
    "please log in",
    "register to",
    "want to comment",
];

/// What stands between comments and belongs to none: buttons, ratings, invitations to write.
pub(crate) fn is_button(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
    let counted = |bare: &str| {
        let (number, what) = bare.split_once(' ').unwrap_or((bare, ""));
        !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
            && matches!(
                what,
                "" | "like" | "likes" | "reply" | "replies" | "votes" | "vote" | "points" | "upvotes"
            )
    };
    let marks = |c: char| c.is_ascii_punctuation() || "·•|–—…★☆«»‹›×✕✖👍👎 ".contains(c);
    bare.is_empty() && lower.chars().all(marks)
        || BUTTONS.contains(&bare)
        || counted(bare)
        || (bare.len() < 90 && INVITATIONS.iter().any(|start| bare.starts_with(start)))
}

const FOOTERS: &[&str] = &[
    "copyright",
    "©",
    "(c) ",
    "all rights reserved",
    "privacy policy",
    "cookie policy",
    "cookie settings",
    "terms of",
    "terms and conditions",
    "terms & conditions",
    "powered by",
    "founded by",
    "related articles",
    "related posts",
    "related stories",
    "related reading",
    "you may also like",
    "you might also like",
    "more from",
    "more stories",
    "more like this",
    "read next",
    "recommended for you",
    "recommended reading",
    "up next",
    "recent posts",
    "latest posts",
    "popular posts",
    "most read",
    "trending",
    "previous post",
    "next post",
    "previous article",
    "next article",
    "older posts",
    "newer posts",
    "subscribe to our",
    "sign up for our",
    "newsletter",
    "follow us",
    "share this",
    "share on",
    "back to top",
    "impressum",
    "rate this article",
    "was this article helpful",
    "was this helpful",
    "enjoyed this article",
    "keep reading",
    "read also",
    "see also",
];

/// Where a page ends: its footer, or what it offers to read next.
pub(crate) fn is_footer(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    let short = lower.chars().count() <= 80;
    short && FOOTERS.iter().any(|start| lower.starts_with(start))
}

/// Whether a line that can be a footer's can also be the article's: a sentence, or where a paragraph
/// `follows`, a heading. What is about sharing and rating is neither.
pub(crate) fn is_own_words(line: &str, follows: bool) -> bool {
    const TOPICS: &[&str] = &[
        "copyright ",
        "privacy policy",
        "terms of",
        "more from",
        "more stories",
        "more like this",
        "keep reading",
        "trending",
        "newsletter",
        "see also",
        "read also",
        "up next",
    ];
    let lower = line.trim().to_lowercase();
    let sentence = lower.split_whitespace().count() >= 6 && lower.ends_with(['.', '!', '?']);
    let topic = || TOPICS.iter().any(|start| lower.starts_with(start));
    (sentence || (follows && topic())) && !lower.contains('©')
}

const PARTICLES: &[&str] = &[
    "de", "da", "di", "del", "della", "der", "den", "des", "du", "van", "von", "zu", "la", "le", "el", "al",
    "bin", "ibn", "ben", "y", "e", "dos", "das", "ten", "ter", "af",
];
const ROLES: &[&str] = &[
    "writer",
    "editor",
    "author",
    "staff",
    "contributor",
    "team",
    "reporter",
    "correspondent",
    "guest",
    "read",
    "share",
    "home",
    "menu",
    "search",
    "subscribe",
    "minutes",
    "min",
    "updated",
    "published",
];

/// Whether a line can be somebody's name: a few words, no sentence. `strict`: as a byline has it,
/// each word with a capital; else also nicknames.
pub(crate) fn is_name(line: &str, strict: bool) -> bool {
    let line = line.trim();
    let words: Vec<&str> = line.split_whitespace().collect();
    let length = line.chars().count();
    if words.is_empty() || words.len() > 5 || !(2..=50).contains(&length) {
        return false;
    }
    if line.ends_with(['?', '!', ':', ';', ',', '…'])
        || line.contains(['@', '/', '|', '=', '“', '"', '<', ':'])
    {
        return false;
    }
    // A full stop ends an initial, a title or a nickname's last part, not a sentence.
    let last = words.last().copied().unwrap_or_default();
    if last.ends_with('.') && last.chars().count() > 4 {
        return false;
    }
    let letter = |word: &&str| word.chars().any(char::is_alphabetic);
    if !words.iter().any(letter) || discussion(line).is_some() || is_button(line) || is_footer(line) {
        return false;
    }
    if !strict {
        return words.len() <= 4;
    }
    let capital = |word: &str| {
        let first = word.chars().find(|c| c.is_alphabetic());
        // Scripts without capitals have names too.
        first.is_some_and(|c| !c.is_lowercase())
    };
    words.iter().all(|word| capital(word) || PARTICLES.contains(word))
        && capital(words[0])
        && words.iter().all(|word| !word.chars().any(|c| c.is_ascii_digit()))
        && !words
            .iter()
            .any(|word| ROLES.contains(&word.to_lowercase().as_str()))
}

/// Whether a text is a paragraph of prose: long, or ended as a sentence is.
pub(crate) fn is_prose(line: &str) -> bool {
    let length = line.chars().count();
    let ended = || {
        line.trim_end_matches(['"', '”', '’', '\'', ')', '»', ' '])
            .ends_with(['.', '!', '?', '…', ':', '。', '？', '！', '।', '؟'])
    };
    let words = || line.split_whitespace().count();
    length >= 160 || ended() && (length >= 60 || words() >= 8 || length >= 30 && !line.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discussions_are_known_by_their_headings() {
        for (line, count) in [
            ("Discussion", None),
            ("1 comments", Some(1)),
            ("3 Comments", Some(3)),
            ("Comments (12)", Some(12)),
            ("Comments:", None),
            ("2 Responses to “A Title”", Some(2)),
            ("1,204 comments", Some(1204)),
            ("No comments yet", Some(0)),
            ("Readers’ comments", None),
            ("JOIN THE DISCUSSION", None),
        ] {
            assert_eq!(discussion(line), Some(Discussion { count }), "{line}");
        }
        for line in [
            "Discussion of the results",
            "The comments he made",
            "3 comments made him angry",
            "12",
        ] {
            assert_eq!(discussion(line), None, "{line}");
        }
    }

    #[test]
    fn names_are_told_from_sentences() {
        for name in [
            "Christine Carter",
            "J. R. R. Tolkien",
            "Ludwig van Beethoven",
            "Élodie",
            "山田太郎",
        ] {
            assert!(is_name(name, true), "{name}");
        }
        for name in ["oscar_s", "user123", "Ann"] {
            assert!(is_name(name, false), "{name}");
        }
        for line in [
            "This is a sentence.",
            "What Is Empathy?",
            "Staff Writer",
            "5 min read",
            "the end of it all here",
            "",
        ] {
            assert!(!is_name(line, true), "{line}");
        }
        for line in ["Reply", "12 likes", "Leave a comment", "Copyright © 2026"] {
            assert!(!is_name(line, false), "{line}");
        }
    }
}
