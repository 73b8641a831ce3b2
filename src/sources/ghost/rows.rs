//! A Ghost export as it stands in the file: tables of rows, in JSON. What stands whole before a break
//! is there.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

/// A column: text, whatever it is written as. Of tables and lists, and of null, it is empty.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Column(Option<String>);

impl Column {
    /// Empty where there is none.
    pub(super) fn get(&self) -> &str {
        self.0.as_deref().map_or("", str::trim)
    }

    /// Whether it stands there at all, be it empty.
    pub(super) fn is_stated(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn some(&self) -> Option<&str> {
        Some(self.get()).filter(|text| !text.is_empty())
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Column, D::Error> {
        deserializer.deserialize_any(AnyColumn)
    }
}

struct AnyColumn;

impl<'de> Visitor<'de> for AnyColumn {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a column")
    }

    fn visit_str<E>(self, text: &str) -> Result<Column, E> {
        Ok(Column(Some(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Column, E> {
        Ok(Column(Some(text)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Column, E> {
        Ok(Column(Some(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Column, E> {
        Ok(Column(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Column, E> {
        Ok(Column(Some(number.to_string())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Column, E> {
        Ok(Column(Some(u8::from(value).to_string())))
    }

    fn visit_unit<E>(self) -> Result<Column, E> {
        Ok(Column(Some(String::new())))
    }

    fn visit_none<E>(self) -> Result<Column, E> {
        Ok(Column(Some(String::new())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Column, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Column(Some(String::new())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Column, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Column(Some(String::new())))
    }
}

/// A table: its rows, one by one. What is no list has none, what is no row is left out.
#[derive(Debug)]
pub(super) struct Table<T>(pub(super) Vec<T>);

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Table<T>, D::Error> {
        let mut table = Table::default();
        Rows(&mut table.0).deserialize(deserializer)?;
        Ok(table)
    }
}

/// Puts rows into a table that stays when the reading breaks off.
struct Rows<'a, T>(&'a mut Vec<T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Rows<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Rows<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(row) = seq.next_element_seed(Row(PhantomData))? {
            self.0.extend(row);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

struct Row<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Row<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Row<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<T>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
}

/// A post, of an export or of the Content API. The latter's carries its tags and authors.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Post {
    pub(super) id: Column,
    pub(super) uuid: Column,
    pub(super) title: Column,
    pub(super) slug: Column,
    pub(super) url: Column,
    pub(super) html: Column,
    pub(super) lexical: Column,
    pub(super) mobiledoc: Column,
    pub(super) markdown: Column,
    pub(super) status: Column,
    pub(super) visibility: Column,
    pub(super) access: Column,
    #[serde(rename = "type")]
    pub(super) kind: Column,
    pub(super) page: Column,
    pub(super) email_only: Column,
    pub(super) published_at: Column,
    pub(super) updated_at: Column,
    pub(super) canonical_url: Column,
    pub(super) custom_excerpt: Column,
    pub(super) meta_description: Column,
    pub(super) feature_image: Column,
    pub(super) feature_image_alt: Column,
    pub(super) image: Column,
    pub(super) locale: Column,
    /// Of old versions: the one author.
    pub(super) author_id: Column,
    pub(super) tags: Table<Tag>,
    pub(super) authors: Table<User>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meta {
    pub(super) post_id: Column,
    pub(super) meta_description: Column,
    pub(super) feature_image_alt: Column,
    pub(super) email_only: Column,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Tag {
    pub(super) id: Column,
    pub(super) name: Column,
    pub(super) visibility: Column,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) id: Column,
    pub(super) name: Column,
    pub(super) website: Column,
}

/// Which tag or author belongs to which post, and in what order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    pub(super) post_id: Column,
    pub(super) tag_id: Column,
    pub(super) author_id: Column,
    pub(super) sort_order: Column,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Setting {
    pub(super) key: Column,
    pub(super) value: Column,
}

/// All of an export that articles are made of.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) version: Column,
    pub(super) posts: Vec<Post>,
    pub(super) posts_meta: Vec<Meta>,
    pub(super) tags: Vec<Tag>,
    pub(super) users: Vec<User>,
    pub(super) posts_tags: Vec<Link>,
    pub(super) posts_authors: Vec<Link>,
    pub(super) settings: Vec<Setting>,
    /// Whether there was a table of posts.
    pub(super) is_one: bool,
    /// Which of the others that a post is made of stand there to their ends.
    pub(super) whole: BTreeSet<&'static str>,
}

/// What a post is made of beside itself: whom it is for, who wrote it, what it is about.
const OF_POSTS: &[&str] = &["posts_authors", "posts_meta", "posts_tags", "tags", "users"];

impl Tables {
    /// Whether each post has all that belongs to it, though the document breaks off.
    pub(super) fn has_all_of_posts(&self) -> bool {
        OF_POSTS.iter().all(|table| self.whole.contains(table))
    }
}

/// A document of whatever form: `{db: [{meta, data}]}`, `{meta, data}`, or the tables themselves.
pub(super) struct Document<'a>(pub(super) &'a mut Tables);

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a Ghost export")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Document(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let tables = self.0;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "db" | "data" => map.next_value_seed(Document(&mut *tables))?,
                "posts" => {
                    tables.is_one = true;
                    tables.whole.clear();
                    map.next_value_seed(Rows(&mut tables.posts))?;
                }
                "posts_meta" => map.next_value_seed(Rows(&mut tables.posts_meta))?,
                "tags" => map.next_value_seed(Rows(&mut tables.tags))?,
                "users" => map.next_value_seed(Rows(&mut tables.users))?,
                "posts_tags" => map.next_value_seed(Rows(&mut tables.posts_tags))?,
                "posts_authors" => map.next_value_seed(Rows(&mut tables.posts_authors))?,
                "settings" => map.next_value_seed(Rows(&mut tables.settings))?,
                "meta" => tables.version = map.next_value::<About>()?.version,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
            tables
                .whole
                .extend(OF_POSTS.iter().filter(|table| **table == key));
        }
        Ok(())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct About {
    version: Column,
}
