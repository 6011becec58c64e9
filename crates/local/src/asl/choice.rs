//! The rules of a Choice state.

use serde_json::{Map, Value};

use crate::asl::path::ReferencePath;

/// A rule: a comparison, or rules put together.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// All of them.
    And(Vec<Rule>),
    /// One of them at least.
    Or(Vec<Rule>),
    /// The contrary.
    Not(Box<Rule>),
    /// A look at one variable.
    Test(ReferencePath, Comparison),
}

/// How a variable is looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// `IsPresent`.
    Present(bool),
    /// `IsNull`, `IsString`, `IsNumeric`, `IsBoolean`, `IsTimestamp`.
    Is(Kind, bool),
    /// `StringMatches`, with `*` as the wildcard.
    Matches(String),
    /// All others: by kind, by order, with what.
    Order(Kind, Order, Operand),
}

/// The kinds of values that comparisons know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// A text.
    String,
    /// A number.
    Numeric,
    /// `true` or `false`.
    Boolean,
    /// A text that is an RFC 3339 moment.
    Timestamp,
}

/// The orders of `..Equals`, `..LessThan` and so on.
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

/// What a variable is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A value of the definition.
    Value(Value),
    /// A place of the input (`..Path`).
    Path(ReferencePath),
}

impl Rule {
    /// Reads a rule from its members; `Next` belongs to the state and not to the rule.
    pub fn parse(members: &Map<String, Value>) -> Result<Self, String> {
        let mut members: Vec<_> = members.iter().filter(|(key, _)| **key != "Comment").collect();
        members.sort_by_key(|(key, _)| *key != "Variable");
        match members[..] {
            [(key, value)] if key == "And" || key == "Or" => {
                let rules = value.as_array().ok_or_else(|| format!("`{key}` should hold a list"))?;
                let rules = rules.iter().map(Self::parse_value).collect::<Result<_, _>>()?;
                Ok(if key == "And" { Self::And(rules) } else { Self::Or(rules) })
            }
            [(key, value)] if key == "Not" => Ok(Self::Not(Box::new(Self::parse_value(value)?))),
            [(variable, path), (operator, operand)] if variable == "Variable" => {
                let path = path.as_str().ok_or("`Variable` should hold a path")?;
                Ok(Self::Test(ReferencePath::parse(path)?, Comparison::parse(operator, operand)?))
            }
            _ => Err("a rule has `Variable` and one comparison, or `And`, `Or`, `Not`".into()),
        }
    }

    fn parse_value(value: &Value) -> Result<Self, String> {
        Self::parse(value.as_object().ok_or("a rule should be an object")?)
    }

    /// Whether it holds. A variable that is not there is an error, but for `IsPresent`.
    pub fn holds(&self, input: &Value) -> Result<bool, String> {
        match self {
            Self::And(rules) => rules.iter().try_fold(true, |all, rule| Ok(all && rule.holds(input)?)),
            Self::Or(rules) => rules.iter().try_fold(false, |any, rule| Ok(any || rule.holds(input)?)),
            Self::Not(rule) => rule.holds(input).map(|holds| !holds),
            Self::Test(path, Comparison::Present(wanted)) => Ok(path.find(input).is_some() == *wanted),
            Self::Test(path, comparison) => comparison.holds(path.of(input)?, input),
        }
    }
}

impl Comparison {
    fn parse(operator: &str, operand: &Value) -> Result<Self, String> {
        let unknown = || format!("the comparison `{operator}` is not supported");
        let flag = || operand.as_bool().ok_or_else(|| format!("`{operator}` should hold true or false"));
        match operator {
            "IsPresent" => return flag().map(Self::Present),
            "IsNull" => return flag().map(|flag| Self::Is(Kind::Null, flag)),
            "IsString" => return flag().map(|flag| Self::Is(Kind::String, flag)),
            "IsNumeric" => return flag().map(|flag| Self::Is(Kind::Numeric, flag)),
            "IsBoolean" => return flag().map(|flag| Self::Is(Kind::Boolean, flag)),
            "IsTimestamp" => return flag().map(|flag| Self::Is(Kind::Timestamp, flag)),
            "StringMatches" => {
                let pattern = operand.as_str().ok_or("`StringMatches` should hold a text")?;
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
            let path = operand.as_str().ok_or_else(|| format!("`{operator}` should hold a path"))?;
            Operand::Path(ReferencePath::parse(path)?)
        } else if kind.fits(operand) {
            Operand::Value(operand.clone())
        } else {
            return Err(format!("`{operator}` should hold {}", kind.word()));
        };
        Ok(Self::Order(kind, order, operand))
    }

    fn holds(&self, value: &Value, input: &Value) -> Result<bool, String> {
        Ok(match self {
            Self::Present(wanted) => *wanted,
            Self::Is(kind, wanted) => kind.fits(value) == *wanted,
            Self::Matches(pattern) => value.as_str().is_some_and(|text| matches(pattern, text)),
            Self::Order(kind, order, operand) => {
                let operand = match operand {
                    Operand::Value(value) => value,
                    Operand::Path(path) => path.of(input)?,
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
    fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::String => "a text",
            Self::Numeric => "a number",
            Self::Boolean => "true or false",
            Self::Timestamp => "a timestamp",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::String => value.is_string(),
            Self::Numeric => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Timestamp => moment(value).is_some(),
        }
    }

    /// The order of two values of this kind; `None` when one is of another kind.
    fn compare(self, a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
        match self {
            Self::Null => None,
            Self::String => Some(a.as_str()?.cmp(b.as_str()?)),
            Self::Numeric => a.as_f64()?.partial_cmp(&b.as_f64()?),
            Self::Boolean => Some(a.as_bool()?.cmp(&b.as_bool()?)),
            Self::Timestamp => Some(moment(a)?.cmp(&moment(b)?)),
        }
    }
}

/// The moment that a text stands for.
pub fn moment(value: &Value) -> Option<jiff::Timestamp> {
    value.as_str()?.parse().ok()
}

/// `StringMatches`: `*` stands for any text, `\*` for itself.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
        }
        Some('\\') if pattern.len() > 1 => same_first(&pattern[1..], text),
        Some(_) => same_first(pattern, text),
    }
}

fn same_first(pattern: &str, text: &str) -> bool {
    let (mut wanted, mut given) = (pattern.chars(), text.chars());
    wanted.next() == given.next() && matches(wanted.as_str(), given.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(rule: &Value, input: &Value) -> Result<bool, String> {
        Rule::parse(rule.as_object().expect("an object")).and_then(|rule| rule.holds(input))
    }

    #[test]
    fn comparisons_of_every_kind() {
        let input = json!({"n": 5, "m": 7, "s": "report.csv", "b": true, "z": null, "t": "2026-01-02T03:04:05Z"});
        for (rule, wanted) in [
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
            assert_eq!(holds(&rule, &input), Ok(wanted), "{rule}");
        }
        assert!(holds(&json!({"Variable": "$.q", "NumericEquals": 5}), &input).is_err());
        assert!(holds(&json!({"Variable": "$.n", "NumericNear": 5}), &input).is_err_and(|e| e.contains("NumericNear")));
    }
}
