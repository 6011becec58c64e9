//! Paths into the data: `JsonPath` from a library, reference paths (one place, nothing else) on top.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::asl::data::Data;

/// `InputPath`, `OutputPath`, and the paths inside of `Parameters`.
#[derive(Debug, Clone, PartialEq)]
pub enum Path {
    /// `null`: an empty object.
    Nothing,
    /// `$`: all of it, untouched.
    Whole,
    /// A path to one place: its value.
    Location(ReferencePath),
    /// A path to any number of places: the list of their values.
    Many(Box<JsonPath>),
    /// `$$..`: a place in the context object.
    Context(ReferencePath),
}

impl Path {
    /// Reads a path. The error is the library's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "$" {
            return Ok(Self::Whole);
        }
        if let Some(in_context) = text.strip_prefix('$').filter(|rest| rest.starts_with('$')) {
            return ReferencePath::parse(in_context).map(Self::Context);
        }
        if let Ok(place) = ReferencePath::parse(text) {
            return Ok(Self::Location(place));
        }
        // The library's parser takes time that grows exponentially with brackets that are not closed.
        if depth(text) > MOST_NESTED {
            return Err(format!("its brackets are nested more than {MOST_NESTED} levels deep"));
        }
        let query = JsonPath::parse(text).map_err(|error| error.to_string())?;
        Ok(Self::Many(Box::new(query)))
    }

    /// What the path points to; an error in words when there is nothing.
    pub fn apply(&self, data: &Data, context: &Value) -> Result<Data, String> {
        match self {
            Self::Nothing => Ok(Data::from_value(Value::Object(Map::new()))),
            Self::Whole => Ok(data.clone()),
            Self::Location(place) => place.of(data.value()?).map(|value| Data::from_value(value.clone())),
            Self::Context(place) => place.of(context).map(|value| Data::from_value(value.clone())),
            Self::Many(query) => {
                let found = query.query(data.value()?).all().into_iter().cloned().collect();
                Ok(Data::from_value(Value::Array(found)))
            }
        }
    }
}

/// Limit for the brackets and parentheses that may be open at once in a path.
const MOST_NESTED: usize = 8;

/// Returns the largest number of brackets and parentheses that are open at once.
fn depth(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for c in text.chars() {
        match c {
            '(' | '[' => open += 1,
            ')' | ']' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// A path that names exactly one place: `$.a.b[0]`, `$['a']`.
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
    /// Reads a reference path ("Reference Paths" of the States Language).
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no reference path such as `$.a.b`");
        let mut rest = text.strip_prefix('$').ok_or_else(wrong)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(named) = rest.strip_prefix('.') {
                let end = named.find(['.', '[']).unwrap_or(named.len());
                let name = &named[..end];
                if name.is_empty() || name.contains(['*', '@', '?', ':', ',', '(', ')', ' ']) {
                    return Err(wrong());
                }
                steps.push(Step::Name(name.to_owned()));
                rest = &named[end..];
            } else {
                let (inside, behind) = rest.strip_prefix('[').and_then(|r| r.split_once(']')).ok_or_else(wrong)?;
                let quoted = |q: char| inside.strip_prefix(q).and_then(|i| i.strip_suffix(q));
                steps.push(match quoted('\'').or_else(|| quoted('"')) {
                    Some(name) => Step::Name(name.to_owned()),
                    None => Step::Index(inside.parse().map_err(|_| wrong())?),
                });
                rest = behind;
            }
        }
        Ok(Self { text: text.to_owned(), steps })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value at the place.
    pub fn of<'v>(&self, value: &'v Value) -> Result<&'v Value, String> {
        self.find(value).ok_or_else(|| format!("Invalid path '{}': there is no such place in the input", self.text))
    }

    /// The value at the place, if there is one.
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.steps.iter().try_fold(value, |value, step| match step {
            Step::Name(name) => value.get(name),
            Step::Index(index) => value.get(index),
        })
    }

    /// Puts the result at the place, making objects on the way: what `ResultPath` does.
    pub fn put(&self, input: &Data, result: Data) -> Result<Data, String> {
        if self.steps.is_empty() {
            return Ok(result);
        }
        let mut whole = input.value()?.clone();
        let mut place = &mut whole;
        for step in &self.steps {
            let Step::Name(name) = step else {
                return Err(format!("ResultPath '{}' cannot point into a list", self.text));
            };
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[name.as_str()];
        }
        *place = result.value()?.clone();
        Ok(Data::from_value(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_find_places_lists_and_the_context() {
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
    fn brackets_inside_of_each_other_are_limited() {
        let nested = |depth: usize| format!("$.a{}1{}", "[?($.a == ".repeat(depth), ")]".repeat(depth));
        let refused = Path::parse(&nested(5)).expect_err("too deep");
        assert_eq!(refused, "its brackets are nested more than 8 levels deep");
        // With closing brackets left out the parser would be busy for hours.
        assert!(Path::parse(&format!("$.a{}", "[?!($.a".repeat(500))).is_err());
        assert!(Path::parse("$.o[?(@.p == 1 && (@.q > 2 || !(@.r)))]").is_ok());
    }

    #[test]
    fn results_are_put_where_the_result_path_says() {
        let put = |path: &str| {
            let input = Data::from_value(json!({"a": 1}));
            let path = ReferencePath::parse(path).expect("a path");
            path.put(&input, Data::from_value(json!(2))).map(Data::into_text)
        };
        assert_eq!(put("$").as_deref(), Ok("2"));
        assert_eq!(put("$.b.c").as_deref(), Ok(r#"{"a":1,"b":{"c":2}}"#));
        assert_eq!(put("$.a").as_deref(), Ok(r#"{"a":2}"#));
        assert!(put("$.a[0]").is_err());
    }
}
