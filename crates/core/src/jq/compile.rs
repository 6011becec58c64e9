//! Compiles filters, and says what is wrong with them and where.

use jaq_core::load::parse::Def;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::native::Fun;
use jaq_core::{Compiler, compile, data};
use jaq_json::Val;

/// The values and functions that filters work with.
pub(super) type Data = data::JustLut<Val>;

/// Why a filter failed.
#[derive(Debug, thiserror::Error)]
pub enum JqError {
    /// A syntax error, with the text at its position.
    #[error("expected {expected} at {at}")]
    Syntax {
        /// What was expected.
        expected: String,
        /// The text found.
        at: String,
    },
    /// A name with letters that jq does not allow in it.
    #[error("in jq, a name with letters other than a to z is written [\"{0}\"]")]
    Name(String),
    /// Text after the end of the filter.
    #[error("unexpected {0}")]
    Surplus(String),
    /// An undefined name.
    #[error("there is no {what} `{name}`")]
    Undefined {
        /// A filter, a variable or a module.
        what: String,
        /// The name; for a filter with the number of its arguments.
        name: String,
    },
    /// Invalid JSON.
    #[error("not JSON: {0}")]
    Input(String),
    /// An error raised by the filter.
    #[error("{0}")]
    Filter(String),
    /// The output could not be written.
    #[error("{0}")]
    Output(#[from] std::io::Error),
}

/// Compiles a filter with these definitions and functions. Returns an error with the byte offset that it is at, if it has
/// one.
pub(super) fn compiled(
    filter: &str,
    definitions: impl Iterator<Item = Def<&'static str>>,
    functions: impl Iterator<Item = Fun<Data>>,
) -> Result<jaq_core::Filter<Data>, (JqError, Option<usize>)> {
    let arena = Arena::default();
    let position = |(error, at): (JqError, &str)| (error, offset(filter, at));
    let modules = Loader::new(definitions)
        .load(&arena, File { code: filter, path: () })
        .map_err(|errors| position(first_unreadable(filter, errors)))?;
    // Otherwise the variable of an imported file would compile, and have no value.
    load::import(&modules, |_| Err("files cannot be imported".to_owned()))
        .map_err(|errors| position(first_unreadable(filter, errors)))?;
    Compiler::default().with_funs(functions).compile(modules).map_err(|errors| position(first_undefined(errors)))
}

/// Returns where a part of a text begins; `None` if it is no part of it.
fn offset(whole: &str, part: &str) -> Option<usize> {
    let offset = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (offset + part.len() <= whole.len()).then_some(offset)
}

/// Returns the first syntax error.
fn first_unreadable<'s>(filter: &'s str, errors: load::Errors<&'s str, ()>) -> (JqError, &'s str) {
    let syntax = |expected: &str, at: &str| match expected {
        "nothing" => JqError::Surplus(shortened(at)),
        "token" if at.starts_with(is_foreign) => {
            let end = at.find(|c: char| !c.is_alphanumeric()).unwrap_or(at.len());
            JqError::Name(at[..end].to_owned())
        }
        _ => JqError::Syntax { expected: expected.to_owned(), at: shortened(at) },
    };
    for (_, error) in errors {
        match error {
            load::Error::Lex(errors) => {
                if let Some((expected, at)) = errors.first() {
                    return (syntax(expected.as_str(), at), at);
                }
            }
            load::Error::Parse(errors) => {
                if let Some((expected, at)) = errors.first() {
                    return (syntax(expected.as_str(), at), at);
                }
            }
            load::Error::Io(errors) => {
                if let Some((path, error)) = errors.first() {
                    return (JqError::Filter(format!("{path}: {error}")), path);
                }
            }
        }
    }
    (syntax("a filter", ""), &filter[filter.len()..])
}

/// Returns the first undefined name.
fn first_undefined(errors: compile::Errors<&str, ()>) -> (JqError, &str) {
    let first = errors.into_iter().flat_map(|(_, errors)| errors).next();
    first.map_or((JqError::Undefined { what: String::new(), name: String::new() }, ""), |(name, kind)| {
        let arguments = match &kind {
            compile::Undefined::Filter(count) => format!("/{count}"),
            _ => String::new(),
        };
        (JqError::Undefined { what: kind.as_str().to_owned(), name: format!("{name}{arguments}") }, name)
    })
}

/// Returns whether it is a letter that jq does not allow in a name.
fn is_foreign(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic()
}

/// Returns the beginning of the text at an error, or that the filter ends there.
fn shortened(at: &str) -> String {
    const SHOWN: usize = 20;
    match at.char_indices().nth(SHOWN) {
        _ if at.is_empty() => "the end".to_owned(),
        Some((end, _)) => format!("`{}…`", &at[..end]),
        None => format!("`{at}`"),
    }
}
