//! The parts of an ARN, and what can be wrong with them.

use crate::domain::invisible::{self, Invisible};

/// The longest ARN that Step Functions accepts (API reference, `StartExecution`).
const MAX_CHARS: usize = 256;

/// Why a text is not the expected ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// Does not have the seven parts.
    #[error("not an ARN; it should look like {expected}: `{text}`")]
    NotAnArn {
        /// The expected shape.
        expected: &'static str,
        /// The text that was given.
        text: String,
    },
    /// An ARN of another service or resource type.
    #[error("this is the ARN of `{found}`; it should look like {expected}: `{text}`")]
    WrongResource {
        /// The expected shape.
        expected: &'static str,
        /// The service or resource type that was found.
        found: String,
        /// The text that was given.
        text: String,
    },
    /// A part is empty or invalid.
    #[error("the {part} of this ARN is not valid: `{text}`")]
    BadPart {
        /// Name of the part.
        part: &'static str,
        /// The text that was given.
        text: String,
    },
    /// Contains an invisible character, often copied along from a web page.
    #[error("this ARN contains an invisible character; type it, or copy it again: {found}")]
    Invisible {
        /// The first one.
        found: Invisible,
    },
    /// Longer than the API accepts.
    #[error("an ARN has at most {MAX_CHARS} characters, this one has {chars}")]
    TooLong {
        /// Length in characters.
        chars: usize,
    },
    /// The state machine inside a Distributed Map, which cannot be started.
    #[error("a Distributed Map's own state machine cannot be started, remove `/{label}`: `{text}`")]
    Labelled {
        /// The map's label.
        label: String,
        /// The text that was given.
        text: String,
    },
}

pub(super) const MACHINE_SHAPE: &str = "`arn:aws:states:REGION:ACCOUNT:stateMachine:NAME`";
pub(super) const EXECUTION_SHAPE: &str = "`arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME`";

/// The seven parts that every Step Functions ARN has.
pub(super) struct Parts<'a> {
    pub(super) partition: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) resource: &'a str,
    pub(super) rest: &'a str,
}

pub(super) fn split<'a>(text: &'a str, expected: &'static str) -> Result<Parts<'a>, ArnError> {
    let chars = text.chars().count();
    if chars > MAX_CHARS {
        return Err(ArnError::TooLong { chars });
    }
    let parts: Vec<&str> = text.splitn(7, ':').collect();
    let [prefix, partition, service, region, account, resource, rest] = parts[..] else {
        return Err(ArnError::NotAnArn { expected, text: text.into() });
    };
    if prefix != "arn" || !partition.starts_with("aws") {
        return Err(ArnError::NotAnArn { expected, text: text.into() });
    }
    if service != "states" {
        return Err(ArnError::WrongResource { expected, found: service.into(), text: text.into() });
    }
    let bad = |part| ArnError::BadPart { part, text: text.into() };
    if !is_region(region) {
        return Err(bad("region"));
    }
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad("account"));
    }
    Ok(Parts { partition, region, account, resource, rest })
}

/// Returns whether a text can be the name of a region.
pub fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Rejects invisible characters.
pub(super) fn visible(text: &str) -> Result<(), ArnError> {
    invisible::first(text).map_or(Ok(()), |found| Err(ArnError::Invisible { found }))
}

pub(super) fn split_label(name: &str) -> (&str, Option<&str>) {
    name.split_once('/').map_or((name, None), |(name, label)| (name, Some(label)))
}

pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
