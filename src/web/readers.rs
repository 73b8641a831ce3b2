//! Who stands behind a link, and what they choose. What a page of theirs may say is decided here.

use super::errors::Refusal;
use super::state::State;
use crate::store::choices::{Choice, Standing};
use crate::store::subscribers::Subscriber;
use crate::subscribers::address::Address;
use crate::subscribers::suppression;
use crate::subscribers::tokens::{self, Claim, Purpose};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use std::net::IpAddr;
use std::sync::Arc;

/// The last part of the path of a reader's link. What cannot be one is as good as a wrong one.
pub(super) struct Token(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Token {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Token, Refusal> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(token)| Token(token))
            .map_err(|_| Refusal::NOT_FOUND)
    }
}

/// A reader, by a link that only we can have made.
pub(super) struct Reader {
    pub(super) claim: Claim,
    /// `None`: they were forgotten since the link was made.
    pub(super) subscriber: Option<Subscriber>,
    pub(super) standings: Vec<Standing>,
}

impl Reader {
    /// # Errors
    /// A token that is none, or for something else, is as good as no page at all.
    pub(super) async fn behind(state: &State, purpose: Purpose, token: &str) -> Result<Reader, Refusal> {
        let claim = tokens::verify(&state.keys, purpose, token).ok_or(Refusal::NOT_FOUND)?;
        let id = claim.subscriber;
        let subscriber = state
            .store
            .subscriber("", Some(id))
            .await
            .map_err(Refusal::store)?;
        let standings = state.store.standings(id).await.map_err(Refusal::store)?;
        Ok(Reader {
            claim,
            subscriber,
            standings,
        })
    }

    /// Where they stand with the digest of their link.
    pub(super) fn standing(&self) -> Option<&Standing> {
        let named = |standing: &&Standing| standing.digest == self.claim.digest;
        self.standings.iter().find(named)
    }

    /// As `a…@example.org`: a mail may have been passed on.
    pub(super) fn masked_address(&self) -> Option<String> {
        let subscriber = self.subscriber.as_ref()?;
        Some(Address::parse(&subscriber.address).ok()?.masked())
    }

    /// Whether the address takes mail, as far as is known.
    pub(super) fn may_be_mailed(&self) -> bool {
        self.subscriber
            .as_ref()
            .is_some_and(|subscriber| subscriber.address_state == "good")
    }

    /// Whether they left that digest by their own hand and may come back.
    pub(super) fn may_return(&self, standing: &Standing) -> bool {
        standing.may_return() && self.may_be_mailed()
    }
}

/// A digest's title; one that is no longer in the configuration goes by its name.
pub(super) fn title<'a>(state: &'a State, digest: &'a str) -> &'a str {
    let known = state.config.digests.iter().find(|known| known.name == digest);
    known.map_or(digest, |known| &known.title)
}

/// What a reader does.
pub(super) struct Act {
    pub(super) subscriber: i64,
    /// `None`: all of them.
    pub(super) digest: Option<String>,
    pub(super) wording: &'static str,
    pub(super) client: IpAddr,
}

impl Act {
    fn choice(self, state: &State) -> Choice {
        Choice {
            subscriber: self.subscriber,
            digest: self.digest,
            at: state.clock.now(),
            wording: self.wording.to_owned(),
            ip: self.client.to_string(),
        }
    }
}

/// Unsubscribes. To its end, even where the client hangs up meanwhile.
pub(super) async fn leave(state: &Arc<State>, act: Act) -> Result<usize, Refusal> {
    let (state, choice) = (state.clone(), act.choice(state));
    let done = tokio::spawn(async move { state.store.leave(&choice).await });
    done.await.map_err(Refusal::failed)?.map_err(Refusal::store)
}

/// Subscribes again; `false`: that must not be. To its end, as [`leave`].
pub(super) async fn rejoin(state: &Arc<State>, reader: &Reader, act: Act) -> Result<bool, Refusal> {
    let address = reader
        .subscriber
        .as_ref()
        .map(|known| Address::parse(&known.address));
    let (Some(Ok(address)), Some(key)) = (address, state.keys.first()) else {
        return Ok(false);
    };
    let hash = suppression::hash(key, &address);
    let (state, choice) = (state.clone(), act.choice(state));
    let done = tokio::spawn(async move { state.store.rejoin(&choice, &hash).await });
    done.await.map_err(Refusal::failed)?.map_err(Refusal::store)
}

/// A field of a form. Whatever is no form of ours has none, and no value of ours holds a NUL.
pub(super) fn field(body: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(body)
        .find(|(field, _)| field == name)
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.contains('\0'))
}
