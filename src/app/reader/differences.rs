//! The structural differences of two JSON texts: members by name, items by index, values as written. The cost is
//! bounded, since it is computed on the UI thread.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};

use crate::app::reader::outline::Outline;
use crate::app::reader::outline::is_json;
use crate::app::reader::path;
use crate::app::reader::rows::value_range;

/// Limit in bytes for both texts together: four times the largest payload of Step Functions.
const MOST_BYTES: usize = 1024 * 1024;
/// Limit for the number of differences.
const MOST: usize = 200;
/// Limit for the characters shown of a value.
const SHOWN: usize = 300;
/// Limit for the steps shown of a path.
const STEPS: usize = 32;
/// Characters shown before the first difference of two plain texts.
const BEFORE: usize = 40;

/// A difference between two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The path; empty for texts that are not JSON.
    pub path: String,
    /// The value in the first text.
    pub left: Option<String>,
    /// The value in the second text.
    pub right: Option<String>,
}

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// The first differences, and whether there are more.
    Differences(Vec<Difference>, bool),
    /// The texts are too large to compare.
    TooLarge,
}

/// One of the texts.
struct Side<'t> {
    text: &'t str,
    outline: Outline,
    /// For each array: the line and index of the last item looked up. Differences are reported in order, so all lookups
    /// together take one pass over the lines.
    last_indices: RefCell<HashMap<usize, (usize, usize)>>,
}

/// A member with its name, or an item without one, and its line.
type Child<'t> = (Option<Cow<'t, str>>, usize);

impl<'t> Side<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, outline: Outline::from_json(text), last_indices: RefCell::default() }
    }

    /// Returns the text of the value that starts on a line.
    fn value(&self, line: usize) -> &'t str {
        &self.text[value_range(&self.outline, self.text, line)]
    }

    fn shortened_value(&self, line: usize) -> String {
        shortened(self.value(line))
    }

    fn path(&self, line: usize) -> String {
        let index = |parent, child| self.index(parent, child);
        shortened(&path::ending_of_line(&self.outline, self.text, line, STEPS, index))
    }

    /// Returns the index of an item in its array.
    fn index(&self, parent: usize, child: usize) -> usize {
        let mut last_indices = self.last_indices.borrow_mut();
        let last = last_indices.get(&parent).copied().filter(|(line, _)| *line <= child);
        let (from, before) = last.unwrap_or((parent + 1, 0));
        let index = before + self.outline.count_siblings(from, child);
        last_indices.insert(parent, (child, index));
        index
    }

    fn children(&self, line: usize) -> Vec<Child<'t>> {
        self.outline.children(line).map(|child| (path::name(&self.outline, self.text, child), child)).collect()
    }

    fn first_byte(&self, line: usize) -> Option<u8> {
        self.value(line).bytes().next()
    }
}

/// Returns the differences, in the order of the first text.
pub fn differences(left: &str, right: &str) -> Compared {
    if left == right {
        return Compared::Differences(Vec::new(), false);
    }
    if left.len() + right.len() > MOST_BYTES {
        return Compared::TooLarge;
    }
    if is_json(left) && is_json(right) {
        json_differences(&Side::new(left), &Side::new(right))
    } else {
        text_difference(left, right)
    }
}

fn json_differences(left: &Side<'_>, right: &Side<'_>) -> Compared {
    let mut found = Vec::new();
    let mut open = vec![(0, 0)];
    while let Some((one, other)) = open.pop() {
        if found.len() > MOST {
            break;
        }
        let are_both_open = left.outline.opens(one) || right.outline.opens(other);
        if !are_both_open || left.first_byte(one) != right.first_byte(other) {
            if !are_both_open && is_same(left.value(one), right.value(other)) {
                continue;
            }
            let path = left.path(one);
            found.push(Difference {
                path,
                left: Some(left.shortened_value(one)),
                right: Some(right.shortened_value(other)),
            });
            continue;
        }
        let (left_children, right_children) = (left.children(one), right.children(other));
        let pair = pair(&left_children, &right_children);
        for line in pair.only_left.iter().take(MOST + 1 - found.len()) {
            found.push(Difference { path: left.path(*line), left: Some(left.shortened_value(*line)), right: None });
        }
        for line in pair.only_right.iter().take((MOST + 1).saturating_sub(found.len())) {
            found.push(Difference { path: right.path(*line), left: None, right: Some(right.shortened_value(*line)) });
        }
        let both = pair.both;
        open.extend(both.into_iter().rev());
    }
    let are_more = found.len() > MOST;
    found.truncate(MOST);
    Compared::Differences(found, are_more)
}

/// The matching lines of two objects or arrays.
struct Pairs {
    both: Vec<(usize, usize)>,
    only_left: Vec<usize>,
    only_right: Vec<usize>,
}

