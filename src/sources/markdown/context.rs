//! What is known of an article while its text is read.

use super::references::References;
use crate::sources::front_matter::Head;
use crate::sources::place::Place;

pub(super) struct Context<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) head: &'a Head,
    pub(super) references: References<'a>,
}
