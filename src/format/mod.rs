//! Text for display: escaping, fitting to a width, JSON (tokens, brackets, formatting), times.

pub(crate) mod brackets;
pub(crate) mod clock;
pub(crate) mod json;
pub(crate) mod pretty;
pub mod text;
pub mod wrap;
