//! Text for display: escaping, fitting to a width, JSON tokens, times.

pub mod clock;
pub mod json;
pub mod text;
pub mod wrap;
