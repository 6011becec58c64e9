//! Searching a text: where something stands in it, and which of these places is looked at.

/// So many places are enough to go through.
const MOST: usize = 100_000;

/// What is searched for, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    needle: String,
    starts: Vec<u32>,
    current: Option<usize>,
}

impl Search {
    /// Finds all places. Without a capital letter in the needle, capitals in the text do not matter (of
    /// ASCII).
    pub(in crate::app) fn new(text: &str, needle: &str) -> Self {
        let any_case = !needle.chars().any(char::is_uppercase);
        let starts =
            if needle.is_empty() { Vec::new() } else { found(text.as_bytes(), needle.as_bytes(), any_case, MOST) };
        Self { needle: needle.to_owned(), starts, current: None }
    }

    /// What is searched for.
    pub fn needle(&self) -> &str {
        &self.needle
    }

    /// Where it begins, and its length in bytes.
    pub(in crate::app) fn matches(&self) -> (&[u32], usize) {
        (&self.starts, self.needle.len())
    }

    /// Which of how many places is looked at, counted from 1.
    pub fn place(&self) -> (Option<usize>, usize) {
        (self.current.map(|current| current + 1), self.starts.len())
    }

    /// Forgets which one is looked at: the cursor has gone elsewhere.
    pub(in crate::app) fn leave(&mut self) {
        self.current = None;
    }

    /// The next place at or behind this byte, or the one before; round at the ends.
    pub(in crate::app) fn step(&mut self, from: usize, forwards: bool) -> Option<usize> {
        let last = self.starts.len().checked_sub(1)?;
        let next = match (self.current, forwards) {
            (Some(current), true) if current == last => 0,
            (Some(current), true) => current + 1,
            (Some(current), false) => current.checked_sub(1).unwrap_or(last),
            (None, true) => {
                let behind = self.starts.partition_point(|start| (*start as usize) < from);
                if behind > last { 0 } else { behind }
            }
            (None, false) => {
                self.starts.partition_point(|start| (*start as usize) < from).checked_sub(1).unwrap_or(last)
            }
        };
        self.current = Some(next);
        Some(self.starts[next] as usize)
    }
}

/// Whether a text has a word in it; without a capital letter in the word, capitals do not matter.
pub fn contains(text: &str, word: &str) -> bool {
    let any_case = !word.chars().any(char::is_uppercase);
    !found(text.as_bytes(), word.as_bytes(), any_case, 1).is_empty()
}

/// Where the needle begins, never overlapping. The time that it takes grows with the text, whatever the needle is.
fn found(text: &[u8], needle: &[u8], any_case: bool, most: usize) -> Vec<u32> {
    let places = |text: &[u8], needle: &[u8]| {
        let found = memchr::memmem::find_iter(text, needle).take(most);
        found.map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect()
    };
    if needle.is_empty() {
        return Vec::new();
    }
    if any_case { places(&text.to_ascii_lowercase(), &needle.to_ascii_lowercase()) } else { places(text, needle) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_matter_where_one_is_typed() {
        let text = "Order ORDER 注文 order";
        assert_eq!(Search::new(text, "order").starts, [0, 6, 19]);
        assert_eq!(Search::new(text, "Order").starts, [0]);
        assert_eq!(Search::new(text, "文").starts, [15]);
        assert_eq!(Search::new("aaa", "aa").starts, [0]);
        assert_eq!(Search::new(text, "").starts, Vec::<u32>::new());
    }

    #[test]
    fn going_through_them_goes_round() {
        let mut search = Search::new("a a a", "a");
        assert_eq!(search.step(1, true), Some(2));
        assert_eq!(search.step(0, true), Some(4));
        assert_eq!((search.step(0, true), search.place()), (Some(0), (Some(1), 3)));
        assert_eq!(search.step(0, false), Some(4));
        search.leave();
        assert_eq!(search.step(3, false), Some(2));
        assert_eq!(Search::new("a", "b").step(0, true), None);
    }
}
