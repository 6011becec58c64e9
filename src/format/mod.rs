//! Text for display: escaping, fitting to a width, JSON (tokens, brackets, formatting), times, the severity of a status.

pub(crate) mod brackets;
pub(crate) mod clock;
pub(crate) mod json;
pub(crate) mod pretty;
pub(crate) mod severity;
pub mod text;
pub mod wrap;
