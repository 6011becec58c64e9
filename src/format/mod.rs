//! Text for people: safe to show, cut to a width, JSON indented, and times.

pub mod clock;
pub mod json;
pub mod text;
pub mod wrap;
