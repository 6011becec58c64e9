//! The command palette: every action with its key, searchable by typing. `endpoint` and `open` take an argument.

use crate::app::keys::action::{Action, Context};
use crate::app::keys::editor::{Editor, Lines};
use crate::app::keys::keymap::Keymap;
use crate::app::keys::ranking::{Ranking, named};
use stepgate_core::domain::counted;

/// Whether an action can be chosen where the palette was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Here,
    /// It works in this context.
    Elsewhere(Context),
    /// `read-only` disables it.
    ReadOnly,
}

/// What an action is applied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// The name of the endpoint to show, or `all`.
    Endpoint(String),
    /// The execution to open: its ARN or name, and possibly the name of an endpoint.
    Execution(String),
}

/// An action in the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The action.
    pub action: Action,
    /// What it is applied to.
    pub argument: Option<Argument>,
    /// Its first key.
    pub key: String,
    /// Whether it can be chosen.
    pub availability: Availability,
}

impl Command {
    /// Returns the command as typed: the action's name, or a word for it with its argument.
    pub(in crate::app) fn text(&self) -> String {
        match &self.argument {
            Some(Argument::Endpoint(name)) => format!("endpoint {name}"),
            Some(Argument::Execution(name)) => format!("open {name}"),
            None => self.action.name().to_owned(),
        }
    }

    /// Returns whether it can be chosen.
    pub(crate) fn is_available(&self) -> bool {
        self.availability == Availability::Here
    }

    /// Returns why it cannot be chosen.
    pub(crate) fn objection(&self) -> Option<String> {
        match self.availability {
            Availability::Here => None,
            Availability::Elsewhere(context) => Some(format!("works {}, not here", context.place())),
            Availability::ReadOnly => Some("is disabled: the configuration says read-only = true".to_owned()),
        }
    }
}

/// The palette.
#[derive(Debug, Clone)]
pub struct Palette {
    /// The search field.
    pub field: Editor,
    commands: Vec<Command>,
    /// What may follow `endpoint`: `all`, then the endpoints in the order of their numbers.
    endpoints: Vec<String>,
    /// Names that may follow `open`.
    executions: Vec<String>,
    found: Vec<Command>,
    selected: usize,
}

impl Palette {
    /// Returns the palette for the current contexts. If `read_only`, actions that change executions are found only by
    /// their exact names.
    pub fn new(keymap: &Keymap, current: &[Context], read_only: bool) -> Self {
        let mut commands: Vec<Command> = Vec::new();
        let others =
            Context::ALL.into_iter().filter(|context| !current.contains(context) && *context != Context::ConfigErrors);
        for context in current.iter().copied().chain(others) {
            for binding in keymap.bindings(context) {
                if commands.iter().any(|known| known.action == binding.action) {
                    continue;
                }
                let availability = match current.contains(&context) {
                    _ if read_only && binding.action.changes_executions() => Availability::ReadOnly,
                    true => Availability::Here,
                    false => Availability::Elsewhere(context),
                };
                let key = binding.keys.first().map(ToString::to_string).unwrap_or_default();
                commands.push(Command { action: binding.action, argument: None, key, availability });
            }
        }
        let field = Editor::new("", Lines::One);
        let mut palette =
            Self { field, commands, endpoints: Vec::new(), executions: Vec::new(), found: Vec::new(), selected: 0 };
        palette.search();
        palette
    }

    /// Sets the names that may follow `endpoint` and `open`.
    #[must_use]
    pub(super) fn with_names(mut self, endpoints: Vec<String>, executions: Vec<String>) -> Self {
        (self.endpoints, self.executions) = (endpoints, executions);
        self
    }

    /// Finds the actions that match what was typed, or the arguments of `endpoint` or `open`; the best first.
    pub(in crate::app) fn search(&mut self) {
        self.selected = 0;
        let typed = self.field.text().trim().to_owned();
        let is_available =
            |action| self.commands.iter().any(|command| command.action == action && command.is_available());
        let action = named(&typed, is_available);
        // `open console` is the name of an action, with a space.
        self.found = match self.typed_argument().filter(|(_, argument)| argument.is_empty() || action.is_none()) {
            Some((Action::Endpoint, name)) => self.with_arguments(Action::Endpoint, self.endpoints_for(&name)),
            Some((_, name)) => self.with_arguments(Action::OpenExecution, self.executions_for(&name)),
            None => self.actions_for(&typed, action),
        };
    }

