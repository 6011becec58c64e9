//! Completing the word before the cursor: first what all candidates have in common, then one candidate after the other.

use std::ops::Range;

use crate::app::keys::editor::Editor;

/// What can replace the text from `start` to the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Candidates {
    /// An offset in the line.
    pub(crate) start: usize,
    /// In the order in which they are offered.
    pub(crate) texts: Vec<String>,
}

/// A completion whose candidates are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    range: Range<usize>,
    candidates: Vec<String>,
    /// The candidate in the line.
    index: Option<usize>,
}

impl Completion {
    /// Returns the candidates; none if nothing completes the line.
    pub(crate) fn candidates(&self) -> &[String] {
        &self.candidates
    }

    /// Returns the index of the candidate in the line.
    pub(crate) fn index(&self) -> Option<usize> {
        self.index
    }
}

impl Editor {
    /// Returns the completion whose candidates are shown: until the next key.
    pub(crate) fn completion(&self) -> Option<&Completion> {
        self.completion.as_ref()
    }

    /// Returns whether the next or previous candidate can be inserted without finding them again.
    pub(in crate::app) fn is_completing(&self) -> bool {
        self.completion.as_ref().is_some_and(|completion| !completion.candidates.is_empty())
    }

    /// Inserts the next or previous candidate.
    pub(in crate::app) fn complete_next(&mut self, forwards: bool) {
        let Some(Completion { range, candidates, index }) = self.completion.take() else { return };
        let last = candidates.len().saturating_sub(1);
        let next = match (index, forwards) {
            (Some(index), true) if index < last => index + 1,
            (_, true) => 0,
            (None | Some(0), false) => last,
            (Some(index), false) => index - 1,
        };
        let Some(text) = candidates.get(next) else { return };
        let range = self.put(range, text);
        self.completion = Some(Completion { range, candidates, index: Some(next) });
    }

    /// Completes the word before the cursor.
    pub(in crate::app) fn complete(&mut self, candidates: Candidates, forwards: bool) {
        let Candidates { start, texts } = candidates;
        let range = start.min(self.cursor())..self.cursor();
        let common = common_start(&texts);
        let is_longer = common.len() > range.len() || (texts.len() == 1 && common != &self.text()[range.clone()]);
        if is_longer {
            let range = self.put(range, common);
            let several = texts.len() > 1;
            self.completion = several.then_some(Completion { range, candidates: texts, index: None });
            return;
        }
        let count = texts.len();
        self.completion = (count != 1).then_some(Completion { range, candidates: texts, index: None });
        if count > 1 {
            self.complete_next(forwards);
        }
    }

    /// Replaces a range and returns the range of the new text.
    fn put(&mut self, range: Range<usize>, text: &str) -> Range<usize> {
        let start = range.start;
        self.replace_range(range, text);
        start..self.cursor()
    }
}

/// Returns what all texts begin with.
fn common_start(texts: &[String]) -> &str {
    let Some((first, others)) = texts.split_first() else { return "" };
    let shared = |text: &String| first.char_indices().zip(text.chars()).take_while(|((_, a), b)| a == b).count();
    let count = others.iter().map(shared).min().unwrap_or(usize::MAX);
    first.char_indices().nth(count).map_or(first, |(at, _)| &first[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keys::editor::Lines;
    use crate::app::keys::key::Key;

    fn completed(line: &str, start: usize, texts: &[&str], steps: &[bool]) -> String {
        let mut editor = Editor::new(line, Lines::One);
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        for forwards in steps {
            if editor.is_completing() {
                editor.complete_next(*forwards);
            } else {
                editor.complete(Candidates { start, texts: texts.clone() }, *forwards);
            }
        }
        editor.text().to_owned()
    }

    #[test]
    fn first_the_common_start_then_each_candidate() {
        let names = ["orders-1.jsonl", "orders-2.jsonl", "orders/"];
        assert_eq!(completed("d/o", 2, &names, &[true]), "d/orders");
        assert_eq!(completed("d/o", 2, &names, &[true, true]), "d/orders-1.jsonl");
        assert_eq!(completed("d/o", 2, &names, &[true; 4]), "d/orders/");
        assert_eq!(completed("d/o", 2, &names, &[true; 5]), "d/orders-1.jsonl");
        assert_eq!(completed("d/o", 2, &names, &[true, false]), "d/orders/");
        assert_eq!(completed("d/o", 2, &names, &[true, true, true, false]), "d/orders-1.jsonl");
        assert_eq!(completed("orders", 0, &names, &[false]), "orders/");
        assert_eq!(completed("x", 0, &[], &[true, true]), "x");
        assert_eq!(completed("注", 0, &["注文 1", "注文番号"], &[true]), "注文");
        assert_eq!(completed("only", 0, &["only"], &[true, true]), "only");
        assert_eq!(completed("FAI", 0, &["failed"], &[true]), "failed", "a candidate may change what was typed");
    }

    #[test]
    fn the_next_key_ends_a_completion() {
        let mut editor = Editor::new("o", Lines::One);
        editor.complete(Candidates { start: 0, texts: vec!["one".into(), "only".into()] }, true);
        assert!(editor.text() == "on" && editor.is_completing());
        editor.press(Key::parse("left").expect("a key"));
        assert!(!editor.is_completing());
    }
}
