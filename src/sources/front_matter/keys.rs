//! By which names the generators call what an article says of itself. Upper and lower case are the
//! same. Of several that are there the first counts. The manual has the same tables.

/// Tables in which some generators keep what is not theirs.
pub(crate) const GROUPS: &[&str] = &["params", "extra", "taxonomies"];

pub(crate) const ID: &[&str] = &["id", "guid"];
pub(crate) const TITLE: &[&str] = &["title", "headline", "linkTitle"];

/// The day an article is of.
pub(crate) const DATE: &[&str] = &[
    "date",
    "pubDate",
    "pubDatetime",
    "published",
    "publish_date",
    "published_at",
    "publishedAt",
    "publishedDate",
    "datePublished",
    "created",
];
/// The day from which Hugo shows it.
pub(crate) const PUBLISH: &[&str] = &["publishDate"];
pub(crate) const UPDATED: &[&str] = &[
    "updated",
    "lastmod",
    "last_modified_at",
    "modified",
    "updatedDate",
    "last_updated",
    "modDatetime",
    "lastModified",
    "lastUpdated",
    "updated_at",
    "updatedAt",
    "dateModified",
    "modified_at",
];
/// Hugo takes these where there is no other date.
pub(crate) const DATE_AT_LAST: &[&str] = &["lastmod", "modified"];
pub(crate) const EXPIRES: &[&str] = &["expires", "expiryDate", "unpublishDate", "expiry_date", "expiry"];
/// Dates that a generator takes from the file or its repository. A file has another one on each
/// machine, so none of them is a date here.
pub(crate) const NO_DATES: &[&str] = &["created", "last modified", "git created", "git last modified"];

pub(crate) const DRAFT: &[&str] = &["draft", "isDraft", "headless"];
/// `false` in one of these: not published, or not on a page of its own.
pub(crate) const SHOWN: &[&str] = &["published", "permalink", "render"];
/// What Hugo builds of a page.
pub(crate) const BUILD: &[&str] = &["build", "_build"];
/// Eleventy: in none of the lists that feeds are made of.
pub(crate) const UNLISTED: &[&str] = &["eleventyExcludeFromCollections"];

pub(crate) const AUTHORS: &[&str] = &["authors", "author", "by", "byline"];
pub(crate) const CATEGORIES: &[&str] = &["categories", "category", "section"];
pub(crate) const TAGS: &[&str] = &["tags", "tag", "keywords"];
/// Tags that name a list for the generator's own use, and no subject.
pub(crate) const COLLECTIONS: &[&str] = &["all", "nav", "post", "posts"];
pub(crate) const LANGUAGE: &[&str] = &["language", "lang", "locale"];
pub(crate) const SUMMARY: &[&str] = &["summary", "description", "excerpt", "subtitle"];
pub(crate) const IMAGE: &[&str] = &[
    "image",
    "cover",
    "featured_image",
    "featuredImage",
    "heroImage",
    "hero",
    "thumbnail",
    "images",
    "ogImage",
    "coverImage",
    "banner",
    "header",
];
/// Where the address stands, if it is a table.
pub(crate) const IMAGE_ADDRESS: &[&str] = &["src", "url", "path", "image", "file", "og_image", "teaser"];
pub(crate) const IMAGE_ALT: &[&str] = &["image_alt", "imageAlt", "heroImageAlt", "image-alt", "coverAlt"];
/// The recording: its address, or a table.
pub(crate) const AUDIO: &[&str] = &[
    "audio",
    "audio_url",
    "audioUrl",
    "audio_file",
    "audioFile",
    "audio_file_path",
    "audio_src",
    "enclosure",
    "enclosures",
    "mp3",
    "mp3_url",
    "mp3Url",
    "podcast_file",
    "podcast_url",
    "podcast_link",
    "podcast",
    "episode",
];
/// Under these an address need not be that of a recording.
pub(crate) const AUDIO_UNSURE: &[&str] = &["podcast", "podcast_url", "podcast_link", "episode", "enclosure"];
/// Where the address stands, if it is a table.
pub(crate) const AUDIO_ADDRESS: &[&str] = &[
    "url", "src", "mp3", "m4a", "ogg", "opus", "file", "path", "filename", "audio", "link", "href",
];
pub(crate) const AUDIO_TYPE: &[&str] = &["type", "mime", "mime_type", "mimeType", "media_type"];
/// In bytes, in the table; and outside of it, where a length may be a duration.
pub(crate) const AUDIO_LENGTH: &[&str] = &["length", "size", "bytes", "filesize", "file_size"];
pub(crate) const AUDIO_LENGTH_BESIDE: &[&str] = &[
    "audio_length",
    "audio_size",
    "audio_bytes",
    "audio_file_size",
    "podcast_bytes",
    "podcast_file_size",
    "filesize",
    "file_size",
    "enclosure_length",
];
pub(crate) const AUDIO_DURATION: &[&str] = &[
    "duration",
    "audio_duration",
    "audioDuration",
    "podcast_duration",
    "itunes_duration",
];
pub(crate) const SEASON: &[&str] = &["season", "season_number", "seasonNumber", "itunes_season"];
pub(crate) const EPISODE: &[&str] = &[
    "episode",
    "episode_number",
    "episodeNumber",
    "number",
    "itunes_episode",
];
pub(crate) const EPISODE_KIND: &[&str] = &["episode_type", "episodeType", "itunes_episode_type"];
pub(crate) const EXPLICIT: &[&str] = &["explicit", "itunes_explicit", "podcast_explicit"];
pub(crate) const TRANSCRIPT: &[&str] = &["transcript", "transcript_url", "transcriptUrl", "transcript_file"];
/// In JSON.
pub(crate) const CHAPTERS: &[&str] = &["chapters", "chapters_url", "chaptersUrl", "chapters_file"];
pub(crate) const COMMENTS: &[&str] = &["comments"];
pub(crate) const COMMENT_COUNT: &[&str] = &["comment_count", "commentCount"];

/// What Jekyll and Eleventy call an address, or its pattern.
pub(crate) const PERMALINK: &str = "permalink";
/// The whole address, in the order in which it is believed.
pub(crate) const URL: &[&str] = &["url", PERMALINK, "path"];
/// The address where it was published first, or the one that others should show.
pub(crate) const CANONICAL: &[&str] = &["canonical_url", "canonicalURL", "canonical"];
pub(crate) const SLUG: &[&str] = &["slug"];
/// Jekyll: what stands between the excerpt and the rest.
pub(crate) const EXCERPT_SEPARATOR: &[&str] = &["excerpt_separator"];
