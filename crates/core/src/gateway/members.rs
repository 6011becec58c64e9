//! The members of a response's body, read leniently: gateways leave members out, print dates in other notations, and
//! unpack `input` and `output`.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::text_limit::{self, limited};
use crate::domain::{Failure, FailureKind, OtherMembers, Payload, Timestamp};
use crate::gateway::undecodable::{shortened, undecodable};

/// What an execution receives and returns. Everything else in a response may be part of a message.
const PAYLOADS: [&str; 2] = ["input", "output"];

/// Limit for the members of an object. No real response has nearly as many.
const MOST_MEMBERS: usize = 1_000;
/// Limit in bytes for a number, a date or an id. Anything longer is invalid, and parsing it could take a lot of memory.
const LONGEST_SCALAR: usize = 256;

/// The top-level members of a JSON object, as received, up to a limit. If a member occurs twice, the last one counts.
#[derive(Debug)]
pub(super) struct Members<'b>(Vec<(Cow<'b, str>, &'b RawValue)>);

impl<'b> Members<'b> {
    /// Parses a body; `None` if it is not a JSON object.
    pub(super) fn parse(body: &'b [u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Parses a successful response, which must be an object.
    pub(super) fn of_response(body: &'b [u8]) -> Result<Self, Failure> {
        Self::parse(body).ok_or_else(|| undecodable(format!("expected a JSON object, found {}", excerpt(body))))
    }

    /// Returns a member as received; `None` for null.
    pub(super) fn value(&self, name: &str) -> Option<&'b RawValue> {
        let value = self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value);
        value.filter(|value| value.get() != "null")
    }

    /// Returns a string member of any length.
    pub(super) fn whole_text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.value(name)?.get()).ok()
    }

    /// Returns a member of any length: a string's content, or any other JSON as received.
    pub(super) fn whole_value(&self, name: &str) -> Option<String> {
        self.whole_text(name).or_else(|| Some(self.value(name)?.get().to_owned()))
    }

    /// Returns a string member that identifies something.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.whole_text(name).map(|text| limited(text, text_limit::IDENTITY))
    }

    /// Returns a string member that is a keyword.
    pub(super) fn keyword(&self, name: &str) -> Option<String> {
        self.whole_text(name).map(|text| limited(text.trim().to_owned(), text_limit::WORD))
    }

    /// Returns a member as text of at most `most` characters: a string's content, or any other JSON as received.
    pub(super) fn value_text(&self, name: &str, most: usize) -> Option<String> {
        self.whole_value(name).map(|text| limited(text, most))
    }

    /// Returns an `error` or `cause` as text: services send strings, but gateways and emulators also send objects. `None`
    /// for every other member.
    pub(super) fn failure_text(&self, name: &str) -> Option<String> {
        match name {
            "error" => self.value_text(name, text_limit::ERROR),
            "cause" => self.value_text(name, text_limit::CAUSE),
            _ => None,
        }
    }

    /// Returns an input or output: a string's content byte for byte, or any other JSON as received.
    pub(super) fn payload(&self, name: &str) -> Option<Payload> {
        self.whole_value(name).map(Payload::received)
    }

    /// Returns why a member cannot be read as a text; `None` if it can.
    pub(super) fn lacking(&self, name: &str) -> Option<String> {
        match (self.whole_text(name), self.value(name)) {
            (Some(_), _) => None,
            (None, None) => Some(format!("no `{name}`")),
            (None, Some(_)) => Some(format!("`{name}` is not a string")),
        }
    }

    /// Returns the members that are not in `read`. Dates become strings in one notation.
    pub(super) fn others(&self, read: &[&str]) -> OtherMembers {
        let others = self.0.iter().filter(|(name, _)| !read.contains(&&**name));
        let others: Vec<(&str, Cow<'_, str>)> =
            others.map(|(name, value)| (&**name, in_notation(name, value))).collect();
        OtherMembers::received(others.iter().map(|(name, value)| (*name, &**value)))
    }

    /// Returns a short scalar: a number, string or literal.
    pub(super) fn scalar(&self, name: &str) -> Option<Value> {
        let json = self.value(name)?.get();
        if json.len() > LONGEST_SCALAR { None } else { serde_json::from_str(json).ok() }
    }

    /// Returns the members as received.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'b RawValue)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
    }

    /// Returns a count, which may be a string of digits.
    pub(super) fn count(&self, name: &str) -> Option<u32> {
        match self.scalar(name)? {
            Value::Number(number) => number.as_u64().and_then(|count| u32::try_from(count).ok()),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Returns a date in any notation. An unreadable date counts as absent.
    pub(super) fn date(&self, name: &str) -> Option<Timestamp> {
        date_of(&self.scalar(name)?)
    }

    /// Returns the message of an error body, from the members that services, gateways and Lambda functions use.
    pub(super) fn message(&self) -> Option<String> {
        let message = ["message", "Message", "errorMessage"].iter().find_map(|name| self.whole_text(name));
        let message = message.map(|message| limited(message, text_limit::MESSAGE));
        message.or_else(|| {
            let (error, cause) = (self.whole_value("error"), self.whole_value("cause"));
            let both: Vec<String> = error.into_iter().chain(cause).collect();
            (!both.is_empty()).then(|| shortened(&both.join(": ")))
        })
    }

    /// Returns the members without inputs and outputs, as one line.
    fn without_payloads(&self) -> String {
        let member = |(name, value): &(Cow<'_, str>, &RawValue)| {
            let value = if PAYLOADS.contains(&&**name) { "…" } else { value.get() };
            format!("{}: {value}", Value::from(&**name))
        };
        format!("{{{}}}", self.0.iter().map(member).collect::<Vec<_>>().join(", "))
    }
}

impl<'de: 'b, 'b> Deserialize<'de> for Members<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Name<'n>(#[serde(borrow)] Cow<'n, str>);
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while members.len() < MOST_MEMBERS {
                    let Some((Name(name), value)) = map.next_entry()? else { return Ok(Members(members)) };
                    members.push((name, value));
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// Returns a member named as a date in the common notation of dates, an input or output as a string, and any other
/// member as received.
fn in_notation<'v>(name: &str, value: &'v RawValue) -> Cow<'v, str> {
    if PAYLOADS.contains(&name) && !value.get().starts_with('"') && value.get() != "null" {
        return Value::from(value.get()).to_string().into();
    }
    let is_date = name.ends_with("Date") && value.get().len() <= LONGEST_SCALAR;
    let date = is_date.then(|| serde_json::from_str(value.get()).ok()).flatten();
    match date.as_ref().and_then(date_of) {
        Some(date) => format!("\"{date}\"").into(),
        None => value.get().into(),
    }
}

