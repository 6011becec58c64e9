//! `Parameters`: a payload template, in which the values of keys that end in `.$` are paths.

use serde_json::{Map, Value};

use crate::asl::data::Data;
use crate::asl::path::Path;

/// A payload template.
#[derive(Debug, Clone, PartialEq)]
pub enum Template {
    /// A fixed value.
    Fixed(Value),
    /// A path, resolved when the template is used.
    Path(Path),
    /// An object of templates.
    Object(Vec<(String, Template)>),
    /// A list of templates.
    Array(Vec<Template>),
}

impl Template {
    /// Parses a template. Intrinsic functions (`States.Format(..)`) are not supported.
    pub fn parse(value: &Value) -> Result<Self, String> {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(key, value)| match key.strip_suffix(".$") {
                    Some(name) => {
                        let text = value.as_str().ok_or_else(|| format!("`{key}` must be a path"))?;
                        if text.starts_with("States.") {
                            return Err(format!("the intrinsic function `{text}` is not supported"));
                        }
                        Ok((name.to_owned(), Self::Path(Path::parse(text)?)))
                    }
                    None => Ok((key.clone(), Self::parse(value)?)),
                })
                .collect::<Result<_, _>>()
                .map(Self::Object),
            Value::Array(items) => items.iter().map(Self::parse).collect::<Result<_, _>>().map(Self::Array),
            other => Ok(Self::Fixed(other.clone())),
        }
    }

    /// Returns the template with its paths resolved.
    pub fn fill(&self, data: &Data, context: &Value) -> Result<Value, String> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Path(path) => path.apply(data, context)?.value().cloned(),
            Self::Object(members) => members
                .iter()
                .map(|(key, template)| Ok((key.clone(), template.fill(data, context)?)))
                .collect::<Result<Map<_, _>, String>>()
                .map(Value::Object),
            Self::Array(items) => {
                items.iter().map(|item| item.fill(data, context)).collect::<Result<_, _>>().map(Value::Array)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_template_is_filled_from_input_and_context() {
        let template = json!({"n.$": "$.a.b", "fixed": [1, {"x.$": "$$.State.Name"}], "all.$": "$"});
        let template = Template::parse(&template).expect("a template");
        let filled = template.fill(&Data::from_value(json!({"a": {"b": 7}})), &json!({"State": {"Name": "S"}}));
        assert_eq!(filled, Ok(json!({"n": 7, "fixed": [1, {"x": "S"}], "all": {"a": {"b": 7}}})));
        assert!(Template::parse(&json!({"a.$": "States.UUID()"})).is_err_and(|e| e.contains("States.UUID")));
        assert!(Template::parse(&json!({"a.$": 5})).is_err());
    }
}
