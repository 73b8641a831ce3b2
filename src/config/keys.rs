//! Every key that `config.toml` may hold, with its shape and its default: data that the loader, the
//! environment and the manual are held against. Knows nothing of values.

/// What the value of a key looks like in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    Number,
    Flag,
    List,
    /// A text, or a table that says where the text is: `{ env = "NAME" }`, `{ file = "PATH" }`.
    Secret,
    /// Known, but not in this version: whatever stands there is refused.
    Later,
}

/// One key. In `name`, `*` stands for a name that the operator chooses.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    pub shape: Shape,
    /// As it would be written in the file; `None`: none, or one that depends on other keys.
    pub default: Option<&'static str>,
}

const fn key(name: &'static str, shape: Shape) -> Key {
    Key {
        name,
        shape,
        default: None,
    }
}

const fn or(name: &'static str, shape: Shape, default: &'static str) -> Key {
    Key {
        name,
        shape,
        default: Some(default),
    }
}

const fn later(name: &'static str) -> Key {
    key(name, Shape::Later)
}

use Shape::{Flag, List, Number, Secret, Text};

/// In the order of the manual.
pub const KEYS: &[Key] = &[
    key("site.id", Text),
    key("site.title", Text),
    key("site.url", Text),
    or("site.description", Text, r#""""#),
    or("site.language", Text, r#""en""#),
    or("site.timezone", Text, r#""UTC""#),
    key("site.author", Text),
    key("site.postal_address", Text),
    key("site.logo", Text),
    or("store.url", Secret, r#""sqlite:data/tidings.db""#),
    key("sources.*.kind", Text),
    key("sources.*.path", Text),
    key("sources.*.url", Text),
    key("sources.*.key", Secret),
    key("sources.*.url_template", Text),
    or("sources.*.include", List, "[]"),
    or("sources.*.exclude", List, "[]"),
    or("sources.*.every", Text, r#""15m""#),
    or("feeds.dir", Text, r#""feeds""#),
    key("feeds.url", Text),
    or("feeds.items", Number, "50"),
    or("feeds.content", Text, r#""full""#),
    or("feeds.by_category", Flag, "true"),
    or("feeds.by_author", Flag, "true"),
    or("feeds.archive", Flag, "true"),
    or("feeds.comments", Flag, "true"),
    or("feeds.sitemap", Flag, "true"),
    or("feeds.old_urls", List, "[]"),
    or("feeds.podcast.categories", List, "[]"),
    or("feeds.podcast.explicit", Flag, "false"),
    or("feeds.podcast.type", Text, r#""episodic""#),
    key("feeds.podcast.image", Text),
    key("feeds.podcast.owner", Text),
    key("feeds.podcast.email", Text),
    key("feeds.podcast.guid", Text),
    key("feeds.more.*.title", Text),
    key("feeds.more.*.path", Text),
    or("feeds.more.*.categories", List, "[]"),
    or("feeds.more.*.authors", List, "[]"),
    or("feeds.more.*.words", List, "[]"),
    or("feeds.more.*.sources", List, "[]"),
    key("feeds.more.*.content", Text),
    key("feeds.more.*.items", Number),
    key("digests.*.title", Text),
    key("digests.*.schedule", Text),
    key("digests.*.timezone", Text),
    key("digests.*.from", Text),
    key("digests.*.reply_to", Text),
    or("digests.*.template", Text, r#""digest""#),
    or("digests.*.categories", List, "[]"),
    or("digests.*.authors", List, "[]"),
    or("digests.*.sources", List, "[]"),
    or("digests.*.first_edition", Number, "10"),
    or("digests.*.min_articles", Number, "1"),
    key("digests.*.max_articles", Number),
    or("digests.*.order", Text, r#""newest""#),
    or("digests.*.catch_up", Text, r#""once""#),
    later("digests.*.on_return"),
    key("digests.*.grace", Text),
    or("digests.*.approval", Flag, "false"),
    later("digests.*.cadences"),
    or("smtp.url", Text, r#""maildir:outbox""#),
    key("smtp.password", Secret),
    key("smtp.tls", Text),
    key("smtp.ca", Text),
    key("smtp.helo", Text),
    or("smtp.connections", Number, "8"),
    key("smtp.rate", Number),
    or("smtp.timeout", Text, r#""1m""#),
    or("smtp.pipelining", Flag, "true"),
    later("smtp.relays"),
    or("delivery.retry", List, r#"["1m", "5m", "15m", "1h", "2h", "4h"]"#),
    or("delivery.give_up", Text, r#""3d""#),
    or("delivery.in_doubt", Text, r#""retry""#),
    or("delivery.lease", Text, r#""60s""#),
    later("dkim"),
    key("pings.*.kind", Text),
    key("pings.*.endpoint", Text),
    key("pings.*.key", Secret),
    or("http.listen", Text, r#""127.0.0.1:8080""#),
    key("http.public_url", Text),
    or("http.trusted_proxies", List, "[]"),
    or("http.rate", Number, "120"),
    or("http.burst", Number, "240"),
    key("http.tls.certificate", Text),
    key("http.tls.key", Text),
    key("hub.enabled", Flag),
    or("hub.signature", Text, r#""sha256""#),
    key("metrics.listen", Text),
    or("http_client.allow", List, "[]"),
    or("http_client.timeout", Text, r#""20s""#),
    or("subscribers.dir", Text, r#""subscribers""#),
    later("subscribers.from"),
    later("subscribers.confirm"),
    later("subscribers.retention"),
    later("bounces"),
    key("operator.mail", Text),
    key("operator.from", Text),
    key("operator.webhook", Secret),
    key("operator.heartbeat", Secret),
];

/// What a path of the file is, when its chosen names are put back to `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Value(Shape),
    /// A table with keys below it.
    Table,
    Nothing,
}

/// Looks up a path, as `["digests", "weekly", "from"]`. Case and `-` or `_` count here.
pub(super) fn find(path: &[&str]) -> Known {
    let mut found = Known::Nothing;
    for key in KEYS {
        let mut parts = key.name.split('.');
        let mut fits = true;
        for given in path {
            match parts.next() {
                Some(part) => fits &= part == "*" || part == *given,
                // Below a key that is not in this version everything is not in this version.
                None if key.shape == Shape::Later => break,
                None if key.shape == Shape::Secret => fits &= *given == "env" || *given == "file",
                None => fits = false,
            }
        }
        match (fits, parts.next()) {
            (true, None) => return Known::Value(key.shape),
            (true, Some(_)) => found = Known::Table,
            (false, _) => {}
        }
    }
    found
}

/// The names that may stand directly below a path, `*` among them where the operator chooses.
pub(super) fn below(path: &[&str]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for key in KEYS {
        let mut parts = key.name.split('.');
        let fits = path
            .iter()
            .all(|given| parts.next().is_some_and(|part| part == "*" || part == *given));
        if let (true, Some(name)) = (fits, parts.next())
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// The one of `names` that a wrong one was meant to be, if any is near enough.
pub(super) fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let limit = (wrong.chars().count() / 3).clamp(1, 3);
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_value_a_table_or_nothing() {
        assert_eq!(find(&["smtp", "url"]), Known::Value(Shape::Text));
        assert_eq!(find(&["smtp"]), Known::Table);
        assert_eq!(find(&["digests", "anything"]), Known::Table);
        assert_eq!(find(&["digests", "anything", "from"]), Known::Value(Shape::Text));
        assert_eq!(find(&["digests", "anything", "form"]), Known::Nothing);
        assert_eq!(find(&["smtp", "password", "env"]), Known::Value(Shape::Secret));
        assert_eq!(find(&["smtp", "password", "enw"]), Known::Nothing);
        assert_eq!(find(&["feeds", "more", "x", "title"]), Known::Value(Shape::Text));
        assert_eq!(find(&["smtp", "relays", "x", "url"]), Known::Value(Shape::Later));
        assert_eq!(find(&["dkim"]), Known::Value(Shape::Later));
    }

    #[test]
    fn the_one_that_was_meant_is_near() {
        let names = below(&["digests", "weekly"]);
        assert_eq!(nearest("shedule", names.iter().copied()), Some("schedule"));
        assert_eq!(
            nearest("first-edition", names.iter().copied()),
            Some("first_edition")
        );
        assert_eq!(nearest("colour", names.iter().copied()), None);
    }

    #[test]
    fn no_key_stands_there_twice() {
        let mut names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KEYS.len());
    }
}
