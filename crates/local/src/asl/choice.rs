//! The rules of a Choice state.

use serde_json::{Map, Value};

use crate::asl::path::ReferencePath;

/// A rule: a comparison, or a combination of rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// All rules hold.
    And(Vec<Rule>),
    /// At least one rule holds.
    Or(Vec<Rule>),
    /// The rule does not hold.
    Not(Box<Rule>),
    /// A comparison of a variable.
    Test(ReferencePath, Comparison),
}

/// A comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// `IsPresent`.
    Present(bool),
    /// `IsNull`, `IsString`, `IsNumeric`, `IsBoolean`, `IsTimestamp`.
    Is(Kind, bool),
    /// `StringMatches`, with `*` as the wildcard.
    Matches(String),
    /// All others: type, operator and operand.
    Order(Kind, Order, Operand),
}

/// Types of values in comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// A string.
    String,
    /// A number.
    Numeric,
    /// `true` or `false`.
    Boolean,
    /// A string with an RFC 3339 timestamp.
    Timestamp,
}

/// Operators: `..Equals`, `..LessThan` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `Equals`.
    Equals,
    /// `LessThan`.
    Less,
    /// `LessThanEquals`.
    LessEquals,
    /// `GreaterThan`.
    Greater,
    /// `GreaterThanEquals`.
    GreaterEquals,
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A value in the definition.
    Value(Value),
    /// A location in the input (`..Path`).
    Path(ReferencePath),
}

impl Rule {
    /// Parses a rule from its members, without `Next`.
    pub fn parse(members: &Map<String, Value>) -> Result<Self, String> {
        let mut members: Vec<_> = members.iter().filter(|(key, _)| **key != "Comment").collect();
        members.sort_by_key(|(key, _)| *key != "Variable");
        match members[..] {
            [(key, value)] if key == "And" || key == "Or" => {
                let rules = value.as_array().ok_or_else(|| format!("`{key}` must be a list"))?;
                let rules = rules.iter().map(Self::parse_value).collect::<Result<_, _>>()?;
                Ok(if key == "And" { Self::And(rules) } else { Self::Or(rules) })
            }
            [(key, value)] if key == "Not" => Ok(Self::Not(Box::new(Self::parse_value(value)?))),
            [(variable, path), (operator, operand)] if variable == "Variable" => {
                let path = path.as_str().ok_or("`Variable` must be a path")?;
                Ok(Self::Test(ReferencePath::parse(path)?, Comparison::parse(operator, operand)?))
            }
            _ => Err("a rule has `Variable` and one comparison, or `And`, `Or`, `Not`".into()),
        }
    }

    fn parse_value(value: &Value) -> Result<Self, String> {
        Self::parse(value.as_object().ok_or("a rule must be an object")?)
    }

    /// Evaluates the rule. A missing variable is an error, except for `IsPresent`.
    pub fn holds(&self, input: &Value) -> Result<bool, String> {
        match self {
            Self::And(rules) => rules.iter().try_fold(true, |all, rule| Ok(all && rule.holds(input)?)),
            Self::Or(rules) => rules.iter().try_fold(false, |any, rule| Ok(any || rule.holds(input)?)),
            Self::Not(rule) => rule.holds(input).map(|holds| !holds),
            Self::Test(path, Comparison::Present(expected)) => Ok(path.find(input).is_some() == *expected),
            Self::Test(path, comparison) => comparison.holds(path.resolve(input)?, input),
        }
    }
}

impl Comparison {
    fn parse(operator: &str, operand: &Value) -> Result<Self, String> {
        let unknown = || format!("the comparison `{operator}` is not supported");
        let flag = || operand.as_bool().ok_or_else(|| format!("`{operator}` must be true or false"));
        match operator {
            "IsPresent" => return flag().map(Self::Present),
            "IsNull" => return flag().map(|flag| Self::Is(Kind::Null, flag)),
            "IsString" => return flag().map(|flag| Self::Is(Kind::String, flag)),
            "IsNumeric" => return flag().map(|flag| Self::Is(Kind::Numeric, flag)),
            "IsBoolean" => return flag().map(|flag| Self::Is(Kind::Boolean, flag)),
            "IsTimestamp" => return flag().map(|flag| Self::Is(Kind::Timestamp, flag)),
            "StringMatches" => {
                let pattern = operand.as_str().ok_or("`StringMatches` must be a string")?;
                return Ok(Self::Matches(pattern.to_owned()));
            }
            _ => {}
        }
        let (name, by_path) = operator.strip_suffix("Path").map_or((operator, false), |name| (name, true));
        let kinds = [
            ("String", Kind::String),
            ("Numeric", Kind::Numeric),
            ("Boolean", Kind::Boolean),
            ("Timestamp", Kind::Timestamp),
        ];
        let (kind, order) = kinds
            .into_iter()
            .find_map(|(prefix, kind)| name.strip_prefix(prefix).map(|order| (kind, order)))
            .ok_or_else(unknown)?;
        let order = match order {
            "Equals" => Order::Equals,
            "LessThan" => Order::Less,
            "LessThanEquals" => Order::LessEquals,
            "GreaterThan" => Order::Greater,
            "GreaterThanEquals" => Order::GreaterEquals,
            _ => return Err(unknown()),
        };
        if kind == Kind::Boolean && order != Order::Equals {
            return Err(unknown());
        }
        let operand = if by_path {
            let path = operand.as_str().ok_or_else(|| format!("`{operator}` must be a path"))?;
            Operand::Path(ReferencePath::parse(path)?)
        } else if kind.matches(operand) {
            Operand::Value(operand.clone())
        } else {
            return Err(format!("`{operator}` must be {}", kind.description()));
        };
        Ok(Self::Order(kind, order, operand))
    }