/// Pairs members by name, duplicates in order, and items by index.
fn pair(left: &[Child<'_>], right: &[Child<'_>]) -> Pairs {
    let same = left.iter().zip(right).take_while(|(one, other)| one.0 == other.0).count();
    let mut pairs = Pairs {
        both: left.iter().zip(right).take(same).map(|(one, other)| (one.1, other.1)).collect(),
        only_left: Vec::new(),
        only_right: Vec::new(),
    };
    let (left, right) = (&left[same..], &right[same..]);
    let mut by_name: HashMap<Option<&str>, VecDeque<usize>> = HashMap::new();
    for (name, line) in right.iter().filter(|_| !left.is_empty()) {
        by_name.entry(name.as_deref()).or_default().push_back(*line);
    }
    let mut paired = HashSet::new();
    for (name, line) in left {
        match by_name.get_mut(&name.as_deref()).and_then(VecDeque::pop_front) {
            Some(other) => {
                paired.insert(other);
                pairs.both.push((*line, other));
            }
            None => pairs.only_left.push(*line),
        }
    }
    pairs.only_right = right.iter().map(|(_, line)| *line).filter(|line| !paired.contains(line)).collect();
    pairs
}

/// Returns the texts from shortly before their first different character.
fn text_difference(left: &str, right: &str) -> Compared {
    let same = left.char_indices().zip(right.chars()).take_while(|((_, one), other)| one == other);
    let from = same.last().map_or(0, |((at, one), _)| at + one.len_utf8());
    let start = left[..from].char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
    let rest = |text: &str| {
        let rest = cut(&text[start..]);
        if start > 0 { format!("…{rest}") } else { rest }
    };
    let side = |text: &str| Some(rest(text)).filter(|_| !text.is_empty());
    Compared::Differences(vec![Difference { path: String::new(), left: side(left), right: side(right) }], false)
}

/// Returns the beginning of a value on one line.
fn shortened(text: &str) -> String {
    // White space between two words becomes one space, so slightly more text than is shown has to be read.
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&cut(word));
        if words.len() > 4 * SHOWN {
            break;
        }
    }
    cut(&words)
}

/// Returns the beginning of a text, with `…` if something is missing.
fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns whether two scalars or empty containers are equal, ignoring white space inside empty ones.
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
        found(left, right).0.into_iter().map(line).collect()
    }

    fn found(left: &str, right: &str) -> (Vec<Difference>, bool) {
        match differences(left, right) {
            Compared::Differences(found, are_more) => (found, are_more),
            Compared::TooLarge => panic!("too large"),
        }
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
    fn plain_texts_are_told_from_their_first_difference() {
        let same = "注".repeat(3_000);
        let told = told(&format!("{same}a{same}"), &format!("{same}b"));
        let (before, rest) = ("注".repeat(BEFORE + 1), "注".repeat(SHOWN - BEFORE - 2));
        assert_eq!(told, [format!(" …{before}a{rest}… …{before}b")]);
    }

    #[test]
    fn the_result_is_bounded_whatever_the_shapes() {
        let deep = |inside: &str| format!("{}{inside}{}", "[".repeat(100_000), "]".repeat(100_000));
        let numbers = |from: usize, count: usize| {
            format!("[{}]", (from..from + count).map(|n| n.to_string()).collect::<Vec<_>>().join(","))
        };
        let keys = |text: &str| {
            let members: Vec<String> = (0..30_000).map(|n| format!("\"k{n}{text}\":{n}")).collect();
            format!("{{{}}}", members.join(","))
        };
        let wide = |text: &str| format!("[{}]", vec![text; 50_000].join(","));
        let blanks = |text: &str| {
            format!(
                "{{{}{}}}",
                " ".repeat(200_000),
                (0..25_000).map(|n| format!("\"{n}{text}\":1")).collect::<Vec<_>>().join(",")
            )
        };
        let fat = |text: &str| format!("[{}]", vec![format!("\"{}{text}\"", "x".repeat(4_000)); 100].join(","));
        let tower = |text: &str| {
            format!("{}[{}]{}", "{\"a long name\":".repeat(25_000), vec![text; 1_000].join(","), "}".repeat(25_000))
        };
        for (left, right) in [
            ("[1]".to_owned(), numbers(0, 100_000)),
            (numbers(0, 100_000), "[1]".to_owned()),
            (numbers(0, 80_000), numbers(1, 80_000)),
            (keys("a"), keys("b")),
            (keys("a"), "{}".to_owned()),
            (deep("1"), deep("2")),
            (deep("1"), "[]".to_owned()),
            (wide("[1]"), wide("[2]")),
            (blanks("a"), blanks("b")),
            (fat("a"), fat("b")),
            (tower("1"), tower("2")),
            ("x".repeat(500_000), "x".repeat(499_999)),
        ] {
            let (found, _) = found(&left, &right);
            assert!((1..=MOST).contains(&found.len()));
            let told = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
            for found in &found {
                assert!(found.path.chars().count() <= SHOWN + 1, "{}", found.path);
                assert!(told(&found.left) <= SHOWN + 2 && told(&found.right) <= SHOWN + 2);
            }
        }
        assert_eq!(differences("[1]", &format!("[{}1]", "1,".repeat(MOST_BYTES))), Compared::TooLarge);
        assert!(found("[]", &numbers(0, 1_000)).1);
    }

    #[test]
    fn the_paths_of_what_is_deep_are_their_endings() {
        let deep = |inside: &str| format!("{}{inside}{}", "{\"a\":[0,".repeat(1_000), "]}".repeat(1_000));
        let path = &found(&deep("1"), &deep("2")).0[0].path;
        assert_eq!(*path, format!("…{}", ".a[1]".repeat(STEPS / 2)));
    }
}
