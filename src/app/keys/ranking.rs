//! How well an action matches what was typed in the palette: first the action with this name, then names and labels that
//! begin with it, then fuzzy matches of names and labels, then help texts that contain each word.

use std::cmp::Reverse;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::keys::action::Action;

/// Words of k9s and vim, each with the actions it stands for: the first available one.
const WORDS: &[(&str, &[Action])] = &[
    ("open", &[Action::OpenExecution]),
    ("o", &[Action::OpenExecution]),
    ("ctx", &[Action::Endpoint]),
    ("context", &[Action::Endpoint]),
    ("q", &[Action::Quit, Action::Cancel]),
    ("quit", &[Action::Quit, Action::QuitAtOnce]),
    ("exit", &[Action::Quit, Action::QuitAtOnce]),
    ("q!", &[Action::QuitAtOnce]),
    ("qa", &[Action::QuitAtOnce]),
    ("qa!", &[Action::QuitAtOnce]),
    ("quit!", &[Action::QuitAtOnce]),
    ("wq", &[Action::Quit, Action::QuitAtOnce]),
    ("w", &[Action::Save]),
    ("write", &[Action::Save]),
    ("h", &[Action::Help]),
    ("?", &[Action::Help]),
    ("run", &[Action::Start]),
    ("new", &[Action::Start]),
    ("kill", &[Action::Stop]),
    ("abort", &[Action::Stop]),
    ("rm", &[Action::Remove]),
    ("delete", &[Action::Remove]),
    ("yank", &[Action::Copy]),
    ("history", &[Action::Timeline]),
    ("logs", &[Action::Timeline]),
];

/// Returns the action that was typed by its name or by another word for it. Spaces stand for the hyphens of a name.
pub(super) fn named(typed: &str, is_available: impl Fn(Action) -> bool) -> Option<Action> {
    let typed = typed.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase();
    match WORDS.iter().find(|(word, _)| *word == typed) {
        Some((_, actions)) => {
            actions.iter().copied().find(|action| is_available(*action)).or_else(|| actions.first().copied())
        }
        None => Action::ALL.iter().copied().find(|action| action.name() == typed),
    }
}

/// How a text matches; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Label,
    Beginning,
    Fuzzy(Reverse<u32>),
    Help,
}

/// The place of an action among the others; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    is_not_named: bool,
    is_unavailable: bool,
    found: Match,
}

/// Compares actions with what was typed.
pub(super) struct Ranking {
    typed: String,
    named: Option<Action>,
    pattern: Pattern,
    matcher: Matcher,
    chars: Vec<char>,
}

impl Ranking {
    /// Returns the ranking for a text, in which this action was typed by its name.
    pub(super) fn new(typed: &str, named: Option<Action>) -> Self {
        let typed = typed.trim().to_lowercase();
        let pattern = Pattern::new(&typed, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        Self { typed, named, pattern, matcher: Matcher::new(Config::DEFAULT), chars: Vec::new() }
    }

    /// Returns the rank of an action; `None` if it does not match.
    pub(super) fn rank(&mut self, action: Action, is_available: bool) -> Option<Rank> {
        let is_named = self.named == Some(action);
        let found = self.matched(action).or_else(|| is_named.then_some(Match::Label))?;
        Some(Rank { is_not_named: !is_named, is_unavailable: !is_available, found })
    }

    fn matched(&mut self, action: Action) -> Option<Match> {
        let (name, label) = (action.name(), action.label().to_lowercase());
        if !self.typed.is_empty() && label == self.typed {
            return Some(Match::Label);
        }
        if name.starts_with(&self.typed) || label.starts_with(&self.typed) {
            return Some(Match::Beginning);
        }
        let mut score = |text: &str| self.pattern.score(Utf32Str::new(text, &mut self.chars), &mut self.matcher);
        // The help texts are long: almost any letters would match them somewhere.
        if let Some(score) = score(name).max(score(&label)) {
            return Some(Match::Fuzzy(Reverse(score)));
        }
        let all = format!("{name} {label} {}", action.help().to_lowercase());
        self.typed.split_whitespace().all(|word| all.contains(word)).then_some(Match::Help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_the_first_available_action_is_meant() {
        for (index, (word, actions)) in WORDS.iter().enumerate() {
            assert!(WORDS[..index].iter().all(|(other, _)| other != word), "{word} twice");
            assert!(!actions.is_empty(), "{word}");
        }
        assert_eq!(named("Quit", |_| true), Some(Action::Quit));
        assert_eq!(named("quit", |action| action != Action::Quit), Some(Action::QuitAtOnce));
        assert_eq!(named("q", |action| action != Action::Quit), Some(Action::Cancel));
        assert_eq!(named(" start  again ", |_| true), Some(Action::StartAgain));
        assert_eq!(named("w", |_| false), Some(Action::Save));
        assert_eq!(named("start-", |_| true), None);
    }

    #[test]
    fn a_name_precedes_a_beginning_a_fuzzy_match_and_a_help_text() {
        let ordered = |typed: &str, actions: &[Action]| {
            let mut ranking = Ranking::new(typed, named(typed, |_| true));
            let ranks: Vec<_> = actions.iter().map(|action| ranking.rank(*action, true)).collect();
            assert!(ranks.iter().all(Option::is_some), "{typed}: {ranks:?}");
            assert!(ranks.is_sorted(), "{typed}: {ranks:?}");
        };
        ordered("sort", &[Action::Sort, Action::ReverseSort]);
        ordered("start", &[Action::Start, Action::StartAgain, Action::CopyCurl]);
        ordered("fold", &[Action::Fold, Action::FoldStep, Action::FoldAll, Action::UnfoldAll]);
        ordered("rv", &[Action::ReverseSort]);
        let mut ranking = Ranking::new("redrive", None);
        let (available, other) = (ranking.rank(Action::Mark, true), ranking.rank(Action::Redrive, false));
        assert!(available < other, "an available action precedes a better match that is not");
        assert_eq!(Ranking::new("prdo", None).rank(Action::Endpoint, true), None);
    }
}