    fn holds(&self, value: &Value, input: &Value) -> Result<bool, String> {
        Ok(match self {
            Self::Present(expected) => *expected,
            Self::Is(kind, expected) => kind.matches(value) == *expected,
            Self::Matches(pattern) => value.as_str().is_some_and(|text| matches(pattern, text)),
            Self::Order(kind, order, operand) => {
                let operand = match operand {
                    Operand::Value(value) => value,
                    Operand::Path(path) => path.resolve(input)?,
                };
                kind.compare(value, operand).is_some_and(|found| match order {
                    Order::Equals => found.is_eq(),
                    Order::Less => found.is_lt(),
                    Order::LessEquals => found.is_le(),
                    Order::Greater => found.is_gt(),
                    Order::GreaterEquals => found.is_ge(),
                })
            }
        })
    }
}

impl Kind {
    fn description(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::String => "a string",
            Self::Numeric => "a number",
            Self::Boolean => "true or false",
            Self::Timestamp => "a timestamp",
        }
    }

    fn matches(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::String => value.is_string(),
            Self::Numeric => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Timestamp => timestamp(value).is_some(),
        }
    }

    /// Compares two values of this type; `None` if one has another type.
    fn compare(self, a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
        match self {
            Self::Null => None,
            Self::String => Some(a.as_str()?.cmp(b.as_str()?)),
            Self::Numeric => a.as_f64()?.partial_cmp(&b.as_f64()?),
            Self::Boolean => Some(a.as_bool()?.cmp(&b.as_bool()?)),
            Self::Timestamp => Some(timestamp(a)?.cmp(&timestamp(b)?)),
        }
    }
}

/// Parses an RFC 3339 timestamp.
pub fn timestamp(value: &Value) -> Option<jiff::Timestamp> {
    value.as_str()?.parse().ok()
}

/// `StringMatches`: `*` matches any text, `\*` a literal asterisk.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
        }
        Some('\\') if pattern.len() > 1 => starts_same(&pattern[1..], text),
        Some(_) => starts_same(pattern, text),
    }
}

fn starts_same(pattern: &str, text: &str) -> bool {
    let (mut expected, mut found) = (pattern.chars(), text.chars());
    expected.next() == found.next() && matches(expected.as_str(), found.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(rule: &Value, input: &Value) -> Result<bool, String> {
        Rule::parse(rule.as_object().expect("an object")).and_then(|rule| rule.holds(input))
    }

    #[test]
    fn comparisons_of_every_type_are_evaluated() {
        let input = json!({"n": 5, "m": 7, "s": "report.csv", "b": true, "z": null, "t": "2026-01-02T03:04:05Z"});
        for (rule, expected) in [
            (json!({"Variable": "$.n", "NumericGreaterThanEquals": 5}), true),
            (json!({"Variable": "$.n", "NumericLessThanPath": "$.m"}), true),
            (json!({"Variable": "$.s", "NumericEquals": 5}), false),
            (json!({"Variable": "$.s", "StringMatches": "rep*.csv"}), true),
            (json!({"Variable": "$.s", "StringMatches": "rep*.txt"}), false),
            (json!({"Variable": "$.b", "BooleanEquals": true}), true),
            (json!({"Variable": "$.z", "IsNull": true}), true),
            (json!({"Variable": "$.q", "IsPresent": false}), true),
            (json!({"Variable": "$.t", "IsTimestamp": true}), true),
            (json!({"Variable": "$.t", "TimestampLessThan": "2026-01-02T04:04:05+00:30"}), true),
            (
                json!({"And": [{"Variable": "$.n", "NumericEquals": 5}, {"Not": {"Variable": "$.s", "StringEquals": "x"}}]}),
                true,
            ),
            (
                json!({"Or": [{"Variable": "$.n", "NumericEquals": 6}, {"Variable": "$.b", "BooleanEquals": false}]}),
                false,
            ),
        ] {
            assert_eq!(holds(&rule, &input), Ok(expected), "{rule}");
        }
        assert!(holds(&json!({"Variable": "$.q", "NumericEquals": 5}), &input).is_err());
        assert!(holds(&json!({"Variable": "$.n", "NumericNear": 5}), &input).is_err_and(|e| e.contains("NumericNear")));
    }
}
