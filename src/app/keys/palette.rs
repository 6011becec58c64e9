//! The command palette: every action with its key and context, searchable by typing.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::keys::action::{Action, Context};
use crate::app::keys::editor::{Editor, Lines};
use crate::app::keys::keymap::Keymap;

/// An action in the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The action.
    pub action: Action,
    /// Its first key.
    pub key: String,
    /// The context in which it works.
    pub context: Context,
    /// Whether it is available where the palette was opened.
    pub is_available: bool,
}

/// The palette.
#[derive(Debug, Clone)]
pub struct Palette {
    /// The search field.
    pub field: Editor,
    commands: Vec<Command>,
    found: Vec<usize>,
    selected: usize,
}

impl Palette {
    /// Returns the palette for the current contexts. If `read_only`, omits actions that change executions.
    pub fn new(keymap: &Keymap, current: &[Context], read_only: bool) -> Self {
        let mut commands: Vec<Command> = Vec::new();
        let others =
            Context::ALL.into_iter().filter(|context| !current.contains(context) && *context != Context::ConfigErrors);
        for context in current.iter().copied().chain(others) {
            for binding in keymap.bindings(context).filter(|b| !(read_only && b.action.changes_executions())) {
                let is_available = current.contains(&context);
                // An available action is not listed again for another context; those of all prompts are listed once.
                let is_once = |known: &Command| {
                    known.is_available
                        || known.context == context
                        || matches!(known.action, Action::Complete | Action::CompleteBack)
                };
                if commands.iter().any(|known| known.action == binding.action && is_once(known)) {
                    continue;
                }
                let key = binding.keys.first().map(ToString::to_string).unwrap_or_default();
                commands.push(Command { action: binding.action, key, context, is_available });
            }
        }
        let found = (0..commands.len()).collect();
        Self { field: Editor::new("", Lines::One), commands, found, selected: 0 }
    }

    /// Finds actions by fuzzy match, available ones first, then the best matches.
    pub(in crate::app) fn search(&mut self) {
        let pattern = Pattern::parse(self.field.text(), CaseMatching::Ignore, Normalization::Smart);
        let (mut matcher, mut chars) = (Matcher::new(Config::DEFAULT), Vec::new());
        let mut scored: Vec<(bool, u32, usize)> = Vec::new();
        for (index, command) in self.commands.iter().enumerate() {
            let text = format!("{} {} {}", command.action.label(), command.action.name(), command.action.help());
            if let Some(score) = pattern.score(Utf32Str::new(&text, &mut chars), &mut matcher) {
                scored.push((!command.is_available, u32::MAX - score, index));
            }
        }
        scored.sort_unstable();
        self.found = scored.into_iter().map(|(.., index)| index).collect();
        self.selected = 0;
    }

    /// Returns the matches in order.
    pub fn found(&self) -> impl Iterator<Item = &Command> {
        self.found.iter().filter_map(|index| self.commands.get(*index))
    }

    /// Returns the number of matches.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Returns the index of the selected match.
    pub fn selected_place(&self) -> usize {
        self.selected
    }

    /// Returns the selected command.
    pub fn selected(&self) -> Option<&Command> {
        self.commands.get(*self.found.get(self.selected)?)
    }

    /// Moves the selection down, or up if negative.
    pub(in crate::app) fn step(&mut self, by: isize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.found.len().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_listed_and_the_best_match_first() {
        let mut palette = Palette::new(&Keymap::default(), &[Context::List, Context::Browse], false);
        for action in Action::ALL {
            let is_listed = palette.found().any(|command| command.action == *action);
            assert!(is_listed || *action == Action::Reload, "{action:?}");
        }
        palette.field.insert("start again");
        palette.search();
        let first = palette.selected().map(|command| (command.action, command.key.clone(), command.is_available));
        assert_eq!(first, Some((Action::StartAgain, "r".to_owned(), true)));
        let read_only = Palette::new(&Keymap::default(), &[Context::List, Context::Browse], true);
        assert!(read_only.found().all(|command| !command.action.changes_executions()));
    }
}
