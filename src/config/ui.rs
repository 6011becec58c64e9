//! `[ui]` and `[keys]`.

use crate::config::section::Section;

/// `theme`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// Follows the terminal's background.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Maximum contrast, on the terminal's background.
    HighContrast,
}

/// `notify`: how to notify when an execution ends that is not on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// No notification.
    #[default]
    Off,
    /// The terminal's bell.
    Bell,
    /// A desktop notification through the terminal.
    Desktop,
}

/// One line of `[ui.colors]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColorChoice {
    /// The role, such as `good`.
    pub role: String,
    /// The colour, such as `light-green`, `#5fffd7` or `86`.
    pub color: String,
    /// The line in the file.
    pub line: usize,
}

/// `[ui]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UiSettings {
    /// `theme`.
    pub theme: ThemeChoice,
    /// `notify`.
    pub notify: Notify,
    /// `mouse`: whether the program handles the mouse.
    pub mouse: bool,
    /// `colors`: those that differ from the theme's.
    pub colors: Vec<ColorChoice>,
}

/// One line of `[keys]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChoice {
    /// The action's name.
    pub action: String,
    /// The key, such as `n` or `ctrl-s`.
    pub key: String,
    /// The line in the file.
    pub line: usize,
}

pub(super) fn read(section: &Section<'_>) -> UiSettings {
    let themes = [
        ("auto", ThemeChoice::Auto),
        ("dark", ThemeChoice::Dark),
        ("light", ThemeChoice::Light),
        ("high-contrast", ThemeChoice::HighContrast),
    ];
    let notify = [("off", Notify::Off), ("bell", Notify::Bell), ("desktop", Notify::Desktop)];
    let settings = UiSettings {
        theme: section.choice("theme", &themes).unwrap_or_default(),
        notify: section.choice("notify", &notify).unwrap_or_default(),
        mouse: section.boolean("mouse").unwrap_or(false),
        colors: section.table("colors").map(|section| read_colors(&section)).unwrap_or_default(),
    };
    section.finish();
    settings
}

fn read_colors(section: &Section<'_>) -> Vec<ColorChoice> {
    section
        .all_texts()
        .into_iter()
        .map(|(role, color)| ColorChoice { role, color: color.value, line: color.line })
        .collect()
}

pub(super) fn read_keys(section: &Section<'_>) -> Vec<KeyChoice> {
    section.all_texts().into_iter().map(|(action, key)| KeyChoice { action, key: key.value, line: key.line }).collect()
}
