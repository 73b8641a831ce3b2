//! A talk with a site's interface for programs, one request at a time: pages of JSON, bounded, and with
//! the peace that a server asks for.

use super::fetch::{self, Fetched, Visit, Wish};
use super::past::Past;
use super::web::Web;
use crate::http::{Answer, Whose};
use crate::problem::Problem;
use serde_json::Value;
use std::path::Path;
use url::Url;

/// The most bytes of one answer, and of all together.
const ANSWER: usize = 32 * 1024 * 1024;
const ALL: usize = 1024 * 1024 * 1024;
/// The most requests of one reading.
const REQUESTS: usize = 2000;

/// How a site is asked, and what it answers to that.
pub(crate) struct Talk<'a> {
    web: Web<'a>,
    /// As the configuration has it: problems name this, and peace is kept with it.
    site: &'a Url,
    /// What is never to be shown.
    secret: Option<&'a str>,
    visit: Visit,
    left: usize,
    requests: usize,
}

/// Why there is no answer.
pub(crate) enum Silence {
    /// It was not asked: it is too early.
    Early,
    Failed(Problem),
}

impl<'a> Talk<'a> {
    pub(crate) fn new(site: &'a Url, secret: Option<&'a str>, web: Web<'a>) -> Talk<'a> {
        Talk {
            web,
            site,
            secret,
            visit: web.past.recall(site.as_str()).unwrap_or_default(),
            left: ALL,
            requests: 0,
        }
    }

    /// What is to be remembered of it.
    pub(crate) fn visit(&self) -> &Visit {
        &self.visit
    }

    /// The last refusal was none.
    pub(crate) fn forgive(&mut self) {
        self.visit.failures = 0;
        self.visit.not_before = 0;
    }

    /// Asks for a URL. It may have been named by the site: only its own server has the operator's trust.
    pub(crate) async fn get(&mut self, url: &Url, accept: &str) -> Result<Box<Answer>, Silence> {
        self.requests += 1;
        if self.requests > REQUESTS || self.left == 0 {
            return Err(Silence::Failed(
                Problem::error("too-large", "there is more than one reading takes in")
                    .file(Path::new(self.site.as_str()))
                    .hint("take its export in as a file"),
            ));
        }
        let whose = match url.origin() == self.site.origin() {
            true => Whose::Operator,
            false => Whose::Stranger,
        };
        let wish = Wish {
            url,
            whose,
            accept,
            limit: ANSWER.min(self.left),
        };
        let plain = Visit {
            moved: None,
            ..self.visit.clone().unused()
        };
        let mut past = Past::default();
        past.memory.extend(
            serde_json::to_string(&plain)
                .ok()
                .map(|visit| (url.as_str().to_owned(), visit)),
        );
        let (fetched, visit) = fetch::fetch(self.web.client, wish, &past, self.web.now).await;
        self.visit = Visit {
            moved: None,
            ..visit.unused()
        };
        match fetched {
            Fetched::New(answer) => {
                self.left = self.left.saturating_sub(answer.body.len());
                Ok(answer)
            }
            Fetched::Early => Err(Silence::Early),
            Fetched::Same => Err(Silence::Failed(
                self.problem("api", "it answers 304 to a question of no condition"),
            )),
            Fetched::Failed(problem) => Err(Silence::Failed(self.masked(problem))),
        }
    }

    /// As [`Talk::get`], of JSON.
    pub(crate) async fn json(&mut self, url: &Url) -> Result<(Value, Box<Answer>), Silence> {
        let answer = self.get(url, "application/json").await?;
        let body = answer.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&answer.body);
        match serde_json::from_slice(body) {
            Ok(value) => Ok((value, answer)),
            Err(error) => Err(Silence::Failed(
                self.problem("api", &format!("its answer is no JSON: {error}")),
            )),
        }
    }

    pub(crate) fn problem(&self, code: &'static str, message: &str) -> Problem {
        Problem::error(code, self.without_secret(message))
            .file(Path::new(self.site.as_str()))
            .hint("look at it in a browser; what is known from it stays")
    }

    /// With the URL that the operator wrote, and without the key.
    fn masked(&self, problem: Problem) -> Problem {
        Problem {
            message: self.without_secret(&problem.message),
            hint: problem.hint.map(|hint| self.without_secret(&hint)),
            ..problem
        }
        .file(Path::new(self.site.as_str()))
    }

    fn without_secret(&self, text: &str) -> String {
        match self.secret {
            Some(secret) if !secret.is_empty() => text.replace(secret, "…"),
            _ => text.to_owned(),
        }
    }
}

/// What refusals mean at this kind of site: a hint for each status.
pub(crate) fn meant(problem: Problem, hints: &[(u16, &str)]) -> Problem {
    match hints.iter().find(|(status, _)| answered(&problem, *status)) {
        Some((_, hint)) => Problem {
            code: "api",
            ..problem.hint(*hint)
        },
        None => problem,
    }
}

/// A problem says which status was answered; what that means here is said by the one who asked.
pub(crate) fn answered(problem: &Problem, status: u16) -> bool {
    problem.message.ends_with(&format!("it answers {status}"))
}
