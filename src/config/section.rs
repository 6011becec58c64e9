//! Reads a table of the file: typed values, errors with their lines, and unknown keys.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::error::{ConfigError, nearest};
use stepgate_core::domain::endpoint::without_login;
use stepgate_core::domain::{invisible, toml_key};

/// The file's text, to find lines, and the errors found so far.
pub(super) struct Reader<'t> {
    text: &'t str,
    errors: RefCell<Vec<ConfigError>>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, errors: RefCell::default() }
    }

    pub(super) fn into_errors(self) -> Vec<ConfigError> {
        self.errors.into_inner()
    }

    pub(super) fn syntax_error(&self, error: &toml::de::Error) -> ConfigError {
        let line = error.span().map(|span| self.line(&span));
        // The character may be invisible.
        let found = error.span().and_then(|span| self.text.get(span.start..)?.chars().next());
        let message = match found.filter(|found| invisible::is_invisible(*found)) {
            Some(found) => format!("{} is invisible, and not allowed here; remove it", invisible::named(found)),
            None => error.message().to_owned(),
        };
        ConfigError { line, key: String::new(), message, suggestion: None }
    }

    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        let until = span.start.min(self.text.len());
        self.text[..until].matches('\n').count() + 1
    }
}

/// A value and its line.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

/// A table of the file, and which of its keys have been read.
pub(super) struct Section<'r> {
    reader: &'r Reader<'r>,
    table: &'r DeTable<'r>,
    path: String,
    name: String,
    line: Option<usize>,
    known: RefCell<BTreeSet<String>>,
}

impl<'r> Section<'r> {
    pub(super) fn root(reader: &'r Reader<'r>, table: &'r DeTable<'r>) -> Self {
        Self { reader, table, path: String::new(), name: String::new(), line: None, known: RefCell::default() }
    }

