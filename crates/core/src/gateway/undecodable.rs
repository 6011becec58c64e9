//! Answers that cannot be read, and how much of them a message quotes.

use crate::domain::limit::{self, limited};
use crate::domain::{Failure, FailureKind};

/// An answer that passed `answer::classify` and still is not what the route answers.
pub(super) fn undecodable(why: impl std::fmt::Display) -> Failure {
    Failure::without_response(FailureKind::Undecodable, limited(why.to_string(), limit::MESSAGE))
}

/// A text in one line, without its end if it is long.
pub(super) fn shortened(text: &str) -> String {
    limited(text.split_whitespace().collect::<Vec<_>>().join(" "), limit::EXCERPT)
}
