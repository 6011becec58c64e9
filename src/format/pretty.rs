//! JSON with a line for each member and item. Names, strings and numbers stay byte for byte, and so does their order.

use crate::format::json::{end_of_scalar, end_of_string};

/// Formats valid JSON; `None` if the result has more than `most` bytes. Not recursive: the depth is not limited.
pub(crate) fn pretty(json: &str, most: usize) -> Option<String> {
    let bytes = json.as_bytes();
    let mut written = String::with_capacity(json.len());
    let (mut at, mut depth) = (0_usize, 0_usize);
    let mut is_after_opening = false;
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b'"' => end_of_string(bytes, at),
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => at + 1,
            _ => end_of_scalar(bytes, at),
        };
        let closes = matches!(byte, b'}' | b']');
        depth = depth.saturating_sub(usize::from(closes));
        if is_after_opening != closes && (is_after_opening || closes) {
            break_line(&mut written, depth);
        }
        written.push_str(&json[at..end]);
        is_after_opening = matches!(byte, b'{' | b'[');
        depth += usize::from(is_after_opening);
        match byte {
            b',' => break_line(&mut written, depth),
            b':' => written.push(' '),
            _ => {}
        }
        if written.len() > most {
            return None;
        }
        at = end;
    }
    Some(written)
}

fn break_line(written: &mut String, depth: usize) {
    written.push('\n');
    written.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_stay_byte_for_byte() {
        let json = r#"{"b":1.0,"a":12345678901234567890,"a":[1e400,-0.0,{ },[ ]],"s":"a\u0041, {\" ","n":{"x":null}}"#;
        let expected = r#"{
  "b": 1.0,
  "a": 12345678901234567890,
  "a": [
    1e400,
    -0.0,
    {},
    []
  ],
  "s": "a\u0041, {\" ",
  "n": {
    "x": null
  }
}"#;
        assert_eq!(pretty(json, 1_000).as_deref(), Some(expected));
        for scalar in ["2", "\"注文\"", "{}", "[]"] {
            assert_eq!(pretty(&format!(" {scalar}\n"), 100).as_deref(), Some(scalar));
        }
    }

    #[test]
    fn deep_nesting_ends_at_the_limit() {
        let deep = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
        assert_eq!(pretty(&deep, 262_144), None);
    }

    fn any_json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            "-?[1-9][0-9]{0,30}(\\.[0-9]{1,3})?(e[0-9]{1,3})?",
            "[a-z注 \\[{,:]{0,8}".prop_map(|text| serde_json::Value::from(text).to_string()),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[ {} ]", items.join(" ,"))),
                prop::collection::vec(("[a-c]{0,2}", inner), 0..5).prop_map(|members| {
                    let member = |(name, value): &(String, String)| format!("\"{name}\" : {value}");
                    format!("{{\n{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn only_white_space_between_tokens_changes(json in any_json()) {
            let formatted = pretty(&json, 1_000_000).expect("small");
            let tokens = |text: &str| {
                text.lines().flat_map(|line| crate::format::json::tokens(line).map(|(range, _)| line[range].to_owned()).collect::<Vec<_>>()).collect::<Vec<_>>()
            };
            prop_assert_eq!(tokens(&formatted), tokens(&json));
            prop_assert_eq!(pretty(&formatted, 1_000_000), Some(formatted.clone()), "formatting again changes nothing");
        }
    }
}