    /// Returns the table's own key: the `dev` of `[endpoints.dev]`. It may contain dots.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.known.borrow_mut().insert(key.to_owned());
        self.table.contains_key(key)
    }

    /// Returns a string; invisible characters are an error.
    pub(super) fn text(&self, key: &str) -> Option<Located<String>> {
        let text = self.payload(key)?;
        if let Some(found) = invisible::first(&text.value) {
            self.error(key, text.line, format!("{found}; remove it"), None);
        }
        Some(text)
    }

    /// Returns a string with any characters.
    pub(super) fn payload(&self, key: &str) -> Option<Located<String>> {
        self.value(key, "a string", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        self.value(key, "true or false", DeValue::as_bool).map(|found| found.value)
    }

    pub(super) fn number(&self, key: &str) -> Option<Located<f64>> {
        self.value(key, "a number", |value| match value {
            DeValue::Integer(integer) => integer.as_str().parse().ok(),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => None,
        })
    }

    pub(super) fn texts(&self, key: &str) -> Option<Located<Vec<String>>> {
        self.value(key, "a list of strings", |value| {
            value.as_array()?.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        })
    }

    /// Returns a duration, such as `"60s"`, `"1h 30m"` or `"90d"`; a day has 24 hours.
    pub(super) fn duration(&self, key: &str) -> Option<Duration> {
        let text = self.text(key)?;
        let parsed = text
            .value
            .parse::<jiff::Span>()
            .and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()))
            .ok()
            .and_then(|duration| Duration::try_from(duration).ok());
        if parsed.is_none() {
            let message = format!("expected a duration such as \"60s\", \"5m\" or \"90d\", found `{}`", text.value);
            self.error(key, text.line, message, None);
        }
        parsed
    }

    /// Returns the value of one of these words.
    pub(super) fn choice<T: Copy>(&self, key: &str, choices: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(word, _)| *word == text.value).map(|(_, choice)| *choice);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let expected = match &words[..] {
                [only] => format!("`{only}`"),
                _ => format!("one of {}", words.join(", ")),
            };
            let message = format!("expected {expected}, found `{}`", text.value);
            self.error(key, text.line, message, nearest(&text.value, words));
        }
        found
    }

    pub(super) fn table(&self, key: &str) -> Option<Section<'r>> {
        self.known.borrow_mut().insert(key.to_owned());
        let (name, value) = self.table.get_key_value(key)?;
        self.as_section(name.get_ref(), &name.span(), value)
    }

    /// Returns the tables below `key`, in the order of the file: `[endpoints.a]`, `[endpoints.b]`.
    pub(super) fn tables(&self, key: &str) -> Vec<Section<'r>> {
        let Some(parent) = self.table(key) else { return Vec::new() };
        let mut found: Vec<_> = parent.table.iter().collect();
        found.sort_by_key(|(name, _)| name.span().start);
        let sections = found.into_iter().filter_map(|(name, value)| {
            parent.check_name(name.get_ref());
            parent.as_section(name.get_ref(), &name.span(), value)
        });
        sections.collect()
    }

    /// Reports a key that is used as a name and has no visible character.
    pub(super) fn check_name(&self, key: &str) {
        if key.chars().all(|c| c.is_whitespace() || c.is_control() || invisible::is_invisible(c)) {
            self.error_at_key(key, "a name needs at least one visible character");
        }
    }

    /// Returns every key of the table with its string, in the order of the file.
    pub(super) fn all_texts(&self) -> Vec<(String, Located<String>)> {
        self.keys().into_iter().filter_map(|key| self.payload(&key).map(|text| (key, text))).collect()
    }

    /// Returns every key of the table, in the order of the file.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.table.keys().collect();
        keys.sort_by_key(|key| key.span().start);
        keys.into_iter().map(|key| key.get_ref().to_string()).collect()
    }

    pub(super) fn is_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_table())
    }

    pub(super) fn is_text(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_str())
    }

    /// Reports an error in the value of `key`.
    pub(super) fn error(&self, key: &str, line: usize, message: impl Into<String>, suggestion: Option<String>) {
        self.push(Some(line), key, message.into(), suggestion);
    }

    /// Returns the line of a key; that of the table if it has none.
    pub(super) fn line_of(&self, key: &str) -> usize {
        let of_key = self.table.get_key_value(key).map(|(name, _)| self.reader.line(&name.span()));
        of_key.or(self.line).unwrap_or(1)
    }

    /// Reports an error at the line of `key`.
    pub(super) fn error_at_key(&self, key: &str, message: impl Into<String>) {
        let line = self.table.get_key_value(key).map(|(name, _)| self.reader.line(&name.span()));
        self.push(line, key, message.into(), None);
    }

    /// Reports an error at the line of the table, such as a missing key.
    pub(super) fn table_error(&self, key: &str, message: impl Into<String>) {
        self.push(self.line, key, message.into(), None);
    }

    /// Reports unknown keys. Must be called after all keys have been read.
    pub(super) fn finish(&self) {
        let known = self.known.borrow();
        for key in self.table.keys().filter(|key| !known.contains(key.get_ref().as_ref())) {
            let line = self.reader.line(&key.span());
            let suggestion = nearest(key.get_ref(), known.iter().map(String::as_str));
            self.push(Some(line), key.get_ref(), "unknown key".into(), suggestion);
        }
    }

    fn value<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&'r DeValue<'r>) -> Option<T>,
    ) -> Option<Located<T>> {
        self.known.borrow_mut().insert(key.to_owned());
        let value: &Spanned<DeValue<'_>> = self.table.get(key)?;
        let line = self.reader.line(&value.span());
        let found = read(value.get_ref()).map(|value| Located { value, line });
        if found.is_none() {
            let message = format!("expected {expected}, found {}", value.get_ref().type_str());
            self.error(key, line, message, None);
        }
        found
    }

    fn as_section(&self, name: &str, span: &Range<usize>, value: &'r Spanned<DeValue<'r>>) -> Option<Section<'r>> {
        let line = self.reader.line(span);
        let path = self.key(name);
        let Some(table) = value.get_ref().as_table() else {
            self.error(name, line, format!("expected a table, found {}", value.get_ref().type_str()), None);
            return None;
        };
        let name = name.to_owned();
        Some(Section { reader: self.reader, table, path, name, line: Some(line), known: RefCell::default() })
    }

    /// Returns a key of this table with its path.
    fn key(&self, key: &str) -> String {
        // A rule names a key of an inner table by its path.
        let key = if self.table.contains_key(key) { toml_key(key) } else { key.to_owned() };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    fn push(&self, line: Option<usize>, key: &str, message: String, suggestion: Option<String>) {
        let key = self.key(key);
        let (message, suggestion) = (redacted(message), suggestion.map(redacted));
        self.reader.errors.borrow_mut().push(ConfigError { line, key, message, suggestion });
    }
}

/// Hides passwords in URLs that an error quotes.
fn redacted(text: String) -> String {
    if text.contains("://") { without_login(&text) } else { text }
}
