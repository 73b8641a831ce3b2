//! What a reader sees around an article on its page, line by line: labels, bylines, dates, comments,
//! and the page's own furniture. Shared by saved pages and their text dumps; knows neither.

pub(crate) mod comments;
pub(crate) mod credits;
pub(crate) mod labels;
pub(crate) mod words;
