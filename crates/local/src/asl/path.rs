//! Paths into the data: `JSONPath` from a library, and reference paths, which name a single location.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::asl::data::Data;

/// `InputPath`, `OutputPath`, and the paths inside `Parameters`.
#[derive(Debug, Clone, PartialEq)]
pub enum Path {
    /// `null`: an empty object.
    Nothing,
    /// `$`: the whole data, unchanged.
    Whole,
    /// A path to a single location: its value.
    Location(ReferencePath),
    /// A path to any number of locations: the list of their values.
    Many(Box<JsonPath>),
    /// `$$..`: a location in the context object.
    Context(ReferencePath),
}

impl Path {
    /// Parses a path. Errors are those of the library.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "$" {
            return Ok(Self::Whole);
        }
        if let Some(in_context) = text.strip_prefix('$').filter(|rest| rest.starts_with('$')) {
            return ReferencePath::parse(in_context).map(Self::Context);
        }
        if let Ok(location) = ReferencePath::parse(text) {
            return Ok(Self::Location(location));
        }
        // The library's parser takes exponential time for unclosed brackets.
        if depth(text) > MAX_NESTING {
            return Err(format!("its brackets are nested more than {MAX_NESTING} levels deep"));
        }
        let query = JsonPath::parse(text).map_err(|error| error.to_string())?;
        Ok(Self::Many(Box::new(query)))
    }

    /// Returns the value of the path; an error if there is none.
    pub fn apply(&self, data: &Data, context: &Value) -> Result<Data, String> {
        match self {
            Self::Nothing => Ok(Data::from_value(Value::Object(Map::new()))),
            Self::Whole => Ok(data.clone()),
            Self::Location(location) => location.resolve(data.value()?).map(|value| Data::from_value(value.clone())),
            Self::Context(location) => location.resolve(context).map(|value| Data::from_value(value.clone())),
            Self::Many(query) => {
                let found = query.query(data.value()?).all().into_iter().cloned().collect();
                Ok(Data::from_value(Value::Array(found)))
            }
        }
    }
}

/// Maximum nesting of brackets and parentheses in a path.
const MAX_NESTING: usize = 8;

/// Returns the maximum nesting of brackets and parentheses.
fn depth(text: &str) -> usize {
    let (mut open, mut max) = (0_usize, 0);
    for c in text.chars() {
        match c {
            '(' | '[' => open += 1,
            ')' | ']' => open = open.saturating_sub(1),
            _ => {}
        }
        max = max.max(open);
    }
    max
}

/// A path that names exactly one location: `$.a.b[0]`, `$['a']`.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferencePath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Name(String),
    Index(usize),
}

impl ReferencePath {
    /// Parses a reference path ("Reference Paths" of the States Language).
    pub fn parse(text: &str) -> Result<Self, String> {
        let error = || format!("`{text}` is not a reference path such as `$.a.b`");
        let mut rest = text.strip_prefix('$').ok_or_else(error)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(named) = rest.strip_prefix('.') {
                let end = named.find(['.', '[']).unwrap_or(named.len());
                let name = &named[..end];
                if name.is_empty() || name.contains(['*', '@', '?', ':', ',', '(', ')', ' ']) {
                    return Err(error());
                }
                steps.push(Step::Name(name.to_owned()));
                rest = &named[end..];
            } else {
                let (inside, after) = rest.strip_prefix('[').and_then(|r| r.split_once(']')).ok_or_else(error)?;
                let quoted = |q: char| inside.strip_prefix(q).and_then(|i| i.strip_suffix(q));
                steps.push(match quoted('\'').or_else(|| quoted('"')) {
                    Some(name) => Step::Name(name.to_owned()),
                    None => Step::Index(inside.parse().map_err(|_| error())?),
                });
                rest = after;
            }
        }
        Ok(Self { text: text.to_owned(), steps })
    }

    /// Returns the path as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the value at the location.
    pub fn resolve<'v>(&self, value: &'v Value) -> Result<&'v Value, String> {
        self.find(value).ok_or_else(|| format!("Invalid path '{}': no such location in the input", self.text))
    }

    /// Returns the value at the location, if it exists.
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.steps.iter().try_fold(value, |value, step| match step {
            Step::Name(name) => value.get(name),
            Step::Index(index) => value.get(index),
        })
    }

    /// Inserts the result at the location, creating objects as needed, as `ResultPath` does.
    pub fn insert(&self, input: &Data, result: Data) -> Result<Data, String> {
        if self.steps.is_empty() {
            return Ok(result);
        }
        let mut whole = input.value()?.clone();
        let mut location = &mut whole;
        for step in &self.steps {
            let Step::Name(name) = step else {
                return Err(format!("ResultPath '{}' cannot refer to a list item", self.text));
            };
            if !location.is_object() {
                *location = Value::Object(Map::new());
            }
            location = &mut location[name.as_str()];
        }
        *location = result.value()?.clone();
        Ok(Data::from_value(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_resolve_locations_lists_and_the_context() {
        let data = Data::from_value(json!({"a": {"b": [10, 20]}, "x-y": 1, "o": [{"p": 1}, {"p": 2}]}));
        let context = json!({"Execution": {"Name": "run-1"}});
        let get =
            |path: &str| Path::parse(path).and_then(|p| p.apply(&data, &context)).and_then(|d| d.value().cloned());
        assert_eq!(get("$.a.b[1]"), Ok(json!(20)));
        assert_eq!(get("$['x-y']"), Ok(json!(1)));
        assert_eq!(get("$.x-y"), Ok(json!(1)));
        assert_eq!(get("$.o[*].p"), Ok(json!([1, 2])));
        assert_eq!(get("$$.Execution.Name"), Ok(json!("run-1")));
        assert!(get("$.missing").is_err());
        assert!(Path::parse("a.b").is_err());
    }

    #[test]
    fn nesting_of_brackets_is_limited() {
        let nested = |depth: usize| format!("$.a{}1{}", "[?($.a == ".repeat(depth), ")]".repeat(depth));
        let refused = Path::parse(&nested(5)).expect_err("too deep");
        assert_eq!(refused, "its brackets are nested more than 8 levels deep");
        // With unclosed brackets, the parser would take hours.
        assert!(Path::parse(&format!("$.a{}", "[?!($.a".repeat(500))).is_err());
        assert!(Path::parse("$.o[?(@.p == 1 && (@.q > 2 || !(@.r)))]").is_ok());
    }

    #[test]
    fn results_are_inserted_at_the_result_path() {
        let insert = |path: &str| {
            let input = Data::from_value(json!({"a": 1}));
            let path = ReferencePath::parse(path).expect("a path");
            path.insert(&input, Data::from_value(json!(2))).map(Data::into_text)
        };
        assert_eq!(insert("$").as_deref(), Ok("2"));
        assert_eq!(insert("$.b.c").as_deref(), Ok(r#"{"a":1,"b":{"c":2}}"#));
        assert_eq!(insert("$.a").as_deref(), Ok(r#"{"a":2}"#));
        assert!(insert("$.a[0]").is_err());
    }
}
