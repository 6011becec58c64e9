//! The command palette: every action with its key and context, searchable by typing.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::keys::action::{Action, Context};
use crate::app::keys::editor::{Editor, Lines};
use crate::app::keys::keymap::Keymap;

/// Words that find an action before all others, although they also occur in the names of others.
const WORDS: [(&str, Action); 1] = [("open", Action::OpenExecution)];

/// An action in the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The action.
    pub action: Action,
    /// What it is applied to: the name of an endpoint.
    pub argument: Option<String>,
    /// Its first key.
    pub key: String,
    /// The context in which it works.
    pub context: Context,
    /// Whether it is available where the palette was opened.
    pub is_available: bool,
}

impl Command {
    /// Returns the command as typed: the action's name and its argument.
    pub(in crate::app) fn text(&self) -> String {
        match &self.argument {
            Some(argument) => format!("{} {argument}", self.action.name()),
            None => self.action.name().to_owned(),
        }
    }
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
                commands.push(Command { action: binding.action, argument: None, key, context, is_available });
            }
        }
        let found = (0..commands.len()).collect();
        Self { field: Editor::new("", Lines::One), commands, found, selected: 0 }
    }

    /// Adds the names that may follow the command `endpoint`.
    #[must_use]
    pub(super) fn with_endpoints<'n>(mut self, names: impl Iterator<Item = &'n str>) -> Self {
        let command = self.commands.iter().find(|command| command.action == Action::Endpoint).cloned();
        if let Some(command) = command {
            let names = names.map(|name| Command { argument: Some(name.to_owned()), ..command.clone() });
            self.commands.extend(names);
        }
        self
    }

    /// Returns the name typed after the command `endpoint`.
    pub(super) fn typed_endpoint(&self) -> Option<String> {
        let text = self.field.text();
        let name = text.trim_start().strip_prefix(Action::Endpoint.name())?.strip_prefix(char::is_whitespace)?;
        Some(name.trim().to_owned())
    }

    /// Finds the endpoints whose name contains what was typed: the same name first, then those that begin with it.
    fn search_endpoints(&mut self, typed: &str) {
        let typed = typed.to_lowercase();
        let mut found: Vec<(u8, usize)> = Vec::new();
        for (index, command) in self.commands.iter().enumerate() {
            let Some(name) = command.argument.as_ref().map(|name| name.to_lowercase()) else { continue };
            match name.find(&typed) {
                Some(0) => found.push((u8::from(name != typed), index)),
                Some(_) => found.push((2, index)),
                None => {}
            }
        }
        found.sort_unstable();
        self.found = found.into_iter().map(|(_, index)| index).collect();
        self.selected = 0;
    }

    /// Finds actions by fuzzy match, available ones first, then the one with this name and the best matches; or endpoints after `endpoint `.
    pub(in crate::app) fn search(&mut self) {
        if let Some(name) = self.typed_endpoint() {
            return self.search_endpoints(&name);
        }
        let pattern = Pattern::parse(self.field.text(), CaseMatching::Ignore, Normalization::Smart);
        let (mut matcher, mut chars) = (Matcher::new(Config::DEFAULT), Vec::new());
        let typed = self.field.text();
        let named = WORDS.iter().find(|(word, _)| typed.trim().eq_ignore_ascii_case(word)).map(|(_, action)| *action);
        let mut scored: Vec<(bool, bool, u32, usize)> = Vec::new();
        for (index, command) in self.commands.iter().enumerate().filter(|(_, command)| command.argument.is_none()) {
            let text = format!("{} {} {}", command.action.label(), command.action.name(), command.action.help());
            if let Some(score) = pattern.score(Utf32Str::new(&text, &mut chars), &mut matcher) {
                let is_named = named.map_or(typed.trim() == command.action.name(), |named| named == command.action);
                scored.push((!command.is_available, !is_named, u32::MAX - score, index));
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
        palette.field = Editor::new("open", Lines::One);
        palette.search();
        assert_eq!(palette.selected().map(|command| command.action), Some(Action::OpenExecution));
        // An argument: endpoints instead of actions.
        let mut palette = Palette::new(&Keymap::default(), &[Context::List, Context::Browse], false)
            .with_endpoints(["all", "prod", "dev", "preprod"].into_iter());
        assert!(palette.found().all(|command| command.argument.is_none()));
        for (typed, expected) in [
            ("endpoint ", &["all", "prod", "dev", "preprod"][..]),
            (" endpoint  Prod ", &["prod", "preprod"]),
            ("endpoint pr", &["prod", "preprod"]),
            ("endpoint d", &["dev", "prod", "preprod"]),
            ("endpoint x", &[]),
        ] {
            palette.field = Editor::new(typed, Lines::One);
            palette.search();
            let found: Vec<&str> = palette.found().filter_map(|command| command.argument.as_deref()).collect();
            assert_eq!((found.as_slice(), palette.count()), (expected, expected.len()), "{typed:?}");
        }
        let read_only = Palette::new(&Keymap::default(), &[Context::List, Context::Browse], true);
        assert!(read_only.found().all(|command| !command.action.changes_executions()));
    }
}