    fn actions_for(&self, typed: &str, action: Option<Action>) -> Vec<Command> {
        let mut ranking = Ranking::new(typed, action);
        let listed = self
            .commands
            .iter()
            .filter(|command| command.availability != Availability::ReadOnly || Some(command.action) == action);
        let mut ranked: Vec<_> = listed
            .filter_map(|command| Some((ranking.rank(command.action, command.is_available())?, command)))
            .collect();
        // Equal ones stay in the order of the keymap.
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, command)| command.clone()).collect()
    }

    fn with_arguments(&self, action: Action, arguments: Vec<Option<Argument>>) -> Vec<Command> {
        let Some(command) = self.commands.iter().find(|command| command.action == action) else { return Vec::new() };
        arguments.into_iter().map(|argument| Command { argument, ..command.clone() }).collect()
    }

    /// Returns the action with an argument that was typed, and the argument, which may be empty.
    fn typed_argument(&self) -> Option<(Action, String)> {
        let (word, argument) = self.field.text().trim_start().split_once(char::is_whitespace)?;
        let action = named(word, |_| true).filter(|a| matches!(a, Action::Endpoint | Action::OpenExecution))?;
        Some((action, argument.trim().to_owned()))
    }

    /// Returns why no command matches.
    pub(crate) fn why_nothing_matches(&self) -> String {
        match self.typed_argument() {
            Some((Action::Endpoint, name)) => self.no_endpoint(&name),
            _ => format!("No command matches `{}`.", self.field.text().trim()),
        }
    }

    fn no_endpoint(&self, name: &str) -> String {
        // The first one is `all`.
        let names = self.endpoints.get(1..).unwrap_or_default();
        match (name.parse::<usize>(), names) {
            (_, []) => "No endpoint in the configuration.".to_owned(),
            (Ok(_), [_]) => "There is only one endpoint.".to_owned(),
            (Ok(_), names) => format!("There are only {}.", counted(names.len(), "endpoint")),
            (Err(_), names) => {
                format!("No endpoint `{name}` in the configuration. There are: {}.", names.join(", "))
            }
        }
    }

    /// Returns the endpoints with this name or number, or whose name contains it: the same name first, then the number,
    /// then names that begin with it.
    fn endpoints_for(&self, typed: &str) -> Vec<Option<Argument>> {
        let number = typed.parse::<usize>().ok();
        let typed = typed.to_lowercase();
        let mut found: Vec<(u8, &String)> = Vec::new();
        for (index, name) in self.endpoints.iter().enumerate() {
            let lower = name.to_lowercase();
            match lower.find(&typed) {
                _ if lower == typed => found.push((0, name)),
                _ if number == Some(index) => found.push((1, name)),
                Some(0) => found.push((2, name)),
                Some(_) => found.push((3, name)),
                None => {}
            }
        }
        found.sort_by_key(|(order, _)| *order);
        found.into_iter().map(|(_, name)| Some(Argument::Endpoint(name.clone()))).collect()
    }

    /// Returns what was typed, which may be any ARN or name, and the listed executions whose name contains it. Without an
    /// argument, the command asks for one.
    fn executions_for(&self, typed: &str) -> Vec<Option<Argument>> {
        let lower = typed.to_lowercase();
        let is_found = |name: &&String| *name != typed && name.to_lowercase().contains(&lower);
        let listed = self.executions.iter().filter(is_found).cloned();
        let own = (!typed.is_empty()).then(|| Argument::Execution(typed.to_owned()));
        std::iter::once(own).chain(listed.map(Argument::Execution).map(Some)).collect()
    }

    /// Returns what the typed text can be completed to: the matches, apart from an execution that is not in the list.
    pub(in crate::app) fn completions(&self) -> Vec<String> {
        let is_known = |command: &&Command| match &command.argument {
            Some(Argument::Execution(text)) => self.executions.contains(text),
            Some(Argument::Endpoint(_)) | None => true,
        };
        self.found.iter().filter(is_known).map(Command::text).collect()
    }

    /// Returns the matches in order.
    pub fn found(&self) -> impl Iterator<Item = &Command> {
        self.found.iter()
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
        self.found.get(self.selected)
    }

    /// Moves the selection down, or up if negative.
    pub(in crate::app) fn step(&mut self, by: isize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.found.len().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The palette over the list, after this was typed.
    fn typed(text: &str, read_only: bool) -> Palette {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut palette = Palette::new(&Keymap::default(), &[Context::List, Context::Browse], read_only)
            .with_names(names(&["all", "prod", "dev", "preprod"]), names(&["order-2", "order-1", "report"]));
        palette.field.insert(text);
        palette.search();
        palette
    }

    fn first(text: &str) -> Option<Action> {
        typed(text, false).selected().map(|command| command.action)
    }

    fn arguments(text: &str) -> Vec<String> {
        let argument = |command: &Command| match command.argument.clone()? {
            Argument::Endpoint(text) | Argument::Execution(text) => Some(text),
        };
        typed(text, false).found().filter_map(argument).collect()
    }

    #[test]
    fn every_action_is_listed_once_and_available_ones_first() {
        let palette = typed("", false);
        for action in Action::ALL {
            let count = palette.found().filter(|command| command.action == *action).count();
            assert!(count == 1 || *action == Action::Reload, "{action:?}: {count}");
        }
        assert!(palette.found().map(Command::is_available).is_sorted_by(|one, next| one >= next));
        assert!(typed("o", false).found().skip(1).map(Command::is_available).is_sorted_by(|one, next| one >= next));
    }

    #[test]
    fn what_users_of_k9s_and_vim_type_is_the_first_command() {
        for action in Action::ALL.iter().filter(|action| !matches!(action, Action::Reload | Action::Open)) {
            assert_eq!(first(action.name()), Some(*action), "each action by its name");
        }
        for (text, expected) in [
            ("start again", Action::StartAgain),
            ("open", Action::OpenExecution),
            ("open console", Action::OpenConsole),
            ("q", Action::Quit),
            ("q!", Action::QuitAtOnce),
            ("w", Action::Save),
            ("ctx", Action::Endpoint),
            ("h", Action::Help),
            ("sta", Action::Start),
            ("fil", Action::Filter),
            ("x-ray", Action::CopyTrace),
        ] {
            assert_eq!(first(text), Some(expected), "{text}");
        }
        assert_eq!(
            typed("submit", false).selected().map(Command::is_available),
            Some(false),
            "shown although elsewhere"
        );
    }

    #[test]
    fn read_only_hides_what_changes_executions_unless_it_is_named() {
        assert!(typed("", true).found().all(|command| !command.action.changes_executions()));
        let named = typed("start", true);
        assert_eq!(named.selected().map(|command| command.availability), Some(Availability::ReadOnly));
        assert_eq!(named.selected().map(|command| command.action), Some(Action::Start));
    }

    #[test]
    fn arguments_are_endpoints_by_name_or_number_and_executions() {
        for (text, expected) in [
            ("endpoint ", &["all", "prod", "dev", "preprod"][..]),
            (" endpoint  Prod ", &["prod", "preprod"]),
            ("endpoint pr", &["prod", "preprod"]),
            ("ctx d", &["dev", "prod", "preprod"]),
            ("endpoint 2", &["dev"]),
            ("endpoint 0", &["all"]),
            ("endpoint x", &[]),
            ("endpoint 4", &[]),
            ("open ", &["order-2", "order-1", "report"]),
            ("open order-1", &["order-1"]),
            ("open 1", &["1", "order-1"]),
            ("open-execution arn:x dev", &["arn:x dev"]),
        ] {
            assert_eq!(arguments(text), expected, "{text:?}");
        }
        assert_eq!(typed("nonsense", false).why_nothing_matches(), "No command matches `nonsense`.");
        assert_eq!(typed("endpoint 4", false).why_nothing_matches(), "There are only 3 endpoints.");
    }
}
