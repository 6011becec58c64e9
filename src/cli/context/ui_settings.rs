//! Checks the parts of the configuration that only the UI understands: keys and colours.

use crate::app::Action;
use crate::app::keys::keymap::{KeyProblem, Keymap};
use crate::config::error::{ConfigError, nearest};
use crate::config::{ColorChoice, EndpointColor, KeyChoice, Settings};
use crate::ui::Theme;
use crate::ui::color;
use crate::ui::theme::ColorProblem;
use stepgate_core::domain::toml_key;

/// Returns all errors in these parts.
pub(in crate::cli) fn errors(settings: &Settings) -> Vec<ConfigError> {
    let mut errors = keymap(&settings.keys).1;
    errors.extend(apply_colors(&Theme::dark(), &settings.ui.colors).1);
    errors.extend(settings.endpoint_colors.iter().filter_map(color_error));
    errors
}

/// Returns the keymap of the configuration and its errors.
pub(in crate::cli) fn keymap(choices: &[KeyChoice]) -> (Keymap, Vec<ConfigError>) {
    let pairs: Vec<_> = choices.iter().map(|choice| (choice.action.clone(), choice.key.clone())).collect();
    let (keymap, problems) = Keymap::with(&pairs);
    let errors = problems.into_iter().map(|(index, problem)| key_error(&choices[index], &problem));
    (keymap, errors.collect())
}

fn key_error(choice: &KeyChoice, problem: &KeyProblem) -> ConfigError {
    let (message, suggestion) = match problem {
        KeyProblem::UnknownAction => {
            ("unknown action".to_owned(), nearest(&choice.action, Action::ALL.iter().map(|a| a.name())))
        }
        KeyProblem::UnknownKey => {
            (format!("`{}` is not a key; expected a key such as `n`, `ctrl-s`, `page-down` or `f5`", choice.key), None)
        }
        KeyProblem::InUse(other) => (format!("`{}` is already the key for `{}`", choice.key, other.name()), None),
        KeyProblem::Typed if choice.key.chars().count() == 1 => (
            format!("`{}` types a character there; use a key with ctrl, such as `ctrl-{}`", choice.key, choice.key),
            None,
        ),
        KeyProblem::Typed => (format!("`{}` edits text there; use another key, such as `f5`", choice.key), None),
    };
    ConfigError { line: Some(choice.line), key: format!("keys.{}", toml_key(&choice.action)), message, suggestion }
}

/// Returns the theme with the colours of the configuration, and their errors.
pub(in crate::cli) fn apply_colors(theme: &Theme, choices: &[ColorChoice]) -> (Theme, Vec<ConfigError>) {
    let pairs: Vec<_> = choices.iter().map(|choice| (choice.role.as_str(), choice.color.as_str())).collect();
    let (theme, problems) = theme.with(&pairs);
    let error = |(index, problem): (usize, ColorProblem)| {
        let choice: &ColorChoice = &choices[index];
        let (message, suggestion) = match problem {
            ColorProblem::UnknownRole => ("unknown colour role".to_owned(), nearest(&choice.role, Theme::roles())),
            ColorProblem::UnknownColor => not_a_color(&choice.color),
        };
        ConfigError {
            line: Some(choice.line),
            key: format!("ui.colors.{}", toml_key(&choice.role)),
            message,
            suggestion,
        }
    };
    (theme, problems.into_iter().map(error).collect())
}

/// Returns why the colour of an endpoint cannot be used.
fn color_error(choice: &EndpointColor) -> Option<ConfigError> {
    if color::parse(&choice.color).is_some() {
        return None;
    }
    let (message, suggestion) = not_a_color(&choice.color);
    let key = format!("endpoints.{}.color", toml_key(choice.endpoint.as_str()));
    Some(ConfigError { line: Some(choice.line), key, message, suggestion })
}

fn not_a_color(text: &str) -> (String, Option<String>) {
    let message = format!("`{text}` is not a colour; expected a colour such as `light-red`, `#5fffd7` or `86`");
    (message, nearest(text, color::NAMES))
}
