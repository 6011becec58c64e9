//! `[ui]` and `[keys]`.

use crate::config::section::Section;

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// As the terminal's background is.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
}

/// What happens when an execution ends that is not being looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// Nothing.
    #[default]
    Off,
    /// The terminal's bell.
    Bell,
    /// A notification by the terminal (OSC 9).
    Desktop,
}

/// `[ui]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UiSettings {
    /// `theme`.
    pub theme: ThemeChoice,
    /// `notify`.
    pub notify: Notify,
}

/// One line of `[keys]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChoice {
    /// The action's name.
    pub action: String,
    /// The key, such as `n` or `ctrl-s`.
    pub key: String,
    /// Where it stands.
    pub line: usize,
}

pub(super) fn read(section: &Section<'_>) -> UiSettings {
    let themes = [("auto", ThemeChoice::Auto), ("dark", ThemeChoice::Dark), ("light", ThemeChoice::Light)];
    let notify = [("off", Notify::Off), ("bell", Notify::Bell), ("desktop", Notify::Desktop)];
    let settings = UiSettings {
        theme: section.choice("theme", &themes).unwrap_or_default(),
        notify: section.choice("notify", &notify).unwrap_or_default(),
    };
    section.finish();
    settings
}

pub(super) fn read_keys(section: &Section<'_>) -> Vec<KeyChoice> {
    section.every_text().into_iter().map(|(action, key)| KeyChoice { action, key: key.value, line: key.line }).collect()
}
