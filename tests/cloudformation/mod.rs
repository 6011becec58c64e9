//! The part of `CloudFormation` that the template of a gateway needs: parameters with their constraints, rules,
//! conditions and intrinsic functions. Anything else makes the test fail.

pub mod iam;

use std::collections::BTreeMap;

use fancy_regex::Regex;
use saphyr::{LoadableYamlNode, ScalarOwned, YamlOwned};
use serde_json::{Map, Value, json};

/// The most bytes of a parameter's value.
pub const PARAMETER_LIMIT: usize = 4096;

/// A template, with the short forms of functions written out: `!Ref X` as `{"Ref": "X"}`.
pub struct Template(Value);

/// Where a stack is created.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    pub partition: &'static str,
    pub region: &'static str,
    pub account: &'static str,
}

/// A template with the values of its parameters.
pub struct Stack<'a> {
    template: &'a Template,
    home: Home,
    parameters: BTreeMap<String, String>,
}

impl Template {
    pub fn parse(text: &str) -> Self {
        let documents = YamlOwned::load_from_str(text).expect("YAML");
        Self(written_out(&documents[0]))
    }

    /// The description of each parameter.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0["Parameters"].as_object().expect("parameters").iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Begins to create a stack: checks the parameters, then the rules. An error is what `CloudFormation` would say.
    pub fn create(&self, home: Home, given: &[(&str, &str)]) -> Result<Stack<'_>, String> {
        let mut parameters = BTreeMap::new();
        for (name, description) in self.parameters() {
            let value = given.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            let value = value.or_else(|| description.get("Default").map(scalar));
            let value = value.ok_or_else(|| format!("{name} must have a value"))?;
            check(name, description, &value)?;
            parameters.insert(name.to_owned(), value);
        }
        for (name, _) in given {
            assert!(parameters.contains_key(*name), "the template has no parameter {name}");
        }
        let stack = Stack { template: self, home, parameters };
        stack.check_rules()?;
        Ok(stack)
    }
}

/// What the parameter's own description says of a value.
fn check(name: &str, description: &Value, value: &str) -> Result<(), String> {
    if value.len() > PARAMETER_LIMIT {
        return Err(format!("{name} is longer than {PARAMETER_LIMIT} bytes"));
    }
    let allowed = description["AllowedValues"].as_array();
    if allowed.is_some_and(|allowed| !allowed.iter().any(|one| scalar(one) == value)) {
        return Err(format!("{name} is none of the allowed values"));
    }
    if let Some(pattern) = description["AllowedPattern"].as_str() {
        let pattern = Regex::new(pattern).expect("a regular expression");
        let found = pattern.find(value).expect("no endless search");
        if found.is_none_or(|found| found.as_str() != value) {
            return Err(format!("{name}: {}", description["ConstraintDescription"].as_str().expect("an explanation")));
        }
    }
    Ok(())
}

