//! Searching a text: all matches and the current one.

/// Limit for matches.
const MOST: usize = 100_000;

/// A search and its matches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    needle: String,
    starts: Vec<u32>,
    current: Option<usize>,
}

impl Search {
    /// Finds all matches. Ignores ASCII case unless the needle has a capital letter.
    pub(in crate::app) fn new(text: &str, needle: &str) -> Self {
        let any_case = !needle.chars().any(char::is_uppercase);
        let starts =
            if needle.is_empty() { Vec::new() } else { find_all(text.as_bytes(), needle.as_bytes(), any_case, MOST) };
        Self { needle: needle.to_owned(), starts, current: None }
    }

    /// Returns the searched text.
    pub fn needle(&self) -> &str {
        &self.needle
    }

    /// Returns the start of each match, and the length of the needle in bytes.
    pub(in crate::app) fn matches(&self) -> (&[u32], usize) {
        (&self.starts, self.needle.len())
    }

    /// Returns the number of the current match, from 1, and the number of matches.
    pub fn position(&self) -> (Option<usize>, usize) {
        (self.current.map(|current| current + 1), self.starts.len())
    }

    /// Unsets the current match after the cursor has moved.
    pub(in crate::app) fn clear_current(&mut self) {
        self.current = None;
    }

    /// Moves to the next match at or after a byte, or to the previous one, and wraps around at the ends.
    pub(in crate::app) fn step(&mut self, from: usize, forwards: bool) -> Option<usize> {
        let last = self.starts.len().checked_sub(1)?;
        let next = match (self.current, forwards) {
            (Some(current), true) if current == last => 0,
            (Some(current), true) => current + 1,
            (Some(current), false) => current.checked_sub(1).unwrap_or(last),
            (None, true) => {
                let after = self.starts.partition_point(|start| (*start as usize) < from);
                if after > last { 0 } else { after }
            }
            (None, false) => {
                self.starts.partition_point(|start| (*start as usize) < from).checked_sub(1).unwrap_or(last)
            }
        };
        self.current = Some(next);
        Some(self.starts[next] as usize)
    }
}

/// Returns whether a text contains a word. Ignores ASCII case unless the word has a capital letter.
pub fn contains(text: &str, word: &str) -> bool {
    let any_case = !word.chars().any(char::is_uppercase);
    !find_all(text.as_bytes(), word.as_bytes(), any_case, 1).is_empty()
}

/// Returns the start of each non-overlapping match, in time linear in the text for any needle.
fn find_all(text: &[u8], needle: &[u8], any_case: bool, most: usize) -> Vec<u32> {
    let find = |text: &[u8], needle: &[u8]| {
        let found = memchr::memmem::find_iter(text, needle).take(most);
        found.map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect()
    };
    if needle.is_empty() {
        return Vec::new();
    }
    if any_case { find(&text.to_ascii_lowercase(), &needle.to_ascii_lowercase()) } else { find(text, needle) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_letter_makes_a_search_case_sensitive() {
        let text = "Order ORDER 注文 order";
        assert_eq!(Search::new(text, "order").starts, [0, 6, 19]);
        assert_eq!(Search::new(text, "Order").starts, [0]);
        assert_eq!(Search::new(text, "文").starts, [15]);
        assert_eq!(Search::new("aaa", "aa").starts, [0]);
        assert_eq!(Search::new(text, "").starts, Vec::<u32>::new());
    }

    #[test]
    fn searching_wraps_around() {
        let mut search = Search::new("a a a", "a");
        assert_eq!(search.step(1, true), Some(2));
        assert_eq!(search.step(0, true), Some(4));
        assert_eq!((search.step(0, true), search.position()), (Some(0), (Some(1), 3)));
        assert_eq!(search.step(0, false), Some(4));
        search.clear_current();
        assert_eq!(search.step(3, false), Some(2));
        assert_eq!(Search::new("a", "b").step(0, true), None);
    }
}
