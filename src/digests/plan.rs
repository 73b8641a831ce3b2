//! Who gets what in one edition of a digest. Pure.
//!
//! Readers who have settled the same articles and chosen the same topics and language form a group.
//! For each group this decides which articles it gets and where its cursor goes. The window of a
//! group goes by announcement number, never by date: from where its readers stand, up to the
//! edition's `upto`.

use crate::articles::card::{Card, Filter};
use crate::config::Order;
use crate::hash::sha256;

/// The choices of a digest that decide who gets what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub filter: Filter,
    pub order: Order,
    /// Fewer articles go to nobody; never less than 1, so that no edition is empty.
    pub min_articles: usize,
    pub max_articles: Option<usize>,
}

/// Readers of an edition who stand at the same place and want the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Group {
    /// All numbered at or below it is settled for them.
    pub window_start: i64,
    /// One line each, `category:NAME`, `author:NAME` or `source:NAME`; empty: all.
    pub topics: String,
    /// BCP 47; empty: the site's.
    pub language: String,
}

/// The articles of one mail, by id, in the order shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Selection {
    pub articles: Vec<String>,
    /// Those above the maximum, of which only the headline stands in the mail.
    pub headlines: Vec<String>,
}

impl Selection {
    /// All it holds: articles, then headlines.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.articles.iter().chain(&self.headlines)
    }

    /// What makes two groups get the same mail: the same list and the same language.
    #[must_use]
    pub fn variant_key(&self, language: &str) -> String {
        let text = serde_json::json!([language, self.articles, self.headlines]).to_string();
        sha256(text.as_bytes())
    }
}

/// What becomes of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// They get a mail.
    Mail(Selection),
    /// Nothing is for them: their cursor moves on silently.
    None,
    /// So many articles are for them, fewer than the minimum: they wait for the next edition.
    Few(usize),
}

/// What becomes of a group, and where the cursors of its readers go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub outcome: Outcome,
    pub cursor: i64,
}

/// Decides for one group. `cards` are all that may be announced, by number, lowest first; what is
/// outside the window (`window_start`, `upto`] is left aside. A cursor never moves back.
#[must_use]
pub fn judge(rules: &Rules, cards: &[Card], upto: i64, group: &Group) -> Verdict {
    let settled = group.window_start.max(upto);
    let found: Vec<(i64, &Card)> = cards
        .iter()
        .filter_map(|card| Some((card.number?, card)))
        .filter(|(number, _)| *number > group.window_start && *number <= upto)
        .filter(|(_, card)| rules.filter.takes(card) && follows(&group.topics, card))
        .collect();
    if found.is_empty() {
        return Verdict {
            outcome: Outcome::None,
            cursor: settled,
        };
    }
    if found.len() < rules.min_articles {
        return Verdict {
            outcome: Outcome::Few(found.len()),
            cursor: group.window_start,
        };
    }
    select(rules, &found, settled)
}

/// Orders what was found and cuts it at the maximum. Newest first, the rest stands as headlines;
/// oldest first, it rolls over, and the cursor stays at the last one shown.
fn select(rules: &Rules, found: &[(i64, &Card)], settled: i64) -> Verdict {
    let max = rules.max_articles.unwrap_or(usize::MAX).max(1);
    let ids = |cards: &mut dyn Iterator<Item = &(i64, &Card)>| -> Vec<String> {
        cards.map(|(_, card)| card.id.clone()).collect()
    };
    let (selection, cursor) = match rules.order {
        Order::Newest => {
            let mut newest = found.iter().rev();
            let articles = ids(&mut newest.by_ref().take(max));
            let headlines = ids(&mut newest);
            (Selection { articles, headlines }, settled)
        }
        Order::Oldest => {
            let shown = &found[..found.len().min(max)];
            let cursor = match shown.last() {
                Some((last, _)) if shown.len() < found.len() => *last,
                _ => settled,
            };
            let articles = ids(&mut shown.iter());
            (
                Selection {
                    articles,
                    headlines: Vec::new(),
                },
                cursor,
            )
        }
    };
    Verdict {
        outcome: Outcome::Mail(selection),
        cursor,
    }
}

/// Whether a reader's topics want an article: any of them is enough. What is no topic wants nothing.
fn follows(topics: &str, card: &Card) -> bool {
    topics.is_empty() || topics.lines().any(|topic| wants(topic, card))
}

fn wants(topic: &str, card: &Card) -> bool {
    let (kind, name) = topic.split_once(':').unwrap_or((topic, ""));
    let named = || vec![name.to_owned()];
    let filter = match kind {
        "category" => Filter {
            categories: named(),
            ..Filter::default()
        },
        "author" => Filter {
            authors: named(),
            ..Filter::default()
        },
        "source" => Filter {
            sources: named(),
            ..Filter::default()
        },
        _ => return false,
    };
    filter.takes(card)
}

