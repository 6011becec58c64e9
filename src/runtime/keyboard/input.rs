//! What a terminal sends, once it is understood.

use crate::app::Key;
use crate::app::msg::Click;
use crate::runtime::keyboard::responses;

/// What the terminal has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// A key.
    Key(Key),
    /// Keys in a row that type a text; Enter is a carriage return or a line feed, as it came, Tab a tab.
    Text(String),
    /// A pasted text.
    Paste(String),
    /// The terminal has the focus of its window system, or not.
    Focused(bool),
    /// The mouse was used in this column and row.
    Mouse(Click, u16, u16),
    /// The terminal has told its background.
    Background(responses::Background),
    /// The terminal has answered the question that every terminal answers.
    Attributes,
}
