//! What a filter of the list lets pass: words that are found in name, machine, status or error as fuzzy
//! finders do, and `status:` and `machine:` for a whole column.

use nucleo_matcher::pattern::{Atom, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::list::row::{Group, Row};

/// A filter, as it was typed and as it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    text: String,
    words: Vec<Atom>,
    statuses: Vec<String>,
    machines: Vec<String>,
}

/// What matching needs room for; made once for many rows.
pub(in crate::app) struct Scratch {
    matcher: Matcher,
    chars: Vec<char>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self { matcher: Matcher::new(Config::DEFAULT), chars: Vec::new() }
    }
}

impl Query {
    /// Reads a filter; `None` when it lets everything pass.
    pub(in crate::app) fn parse(text: &str) -> Option<Self> {
        let mut query = Self { text: text.to_owned(), words: Vec::new(), statuses: Vec::new(), machines: Vec::new() };
        for word in split(text) {
            let several = |text: &str| text.split(',').filter(|part| !part.is_empty()).map(str::to_lowercase).collect();
            if let Some(statuses) = word.strip_prefix("status:") {
                let statuses: Vec<String> = several(statuses);
                query.statuses.extend(statuses);
            } else if let Some(machines) = word.strip_prefix("machine:") {
                let machines: Vec<String> = several(machines);
                query.machines.extend(machines);
            } else {
                query.words.push(Atom::parse(&word, CaseMatching::Ignore, Normalization::Smart));
            }
        }
        let is_empty = query.words.is_empty() && query.statuses.is_empty() && query.machines.is_empty();
        (!is_empty).then_some(query)
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether whatever passes this one has passed `other`, too: more has been typed at its end.
    pub(in crate::app) fn narrows(&self, other: &Self) -> bool {
        let is_plain = |text: &str| !text.contains([':', '!', '\'', '^', '$', '"']);
        self.text.starts_with(&other.text) && is_plain(&self.text) && !other.text.ends_with('\\')
    }

    /// Whether a row passes.
    pub(in crate::app) fn matches(&self, row: &Row, scratch: &mut Scratch) -> bool {
        // While it is typed, the beginning of a word will do.
        let is_of_status = |wanted: &String| group_word(row.group()).starts_with(wanted) || begins(row.word(), wanted);
        let is_of_machine = |wanted: &String| row.machine_name.to_lowercase() == *wanted;
        (self.statuses.is_empty() || self.statuses.iter().any(is_of_status))
            && (self.machines.is_empty() || self.machines.iter().any(is_of_machine))
            && self.words.iter().all(|word| {
                let mut fields =
                    [row.arn.name(), &*row.machine_name, row.word(), row.error().unwrap_or_default()].into_iter();
                let mut passes = |field: &str| {
                    let field = Utf32Str::new(field, &mut scratch.chars);
                    word.score(field, &mut scratch.matcher).is_some()
                };
                if word.negative { fields.all(passes) } else { fields.any(&mut passes) }
            })
    }
}

/// The word of the header for a group.
fn group_word(group: Group) -> &'static str {
    match group {
        Group::Running => "running",
        Group::Done => "done",
        Group::Failed => "failed",
        Group::TimedOut => "timed_out",
        Group::Aborted => "aborted",
        Group::Lost => "unknown",
        Group::NotStarted => "unstarted",
    }
}

/// A word with a space is typed with an underscore.
fn begins(word: &str, typed: &str) -> bool {
    word.to_lowercase().replace(' ', "_").starts_with(typed)
}

/// The words of a filter; quotes hold those with spaces together: `machine:"nightly report"`.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if c.is_whitespace() && !is_quoted => words.extend(Some(std::mem::take(&mut word))),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The filter's text with `term` in it, or without where it is there already: the same key again takes
/// it away.
pub(in crate::app) fn toggled(text: &str, term: &str) -> String {
    let (key, _) = term.split_once(':').unwrap_or((term, ""));
    let words = split(text);
    let had = words.iter().any(|word| word == &term.replace('"', ""));
    let of_key = |word: &String| word.starts_with(key) && word[key.len()..].starts_with(':');
    let quoted = |word: String| match word.split_once(':') {
        Some((key, value)) if value.contains(char::is_whitespace) => format!("{key}:\"{value}\""),
        _ => word,
    };
    let mut words: Vec<String> = words.into_iter().filter(|word| !of_key(word)).map(quoted).collect();
    if !had {
        words.insert(0, term.to_owned());
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_comes_and_goes_with_the_same_key() {
        assert_eq!(toggled("", "status:failed"), "status:failed");
        assert_eq!(toggled("boom status:failed", "status:failed"), "boom");
        assert_eq!(toggled("status:done boom", "status:failed"), "status:failed boom");
        assert_eq!(toggled("machine:\"a b\" x", "status:failed"), "status:failed machine:\"a b\" x");
        assert_eq!(toggled("machine:\"a b\" x", "machine:\"a b\""), "x");
    }

    #[test]
    fn what_lets_everything_pass_is_no_filter() {
        for text in ["", "  ", "status:", "machine: status:,"] {
            assert_eq!(Query::parse(text), None, "{text:?}");
        }
        let query = |text| Query::parse(text).expect("a filter");
        assert!(query("ord er").narrows(&query("ord e")));
        assert!(!query("!ord").narrows(&query("!or")) && !query("x").narrows(&query("y")));
    }
}
