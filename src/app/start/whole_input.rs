//! Whether inserted text replaces the whole input: a user who types or pastes `{"order": 4711}` into the `{}` of a new form
//! means that object, not one inside another.

use crate::app::keys::editor::Editor;

/// An input before a change, if the change may replace it.
pub(super) struct Before {
    text: String,
    cursor: usize,
    is_untouched: bool,
}

impl Before {
    /// Returns the input if it has not been edited, or if it is an empty object.
    pub(super) fn of(input: &Editor) -> Option<Self> {
        let is_untouched = input.revision() == 0;
        let is_replaceable = is_untouched || is_empty_object(input.text());
        is_replaceable.then(|| Self { text: input.text().to_owned(), cursor: input.cursor(), is_untouched })
    }

    /// Returns the inserted text if it replaces the whole input. `after` is the input after the change, which is not JSON.
    pub(super) fn replacement(&self, after: &str) -> Option<String> {
        let (start, end) = self.text.split_at(self.cursor);
        let inserted = after.strip_prefix(start)?.strip_suffix(end)?;
        // No object begins with a bracket, so it begins another input, also while that is being typed.
        let begins_another =
            is_empty_object(&self.text) && start.trim() == "{" && inserted.trim_start().starts_with(['{', '[']);
        (begins_another || (self.is_untouched && is_object_or_array(inserted))).then(|| inserted.to_owned())
    }
}

fn is_empty_object(text: &str) -> bool {
    text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(|rest| rest.trim().is_empty())
}

fn is_object_or_array(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::Before;

    #[test]
    fn an_object_replaces_an_empty_one_and_what_was_not_edited() {
        for (before, inserted, is_untouched, expected) in [
            ("{|}", "{", true, true),
            ("{|}", "[", false, true),
            ("{ |\n}", " {\"a\": 1}\n", false, true),
            ("{\"seconds\": 10|}", "{\"seconds\": 1}", true, true),
            ("{\"seconds\": 10|}", "[1]", true, true),
            // What was edited stays, and so does what only the beginning of an object would replace.
            ("{\"seconds\": 10|}", "{\"seconds\": 1}", false, false),
            ("{\"seconds\": 10|}", "{", true, false),
            ("{\"seconds\": 10|}", "[1", true, false),
            ("{|}", "\"a\": ", true, false),
            ("{|}", "x", true, false),
            ("{}|", "{", false, false),
        ] {
            let (start, end) = before.split_once('|').expect("a cursor");
            let input = Before { text: format!("{start}{end}"), cursor: start.len(), is_untouched };
            let replaced = input.replacement(&format!("{start}{inserted}{end}"));
            assert_eq!(replaced.as_deref(), expected.then_some(inserted), "{before} {inserted}");
        }
    }
}
