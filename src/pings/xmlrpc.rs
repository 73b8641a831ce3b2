//! XML-RPC pings: `weblogUpdates.extendedPing`, and `weblogUpdates.ping` for endpoints that do not
//! know it. Success, refusal and fault all come with status 200: the body tells them apart.

use super::model::{Answer, Changes, Endpoint, KEPT, Planned, Request, Site, Verdict, Waiting};
use crate::articles::card::Card;
use crate::articles::text::{first_words, xml_safe};
use crate::config::PingKind;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::fmt::Write;

/// So many articles are kept with a ping.
const SUBJECTS: usize = 1000;

/// One ping for all articles that were announced together, and for those of pings that were not answered
/// yet: services refuse who pings in a burst.
pub(super) fn plan(
    changes: &Changes<'_>,
    site: &Site<'_>,
    endpoint: &Endpoint,
    waiting: &[&Waiting],
) -> Option<Planned> {
    let (first, last) = (changes.articles.first()?, changes.articles.last()?);
    let mut tags: Vec<&str> = Vec::new();
    for category in changes.articles.iter().flat_map(|article| &*article.categories) {
        // `|` stands between tags.
        if !tags.contains(&category.as_str()) && !category.contains('|') {
            tags.push(category);
        }
    }
    let earlier = waiting.iter().flat_map(|ping| &ping.subjects).cloned();
    let mut subjects: Vec<String> = earlier.collect();
    subjects.extend(changes.articles.iter().map(|article| article.url.clone()));
    // The latest: of what nobody took for long, few wish to hear all.
    subjects.drain(..subjects.len().saturating_sub(SUBJECTS));
    let page = match &subjects[..] {
        [one] => one.as_str(),
        _ => site.url.as_str(),
    };
    let feed = site.feeds_url.join("rss.xml").ok()?;
    let plain = call("weblogUpdates.ping", &[site.title, site.url.as_str(), page]);
    let tags = tags.join("|");
    let mut texts = vec![site.title, site.url.as_str(), page, feed.as_str()];
    if !tags.is_empty() {
        texts.push(&tags);
    }
    let extended = Request {
        simpler: Some(Box::new(plain)),
        ..call("weblogUpdates.extendedPing", &texts)
    };
    Some(Planned {
        kind: PingKind::Xmlrpc,
        endpoint: endpoint.name.clone(),
        change: format!("xmlrpc articles {}-{}", number(first), number(last)),
        subjects,
        request: extended,
    })
}

fn call(method: &str, texts: &[&str]) -> Request {
    let mut body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodCall><methodName>{method}</methodName><params>"
    );
    for text in texts {
        // Writing into a String cannot fail.
        let _ = write!(
            body,
            "<param><value><string>{}</string></value></param>",
            escaped(text)
        );
    }
    body.push_str("</params></methodCall>\n");
    Request {
        media_type: "text/xml; charset=utf-8".to_owned(),
        body,
        simpler: None,
    }
}

/// What is announced has a number.
fn number(card: &Card) -> i64 {
    card.number.unwrap_or(0)
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(xml_safe(text)).into_owned()
}

/// What the body of an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// `flerror` and `message`.
    Result {
        refused: bool,
        message: String,
    },
    Fault {
        code: String,
        message: String,
    },
    Nonsense,
}

pub(super) fn judge(request: &Request, answer: &Answer<'_>) -> (Verdict, String) {
    let body = String::from_utf8_lossy(answer.body);
    match read(&body) {
        Said::Result {
            refused: false,
            message,
        } => (Verdict::Done, message),
        Said::Result {
            refused: true,
            message,
        } => (Verdict::Failed, message),
        Said::Fault { code, message } => {
            let text = first_words(&format!("fault {code}: {message}"), KEPT);
            match &request.simpler {
                Some(simpler) if unknown_method(&code, &message) => {
                    (Verdict::Simpler((**simpler).clone()), text)
                }
                _ => (Verdict::Failed, text),
            }
        }
        // The connection broke before the answer was there: it was not read.
        Said::Nonsense if !answer.whole => (Verdict::Later(None), "the answer broke off".to_owned()),
        Said::Nonsense => (
            Verdict::Failed,
            format!("no XML-RPC answer: {}", first_words(&body, KEPT)),
        ),
    }
}

/// -32601 is the common code; older services have codes of their own and say it in words.
fn unknown_method(code: &str, message: &str) -> bool {
    code == "-32601" || message.to_lowercase().contains("method")
}

/// What has been read of an answer so far.
#[derive(Default)]
struct Answered {
    in_fault: bool,
    is_response: bool,
    finished: bool,
    /// The member whose value is next.
    member: Option<String>,
    text: String,
    flerror: Option<String>,
    message: String,
    code: String,
}

/// Takes `<boolean>0</boolean>`, a bare `0`, and any case: services differ.
fn read(body: &str) -> Said {
    let mut reader = Reader::from_str(body.trim_start_matches('\u{feff}').trim_start());
    let mut answered = Answered::default();
    while !answered.finished {
        match reader.read_event() {
            Ok(Event::Start(tag)) => answered.open(tag.local_name().as_ref()),
            Ok(Event::End(tag)) => answered.close(tag.local_name().as_ref()),
            Ok(Event::Text(text)) => answered.text.push_str(&text.xml10_content()),
            Ok(Event::CData(text)) => answered.text.push_str(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(found)) => answered.text.push(found),
                _ => answered.text.push_str(named(&reference.xml10_content())),
            },
            Ok(Event::Eof) | Err(_) => return Said::Nonsense,
            Ok(_) => {}
        }
    }
    answered.said()
}

