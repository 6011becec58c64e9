//! The data that flow from state to state.

use std::cell::OnceCell;

use serde_json::Value;

/// The most levels of nesting that `serde_json` reads.
const MOST_LEVELS: usize = 127;

/// A JSON value that stays the text it came as until something looks into it: numbers such as `1.0`
/// and `1e400`, duplicate keys and white space survive a machine that only passes them on.
#[derive(Debug, Clone)]
pub struct Data {
    text: OnceCell<String>,
    value: OnceCell<Result<Value, String>>,
}

impl Data {
    /// From text that is known to be JSON.
    pub fn from_text(text: &str) -> Self {
        Self { text: OnceCell::from(text.to_owned()), value: OnceCell::new() }
    }

    /// From a value that was made here.
    pub fn from_value(value: Value) -> Self {
        Self { text: OnceCell::new(), value: OnceCell::from(Ok(value)) }
    }

    /// The value; an error when this gateway cannot hold it (numbers beyond the range of a double,
    /// more than 128 levels).
    pub fn value(&self) -> Result<&Value, String> {
        self.value
            .get_or_init(|| {
                let text = self.text.get().map_or("null", String::as_str);
                serde_json::from_str(text).map_err(|error| format!("the local gateway cannot look into this: {error}"))
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    /// How many bytes it has as text.
    pub fn bytes(&self) -> usize {
        let text =
            || self.value.get().and_then(|value| value.as_ref().ok()).map_or_else(|| "null".into(), Value::to_string);
        self.text.get_or_init(text).len()
    }

    /// Whether this gateway could not read it back. A loop can nest its output one level deeper each time, and every event
    /// would then cost more than the one before.
    pub fn is_too_deep(&self) -> bool {
        self.value.get().and_then(|value| value.as_ref().ok()).is_some_and(|value| is_deeper(value, MOST_LEVELS))
    }

    /// The text.
    pub fn into_text(self) -> String {
        let Self { text, value } = self;
        text.into_inner().unwrap_or_else(|| {
            value.into_inner().and_then(Result::ok).map_or_else(|| "null".into(), |value| value.to_string())
        })
    }
}

fn is_deeper(value: &Value, most: usize) -> bool {
    match value {
        Value::Array(items) => most == 0 || items.iter().any(|item| is_deeper(item, most - 1)),
        Value::Object(members) => most == 0 || members.values().any(|member| is_deeper(member, most - 1)),
        _ => false,
    }
}