/// Parses a date as gateways print it: a number, or a string in one of the usual notations.
fn date_of(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => number.as_f64().and_then(Timestamp::from_wire),
        Value::String(text) => Timestamp::from_text(text),
        _ => None,
    }
}

/// The first `MOST` items of an array; more are never requested, and each would take memory.
#[derive(Debug)]
pub(super) struct Items<'b, const MOST: usize>(pub(super) Vec<&'b RawValue>);

impl<'de: 'b, 'b, const MOST: usize> Deserialize<'de> for Items<'b, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Array<const MOST: usize>;
        impl<'de, const MOST: usize> Visitor<'de> for Array<MOST> {
            type Value = Items<'de, MOST>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while items.len() < MOST {
                    let Some(item) = array.next_element()? else { return Ok(Items(items)) };
                    items.push(item);
                }
                while array.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Items(items))
            }
        }
        deserializer.deserialize_seq(Array)
    }
}

/// Returns the beginning of a body for a message, without inputs and outputs.
pub(super) fn excerpt(body: &[u8]) -> String {
    match Members::parse(body) {
        Some(members) if members.0.iter().any(|(name, _)| PAYLOADS.contains(&&**name)) => {
            shortened(&members.without_payloads())
        }
        _ => shortened(&String::from_utf8_lossy(body)),
    }
}

/// Returns the failure of a response without a required member.
pub(super) fn missing(member: &str, members: &Members<'_>, body: &[u8]) -> Failure {
    let message = members.message().unwrap_or_else(|| {
        let what = members.lacking(member).unwrap_or_default();
        format!("{what} in {}", excerpt(body))
    });
    Failure::without_response(FailureKind::Undecodable, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_is_read_and_nonsense_counts_as_absent() {
        let body = br#"{"a":1.701837432549E9,"b":"2023-12-06T04:37:12.549Z","c":"1701837432.549","d":null,"e":"soon","f":[1],
            "g":"Wed, 06 Dec 2023 04:37:12 GMT","h":"2023-12-06T13:37:12.549+0900","i":1701837432549,"j":"2023-12-06 04:37:12.549Z"}"#;
        let members = Members::parse(body).expect("an object");
        let date = |name: &str| members.date(name).map(Timestamp::as_millis);
        for name in ["a", "b", "c", "h", "i", "j"] {
            assert_eq!(date(name), Some(1_701_837_432_549), "{name}");
        }
        assert_eq!(date("g"), Some(1_701_837_432_000));
        for name in ["d", "e", "f", "none"] {
            assert_eq!(date(name), None, "{name}");
        }
        let body = br#"{"input":{"a": 1.0},"output":"{\"b\":2}","n":null,"redriveCount":"2"}"#;
        let members = Members::parse(body).expect("an object");
        let payload = |name: &str| members.payload(name).map(|payload| payload.as_str().to_owned());
        assert_eq!(payload("input").as_deref(), Some("{\"a\": 1.0}"));
        assert_eq!(payload("output").as_deref(), Some("{\"b\":2}"));
        assert_eq!((payload("n"), members.count("redriveCount")), (None, Some(2)));
    }

    #[test]
    fn the_message_of_an_error_body_is_found() {
        let message = |body: &str| Members::parse(body.as_bytes()).and_then(|members| members.message());
        for (body, expected) in [
            (r#"{"errorMessage":"Task timed out","errorType":"Sandbox.Timedout"}"#, Some("Task timed out")),
            (r#"{"error":"Boom","cause":"asked to"}"#, Some("Boom: asked to")),
            (r#"{"error":"Bad request!"}"#, Some("Bad request!")),
            (r#"{"error":{"code":7}}"#, Some("{\"code\":7}")),
            (r#"{"Message":"no"}"#, Some("no")),
            ("{}", None),
        ] {
            assert_eq!(message(body).as_deref(), expected, "{body}");
        }
    }
}
