//! Members of a response without a field of their own, such as `traceHeader` or members of a later API version: kept as
//! received, and never parsed into numbers or maps.

use std::fmt;
use std::sync::Arc;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::domain::text_limit::{IDENTITY, limited};

/// More than any response of Step Functions has.
const MOST: usize = 64;
/// The longest JSON text of a member. A longer one becomes a string with an excerpt and its length.
const MOST_CHARS: usize = 32_768;
/// Length of the excerpt.
const BEGINNING: usize = 1_000;

/// These never change, not even by a redrive.
const FIXED: [&str; 5] = ["stateMachineVersionArn", "stateMachineAliasArn", "traceHeader", "mapRunArn", "inputDetails"];
/// These contain nothing of an input or output.
const WITHOUT_PAYLOAD: [&str; 6] =
    ["stateMachineVersionArn", "stateMachineAliasArn", "traceHeader", "mapRunArn", "inputDetails", "outputDetails"];

/// Names and JSON texts in the order received. Each text is one line.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct OtherMembers(Arc<[(Box<str>, Box<str>)]>);

impl OtherMembers {
    /// Builds from names and JSON texts; of duplicate names the last one counts.
    pub fn received<'m>(members: impl IntoIterator<Item = (&'m str, &'m str)>) -> Self {
        let mut kept: Vec<(Box<str>, Box<str>)> = Vec::new();
        for (name, value) in members {
            let name = limited(name.to_owned(), IDENTITY).into_boxed_str();
            match kept.iter().position(|(known, _)| *known == name) {
                Some(at) => kept[at].1 = one_line(value).into_boxed_str(),
                None if kept.len() < MOST => kept.push((name, one_line(value).into_boxed_str())),
                None => {}
            }
        }
        Self(kept.into())
    }

    /// Iterates over names and JSON texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Returns their size in bytes.
    pub fn bytes(&self) -> usize {
        self.iter().map(|(name, value)| name.len() + value.len()).sum()
    }

    /// Returns whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns these members, and those of an earlier response with other names.
    #[must_use]
    pub fn or(&self, earlier: &Self) -> Self {
        match (self.is_empty(), earlier.is_empty()) {
            (_, true) => self.clone(),
            (true, false) => earlier.clone(),
            (false, false) => Self::received(earlier.iter().chain(self.iter())),
        }
    }

    /// Returns the members that no redrive changes.
    #[must_use]
    pub fn fixed(&self) -> Self {
        self.filtered(|name, _| FIXED.contains(&name))
    }

    /// Returns the members that cannot hold a part of an input or output, which unknown members may.
    #[must_use]
    pub(crate) fn without_payloads(&self) -> Self {
        self.filtered(|name, value| match name {
            "inputDetails" | "outputDetails" => serde_json::from_str::<DataDetails>(value).is_ok(),
            _ => WITHOUT_PAYLOAD.contains(&name) && value.starts_with('"'),
        })
    }

    fn filtered(&self, matches: impl Fn(&str, &str) -> bool) -> Self {
        Self::received(self.iter().filter(|(name, value)| matches(name, value)))
    }

    /// Returns one JSON object; `None` if there are no members.
    pub(crate) fn to_json(&self) -> Option<String> {
        let member = |(name, value)| Some(format!("{}:{value}", serde_json::to_string(name).ok()?));
        (!self.is_empty()).then(|| format!("{{{}}}", self.iter().filter_map(member).collect::<Vec<_>>().join(",")))
    }

    /// Parses the text of a JSON object, as the store keeps it.
    pub fn from_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// `CloudWatchEventsExecutionDataDetails`, and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DataDetails {
    #[serde(rename = "included")]
    _included: Option<bool>,
    #[serde(rename = "__type")]
    _type: Option<IgnoredAny>,
}

