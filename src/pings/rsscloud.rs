//! rssCloud: telling a cloud that an RSS feed changed. Whatever the status, the `<result>` of the answer
//! says whether it was taken.

use super::model::{
    Answer, ChangedFeed, Changes, Endpoint, FORM, KEPT, Planned, Request, Verdict, status_and_words,
};
use crate::articles::text::first_words;
use crate::clock::Instant;
use crate::config::PingKind;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use url::form_urlencoded::Serializer;

/// One ping a changed RSS document: no other names a cloud.
pub(super) fn plan(changes: &Changes<'_>, endpoint: &Endpoint) -> Vec<Planned> {
    let ping = |feed: &ChangedFeed| Planned {
        kind: PingKind::Rsscloud,
        endpoint: endpoint.name.clone(),
        change: format!("rsscloud {} {}", feed.url, feed.version),
        subjects: vec![feed.url.to_string()],
        request: changed(feed.url.as_str()),
    };
    let is_rss = |feed: &&ChangedFeed| feed.url.path().ends_with("/rss.xml");
    changes.feeds.iter().filter(is_rss).map(ping).collect()
}

/// That a feed has changed: what a cloud is told, and what a cloud tells its subscribers.
#[must_use]
pub fn changed(feed: &str) -> Request {
    Request {
        media_type: FORM.to_owned(),
        body: Serializer::new(String::new()).append_pair("url", feed).finish(),
        simpler: None,
    }
}

pub(super) fn judge(answer: &Answer<'_>, asked: Option<Instant>) -> (Verdict, String) {
    let body = String::from_utf8_lossy(answer.body);
    match result(&body) {
        Some((true, message)) => (Verdict::Done, message),
        // It may take it when it is less busy.
        Some((false, message)) if matches!(answer.status, 408 | 425 | 429 | 500..) => {
            (Verdict::Later(asked), message)
        }
        Some((false, message)) => (Verdict::Failed, message),
        None if matches!(answer.status, 408 | 425 | 429 | 500..) => {
            (Verdict::Later(asked), status_and_words(answer))
        }
        None if !answer.whole => (Verdict::Later(None), "the answer broke off".to_owned()),
        None if answer.status >= 300 => (Verdict::Failed, status_and_words(answer)),
        None => (
            Verdict::Failed,
            format!("no answer of rssCloud: {}", first_words(&body, KEPT)),
        ),
    }
}

/// `success` and `msg` of the first element, where that is a `<result>`; servers differ in its name's
/// beginning (`<notifyResult>`).
fn result(body: &str) -> Option<(bool, String)> {
    let mut reader = Reader::from_str(body.trim_start_matches('\u{feff}').trim_start());
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => return read(&tag),
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

fn read(tag: &BytesStart<'_>) -> Option<(bool, String)> {
    if !tag.local_name().as_ref().to_ascii_lowercase().ends_with("result") {
        return None;
    }
    let attribute = |name: &str| {
        let found = tag
            .attributes()
            .flatten()
            .find(|found| found.key.local_name().as_ref() == name)?;
        found
            .normalized_value(XmlVersion::Implicit1_0)
            .ok()
            .map(|value| value.into_owned())
    };
    let success = match attribute("success")?.trim().to_lowercase().as_str() {
        "true" | "1" => true,
        "false" | "0" => false,
        _ => return None,
    };
    Some((success, first_words(&attribute("msg").unwrap_or_default(), KEPT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_read_however_it_is_written() {
        let read = |body: &str| result(body);
        let yes = |text: &str| Some((true, text.to_owned()));
        assert_eq!(
            read("<?xml version=\"1.0\"?>\n<result success=\"true\" msg=\"Thanks &amp; bye.\"/>"),
            yes("Thanks & bye.")
        );
        assert_eq!(
            read("\u{feff} <result msg='x' success='TRUE'></result>"),
            yes("x")
        );
        assert_eq!(read("<notifyResult success=\"1\"/>"), yes(""));
        assert_eq!(
            read("<result success=\"false\" msg=\"No.\"/>"),
            Some((false, "No.".to_owned()))
        );
        for nonsense in [
            "",
            "ok",
            "<result/>",
            "<result success='maybe'/>",
            "<html success='true'/>",
            "<result success=true",
            "<a><result success='true'/></a>",
        ] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_makes_it_panic(body in "(<|>|/|&|;|#|=|\"|result|success|msg|true| |é){0,60}") {
            let _ = result(&body);
        }
    }
}
