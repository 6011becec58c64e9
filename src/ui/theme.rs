//! Colors and emphasis by purpose. A status is never shown by color alone.

use ratatui::style::{Color, Modifier, Style};

use crate::app::list::row::{Row, RowState};
use crate::app::timeline::StepStatus;
use crate::format::json::Token;
use crate::format::severity::Severity;
use crate::ui::symbols::Symbols;
use stepgate_core::domain::Status;

/// The styles of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Text.
    pub text: Style,
    /// Secondary text.
    pub dim: Style,
    /// Emphasized text.
    pub strong: Style,
    /// The program's name, keys in the footer.
    pub accent: Style,
    /// Borders of the panes.
    pub border: Style,
    /// The border of the focused pane.
    pub focus: Style,
    /// The selected line of the focused pane.
    pub selected: Style,
    /// The selected line of other panes.
    pub chosen: Style,
    /// Running executions and steps.
    pub running: Style,
    /// Success.
    pub good: Style,
    /// Failures and errors.
    pub bad: Style,
    /// Warnings, late and unresolved executions.
    pub warning: Style,
    /// Search matches.
    pub found: Style,
    key: Style,
    string: Style,
    number: Style,
    literal: Style,
    /// The symbols that the terminal can show.
    pub symbols: Symbols,
}

/// Why a color in the configuration cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorProblem {
    /// No such role.
    UnknownRole,
    /// Not a color.
    UnknownColor,
}