/// The five entities of XML. There are no others: nothing is expanded.
fn named(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "?",
    }
}

impl Answered {
    fn open(&mut self, tag: &str) {
        match tag {
            "methodResponse" => self.is_response = true,
            "fault" => self.in_fault = true,
            _ => {}
        }
        self.text.clear();
    }

    fn close(&mut self, tag: &str) {
        match tag {
            "name" => self.member = Some(self.text.trim().to_lowercase()),
            "value" => self.value(),
            "methodResponse" => self.finished = true,
            _ => {}
        }
        if tag != "value" && tag != "name" && tag != "methodResponse" {
            return; // The text of <boolean> or <string> is that of the value around it.
        }
        self.text.clear();
    }

    fn value(&mut self) {
        let text = self.text.trim();
        match self.member.take().as_deref() {
            Some("flerror") => self.flerror = Some(text.to_lowercase()),
            Some("message" | "faultstring") => self.message = first_words(text, KEPT),
            Some("faultcode") => self.code = first_words(text, KEPT),
            Some(_) => {}
            // Some answer with the flag alone, without a struct.
            None if matches!(text, "0" | "1") && self.flerror.is_none() => {
                self.flerror = Some(text.to_owned())
            }
            None => {}
        }
    }

    fn said(self) -> Said {
        if !self.is_response {
            return Said::Nonsense;
        }
        if self.in_fault {
            return Said::Fault {
                code: self.code,
                message: self.message,
            };
        }
        let refused = match self.flerror.as_deref() {
            Some("0" | "false") => false,
            Some("1" | "true") => true,
            _ => return Said::Nonsense,
        };
        Said::Result {
            refused,
            message: self.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(inner: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><methodResponse><params><param><value>{inner}</value></param></params></methodResponse>"
        )
    }

    fn result(refused: bool, message: &str) -> Said {
        Said::Result {
            refused,
            message: message.to_owned(),
        }
    }

    #[test]
    fn every_way_of_writing_the_flag_is_read() {
        for (flag, refused) in [
            ("<boolean>0</boolean>", false),
            ("<boolean>1</boolean>", true),
            ("0", false),
            ("1", true),
            (" <boolean> 0 </boolean>\n", false),
            ("<boolean>FALSE</boolean>", false),
            ("<string>true</string>", true),
            ("<i4>0</i4>", false),
        ] {
            for name in ["flerror", "flError", "FLERROR"] {
                let body = response(&format!(
                    "<struct><member><name>{name}</name><value>{flag}</value></member>\
                     <member><name>message</name><value>Thanks &amp; bye&#33;</value></member></struct>"
                ));
                assert_eq!(read(&body), result(refused, "Thanks & bye!"), "{flag}");
            }
        }
    }

    #[test]
    fn the_order_of_members_and_blanks_between_tags_do_not_matter() {
        let body = "\u{feff}\n<?xml version='1.0'?>\n<methodResponse>\n <params>\n <param>\n <value>\n <struct>\n\
                    <member>\n<name>message</name>\n<value><string><![CDATA[No <b>]]></string></value>\n</member>\n\
                    <member>\n<name> flerror </name>\n<value>\n<boolean>1</boolean>\n</value>\n</member>\n\
                    </struct>\n</value>\n</param>\n</params>\n</methodResponse>";
        assert_eq!(read(body), result(true, "No <b>"));
        assert_eq!(read(&response("<boolean>0</boolean>")), result(false, ""));
    }

    #[test]
    fn a_fault_is_no_success() {
        let body = "<methodResponse><fault><value><struct>\
                    <member><name>faultCode</name><value><int>4</int></value></member>\
                    <member><name>faultString</name><value><string>Too many parameters.</string></value></member>\
                    </struct></value></fault></methodResponse>";
        let expected = Said::Fault {
            code: "4".to_owned(),
            message: "Too many parameters.".to_owned(),
        };
        assert_eq!(read(body), expected);
    }

    #[test]
    fn anything_else_is_nonsense() {
        for body in [
            "",
            "ok",
            "<html><body>flerror 0</body></html>",
            "<methodResponse><params>",
            "<methodResponse></params></methodResponse>",
            &response("<struct></struct>"),
            &response("<struct><member><name>flerror</name><value>maybe</value></member></struct>"),
            "<x><name>flerror</name><value>0</value></x>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><methodResponse>&x;</methodResponse>",
        ] {
            assert_eq!(read(body), Said::Nonsense, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_makes_it_panic(body in "(<|>|/|&|;|#|value|name|fault|methodResponse|flerror|0|1| |é){0,60}") {
            let _ = read(&body);
        }

        #[test]
        fn every_request_is_xml(title in "\\PC{0,30}|[\\x00-\\x1f<>&\"']{0,10}") {
            let request = call("weblogUpdates.ping", &[&title]);
            proptest::prop_assert!(roxmltree::Document::parse(&request.body).is_ok());
        }
    }
}
