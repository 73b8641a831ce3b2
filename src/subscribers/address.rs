//! An e-mail address that can be written into a command line or a header without a second look.

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};
use std::fmt;

/// RFC 5321: local part and domain. Never holds a control character, a space or `<>`; the domain is
/// in lower case and ASCII (A-labels).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    local: String,
    domain: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no e-mail address")]
pub struct BadAddress(pub String);

impl Address {
    /// Takes `name@example.org`, also with an international domain.
    ///
    /// # Errors
    /// Whatever RFC 5321 does not allow, quoted local parts and address literals too: no reader has
    /// one.
    pub fn parse(text: &str) -> Result<Address, BadAddress> {
        let bad = || BadAddress(text.chars().filter(|c| !c.is_control()).take(80).collect());
        let (local, domain) = text.trim().rsplit_once('@').ok_or_else(bad)?;
        let domain = url::Host::parse(domain).map_err(|_| bad())?;
        let url::Host::Domain(domain) = domain else {
            return Err(bad());
        };
        let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>()[],;:\\\"".contains(c);
        if local.is_empty() || local.len() > 64 || !local.chars().all(plain) {
            return Err(bad());
        }
        let options = Options::default()
            .with_required_tld()
            .without_domain_literal()
            .without_display_text();
        EmailAddress::parse_with_options(&format!("{local}@{domain}"), options).map_err(|_| bad())?;
        Ok(Address {
            local: local.to_owned(),
            domain,
        })
    }

    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What makes two spellings one subscriber: lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.to_string().to_lowercase()
    }

    /// As logs show it: `a…@example.org`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}…@{}", self.local.chars().next().unwrap_or('…'), self.domain)
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Address, BadAddress> {
        Address::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// An address with the name of who is behind it: `Ann <ann@example.org>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    pub name: Option<String>,
    pub address: Address,
}

impl Mailbox {
    /// Takes `ann@example.org`, `Ann <ann@example.org>` and `"Ann, B." <ann@example.org>`.
    ///
    /// # Errors
    /// As [`Address::parse`]; control characters in the name too.
    pub fn parse(text: &str) -> Result<Mailbox, BadAddress> {
        let text = text.trim();
        let Some((name, rest)) = text.rsplit_once('<') else {
            return Ok(Mailbox {
                name: None,
                address: Address::parse(text)?,
            });
        };
        let address = Address::parse(
            rest.strip_suffix('>')
                .ok_or_else(|| BadAddress(text.to_owned()))?,
        )?;
        let name = name.trim().trim_matches('"').trim();
        if name.chars().any(char::is_control) {
            return Err(BadAddress(text.to_owned()));
        }
        Ok(Mailbox {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_people_have() {
        for good in [
            "a@example.org",
            "A.b+c@Example.ORG",
            "o'neil@example.co.uk",
            "zoë@example.org",
            "x@bücher.example",
        ] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        assert_eq!(
            Address::parse("x@Bücher.example").unwrap().to_string(),
            "x@xn--bcher-kva.example"
        );
    }

    #[test]
    fn takes_nothing_that_could_carry_a_command() {
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@example.org",
            "a@",
            "a b@example.org",
            "a@b c.org",
            "a\r\nRCPT@example.org",
            "<a>@example.org",
            "a@example.org>\r\nDATA",
            "a@example.org\0",
            "\"a b\"@example.org",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@localhost",
            "a..b@example.org",
            ".a@example.org",
            "a@-x.org",
            &long,
        ] {
            assert!(Address::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_mailbox_has_a_name_or_none() {
        let named = Mailbox::parse("\"Ann, B.\" <ann@example.org>").unwrap();
        assert_eq!(named.name.as_deref(), Some("Ann, B."));
        assert_eq!(Mailbox::parse("ann@example.org").unwrap().name, None);
        assert!(Mailbox::parse("Ann\r\nBcc: x <ann@example.org>").is_err());
    }
}
