//! Which members and items of two values belong together.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::app::reader::differences::side::Child;

/// The matching lines of two objects or arrays.
pub(super) struct Pairs {
    pub(super) both: Vec<(usize, usize)>,
    pub(super) only_left: Vec<usize>,
    pub(super) only_right: Vec<usize>,
}

/// Pairs members by name, duplicates in order, and items by index.
pub(super) fn pair(left: &[Child<'_>], right: &[Child<'_>]) -> Pairs {
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