impl<'de> Deserialize<'de> for OtherMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = OtherMembers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OtherMembers, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    members.push((name, value));
                }
                Ok(OtherMembers::received(members.iter().map(|(name, value)| (name.as_str(), value.get()))))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl fmt::Debug for OtherMembers {
    /// Only the names, because a value may hold a payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// Returns JSON without white space between tokens, or an excerpt of it as a string.
fn one_line(json: &str) -> String {
    if json.len() > MOST_CHARS && json.chars().nth(MOST_CHARS).is_some() {
        let text = serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
        return serde_json::to_string(&limited(text, BEGINNING)).unwrap_or_default();
    }
    let (mut line, mut is_string, mut is_escaped) = (String::with_capacity(json.len()), false, false);
    for c in json.chars() {
        if is_string {
            is_string = is_escaped || c != '"';
            is_escaped = c == '\\' && !is_escaped;
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            is_string = c == '"';
        }
        line.push(c);
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn members_survive_a_round_trip() {
        let members = OtherMembers::received([
            ("a\"b", " { \"x\" : [ 1.10 , 1e400 ] , \"y z\" : \"\\\" } \" }"),
            ("n", "null"),
            ("n", "12345678901234567890123"),
        ]);
        let expected = [("a\"b", "{\"x\":[1.10,1e400],\"y z\":\"\\\" } \"}"), ("n", "12345678901234567890123")];
        assert_eq!(members.iter().collect::<Vec<_>>(), expected);
        let json = members.to_json().expect("members");
        assert_eq!(OtherMembers::from_json(&json), members);
        assert_eq!(OtherMembers::default().to_json(), None);
        assert_eq!(OtherMembers::from_json("nonsense"), OtherMembers::default());
    }

    #[test]
    fn a_hostile_response_is_bounded() {
        let long = format!("\"{}\"", "a".repeat(500_000));
        let names: Vec<String> = (0..100_000).map(|number| format!("m{number}")).collect();
        let members = OtherMembers::received(
            [("long", long.as_str()), (&"n".repeat(100_000), "1")]
                .into_iter()
                .chain(names.iter().map(|name| (name.as_str(), "1"))),
        );
        assert!(members.iter().count() == MOST && members.to_json().expect("members").len() < 10_000);
        let (_, value) = members.iter().next().expect("the first");
        assert!(value.ends_with("a… (500,000 characters)\""), "{value}");
        let array = format!("[{}1]", "1,".repeat(50_000));
        let members = OtherMembers::received([("array", array.as_str())]);
        let cut = members.iter().next().expect("a member").1.to_owned();
        assert!(serde_json::from_str::<String>(&cut).expect("a string").ends_with("1… (100,003 characters)"), "{cut}");
    }

    #[test]
    fn later_members_replace_earlier_ones_and_erase_none() {
        let earlier = OtherMembers::received([("traceHeader", "\"a\""), ("outputDetails", "{}"), ("x", "1")]);
        let later = OtherMembers::received([("x", "2"), ("y", "3")]);
        let expected = [("traceHeader", "\"a\""), ("outputDetails", "{}"), ("x", "2"), ("y", "3")];
        assert_eq!(later.or(&earlier).iter().collect::<Vec<_>>(), expected);
        assert_eq!(later.or(&OtherMembers::default()), later);
        assert_eq!(OtherMembers::default().or(&earlier), earlier);
        assert_eq!(earlier.fixed().iter().collect::<Vec<_>>(), [("traceHeader", "\"a\"")]);
    }

    #[test]
    fn members_that_may_hold_a_payload_are_recognized() {
        for (name, value, cannot) in [
            ("traceHeader", "\"Root=1\"", true),
            ("traceHeader", "{\"secret\":1}", false),
            ("inputDetails", "{\"included\":true}", true),
            ("inputDetails", "{\"included\":true,\"__type\":\"x\"}", true),
            ("inputDetails", "{\"included\":true,\"input\":\"{}\"}", false),
            ("outputDetails", "\"output\"", false),
            ("all", "{}", false),
        ] {
            let kept = OtherMembers::received([(name, value)]).without_payloads();
            assert_eq!(!kept.is_empty(), cannot, "{name}: {value}");
        }
    }

    proptest! {
        #[test]
        fn one_line_is_the_same_value_and_has_one_line(text in "(\\PC|[ \n\"\\\\]){0,40}", number in any::<i64>()) {
            let value = serde_json::json!({ "a": [text, number], text: { " ": null } });
            let pretty = serde_json::to_string_pretty(&value).expect("JSON");
            let line = one_line(&pretty);
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(serde_json::from_str::<Value>(&line).expect("JSON"), value);
            prop_assert_eq!(one_line(&line), line);
        }
    }
}
