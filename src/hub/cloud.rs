//! rssCloud's `pleaseNotify`: who wants to be told of which feeds, and the answer.

use super::callback;
use super::form::Form;
use super::model::{Mode, Protocol, Wanted};
use super::subscription::topic_path;
use quick_xml::escape::escape;
use std::fmt::Display;
use url::Url;

/// A registration lasts so long: a day, and an hour to renew it.
const LEASE: i64 = 25 * 3600;
/// A registration names at most so many feeds.
const FEEDS: usize = 100;

/// Reads a registration. Who names no domain of their own is told at the address that they ask from.
///
/// # Errors
/// What is wrong with it, in words for whoever made it.
pub fn please_notify(body: &[u8], client: impl Display, feeds: &Url) -> Result<Vec<Wanted>, String> {
    let form = Form::read(body);
    let need = |name: &str| form.get(name).ok_or_else(|| format!("{name} is missing."));
    let scheme = match need("protocol")? {
        "http-post" => "http",
        "https-post" => "https",
        _ => return Err("The protocol must be http-post or https-post.".to_owned()),
    };
    let port: u16 = need("port")?
        .parse()
        .map_err(|_| "The port is no port.".to_owned())?;
    let path = need("path")?;
    let slash = if path.starts_with('/') { "" } else { "/" };
    let (host, mode) = match form.get("domain") {
        Some(domain) => (plain_host(domain)?, Mode::Subscribe),
        None => (client.to_string(), Mode::Trial),
    };
    let callback = callback::parse(&format!("{scheme}://{host}:{port}{slash}{path}"))
        .map_err(|why| format!("The address that is to be told {why}."))?;
    let given = (1..=FEEDS).map_while(|n| form.get(&format!("url{n}")));
    let wanted: Option<Vec<Wanted>> = given
        .map(|topic| {
            Some(Wanted {
                protocol: Protocol::Rsscloud,
                mode,
                path: topic_path(topic, feeds)?,
                topic: topic.to_owned(),
                callback: callback.clone(),
                secret: None,
                lease: LEASE,
            })
        })
        .collect();
    match wanted {
        None => Err("There is no such feed here.".to_owned()),
        Some(wanted) if wanted.is_empty() => Err("url1 is missing.".to_owned()),
        Some(wanted) => Ok(wanted),
    }
}

/// A host alone: what else a URL may hold has parameters of its own.
fn plain_host(domain: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_alphanumeric() || "-._:[]".contains(c);
    match domain.chars().all(is_plain) && (!domain.contains(':') || domain.starts_with('[')) {
        true => Ok(domain.to_owned()),
        false => Err("The domain must be the name of a host alone.".to_owned()),
    }
}

/// The answer to a registration.
#[must_use]
pub fn result(success: bool, message: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<notifyResult success=\"{success}\" msg=\"{}\"/>\n",
        escape(message)
    )
}
