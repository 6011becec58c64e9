//! Runs jq filters on JSON with jaq. Only for a separate process: a filter may use up the stack, all memory or
//! unlimited time, and jaq has no limits.

use std::io::Write;

use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, compile, data};
use jaq_json::write::Pp;
use jaq_json::{Val, read};

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

/// Applies a filter to each value of a text, and writes the results, pretty-printed and one per line.
pub fn run(filter: &str, text: &[u8], output: &mut dyn Write) -> Result<(), JqError> {
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let modules = Loader::new(definitions).load(&arena, File { code: filter, path: () }).map_err(first_unreadable)?;
    let filter = Compiler::default().with_funs(functions).compile(modules).map_err(first_undefined)?;
    let layout = Pp { indent: Some("  ".to_owned()), sep_space: true, ..Pp::default() };
    for input in read::parse_many(text) {
        let input = input.map_err(|error| JqError::Input(error.to_string()))?;
        let context = Ctx::<data::JustLut<Val>>::new(&filter.lut, Vars::new([]));
        for put_out in filter.id.run((context, input)) {
            let value = match put_out {
                Ok(value) => value,
                // Not `unwrap_valr`, which ends the process.
                Err(exception) => match exception.get_err() {
                    Ok(error) => return Err(JqError::Filter(error.to_string())),
                    Err(_) => return Ok(()),
                },
            };
            jaq_json::write::write(output, &layout, 0, &value)?;
            output.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// Returns the first syntax error.
fn first_unreadable(errors: load::Errors<&str, ()>) -> JqError {
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
                    return syntax(expected.as_str(), at);
                }
            }
            load::Error::Parse(errors) => {
                if let Some((expected, at)) = errors.first() {
                    return syntax(expected.as_str(), at);
                }
            }
            load::Error::Io(errors) => {
                if let Some((path, error)) = errors.first() {
                    return JqError::Filter(format!("{path}: {error}"));
                }
            }
        }
    }
    syntax("a filter", "")
}

/// Returns the first undefined name.
fn first_undefined(errors: compile::Errors<&str, ()>) -> JqError {
    let first = errors.into_iter().flat_map(|(_, errors)| errors).next();
    let (name, kind) = first.map_or_else(Default::default, |(name, kind)| {
        let arguments = match &kind {
            compile::Undefined::Filter(count) => format!("/{count}"),
            _ => String::new(),
        };
        (format!("{name}{arguments}"), kind.as_str().to_owned())
    });
    JqError::Undefined { what: kind, name }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn jq(filter: &str, text: &str) -> Result<String, String> {
        let mut output = Vec::new();
        run(filter, text.as_bytes(), &mut output).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(output).expect("text"))
    }

    #[test]
    fn numbers_and_the_order_of_keys_are_preserved() {
        let text = r#"{"b":1.10,"a":12345678901234567890123,"c":1e400,"d":1E5,"e":"完了 \u0041"}"#;
        let expected = "{\n  \"b\": 1.10,\n  \"a\": 12345678901234567890123,\n  \"c\": 1e400,\n  \"d\": 1E5,\n  \"e\": \"完了 A\"\n}\n";
        assert_eq!(jq(".", text), Ok(expected.into()));
        assert_eq!(jq(".b, .d", text), Ok("1.10\n1E5\n".into()));
        assert_eq!(
            jq(".items[] | select(.kg > 1) | .id", r#"{"items":[{"id":1,"kg":1},{"id":2,"kg":2}]}"#),
            Ok("2\n".into())
        );
    }

    #[test]
    fn errors_in_a_filter_are_reported_with_their_position() {
        assert_eq!(jq(".[", "1"), Err("expected closing bracket at the end".into()));
        assert_eq!(jq("foo(1)", "1"), Err("there is no filter `foo/1`".into()));
        let words = "in jq, a name with letters other than a to z is written [\"注文\"]";
        assert_eq!(jq(".注文.品", "1"), Err(words.into()));
        assert_eq!(jq(".[\"注文\"]", "{\"注文\":1.0}"), Ok("1.0\n".into()));
        assert_eq!(jq("..a", "1"), Err("unexpected `a`".into()));
        assert_eq!(jq("$x", "1"), Err("there is no variable `$x`".into()));
        assert_eq!(jq(". |", "1"), Err("expected term at the end".into()));
        assert_eq!(jq("error(\"no\")", "1"), Err("\"no\"".into()));
        assert!(jq(".a", "[1]").expect_err("an array").starts_with("cannot index [1] with \"a\""));
        assert!(jq(".", "{").expect_err("no JSON").starts_with("not JSON"));
    }

    #[test]
    fn a_filter_that_halts_only_ends_itself() {
        assert_eq!(jq("1, halt, 2", "1"), Ok("1\n".into()));
    }
}
