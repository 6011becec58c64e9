//! The subset of the Amazon States Language that the local gateway supports: Pass, Wait, Choice, Succeed, Fail and Parallel
//! with the `JSONPath` fields. Definitions with anything else are refused by name when they are loaded (<https://states-language.net/spec.html>).

pub mod choice;
pub mod data;
mod definition;
pub mod load;
pub mod path;
pub mod template;

pub use definition::{Definition, State, StateKind, Wait};
pub use load::LoadError;
