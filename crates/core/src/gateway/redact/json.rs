//! Removes secrets from JSON: the result is JSON, with unchanged inputs and outputs.

use std::borrow::Cow;
use std::ops::Range;

use crate::gateway::redact::mark::REDACTED;
use crate::gateway::redact::needle::{Needles, Notation};
use crate::gateway::redact::public::Public;

/// Members of a response, and of the details of an event, that hold the user's data.
const PAYLOADS: [&str; 2] = ["input", "output"];

/// Returns valid JSON without the secrets, except in inputs and outputs.
pub(super) fn redacted(needles: &Needles, json: &str, public: &Public) -> String {
    let mut clean = String::with_capacity(json.len());
    let mut path = Path::default();
    let mut at = 0;
    while let Some(token) = token(json, at) {
        clean.push_str(&json[at..token.start]);
        let text = &json[token.clone()];
        let is_name = path.is_name(text);
        if path.is_payload() && !is_name {
            clean.push_str(text);
        } else {
            match needles.redacted(text, Notation::Json, public) {
                Cow::Owned(text) if !text.starts_with('"') => clean.extend(["\"", REDACTED, "\""]),
                text => clean.push_str(&text),
            }
        }
        at = token.end;
    }
    clean.push_str(&json[at..]);
    clean
}

/// Returns the next token: a string, a bracket, a separator, or anything else up to the next of these.
fn token(json: &str, from: usize) -> Option<Range<usize>> {
    let bytes = json.as_bytes();
    let start = from + bytes[from..].iter().position(|byte| !byte.is_ascii_whitespace())?;
    let rest = &bytes[start..];
    let length = match rest[0] {
        b'{' | b'}' | b'[' | b']' | b':' | b',' => 1,
        b'"' => {
            let mut end = 1;
            while end < rest.len() && rest[end] != b'"' {
                end += if rest[end] == b'\\' { 2 } else { 1 };
            }
            (end + 1).min(rest.len())
        }
        _ => rest.iter().position(|byte| b"{}[]:,\" \t\r\n".contains(byte)).unwrap_or(rest.len()),
    };
    Some(start..start + length)
}

/// The position of a value in a document.
#[derive(Default)]
struct Path<'j>(Vec<Level<'j>>);

struct Level<'j> {
    is_object: bool,
    expects_name: bool,
    /// The current member of an object.
    name: &'j str,
}

impl<'j> Path<'j> {
    /// Advances by a token, and returns whether it is the name of a member.
    fn is_name(&mut self, token: &'j str) -> bool {
        let is_object = token == "{";
        match (token, self.0.last_mut()) {
            ("{" | "[", _) => self.0.push(Level { is_object, expects_name: is_object, name: "" }),
            ("}" | "]", _) => drop(self.0.pop()),
            (",", Some(level)) => level.expects_name = level.is_object,
            (_, Some(level)) if level.expects_name => {
                level.name = token.trim_matches('"');
                level.expects_name = false;
                return true;
            }
            _ => {}
        }
        false
    }

    fn is_payload(&self) -> bool {
        let is_payload = |level: &Level<'_>| PAYLOADS.contains(&level.name);
        match &self.0[..] {
            [response, ..] if is_payload(response) => true,
            [response, _, event, details, ..] => {
                response.name == "events" && event.name.ends_with("EventDetails") && is_payload(details)
            }
            _ => false,
        }
    }
}
