//! Text for display: escaping, fitting to a width, JSON tokens, times.

pub(crate) mod clock;
pub(crate) mod json;
pub mod text;
pub mod wrap;
