//! What holds for every failure to read a response.

use stepgate_core::domain::Failure;

/// It says something, and no more than was received.
pub fn check(failure: &Failure, body: &[u8]) {
    assert!(!failure.summary().is_empty(), "{failure:?}");
    // A byte that is not UTF-8 becomes a character of three.
    assert!(failure.message.len() <= body.len() * 3 + 300, "{} bytes of {}", failure.message.len(), body.len());
    let _ = (failure.retry(), failure.leaves_outcome_open(), failure.is_about_one_execution(), failure.to_string());
}
