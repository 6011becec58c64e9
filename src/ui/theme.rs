//! Colours and emphasis, by what they are for. A status is never told by its colour alone.

use ratatui::style::{Color, Modifier, Style};

use crate::app::json::Token;
use crate::app::row::{Group, Row, Standing};
use crate::app::timeline::StepStatus;
use crate::domain::Status;

/// The styles of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Text.
    pub text: Style,
    /// Text of less weight.
    pub dim: Style,
    /// What is to be noticed without alarm.
    pub strong: Style,
    /// The program's name, keys in the footer.
    pub accent: Style,
    /// Borders of the panes.
    pub border: Style,
    /// The border of the pane that has the keys.
    pub focus: Style,
    /// The chosen line of the pane that has the keys.
    pub selected: Style,
    /// The chosen line of other panes.
    pub chosen: Style,
    /// What runs.
    pub running: Style,
    /// What ended well.
    pub good: Style,
    /// What ended badly, errors.
    pub bad: Style,
    /// What is slow, late or doubtful.
    pub warning: Style,
    /// What is searched for.
    pub found: Style,
    key: Style,
    string: Style,
    number: Style,
    literal: Style,
}

const fn fg(color: Color) -> Style {
    Style::new().fg(color)
}

impl Theme {
    /// For dark backgrounds: the terminal's own sixteen colours.
    pub const fn dark() -> Self {
        Self {
            text: Style::new(),
            dim: fg(Color::Indexed(245)),
            strong: Style::new().add_modifier(Modifier::BOLD),
            accent: fg(Color::Cyan).add_modifier(Modifier::BOLD),
            border: fg(Color::Indexed(240)),
            focus: fg(Color::Cyan),
            selected: Style::new().bg(Color::Indexed(24)).fg(Color::White).add_modifier(Modifier::BOLD),
            chosen: Style::new().add_modifier(Modifier::BOLD),
            running: fg(Color::LightBlue),
            good: fg(Color::Green),
            bad: fg(Color::LightRed),
            warning: fg(Color::Yellow),
            found: Style::new().bg(Color::Indexed(58)).fg(Color::White),
            key: fg(Color::Cyan),
            string: fg(Color::Green),
            number: fg(Color::Yellow),
            literal: fg(Color::Magenta),
        }
    }

    /// For light backgrounds: darker shades, since a terminal's yellow and cyan vanish on white.
    pub const fn light() -> Self {
        Self {
            text: Style::new(),
            dim: fg(Color::Indexed(243)),
            strong: Style::new().add_modifier(Modifier::BOLD),
            accent: fg(Color::Indexed(25)).add_modifier(Modifier::BOLD),
            border: fg(Color::Indexed(248)),
            focus: fg(Color::Indexed(25)),
            selected: Style::new().bg(Color::Indexed(153)).fg(Color::Black).add_modifier(Modifier::BOLD),
            chosen: Style::new().add_modifier(Modifier::BOLD),
            running: fg(Color::Indexed(26)),
            good: fg(Color::Indexed(28)),
            bad: fg(Color::Indexed(124)),
            warning: fg(Color::Indexed(130)),
            found: Style::new().bg(Color::Indexed(228)).fg(Color::Black),
            key: fg(Color::Indexed(25)),
            string: fg(Color::Indexed(28)),
            number: fg(Color::Indexed(130)),
            literal: fg(Color::Indexed(90)),
        }
    }

    /// Without any colour, for `NO_COLOR` (<https://no-color.org>): weight and reversal only.
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
            chosen: bold,
            running: Style::new(),
            good: Style::new(),
            bad: bold,
            warning: bold,
            found: Style::new().add_modifier(Modifier::UNDERLINED),
            key: bold,
            string: Style::new(),
            number: Style::new(),
            literal: Style::new(),
        }
    }

    /// For a piece of a payload.
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

    /// For a step of a timeline, by how it goes.
    pub fn step(&self, status: StepStatus) -> Style {
        match status {
            StepStatus::Running => self.running,
            StepStatus::Succeeded => self.good,
            StepStatus::Failed | StepStatus::TimedOut => self.bad,
            StepStatus::Caught | StepStatus::Aborted => self.warning,
        }
    }

    /// For an execution, by where it stands.
    pub fn execution(&self, row: &Row) -> Style {
        match row.group() {
            Group::Running => self.running,
            Group::Done => self.good,
            Group::Failed => self.bad,
            Group::Lost | Group::NotStarted => self.warning,
        }
    }
}

/// The sign for where an execution stands; one cell wide, different for each.
pub fn sign(row: &Row) -> &'static str {
    match &row.standing {
        Standing::Started => "○",
        Standing::Lost(..) | Standing::Unresolved(_) => "?",
        Standing::NeverStarted(_) => "-",
        Standing::Seen(seen) => match seen.status {
            Status::Running => "●",
            Status::Succeeded => "✔",
            Status::Failed => "✖",
            Status::TimedOut => "◷",
            Status::Aborted => "■",
            Status::PendingRedrive => "↻",
            Status::Unknown(_) => "·",
        },
    }
}
