//! Runs jq filters on JSON with jaq. Only for a separate process: a filter may use up the stack, all memory or
//! unlimited time, and jaq has no limits. `run` is for texts on the screen; `closed` compiles the filters of routes, which
//! `worker` applies.

mod closed;
mod compile;
mod error_text;
mod json;
pub mod worker;

use std::io::Write;

use jaq_core::{Ctx, Vars};
use jaq_json::read;
use jaq_json::write::Pp;

pub use closed::{CheckError, check};
pub use compile::JqError;
use compile::{Data, compiled};

/// Applies a filter to each value of a text, and writes the results, pretty-printed and one per line.
pub fn run(filter: &str, text: &[u8], output: &mut dyn Write) -> Result<(), JqError> {
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let filter = compiled(filter, definitions, functions).map_err(|(error, _)| error)?;
    let layout = Pp { indent: Some("  ".to_owned()), sep_space: true, ..Pp::default() };
    for input in read::parse_many(text) {
        let input = input.map_err(|error| JqError::Input(error.to_string()))?;
        let context = Ctx::<Data>::new(&filter.lut, Vars::new([]));
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
