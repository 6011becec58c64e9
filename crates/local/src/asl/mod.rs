//! The part of the Amazon States Language that the local gateway speaks: Pass, Wait, Choice, Succeed,
//! Fail and Parallel with the `JSONPath` fields. Whatever else a definition holds is refused by name
//! when it is loaded (<https://states-language.net/spec.html>).

pub mod choice;
pub mod data;
mod definition;
pub mod load;
pub mod path;
pub mod template;

pub use definition::{Definition, State, StateKind, Wait};
pub use load::LoadError;
