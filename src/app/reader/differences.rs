//! The structural differences of two JSON texts: members by name, items by index, values as written. The cost is
//! bounded, since it is computed on the UI thread.

mod excerpt;
mod pairs;
mod side;

use crate::app::reader::outline::is_json;
use excerpt::cut;
use pairs::pair;
use side::Side;

/// Limit in bytes for both texts together: four times the largest payload of Step Functions.
const MOST_BYTES: usize = 1024 * 1024;
/// Limit for the number of differences.
const MOST: usize = 200;
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
        let are_both_open = left.opens(one) || right.opens(other);
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

/// Returns whether two scalars or empty containers are equal, ignoring white space inside empty ones.
fn is_same(one: &str, other: &str) -> bool {
    let is_empty = |text: &str| text.starts_with(['{', '[']);
    one == other || is_empty(one) && is_empty(other) && one.as_bytes().first() == other.as_bytes().first()
}

#[cfg(test)]
mod tests;
