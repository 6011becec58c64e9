//! Completing member names in a jq filter or a path, from the text that it applies to. The filter need not be valid:
//! only the part before the cursor is read.

use crate::app::keys::editor::Candidates;
use crate::app::reader::outline::{Outline, is_json};
use crate::app::reader::path::name;
use crate::app::reader::unfinished::{Notation, Quote, Step, unfinished};
use crate::app::reader::{Layout, Reader};

/// Limit for objects whose names are collected.
const MOST_NODES: usize = 200;
/// Limit for members and items that are read.
const MOST_CHILDREN: usize = 50_000;
/// Limit for names.
const MOST_NAMES: usize = 1_000;

impl Reader {
    /// Returns the member names that complete a filter or path, given the part before the cursor.
    pub(in crate::app) fn candidates(&self, before: &str, notation: Notation) -> Option<Candidates> {
        let found = unfinished(before)?;
        let outline;
        let outline = match self.layout {
            Layout::Pretty => &self.outline,
            Layout::Raw if is_json(&self.text) => {
                outline = Outline::from_json(&self.text);
                &outline
            }
            Layout::Raw => return None,
        };
        let names = names(outline, &self.text, &found.steps);
        let begins = |ignore_case: bool| {
            let begins = |name: &&String| {
                name.starts_with(&found.typed)
                    || ignore_case && name.to_lowercase().starts_with(&found.typed.to_lowercase())
            };
            names.iter().filter(begins).map(|name| written(name, found.quote, notation)).collect::<Vec<_>>()
        };
        let exact = begins(false);
        let texts = if exact.is_empty() { begins(true) } else { exact };
        Some(Candidates { start: found.start, texts })
    }
}

/// Returns a name as written after a dot, or after the bracket or quote that is already there.
fn written(name: &str, quote: Quote, notation: Notation) -> String {
    let quoted = || serde_json::Value::from(name).to_string();
    let starts_well = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
    let is_word = match notation {
        Notation::Jq => starts_well && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
        Notation::Path => starts_well && name.chars().all(|c| c.is_alphanumeric() || c == '_'),
    };
    match (quote, notation) {
        (Quote::InBrackets, _) => format!("{}]", quoted()),
        (Quote::None, _) if is_word => name.to_owned(),
        (Quote::None | Quote::AfterDot, Notation::Jq) => quoted(),
        (Quote::None | Quote::AfterDot, Notation::Path) => format!("[{}]", quoted()),
    }
}

