//! The keymap: the meaning of each key in each context. The footer and the help use the same table, so every working key
//! is documented on the screen.

use crate::app::keys::action::{Action, Context};
use crate::app::keys::built_in_keys::BUILT_IN;
use crate::app::keys::editor::edits;
use crate::app::keys::key::{Key, KeyCode};

/// The keys for an action in a context; the first one is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The context.
    pub context: Context,
    /// The action.
    pub action: Action,
    /// The keys.
    pub keys: Vec<Key>,
}

/// Why a key in the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyProblem {
    /// No such action.
    UnknownAction,
    /// Not a key.
    UnknownKey,
    /// The key has another action in the same context.
    InUse(Action),
    /// In every context of the action, this key types or edits.
    Typed,
}

/// The keymap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap(Vec<Binding>);

impl Default for Keymap {
    fn default() -> Self {
        let binding = |(context, action, keys): &(Context, Action, &str)| Binding {
            context: *context,
            action: *action,
            keys: keys.split(' ').filter_map(Key::parse).map(Key::normalized).collect(),
        };
        Self(BUILT_IN.iter().map(binding).collect())
    }
}

impl Keymap {
    /// Returns the built-in keys with changes, which are pairs of an action name and a key. A changed action has only that
    /// key wherever it is bound, except where the key types or edits. Problems come with the index of their pair.
    pub fn with(changes: &[(String, String)]) -> (Self, Vec<(usize, KeyProblem)>) {
        let mut keymap = Self::default();
        let mut problems = Vec::new();
        let mut applied = Vec::new();
        for (index, (name, key)) in changes.iter().enumerate() {
            let action = Action::ALL.iter().copied().find(|action| action.name() == name);
            match (action, Key::parse(key).map(Key::normalized)) {
                (None, _) => problems.push((index, KeyProblem::UnknownAction)),
                (_, None) => problems.push((index, KeyProblem::UnknownKey)),
                (Some(action), Some(key)) => {
                    let fits = |binding: &&mut Binding| binding.action == action && !types(binding.context, key);
                    let mut fitting = keymap.0.iter_mut().filter(fits).peekable();
                    if fitting.peek().is_none() {
                        problems.push((index, KeyProblem::Typed));
                    }
                    fitting.for_each(|binding| binding.keys = vec![key]);
                    applied.push((index, action, key));
                }
            }
        }
        for (index, action, key) in applied {
            let has_key = |b: &&Binding| b.action == action && b.keys.contains(&key);
            let contexts = keymap.0.iter().filter(has_key).map(|b| b.context);
            let in_use = contexts
                .flat_map(|context| keymap.0.iter().filter(move |b| b.context == context))
                .find(|other| other.action != action && other.keys.contains(&key));
            if let Some(other) = in_use {
                problems.push((index, KeyProblem::InUse(other.action)));
            }
        }
        (keymap, problems)
    }

    /// Returns the action of a key in the first of these contexts that binds it.
    pub fn action(&self, contexts: &[Context], key: Key) -> Option<Action> {
        let key = key.normalized();
        let in_context = |context: &Context| self.bindings(*context).find(|binding| binding.keys.contains(&key));
        contexts.iter().find_map(in_context).map(|binding| binding.action)
    }

    /// Returns the first key for an action in these contexts that is not bound to another action before.
    pub fn key(&self, contexts: &[Context], action: Action) -> Option<Key> {
        let of_action = self.0.iter().filter(|binding| binding.action == action && contexts.contains(&binding.context));
        of_action.flat_map(|binding| &binding.keys).copied().find(|key| self.action(contexts, *key) == Some(action))
    }

    /// Returns what each key does in these contexts, with the context that binds it: a key of an earlier context is not
    /// listed again for a later one.
    pub fn effective(&self, contexts: &[Context]) -> impl Iterator<Item = Binding> {
        let is_bound = |context: Context, key: &Key| self.bindings(context).any(|binding| binding.keys.contains(key));
        contexts.iter().enumerate().flat_map(move |(index, context)| {
            let earlier = &contexts[..index];
            self.bindings(*context).filter_map(move |binding| {
                let is_free = |key: &&Key| !earlier.iter().any(|context| is_bound(*context, key));
                let keys: Vec<Key> = binding.keys.iter().filter(is_free).copied().collect();
                (!keys.is_empty()).then_some(Binding { keys, ..*binding })
            })
        })
    }

