use super::*;
use crate::clock::from_seconds;
use lettre::message::{Message, MultiPart, SinglePart, header};
use mail_parser::MessageParser;

const NAMES: &[&str] = &[
    "",
    "Ann",
    "Zoë",
    "O'Neil <b>&\"x\"",
    ".dot",
    "a.\r\n.\r\nRCPT TO:<x@y>",
    "  two  spaces  ",
    "名前名前名前名前名前名前名前名前名前名前",
    "=3D=\r\n",
    "\0nul\u{7f}",
];
const UNSUBSCRIBE: &str = "https://news.example.org/u/12.ab_c-d?x=1&y=2";

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (number, part) in text.split("@@").enumerate() {
        match (number % 2, part) {
            (0, "") => {}
            (0, text) => pieces.push(Piece::Text(text.to_owned())),
            (_, "NAME") => pieces.push(Piece::Hole(Hole::Name)),
            _ => pieces.push(Piece::Hole(Hole::Unsubscribe)),
        }
    }
    pieces
}

const TEXT: &str = "Hello @@NAME@@,\n.\n..two\nwide \n\ttab\nFrom here\n@@NAME@@@@NAME@@\n\nbye @@UNSUB@@ \n";
const HTML: &str = "<p title=\"@@NAME@@\">Grüße,   @@NAME@@</p>\n<a href=\"@@UNSUB@@\">leave</a>\n.\n";
const SUBJECT: &str = "Grüße, a subject that is long enough to be folded somewhere by the encoder – twice";

fn filled(name: &str, subject: &str) -> Letter {
    let from = address::Mailbox::parse("Nüws, all of it <news@example.org>").unwrap();
    let subject = pieces(subject);
    let header = |name, value| Header { name, value };
    let headers = [
        header("From", Value::Mailbox(&from)),
        header("To", Value::Reader),
        header("Subject", Value::Pieces(&subject)),
        header("Date", Value::Date(from_seconds(0))),
        header("Message-ID", Value::MessageId),
        header(
            "List-Id",
            Value::Named("Die \"Wöche\", neu", "weekly.example.org"),
        ),
        header("List-Unsubscribe", Value::Unsubscribe),
        header("Precedence", Value::Ascii("bulk")),
    ];
    let encoded = Encoded::new(&headers, &pieces(TEXT), &pieces(HTML)).unwrap();
    encoded.fill(&Reader {
        address: &"a@example.com".parse().unwrap(),
        values: pieces::Reader {
            name: Some(name),
            preferences_url: "",
            unsubscribe_url: UNSUBSCRIBE,
        },
        message_id: "1.2@example.org",
    })
}

#[test]
fn bodies_are_read_as_they_were_rendered() {
    for name in NAMES {
        let letter = filled(name, SUBJECT);
        let parts: Vec<&str> = letter.text().split("--=_tidings").collect();
        let body = |part: &str| {
            let (_, body) = part.split_once("\r\n\r\n").unwrap();
            let body = body.strip_suffix("\r\n").unwrap();
            let decoded = quoted_printable::decode(body, quoted_printable::ParseMode::Strict).unwrap();
            String::from_utf8(decoded).unwrap()
        };
        let expected = |text: &str, name: &str, link: &str| {
            text.replace('\n', "\r\n")
                .replace("@@NAME@@", name)
                .replace("@@UNSUB@@", link)
        };
        assert_eq!(body(parts[1]), expected(TEXT, name, UNSUBSCRIBE), "{name:?}");
        let html = expected(HTML, &html_escape(name), &html_escape(UNSUBSCRIBE));
        assert_eq!(body(parts[2]), html, "{name:?}");
    }
}

#[test]
fn headers_are_byte_for_byte_those_of_lettre() {
    for name in [
        "Ann",
        "Zoë",
        "O'Neil <b>&\"x\"",
        "名前名前名前名前名前名前名前名前名前名前",
    ] {
        let part = |kind| SinglePart::builder().header(kind).body(String::new());
        let plain = Message::builder()
            .from(Mailbox::new(
                Some("Nüws, all of it".to_owned()),
                "news@example.org".parse().unwrap(),
            ))
            .subject(SUBJECT)
            .date(std::time::SystemTime::UNIX_EPOCH)
            .to(Mailbox::new(
                Some(name.to_owned()),
                "a@example.com".parse().unwrap(),
            ))
            .message_id(Some("<1.2@example.org>".to_owned()))
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(header::ContentType::TEXT_PLAIN))
                    .singlepart(part(header::ContentType::TEXT_HTML)),
            )
            .unwrap();
        let plain = String::from_utf8(plain.formatted()).unwrap();
        let ours = filled(name, SUBJECT);
        for header in ["Subject", "Date", "To", "Message-ID"] {
            assert_eq!(head(ours.text(), header), head(&plain, header), "{name:?}");
        }
    }
}

/// A header with its folded lines.
fn head<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    let start = message.find(&format!("{name}: ")).unwrap();
    let lines = message[start..].split("\r\n");
    lines
        .enumerate()
        .take_while(|(number, line)| *number == 0 || line.starts_with(' '))
        .map(|(_, line)| line)
        .collect()
}

#[test]
fn mail_programs_read_the_headers() {
    let letter = filled("Zoë", "For @@NAME@@ – new");
    let message = MessageParser::default().parse(letter.text().as_bytes()).unwrap();
    assert_eq!(message.subject(), Some("For Zoë – new"));
    let from = message.from().and_then(|from| from.first()).unwrap();
    assert_eq!(
        (from.name(), from.address()),
        (Some("Nüws, all of it"), Some("news@example.org"))
    );
    assert_eq!(message.message_id(), Some("1.2@example.org"));
    let list = format!("{:?}", message.list_id());
    assert!(
        list.contains("Die Wöche neu") && list.contains("weekly.example.org"),
        "{list}"
    );
    assert!(
        letter
            .text()
            .contains(&format!("\r\nList-Unsubscribe: <{UNSUBSCRIBE}>\r\n"))
    );
}

#[test]
fn every_line_is_safe_on_the_wire() {
    for name in NAMES {
        for subject in [SUBJECT, "@@NAME@@"] {
            let letter = filled(name, subject);
            let message = letter.text();
            assert!(message.is_ascii() && message.ends_with("\r\n"));
            assert!(
                !message.replace("\r\n", "").contains(['\r', '\n', '\0']),
                "{name:?}"
            );
            assert!(
                message
                    .split("\r\n")
                    .all(|line| line.len() <= 998 && !line.starts_with('.'))
            );
            let (_, body) = message.split_once("\r\n\r\n").unwrap();
            assert!(body.split("\r\n").all(|line| line.len() <= 76), "{name:?}");
        }
    }
}

#[test]
fn a_header_that_cannot_be_sent_is_refused() {
    let long = "x".repeat(2000);
    let headers = [Header {
        name: "Feedback-ID",
        value: Value::Ascii(&long),
    }];
    assert!(Encoded::new(&headers, &[], &[]).is_err());
}

/// Nothing else stands between an address and the command line it is written into.
#[test]
fn an_address_cannot_carry_a_command() {
    for bad in [
        "a\r\n@x.com",
        "\"a\r\nRCPT\"@x.com",
        "\"a\nb\"@x.com",
        "a b@x.com",
        "<a>@x.com",
        "a@x.com>\r\nDATA",
        "a@x.com\0",
    ] {
        assert!(bad.parse::<Address>().is_err(), "{bad:?}");
    }
}
