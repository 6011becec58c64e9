//! Responses that cannot be read, and how much of them a message quotes.

use crate::domain::text_limit::{self, limited};
use crate::domain::{Failure, FailureKind};

/// Returns the failure of a response that passed `response::classify` but is not the route's.
pub(super) fn undecodable(why: impl std::fmt::Display) -> Failure {
    Failure::without_response(FailureKind::Undecodable, limited(why.to_string(), text_limit::MESSAGE))
}

/// Returns a text as one line, shortened if it is long.
pub(super) fn shortened(text: &str) -> String {
    limited(text.split_whitespace().collect::<Vec<_>>().join(" "), text_limit::EXCERPT)
}
