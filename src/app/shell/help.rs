//! The help: the keys of the current contexts first, then those of the others, from the table that gives keys their
//! meaning; and its search.

use crate::app::keys::action::{Action, Context};
use crate::app::keys::editor::{Editor, Lines, editing_keys};
use crate::app::keys::key::Key;
use crate::app::keys::keymap::Keymap;
use crate::app::shell::page_line::{PageLine, key_width};
use crate::format::wrap::wrap;

/// The open help.
#[derive(Debug, Clone)]
pub struct Help {
    /// Where it was opened.
    contexts: Vec<Context>,
    top: usize,
    search: Editor,
    is_typing: bool,
}

/// Keys with what they do, or action names with their meaning, under a heading.
struct Section {
    heading: String,
    entries: Vec<(String, &'static str)>,
}

impl Help {
    /// Returns the help for these contexts.
    pub(in crate::app) fn new(contexts: Vec<Context>) -> Self {
        Self { contexts, top: 0, search: Editor::new("", Lines::One), is_typing: false }
    }

    /// Handles a key in the search field. The help follows every key; cancelling shows all of it again.
    pub(in crate::app) fn type_search(&mut self, key: Key, action: Option<Action>) {
        match action {
            Some(Action::Accept) => self.is_typing = false,
            Some(Action::Cancel) => _ = self.clear_search(),
            _ => self.change_search(|editor| editor.press(key)),
        }
    }

    /// Returns the key context of the help.
    pub(in crate::app) fn context(&self) -> Context {
        if self.is_typing { Context::HelpSearch } else { Context::Help }
    }

    /// Returns whether the search is being typed.
    pub(crate) fn is_typing(&self) -> bool {
        self.is_typing
    }

    /// Returns the search field.
    pub(crate) fn search(&self) -> &Editor {
        &self.search
    }

    pub(in crate::app) fn begin_search(&mut self) {
        self.is_typing = true;
    }

    /// Removes the search and returns whether there was one.
    pub(in crate::app) fn clear_search(&mut self) -> bool {
        let had_search = self.is_typing || !self.search.text().is_empty();
        (self.search, self.is_typing, self.top) = (Editor::new("", Lines::One), false, 0);
        had_search
    }

    /// Changes the search and scrolls to the first match.
    pub(in crate::app) fn change_search(&mut self, change: impl FnOnce(&mut Editor)) {
        change(&mut self.search);
        self.top = 0;
    }

    pub(super) fn top(&self) -> usize {
        self.top
    }

    pub(super) fn top_mut(&mut self) -> &mut usize {
        &mut self.top
    }

    pub(super) fn title(&self) -> String {
        match self.search.text() {
            search if search.is_empty() || self.is_typing => "Keys".to_owned(),
            search => format!("Keys with `{search}`"),
        }
    }

    /// Returns the lines that match the search; `read_only`: without actions that change executions.
    pub(super) fn lines(&self, keymap: &Keymap, read_only: bool, cells: usize) -> Vec<PageLine> {
        let room = cells.saturating_sub(key_width(cells) + 1);
        let needle = self.search.text();
        let mut lines = Vec::new();
        for Section { heading, entries } in self.sections(keymap, read_only) {
            let is_whole = matches(&heading, needle);
            let mut found = entries
                .into_iter()
                .filter(|(keys, help)| is_whole || matches(keys, needle) || matches(help, needle))
                .peekable();
            if found.peek().is_none() {
                continue;
            }
            if !lines.is_empty() {
                lines.push(PageLine::Text(String::new()));
            }
            lines.extend(wrap(&heading, cells).into_iter().map(PageLine::Heading));
            for (keys, help) in found {
                let mut keys = Some(keys);
                lines.extend(
                    wrap(help, room).into_iter().map(|line| PageLine::Keys(keys.take().unwrap_or_default(), line)),
                );
            }
        }
        if lines.is_empty() {
            lines.push(PageLine::Text("No key or action matches.".into()));
        }
        lines
    }

    fn sections(&self, keymap: &Keymap, read_only: bool) -> Vec<Section> {
        let is_allowed = |action: Action| !(read_only && action.changes_executions());
        let shown = |keys: &[Key]| keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let here: Vec<_> = keymap.effective(&self.contexts).filter(|binding| is_allowed(binding.action)).collect();
        let mut sections = Vec::new();
        for context in &self.contexts {
            let here = here.iter().filter(|binding| binding.context == *context);
            let entries = here.map(|binding| (shown(&binding.keys), binding.action.help())).collect();
            sections.push(Section { heading: context.title().to_owned(), entries });
        }
        let typing = || {
            let entries = editing_keys().map(|(keys, help)| (shown(&keys), help)).collect();
            Section { heading: "While typing anywhere".to_owned(), entries }
        };
        let is_typing_here = self.contexts.iter().any(|context| context.takes_text());
        sections.extend(is_typing_here.then(typing));
        let others = Context::ALL.into_iter().filter(|context| !self.contexts.contains(context));
        for context in others.filter(|context| *context != Context::ConfigErrors) {
            let bindings = keymap.bindings(context).filter(|binding| is_allowed(binding.action));
            let entries = bindings.map(|binding| (shown(&binding.keys), binding.action.help())).collect();
            sections.push(Section { heading: context.title().to_owned(), entries });
        }
        sections.extend((!is_typing_here).then(typing));
        let heading = "Action names for [keys] in the configuration".to_owned();
        let names = Action::ALL.iter().map(|action| (action.name().to_owned(), action.help()));
        sections.push(Section { heading, entries: names.collect() });
        sections
    }
}

/// Returns whether a text contains another one. Case matters only if the searched text has a capital letter.
fn matches(text: &str, needle: &str) -> bool {
    if needle.chars().any(char::is_uppercase) { text.contains(needle) } else { text.to_lowercase().contains(needle) }
}
