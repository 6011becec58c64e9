//! Texts that are not secret although a secret contains them: the ARNs and names that a request sends in clear, and the
//! keywords of the protocol. Otherwise an API key such as `orders-prod-1234` would break the ARNs in the responses.

use std::ops::Range;

use serde::Deserialize;

/// Keywords of responses.
const PROTOCOL: [&str; 33] = [
    "AccessDeniedException",
    "ExecutionAlreadyExists",
    "ExecutionDoesNotExist",
    "InvalidToken",
    "StateMachineDoesNotExist",
    "ThrottlingException",
    "ValidationException",
    "ABORTED",
    "FAILED",
    "PENDING_REDRIVE",
    "RUNNING",
    "SUCCEEDED",
    "TIMED_OUT",
    "error",
    "events",
    "execution",
    "executionArn",
    "executions",
    "express",
    "message",
    "nextToken",
    "output",
    "previousEventId",
    "redriveCount",
    "redriveDate",
    "startDate",
    "stateMachine",
    "stateMachineAliasArn",
    "stateMachineArn",
    "stateMachineVersionArn",
    "states",
    "status",
    "stopDate",
];

/// Texts that a request sends in clear and its response repeats.
#[derive(Debug, Clone, Default)]
pub(super) struct Public(Vec<String>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    execution_arn: Option<String>,
    state_machine_arn: Option<String>,
    name: Option<String>,
}

impl Public {
    /// Reads the ARNs and the name from the body of a request.
    pub(super) fn of_request(body: &[u8]) -> Self {
        let Ok(request) = serde_json::from_slice::<Request>(body) else { return Self::default() };
        let arns = request.execution_arn.iter().chain(&request.state_machine_arn);
        let pieces = arns.flat_map(|arn| arn.split([':', '/'])).chain(request.name.as_deref());
        let mut pieces: Vec<String> = pieces.filter(|piece| !piece.is_empty()).map(str::to_owned).collect();
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
        pieces.dedup();
        Self(pieces)
    }

    /// Returns the end of a public word that contains this range.
    pub(super) fn end_around(&self, text: &str, range: Range<usize>) -> Option<usize> {
        let words = self.0.iter().map(String::as_str).chain(PROTOCOL).filter(|word| word.len() >= range.len());
        words.filter_map(|word| end_of_word_around(text, &range, word)).max()
    }
}

fn end_of_word_around(text: &str, range: &Range<usize>, word: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let first = range.end.saturating_sub(word.len());
    let is_outside = |at: Option<usize>| !at.and_then(|at| bytes.get(at)).is_some_and(|byte| is_of_word(*byte));
    (first..=range.start).map(|start| start..start + word.len()).find_map(|at| {
        let is_here = bytes.get(at.clone()) == Some(word.as_bytes());
        (is_here && is_outside(at.start.checked_sub(1)) && is_outside(Some(at.end))).then_some(at.end)
    })
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || !byte.is_ascii()
}