/// Why an edition that goes to nobody does so, in plain words.
#[must_use]
pub fn why_nobody<'a>(verdicts: impl Iterator<Item = &'a Verdict>, min_articles: usize) -> String {
    let verdicts: Vec<&Verdict> = verdicts.collect();
    let most = verdicts
        .iter()
        .filter_map(|verdict| match verdict.outcome {
            Outcome::Few(found) => Some(found),
            _ => None,
        })
        .max();
    match most {
        _ if verdicts.is_empty() => "no active readers".to_owned(),
        Some(found) => format!("too few articles: {found} of at least {min_articles}; they roll over"),
        None => "no new articles".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articles::Author;
    use crate::clock::from_seconds;

    fn card(number: i64, category: &str, author: &str) -> Card {
        Card {
            id: format!("a{number}"),
            source: "posts".into(),
            url: format!("https://example.org/{number}"),
            title: format!("Article {number}"),
            authors: [Author {
                name: author.into(),
                url: None,
            }]
            .into(),
            categories: [category.into()].into(),
            published: from_seconds(0),
            modified: from_seconds(0),
            commented: None,
            hash: String::new(),
            number: Some(number),
        }
    }

    fn cards() -> Vec<Card> {
        vec![
            card(1, "News", "Ann"),
            card(2, "Sport", "Ben"),
            card(3, "News", "Ben"),
            card(4, "Food", "Ann"),
            card(5, "News", "Cid"),
        ]
    }

    fn rules() -> Rules {
        Rules {
            filter: Filter::default(),
            order: Order::Newest,
            min_articles: 1,
            max_articles: None,
        }
    }

    fn group(window_start: i64, topics: &str) -> Group {
        Group {
            window_start,
            topics: topics.into(),
            language: String::new(),
        }
    }

    fn mail(articles: &[&str], headlines: &[&str]) -> Outcome {
        let owned = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
        Outcome::Mail(Selection {
            articles: owned(articles),
            headlines: owned(headlines),
        })
    }

    fn judged(rules: &Rules, window_start: i64, upto: i64, topics: &str) -> (Outcome, i64) {
        let verdict = judge(rules, &cards(), upto, &group(window_start, topics));
        (verdict.outcome, verdict.cursor)
    }

    #[test]
    fn the_window_goes_from_where_readers_stand_to_the_editions_end() {
        assert_eq!(judged(&rules(), 2, 4, ""), (mail(&["a4", "a3"], &[]), 4));
        assert_eq!(judged(&rules(), 0, 2, ""), (mail(&["a2", "a1"], &[]), 2));
    }

    #[test]
    fn nothing_for_a_group_moves_its_cursor_on() {
        assert_eq!(judged(&rules(), 3, 4, "category:sport"), (Outcome::None, 4));
        assert_eq!(judged(&rules(), 5, 5, ""), (Outcome::None, 5));
        // A reader who is past the edition already stays there.
        assert_eq!(judged(&rules(), 5, 3, ""), (Outcome::None, 5));
    }

    #[test]
    fn too_few_wait_where_they_are() {
        let rules = Rules {
            min_articles: 3,
            ..rules()
        };
        assert_eq!(judged(&rules, 3, 5, ""), (Outcome::Few(2), 3));
        assert_eq!(judged(&rules, 2, 5, ""), (mail(&["a5", "a4", "a3"], &[]), 5));
    }

    #[test]
    fn newest_first_the_rest_are_headlines_and_settled() {
        let rules = Rules {
            max_articles: Some(2),
            ..rules()
        };
        assert_eq!(
            judged(&rules, 0, 5, ""),
            (mail(&["a5", "a4"], &["a3", "a2", "a1"]), 5)
        );
    }

    #[test]
    fn oldest_first_the_rest_rolls_over_from_the_last_one_shown() {
        let rules = Rules {
            max_articles: Some(2),
            order: Order::Oldest,
            ..rules()
        };
        assert_eq!(judged(&rules, 0, 5, ""), (mail(&["a1", "a2"], &[]), 2));
        assert_eq!(judged(&rules, 2, 5, ""), (mail(&["a3", "a4"], &[]), 4));
        // The last of them settles the whole window.
        assert_eq!(judged(&rules, 4, 9, ""), (mail(&["a5"], &[]), 9));
        assert_eq!(
            judged(&rules, 0, 9, "category:news"),
            (mail(&["a1", "a3"], &[]), 3)
        );
    }

    #[test]
    fn a_maximum_of_nothing_still_shows_one() {
        let rules = Rules {
            max_articles: Some(0),
            ..rules()
        };
        assert_eq!(judged(&rules, 3, 5, ""), (mail(&["a5"], &["a4"]), 5));
    }

    #[test]
    fn digest_and_reader_both_choose() {
        let rules = Rules {
            filter: Filter {
                categories: vec!["news".into(), "sport".into()],
                ..Filter::default()
            },
            ..rules()
        };
        assert_eq!(judged(&rules, 0, 5, "author:ben"), (mail(&["a3", "a2"], &[]), 5));
        assert_eq!(
            judged(&rules, 0, 5, "author:cid\ncategory:Sport"),
            (mail(&["a5", "a2"], &[]), 5)
        );
        assert_eq!(judged(&rules, 0, 5, "category:food"), (Outcome::None, 5));
        assert_eq!(judged(&rules, 0, 5, "nonsense"), (Outcome::None, 5));
    }

    #[test]
    fn the_key_is_the_list_and_the_language() {
        let one = Selection {
            articles: vec!["a".into(), "b".into()],
            headlines: vec![],
        };
        let cut = Selection {
            articles: vec!["a".into()],
            headlines: vec!["b".into()],
        };
        assert_eq!(one.variant_key("de"), one.clone().variant_key("de"));
        assert_ne!(one.variant_key("de"), one.variant_key("en"));
        assert_ne!(one.variant_key("de"), cut.variant_key("de"));
    }

    #[test]
    fn why_nobody_gets_it() {
        let verdict = |outcome| Verdict { outcome, cursor: 0 };
        assert_eq!(why_nobody([].iter(), 1), "no active readers");
        assert_eq!(why_nobody([verdict(Outcome::None)].iter(), 1), "no new articles");
        let few = [
            verdict(Outcome::None),
            verdict(Outcome::Few(1)),
            verdict(Outcome::Few(2)),
        ];
        assert_eq!(
            why_nobody(few.iter(), 3),
            "too few articles: 2 of at least 3; they roll over"
        );
    }
}