/// Returns the names of the members at the end of a path, each once, in the order of the text.
fn names(outline: &Outline, text: &str, steps: &[Step]) -> Vec<String> {
    let mut children_left = MOST_CHILDREN;
    let mut nodes = if outline.len() == 0 { Vec::new() } else { vec![0] };
    for step in steps {
        let mut next = Vec::new();
        for node in nodes {
            let children = outline.children(node).take(children_left);
            match step {
                Step::Member(wanted) => {
                    let is_it = |child: &usize| name(outline, text, *child).is_some_and(|found| found == *wanted);
                    next.extend(children.filter(is_it).last());
                }
                Step::Item(index) => {
                    let is_item = |child: &usize| name(outline, text, *child).is_none();
                    next.extend(children.into_iter().nth(*index).filter(is_item));
                }
                Step::Each => next.extend(children.take(MOST_NODES - next.len().min(MOST_NODES))),
            }
            children_left = children_left.saturating_sub(1);
        }
        nodes = next;
    }
    let mut names: Vec<String> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for node in nodes {
        for child in outline.children(node) {
            if children_left == 0 || names.len() == MOST_NAMES {
                return names;
            }
            children_left -= 1;
            if let Some(name) = name(outline, text, child)
                && known.insert(name.clone())
            {
                names.push(name.into_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"items":[{"price":1,"name":"a"},{"price":2,"private note":"b"},[{"deep":1}]],"item_count":2,
        "a":{"b":{"c":1,"c d":2}},"a b":{"x":1},"注文":{"番号":1},"Upper":1,"1st":1,"q\"":{}}"#;

    fn completed(before: &str, notation: Notation) -> Option<(String, Vec<String>)> {
        let Candidates { start, texts } = Reader::new(TEXT.into()).candidates(before, notation)?;
        Some((before[..start].to_owned(), texts))
    }

    #[test]
    fn names_of_the_text_complete_a_jq_filter() {
        for (before, kept, texts) in [
            (".ite", ".", &["items", "item_count"] as &[&str]),
            (".items[0].pri", ".items[0].", &["price"]),
            (".items[1].pri", ".items[1].", &["price", "\"private note\""]),
            (".items[].pri", ".items[].", &["price", "\"private note\""]),
            (".items[] | .pri", ".items[] | .", &["price", "\"private note\""]),
            (".items|.[]|.na", ".items|.[]|.", &["name"]),
            (".items | map(.na", ".items | map(.", &["name"]),
            (".items[] | select(.pri", ".items[] | select(.", &["price", "\"private note\""]),
            (".items[] | select(.price > 1) | .na", ".items[] | select(.price > 1) | .", &["name"]),
            (".items | sort_by(.na", ".items | sort_by(.", &["name"]),
            (".items[2][0].d", ".items[2][0].", &["deep"]),
            (".a.b.", ".a.b.", &["c", "\"c d\""]),
            (".a | .b | .c", ".a | .b | .", &["c", "\"c d\""]),
            ("{x: .a.b, y: .a.", "{x: .a.b, y: .a.", &["b"]),
            ("[.a.b.c, .a.", "[.a.b.c, .a.", &["b"]),
            (".a.b.c + .a.", ".a.b.c + .a.", &["b"]),
            (".\"a b\".", ".\"a b\".", &["x"]),
            (".[\"a b\"].", ".[\"a b\"].", &["x"]),
            (".\"a", ".", &["\"a\"", "\"a b\""]),
            (".[\"a", ".[", &["\"a\"]", "\"a b\"]"]),
            (".注文.", ".注文.", &[]),
            (".\"注文\".", ".\"注文\".", &["\"番号\""]),
            (".注", ".", &["\"注文\""]),
            (".upp", ".", &["Upper"]),
            (".1", ".", &["\"1st\""]),
            (".q", ".", &["\"q\\\"\""]),
            (".a.b?.c", ".a.b?.", &["c", "\"c d\""]),
            (".nothing.", ".nothing.", &[]),
        ] {
            let expected = Some((kept.to_owned(), texts.iter().map(|text| (*text).to_owned()).collect()));
            let found = completed(before, Notation::Jq);
            if before == ".注文." {
                // jq itself accepts no such name without quotes.
                assert!(found.is_none_or(|(_, texts)| texts.is_empty() || texts == ["\"番号\""]), "{before}");
                continue;
            }
            assert_eq!(found, expected, "{before}");
        }
        for before in ["", "keys", "\"text .a", ".a | keys", ".a | length | .", ".. | ."] {
            assert!(completed(before, Notation::Jq).is_none_or(|(_, texts)| texts.is_empty()), "{before}");
        }
    }

    #[test]
    fn names_complete_a_path_in_its_own_notation() {
        let texts = |before| completed(before, Notation::Path).map(|(_, texts)| texts);
        assert_eq!(texts(".注"), Some(vec!["注文".to_owned()]));
        assert_eq!(texts(".a.b.c"), Some(vec!["c".to_owned(), "[\"c d\"]".to_owned()]));
        assert_eq!(texts(".items[1].pri"), Some(vec!["price".to_owned(), "[\"private note\"]".to_owned()]));
        assert_eq!(texts(".a[\"b"), Some(vec!["\"b\"]".to_owned()]));
    }

    #[test]
    fn other_text_has_no_names_and_raw_json_has() {
        assert_eq!(Reader::new("plain".into()).candidates(".", Notation::Jq), None);
        assert_eq!(Reader::new("".into()).candidates(".", Notation::Jq), None);
        let mut raw = Reader::new(TEXT.into());
        raw.toggle_raw();
        assert_eq!(raw.candidates(".ite", Notation::Jq).map(|found| found.texts.len()), Some(2));
    }
}