impl Stack<'_> {
    /// The properties of a resource, unless its condition is false.
    pub fn resource(&self, name: &str) -> Option<Value> {
        let resource = &self.template.0["Resources"][name];
        assert!(resource.is_object(), "the template has no resource {name}");
        let is_there = resource["Condition"].as_str().is_none_or(|condition| self.condition(condition));
        is_there.then(|| self.value(&resource["Properties"]).expect("properties"))
    }

    fn check_rules(&self) -> Result<(), String> {
        for rule in self.template.0["Rules"].as_object().into_iter().flat_map(Map::values) {
            only_rule_functions(rule);
            if rule.get("RuleCondition").is_some_and(|condition| !self.holds(condition)) {
                continue;
            }
            for assertion in rule["Assertions"].as_array().expect("assertions") {
                if !self.holds(&assertion["Assert"]) {
                    return Err(assertion["AssertDescription"].as_str().expect("an explanation").to_owned());
                }
            }
        }
        Ok(())
    }

    fn condition(&self, name: &str) -> bool {
        self.holds(&self.template.0["Conditions"][name])
    }

    /// Whether a condition holds.
    fn holds(&self, condition: &Value) -> bool {
        let (function, argument) = function(condition).unwrap_or_else(|| panic!("no condition: {condition}"));
        let list = || argument.as_array().expect("a list");
        match function {
            "Condition" => self.condition(argument.as_str().expect("a name")),
            "Fn::Equals" => self.value(&list()[0]) == self.value(&list()[1]),
            "Fn::Not" => !self.holds(&list()[0]),
            "Fn::And" => list().iter().all(|one| self.holds(one)),
            "Fn::Or" => list().iter().any(|one| self.holds(one)),
            _ => panic!("no condition: {condition}"),
        }
    }

    /// The value that `CloudFormation` hands on, without what is `AWS::NoValue`.
    fn value(&self, value: &Value) -> Option<Value> {
        if let Some((function, argument)) = function(value) {
            return self.call(function, argument);
        }
        match value {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.value(item)).collect()),
            Value::Object(members) => {
                let members = members.iter().filter_map(|(key, value)| Some((key.clone(), self.value(value)?)));
                Some(Value::Object(members.collect()))
            }
            plain => Some(plain.clone()),
        }
    }

    fn text(&self, value: &Value) -> String {
        scalar(&self.value(value).expect("a value"))
    }

    fn list(&self, value: &Value) -> Vec<String> {
        self.value(value).expect("a value").as_array().expect("a list").iter().map(scalar).collect()
    }

    fn call(&self, function: &str, argument: &Value) -> Option<Value> {
        match function {
            "Ref" => self.reference(argument.as_str().expect("a name")).map(Value::String),
            "Fn::GetAtt" => Some(json!(format!("attribute:{argument}"))),
            "Fn::If" => {
                let chosen = if self.condition(argument[0].as_str().expect("a name")) { 1 } else { 2 };
                self.value(&argument[chosen])
            }
            "Fn::Join" => Some(json!(self.list(&argument[1]).join(argument[0].as_str().expect("a text")))),
            "Fn::Split" => {
                let delimiter = argument[0].as_str().expect("CloudFormation takes only a literal delimiter");
                Some(self.text(&argument[1]).split(delimiter).map(Value::from).collect())
            }
            "Fn::Select" => {
                let index = usize::try_from(argument[0].as_u64().expect("an index")).expect("an index");
                Some(json!(self.list(&argument[1])[index]))
            }
            "Fn::Sub" => Some(json!(self.substituted(argument))),
            _ => panic!("no function: {function}"),
        }
    }

    fn reference(&self, name: &str) -> Option<String> {
        let text = match name {
            "AWS::NoValue" => return None,
            "AWS::Partition" => self.home.partition.to_owned(),
            "AWS::Region" => self.home.region.to_owned(),
            "AWS::AccountId" => self.home.account.to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => "stack".to_owned(),
            _ => match self.parameters.get(name) {
                Some(value) => value.clone(),
                None if self.template.0["Resources"][name].is_object() => format!("resource:{name}"),
                None => panic!("nothing is called {name}"),
            },
        };
        Some(text)
    }

    fn substituted(&self, argument: &Value) -> String {
        let (text, own) = match argument {
            Value::Array(both) => (both[0].as_str().expect("a text"), both[1].as_object()),
            text => (text.as_str().expect("a text"), None),
        };
        let mut parts = text.split("${");
        let mut made = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').expect("a closing brace");
            let value = own.and_then(|own| own.get(name)).map(|value| self.text(value));
            made.push_str(&value.unwrap_or_else(|| self.reference(name).expect("a value")));
            made.push_str(rest);
        }
        made
    }
}

/// Rules know fewer functions than the rest of a template (`CloudFormation` User Guide, "Rule functions").
fn only_rule_functions(value: &Value) {
    let known = ["Ref", "Fn::And", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::Equals", "Fn::Not"];
    if let Some((function, _)) = function(value) {
        assert!(known.contains(&function) || function == "Fn::Or", "no rule function: {function}");
    }
    match value {
        Value::Array(items) => items.iter().for_each(only_rule_functions),
        Value::Object(members) => members.values().for_each(only_rule_functions),
        _ => {}
    }
}

fn function(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    let (name, argument) = members.iter().next()?;
    // A resource has a member of this name, too, but never alone.
    let is_function = name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && argument.is_string());
    is_function.then_some((name.as_str(), argument))
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        other => panic!("no scalar: {other}"),
    }
}

fn written_out(node: &YamlOwned) -> Value {
    match node {
        YamlOwned::Value(ScalarOwned::Null) => Value::Null,
        YamlOwned::Value(ScalarOwned::Boolean(truth)) => json!(truth),
        YamlOwned::Value(ScalarOwned::Integer(number)) => json!(number),
        YamlOwned::Value(ScalarOwned::FloatingPoint(number)) => json!(number.into_inner()),
        YamlOwned::Value(ScalarOwned::String(text)) => json!(text),
        YamlOwned::Sequence(items) => items.iter().map(written_out).collect(),
        YamlOwned::Mapping(members) => {
            let members = members.iter().map(|(key, value)| (scalar(&written_out(key)), written_out(value)));
            Value::Object(members.collect())
        }
        YamlOwned::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                name @ ("Ref" | "Condition") => name.to_owned(),
                name => format!("Fn::{name}"),
            };
            json!({ name: written_out(inner) })
        }
        other => panic!("CloudFormation does not read this YAML: {other:?}"),
    }
}