/// A role and its style.
type Role = (&'static str, fn(&mut Theme) -> &mut Style);

/// The configurable roles.
const ROLES: &[Role] = &[
    ("text", |theme| &mut theme.text),
    ("dim", |theme| &mut theme.dim),
    ("strong", |theme| &mut theme.strong),
    ("accent", |theme| &mut theme.accent),
    ("border", |theme| &mut theme.border),
    ("focus", |theme| &mut theme.focus),
    ("selected", |theme| &mut theme.selected),
    ("running", |theme| &mut theme.running),
    ("good", |theme| &mut theme.good),
    ("bad", |theme| &mut theme.bad),
    ("warning", |theme| &mut theme.warning),
    ("found", |theme| &mut theme.found),
    ("key", |theme| &mut theme.key),
    ("string", |theme| &mut theme.string),
    ("number", |theme| &mut theme.number),
    ("literal", |theme| &mut theme.literal),
];

const fn fg(color: Color) -> Style {
    Style::new().fg(color)
}

impl Theme {
    /// Returns the theme for dark backgrounds. Its status colors are distinguishable with any color vision; see the tests.
    pub const fn dark() -> Self {
        Self {
            text: Style::new(),
            dim: fg(Color::Indexed(245)),
            strong: Style::new().add_modifier(Modifier::BOLD),
            accent: fg(Color::Cyan).add_modifier(Modifier::BOLD),
            border: fg(Color::Indexed(240)),
            focus: fg(Color::Cyan),
            selected: Style::new().bg(Color::Indexed(24)).fg(Color::White).add_modifier(Modifier::BOLD),
            chosen: Style::new().bg(Color::Indexed(236)).add_modifier(Modifier::BOLD),
            running: fg(Color::Indexed(69)),
            good: fg(Color::Indexed(86)),
            bad: fg(Color::Indexed(209)),
            warning: fg(Color::Indexed(220)),
            found: Style::new().bg(Color::Indexed(58)).fg(Color::White),
            key: fg(Color::Cyan),
            string: fg(Color::Green),
            number: fg(Color::Yellow),
            literal: fg(Color::Magenta),
            symbols: Symbols::Unicode,
        }
    }

    /// Returns the theme for light backgrounds, with darker shades, since a terminal's yellow and cyan vanish on white.
    pub const fn light() -> Self {
        Self {
            text: Style::new(),
            dim: fg(Color::Indexed(243)),
            strong: Style::new().add_modifier(Modifier::BOLD),
            accent: fg(Color::Indexed(25)).add_modifier(Modifier::BOLD),
            border: fg(Color::Indexed(248)),
            focus: fg(Color::Indexed(25)),
            selected: Style::new().bg(Color::Indexed(153)).fg(Color::Black).add_modifier(Modifier::BOLD),
            chosen: Style::new().bg(Color::Indexed(254)).add_modifier(Modifier::BOLD),
            running: fg(Color::Indexed(20)),
            good: fg(Color::Indexed(29)),
            bad: fg(Color::Indexed(88)),
            warning: fg(Color::Indexed(130)),
            found: Style::new().bg(Color::Indexed(228)).fg(Color::Black),
            key: fg(Color::Indexed(25)),
            string: fg(Color::Indexed(28)),
            number: fg(Color::Indexed(130)),
            literal: fg(Color::Indexed(90)),
            symbols: Symbols::Unicode,
        }
    }

    /// Returns the theme with maximum contrast on a dark background.
    pub const fn high_contrast_on_dark() -> Self {
        Self::high_contrast([
            Color::White,
            Color::Indexed(111),
            Color::Indexed(86),
            Color::Indexed(209),
            Color::Indexed(227),
        ])
    }

    /// Returns the theme with maximum contrast on a light background.
    pub const fn high_contrast_on_light() -> Self {
        Self::high_contrast([
            Color::Black,
            Color::Indexed(20),
            Color::Indexed(23),
            Color::Indexed(88),
            Color::Indexed(54),
        ])
    }

    /// Returns a high-contrast theme with these colors for text, running, good, bad and warning.
    const fn high_contrast([text, running, good, bad, warning]: [Color; 5]) -> Self {
        let bold = fg(text).add_modifier(Modifier::BOLD);
        Self {
            text: fg(text),
            // Nothing is dimmed.
            dim: fg(text),
            strong: bold,
            accent: bold.add_modifier(Modifier::UNDERLINED),
            border: fg(text),
            focus: bold,
            selected: bold.add_modifier(Modifier::REVERSED),
            chosen: bold.add_modifier(Modifier::UNDERLINED),
            running: fg(running).add_modifier(Modifier::BOLD),
            good: fg(good).add_modifier(Modifier::BOLD),
            bad: fg(bad).add_modifier(Modifier::BOLD),
            warning: fg(warning).add_modifier(Modifier::BOLD),
            found: fg(text).add_modifier(Modifier::REVERSED),
            key: bold,
            string: fg(text),
            number: fg(text),
            literal: fg(text),
            symbols: Symbols::Unicode,
        }
    }

    /// Returns the theme without colors, for `NO_COLOR` (<https://no-color.org>).
    pub const fn plain() -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let dim = Style::new().add_modifier(Modifier::DIM);
        Self {
            text: Style::new(),
            dim,
            strong: bold,
            accent: bold,
            border: dim,
            focus: bold,
            selected: Style::new().add_modifier(Modifier::REVERSED),
            chosen: bold.add_modifier(Modifier::UNDERLINED),
            running: Style::new(),
            good: Style::new(),
            bad: bold,
            warning: bold,
            found: Style::new().add_modifier(Modifier::UNDERLINED),
            key: bold,
            string: Style::new(),
            number: Style::new(),
            literal: Style::new(),
            symbols: Symbols::Unicode,
        }
    }

    /// Returns the theme with other symbols.
    #[must_use]
    pub const fn with_symbols(self, symbols: Symbols) -> Self {
        Self { symbols, ..self }
    }

    /// Returns the names of the roles in the configuration.
    pub fn roles() -> impl Iterator<Item = &'static str> {
        ROLES.iter().map(|(role, _)| *role)
    }

    /// Returns the theme with changes, which are pairs of a role and a color. Problems come with the index of their pair.
    pub fn with(mut self, changes: &[(&str, &str)]) -> (Self, Vec<(usize, ColorProblem)>) {
        let mut problems = Vec::new();
        for (index, (role, color)) in changes.iter().enumerate() {
            match (ROLES.iter().find(|(known, _)| known == role), color.parse::<Color>()) {
                (None, _) => problems.push((index, ColorProblem::UnknownRole)),
                (_, Err(_)) => problems.push((index, ColorProblem::UnknownColor)),
                (Some((role, style)), Ok(color)) => {
                    let style = style(&mut self);
                    // These two set the background.
                    let is_background = matches!(*role, "selected" | "found");
                    *style = if is_background { style.bg(color) } else { style.fg(color) };
                }
            }
        }
        (self, problems)
    }

    /// Returns the style for the name of an endpoint with this colour.
    pub fn endpoint(&self, color: Option<Color>) -> Style {
        color.map_or(self.strong, |color| self.strong.fg(color))
    }

    /// Returns the style for a piece of a payload.
    pub fn token(&self, token: Token) -> Style {
        match token {
            Token::Key => self.key,
            Token::String => self.string,
            Token::Number => self.number,
            Token::Literal => self.literal,
            Token::Punctuation | Token::Folded => self.dim,
            Token::Plain => self.text,
        }
    }

    /// Returns the style for a step with this status.
    pub fn step(&self, status: StepStatus) -> Style {
        self.severity(status.severity())
    }

    /// Returns the style for a status of this severity.
    pub(crate) fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Running => self.running,
            Severity::Good => self.good,
            Severity::Warning => self.warning,
            Severity::Bad => self.bad,
        }
    }

    /// Returns the style for an execution.
    pub fn execution(&self, row: &Row) -> Style {
        self.severity(row.group().severity())
    }
}

/// Returns the symbol for the state of an execution, one cell wide.
pub(crate) fn sign(row: &Row) -> &'static str {
    match &row.state {
        RowState::Started => "○",
        RowState::Lost(..) | RowState::Unresolved(_) => "?",
        RowState::NeverStarted(_) => "-",
        RowState::Synchronous(_) => outcome_sign(&Status::Running),
        RowState::Seen(seen) => outcome_sign(&seen.status),
    }
}

/// Returns the symbol for a status.
pub(crate) fn outcome_sign(status: &Status) -> &'static str {
    match status {
        Status::Running => "●",
        Status::Succeeded => "✔",
        Status::Failed => "✖",
        Status::TimedOut => "◷",
        Status::Aborted => "■",
        Status::PendingRedrive => "↻",
        Status::Unknown(_) => "·",
    }
}

#[cfg(test)]
mod tests;
