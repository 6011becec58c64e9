//! The data that states pass on.

use std::cell::OnceCell;

use serde_json::Value;

/// Maximum nesting that `serde_json` parses.
const MAX_LEVELS: usize = 127;

/// A JSON value that is only parsed when necessary, so that numbers such as `1.0` and `1e400`, duplicate keys and white
/// space survive a machine that just passes them on.
#[derive(Debug, Clone)]
pub struct Data {
    text: OnceCell<String>,
    value: OnceCell<Result<Value, String>>,
}

impl Data {
    /// From valid JSON.
    pub fn from_text(text: &str) -> Self {
        Self { text: OnceCell::from(text.to_owned()), value: OnceCell::new() }
    }

    /// From a value.
    pub fn from_value(value: Value) -> Self {
        Self { text: OnceCell::new(), value: OnceCell::from(Ok(value)) }
    }

    /// Returns the parsed value; an error for numbers beyond the range of a double, or more than 128 levels.
    pub fn value(&self) -> Result<&Value, String> {
        self.value
            .get_or_init(|| {
                let text = self.text.get().map_or("null", String::as_str);
                serde_json::from_str(text).map_err(|error| format!("the local gateway cannot parse this: {error}"))
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    /// Returns its size as text, in bytes.
    pub fn bytes(&self) -> usize {
        let text =
            || self.value.get().and_then(|value| value.as_ref().ok()).map_or_else(|| "null".into(), Value::to_string);
        self.text.get_or_init(text).len()
    }

    /// Whether it is nested too deeply to be parsed again. A loop can nest its output one level deeper each time.
    pub fn is_too_deep(&self) -> bool {
        self.value.get().and_then(|value| value.as_ref().ok()).is_some_and(|value| is_deeper(value, MAX_LEVELS))
    }

    /// Returns the text.
    pub fn into_text(self) -> String {
        let Self { text, value } = self;
        text.into_inner().unwrap_or_else(|| {
            value.into_inner().and_then(Result::ok).map_or_else(|| "null".into(), |value| value.to_string())
        })
    }
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| is_deeper(item, levels - 1)),
        Value::Object(members) => levels == 0 || members.values().any(|member| is_deeper(member, levels - 1)),
        _ => false,
    }
}
