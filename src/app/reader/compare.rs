//! What two JSON texts differ in, by their structure: members by name, items by place, values as they were
//! written.

use std::collections::HashMap;

use crate::app::reader::is_json;
use crate::app::reader::outline::Outline;
use crate::app::reader::path;
use crate::app::reader::rows::value_range;

/// So many differences are told.
const MOST: usize = 1_000;
/// Of a value so many characters are told.
const SHOWN: usize = 500;

/// A place in which two texts differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where; empty for texts that are not JSON.
    pub path: String,
    /// What the first has there.
    pub left: Option<String>,
    /// What the second has there.
    pub right: Option<String>,
}

/// One of the texts.
struct Side<'t> {
    text: &'t str,
    outline: Outline,
}

impl<'t> Side<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, outline: Outline::of_json(text) }
    }

    /// The value on a line, on one line.
    fn value(&self, line: usize) -> &'t str {
        &self.text[value_range(&self.outline, self.text, line)]
    }

    fn shown(&self, line: usize) -> String {
        let words = self.value(line).split_whitespace().collect::<Vec<_>>().join(" ");
        match words.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &words[..end]),
            None => words,
        }
    }

    /// The members or items, each with what tells it from its siblings: its name and which of that name it
    /// is, or its place.
    fn children(&self, line: usize) -> Vec<(String, usize, usize)> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let named = |child| path::key(&self.outline, self.text, child).unwrap_or_default();
        let children = self.outline.children(line).map(|child| (named(child), child));
        children
            .map(|(name, child)| {
                let count = counts.entry(name.clone()).or_default();
                *count += 1;
                (name, *count, child)
            })
            .collect()
    }

    fn first_byte(&self, line: usize) -> Option<u8> {
        self.value(line).bytes().next()
    }
}

/// The differences, in the order of the first text.
pub fn differences(left: &str, right: &str) -> Vec<Difference> {
    if left == right {
        return Vec::new();
    }
    if !is_json(left) || !is_json(right) {
        let whole = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        return vec![Difference { path: String::new(), left: whole(left), right: whole(right) }];
    }
    let (left, right) = (Side::new(left), Side::new(right));
    let mut found = Vec::new();
    let mut open = vec![(0, 0)];
    while let Some((one, other)) = open.pop().filter(|_| found.len() < MOST) {
        let are_both_open = left.outline.opens(one) || right.outline.opens(other);
        if !are_both_open || left.first_byte(one) != right.first_byte(other) {
            if !are_both_open && is_same(left.value(one), right.value(other)) {
                continue;
            }
            let path = path::of_line(&left.outline, left.text, one);
            found.push(Difference { path, left: Some(left.shown(one)), right: Some(right.shown(other)) });
            continue;
        }
        let (ours, theirs) = (left.children(one), right.children(other));
        let mut by_name: HashMap<(&str, usize), usize> =
            theirs.iter().map(|(name, count, child)| ((name.as_str(), *count), *child)).collect();
        let mut both = Vec::new();
        for (name, count, child) in &ours {
            if let Some(other) = by_name.remove(&(name.as_str(), *count)) {
                both.push((*child, other));
            } else {
                let path = path::of_line(&left.outline, left.text, *child);
                found.push(Difference { path, left: Some(left.shown(*child)), right: None });
            }
        }
        for (name, count, child) in &theirs {
            if by_name.contains_key(&(name.as_str(), *count)) {
                let path = path::of_line(&right.outline, right.text, *child);
                found.push(Difference { path, left: None, right: Some(right.shown(*child)) });
            }
        }
        open.extend(both.into_iter().rev());
    }
    found
}

/// Whether two values without anything in them are the same; white space inside empty ones does not count.
fn is_same(one: &str, other: &str) -> bool {
    let is_empty = |text: &str| text.starts_with(['{', '[']);
    one == other || is_empty(one) && is_empty(other) && one.as_bytes().first() == other.as_bytes().first()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(left: &str, right: &str) -> Vec<String> {
        let side = |text: Option<String>| text.unwrap_or_else(|| "·".to_owned());
        let line = |found: Difference| format!("{} {} {}", found.path, side(found.left), side(found.right));
        differences(left, right).into_iter().map(line).collect()
    }

    #[test]
    fn members_go_by_name_and_items_by_place() {
        let left = r#"{"a":1,"b":[1,2,{"x":true}],"gone":{"y":[1, 2]},"e":{ }}"#;
        let right = r#"{ "e": {}, "b": [1, 3, {"x": false}, 4], "a": 1, "new": null }"#;
        assert_eq!(
            told(left, right),
            [".gone {\"y\":[1, 2]} ·", ".new · null", ".b[3] · 4", ".b[1] 2 3", ".b[2].x true false"]
        );
        assert_eq!(told(left, left), Vec::<String>::new());
        assert_eq!(told("{\"a\": [1]}", "{ \"a\":[1] }"), Vec::<String>::new());
    }

    #[test]
    fn values_differ_as_they_are_written() {
        assert_eq!(told("1.0", "1"), [". 1.0 1"]);
        assert_eq!(told("{\"a\":[]}", "{\"a\":{}}"), [".a [] {}"]);
        assert_eq!(told("[1]", "{}"), [". [1] {}"]);
        assert_eq!(told(r#"{"a":1,"a":2}"#, r#"{"a":1,"a":3}"#), [".a 2 3"]);
    }

    #[test]
    fn what_is_no_json_is_told_as_a_whole() {
        assert_eq!(told("Boom", "{}"), [" Boom {}"]);
        assert_eq!(told("", "x"), [" · x"]);
    }

    #[test]
    fn deep_nesting_needs_no_stack_and_the_count_is_bounded() {
        let deep = |inside: &str| format!("{}{inside}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(differences(&deep("1"), &deep("2")).len(), 1);
        let many = |value: usize| format!("[{}0]", format!("{value},").repeat(5_000));
        assert!(differences(&many(1), &many(2)).len() <= 1_001);
    }
}
