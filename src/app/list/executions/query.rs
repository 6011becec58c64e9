//! The filter of the list: words that fuzzy-match name, machine, status or error, and the terms `status:`, `machine:` and
//! `endpoint:`.

use nucleo_matcher::pattern::{Atom, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::list::row::{Group, Row};

/// The key of a term for the status.
pub(super) const STATUS: &str = "status:";
/// The key of a term for the machine.
pub(super) const MACHINE: &str = "machine:";
pub(super) const ENDPOINT: &str = "endpoint:";
/// The values of a term for the status.
pub(super) const STATUS_WORDS: [&str; 8] =
    ["running", "succeeded", "failed", "timed_out", "aborted", "unresolved", "unknown", "not_started"];

/// A parsed filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Query {
    text: String,
    words: Vec<Atom>,
    statuses: Vec<String>,
    machines: Vec<String>,
    endpoints: Vec<String>,
}

/// Buffers for matching, shared by many rows.
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
    /// Parses a filter; `None` if everything matches it.
    pub(in crate::app) fn parse(text: &str) -> Option<Self> {
        let mut query = Self { text: text.to_owned(), ..Self::default() };
        for word in split(text) {
            let several = |text: &str| text.split(',').filter(|part| !part.is_empty()).map(str::to_lowercase).collect();
            if let Some(statuses) = word.strip_prefix(STATUS) {
                let statuses: Vec<String> = several(statuses);
                query.statuses.extend(statuses);
            } else if let Some(machines) = word.strip_prefix(MACHINE) {
                let machines: Vec<String> = several(machines);
                query.machines.extend(machines);
            } else if let Some(endpoints) = word.strip_prefix(ENDPOINT) {
                let endpoints: Vec<String> = several(endpoints);
                query.endpoints.extend(endpoints);
            } else {
                query.words.push(Atom::parse(&word, CaseMatching::Ignore, Normalization::Smart));
            }
        }
        let terms = [&query.statuses, &query.machines, &query.endpoints];
        let is_empty = query.words.is_empty() && terms.into_iter().all(Vec::is_empty);
        (!is_empty).then_some(query)
    }

    /// Returns the filter as typed.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether every row that matches this filter also matches `other`, because more was typed at its end.
    pub(in crate::app) fn narrows(&self, other: &Self) -> bool {
        let is_plain = |text: &str| !text.contains([':', '!', '\'', '^', '$', '"']);
        self.text.starts_with(&other.text) && is_plain(&self.text) && !other.text.ends_with('\\')
    }

    /// Returns whether a row matches.
    pub(in crate::app) fn matches(&self, row: &Row, scratch: &mut Scratch) -> bool {
        // A prefix is enough while the word is being typed.
        let has_status =
            |status: &String| group_word(row.group()).starts_with(status) || has_prefix(&row.status_text(), status);
        let has_machine = |machine: &String| row.machine_name.to_lowercase() == *machine;
        let has_endpoint = |endpoint: &String| row.endpoint.as_str().to_lowercase() == *endpoint;
        (self.statuses.is_empty() || self.statuses.iter().any(has_status))
            && (self.machines.is_empty() || self.machines.iter().any(has_machine))
            && (self.endpoints.is_empty() || self.endpoints.iter().any(has_endpoint))
            && self.words.iter().all(|word| {
                let status = row.status_text();
                let mut fields =
                    [row.arn.name(), &*row.machine_name, &*status, row.error().unwrap_or_default()].into_iter();
                let mut passes = |field: &str| {
                    let field = Utf32Str::new(field, &mut scratch.chars);
                    word.score(field, &mut scratch.matcher).is_some()
                };
                if word.negative { fields.all(passes) } else { fields.any(&mut passes) }
            })
    }
}

/// Returns the word for a group in the header.
fn group_word(group: Group) -> &'static str {
    match group {
        Group::Running => "running",
        Group::Done => "succeeded",
        Group::Failed => "failed",
        Group::TimedOut => "timed_out",
        Group::Aborted => "aborted",
        Group::Lost => "unknown",
        Group::NotStarted => "not_started",
    }
}

/// Compares a status prefix; an underscore stands for a space.
fn has_prefix(word: &str, typed: &str) -> bool {
    word.to_lowercase().replace(' ', "_").starts_with(typed)
}

/// Splits a filter into words; quotes group words with spaces: `machine:"nightly report"`.
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

/// Adds a term to a filter text, or removes it if present.
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
    fn the_same_key_adds_and_removes_a_term() {
        assert_eq!(toggled("", "status:failed"), "status:failed");
        assert_eq!(toggled("boom status:failed", "status:failed"), "boom");
        assert_eq!(toggled("status:succeeded boom", "status:failed"), "status:failed boom");
        assert_eq!(toggled("machine:\"a b\" x", "status:failed"), "status:failed machine:\"a b\" x");
        assert_eq!(toggled("machine:\"a b\" x", "machine:\"a b\""), "x");
    }

    #[test]
    fn a_filter_that_matches_everything_is_none() {
        for text in ["", "  ", "status:", "machine: status:, endpoint:"] {
            assert_eq!(Query::parse(text), None, "{text:?}");
        }
        let query = |text| Query::parse(text).expect("a filter");
        assert!(query("ord er").narrows(&query("ord e")));
        assert!(!query("!ord").narrows(&query("!or")) && !query("x").narrows(&query("y")));
    }
}
