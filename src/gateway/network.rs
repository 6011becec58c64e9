//! Failures below HTTP: what kept a request from being answered at all.

use std::error::Error;

use crate::domain::{Failure, FailureKind, Unreachable};

/// Sorts a transport error by what a person can do about it.
pub(super) fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let texts = causes(&error);
    let text = texts.join(": ").to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let kind = if error.is_timeout() && !error.is_connect() {
        Unreachable::Deadline
    } else if error.is_connect() && has(&["proxy", "tunnel"]) {
        Unreachable::Proxy
    } else if error.is_connect() && has(&["dns error", "failed to lookup"]) {
        Unreachable::Dns
    } else if error.is_connect() && has(&["certificate", "tls", "handshake", "alert", "corrupt message"]) {
        Unreachable::Tls
    } else if error.is_connect() {
        // Refused, unroutable, not even a no: whatever the reason, nothing was sent.
        Unreachable::Refused
    } else {
        Unreachable::Broken
    };
    let said = match kind {
        Unreachable::Deadline => String::new(),
        _ if error.is_timeout() => "no connection in time".to_owned(),
        _ => texts.last().cloned().unwrap_or_default(),
    };
    Failure::without_answer(FailureKind::Unreachable(kind), said)
}

/// The words of the error and of everything that it was caused by, outermost first.
fn causes(error: &reqwest::Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts
}