    /// Returns the bindings of a context, in the order of the footer.
    pub fn bindings(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.0.iter().filter(move |binding| binding.context == context)
    }
}

/// Returns whether a key types or edits in a context, so that no action can have it there. In the start form, only the name
/// has a single line: its other field has keys of its own, apart from those that are on every keyboard.
fn types(context: Context, key: Key) -> bool {
    let is_plain = !key.ctrl && !key.alt;
    let is_character = matches!(key.code, KeyCode::Char(_)) && is_plain;
    context.takes_text() && (is_character || edits(key) && (context != Context::Form || is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_key_is_valid_and_unique_in_its_context() {
        let keymap = Keymap::default();
        let written: usize = BUILT_IN.iter().map(|(_, _, keys)| keys.split(' ').count()).sum();
        assert_eq!(keymap.0.iter().map(|b| b.keys.len()).sum::<usize>(), written);
        for context in Context::ALL {
            let mut seen = std::collections::HashSet::new();
            for key in keymap.bindings(context).flat_map(|binding| &binding.keys) {
                assert!(seen.insert(*key), "{key} twice in {context:?}");
            }
        }
    }

    #[test]
    fn ctrl_c_leaves_what_asks_for_something_and_otherwise_quits() {
        let keymap = Keymap::default();
        for context in Context::ALL {
            let expected = match context {
                // These precede contexts that bind it.
                Context::List | Context::Text => None,
                Context::Copy | Context::Removal => Some(Action::Cancel),
                context if context.takes_text() => Some(Action::Cancel),
                _ => Some(Action::QuitAtOnce),
            };
            assert_eq!(keymap.action(&[context], Key::ctrl('c')), expected, "{context:?}");
        }
    }

    #[test]
    fn every_action_can_be_reached() {
        let keymap = Keymap::default();
        for action in Action::ALL {
            assert!(keymap.0.iter().any(|binding| binding.action == *action), "{action:?}");
        }
    }

    #[test]
    fn changes_are_applied_and_problems_reported() {
        let pair = |action: &str, key: &str| (action.to_owned(), key.to_owned());
        let (keymap, problems) = Keymap::with(&[pair("start", "z"), pair("help", "ctrl-h")]);
        assert_eq!(problems, []);
        assert_eq!(keymap.action(&[Context::Browse], Key::plain(KeyCode::Char('z'))), Some(Action::Start));
        assert_eq!(keymap.action(&[Context::Browse], Key::plain(KeyCode::Char('n'))), None);
        let (keymap, problems) = Keymap::with(&[pair("up", "w"), pair("submit", "x")]);
        assert_eq!(problems, [(1, KeyProblem::Typed)]);
        let w = Key::plain(KeyCode::Char('w'));
        assert_eq!(
            (keymap.action(&[Context::Browse], w), keymap.action(&[Context::Pick], w)),
            (Some(Action::Up), None)
        );
        let (_, problems) = Keymap::with(&[pair("strat", "s"), pair("start", "many"), pair("filter", "q")]);
        assert_eq!(
            problems,
            [(0, KeyProblem::UnknownAction), (1, KeyProblem::UnknownKey), (2, KeyProblem::InUse(Action::Quit))]
        );
    }

    #[test]
    fn terminals_may_report_a_key_in_different_ways() {
        let keymap = Keymap::default();
        let shifted = Key { code: KeyCode::Tab, ctrl: false, alt: false, shift: true };
        assert_eq!(keymap.action(&[Context::Browse], shifted), Some(Action::PreviousPane));
        let upper = Key { code: KeyCode::Char('S'), ctrl: true, alt: false, shift: true };
        assert_eq!(keymap.action(&[Context::Form], upper), Some(Action::Submit));
        let big_g = Key { code: KeyCode::Char('G'), ctrl: false, alt: false, shift: true };
        assert_eq!(keymap.action(&[Context::Browse], big_g), Some(Action::Bottom));
    }
}
