//! Parts of secrets, and words that only look like one.

use super::*;

/// Like the keys that gateways hand out: with digits, and longer than a word.
const KEYS: [&str; 4] =
    [r#"sK/9+aB"c&d<e>f=Gh~12345xyzQ"#, "a8Bd4kQ0zPl2Wn7xYv5T", "Zq3-Rk8_", "correct-horse-battery-staple"];

#[test]
fn a_part_of_a_secret_is_found_wherever_it_stands() {
    for key in KEYS {
        let redactor = redactor(&[key]);
        let chars: Vec<char> = key.chars().collect();
        let half = (chars.len() / 2).clamp(8, 12);
        for length in half..=chars.len() {
            let first: String = chars[..length].iter().collect();
            let last: String = chars[chars.len() - length..].iter().collect();
            for part in [first, last] {
                for (before, behind) in [("denied ", " !"), ("'", "'!"), ("é", "é"), ("(", "?\n")] {
                    let text = format!("{before}{part}{behind}");
                    assert_eq!(redactor.text(&text), format!("{before}•••{behind}"), "{text}");
                    let body = json!({ "message": text }).to_string();
                    let clean = redactor.body(body.into_bytes());
                    let clean: Value = serde_json::from_slice(&clean).expect("JSON");
                    let found = clean["message"].as_str().expect("a text");
                    assert!(found == format!("{before}•••{behind}"), "{text} became {found}");
                }
            }
        }
    }
}

#[test]
fn a_secret_with_white_space_in_it_is_found() {
    for key in KEYS {
        let redactor = redactor(&[key]);
        let chars: Vec<char> = key.chars().collect();
        let half = chars.len() / 2;
        for gap in
            ["\n", "\r\n", "\r\n    ", "\t", " ", "%0A", "%0d%0a", "%250A", "\\n", "\\u000a", "\\r\\n\\t", "&#10;"]
        {
            let (first, last): (String, String) = (chars[..half].iter().collect(), chars[half..].iter().collect());
            let each = chars.iter().map(char::to_string).collect::<Vec<_>>().join(gap);
            for hidden in [format!("{first}{gap}{last}"), each] {
                let text = format!("denied {hidden} end");
                assert_eq!(redactor.text(&text), "denied ••• end", "{text:?}");
                let clean = redactor.body(json!({ "message": text }).to_string().into_bytes());
                assert_eq!(String::from_utf8_lossy(&clean), r#"{"message":"denied ••• end"}"#, "{text:?}");
            }
        }
    }
}

#[test]
fn ordinary_words_that_a_secret_contains_stay() {
    let redactor = redactor(&["password-of-the-gateway", "production-me", "secret-sauce-42", "Bearer token"]);
    for text in [
        "the password of the database.",
        "a secret, a password and a token in production.",
        "no gateway",
        "Bearer and production-.",
        "sauce",
    ] {
        assert_eq!(redactor.text(text), text);
    }
}

#[test]
fn an_end_of_a_secret_is_taken_out_of_json_without_cutting_an_escape() {
    // What comes before the end of the secret looks like what an escape ends with.
    let redactor = redactor(&["n0041-tail-1234567", "t\"x/\\nnn-tail-9876543"]);
    for message in
        ["\ntail-1234567", "\u{1}0041-tail-1234567", "\n-tail-1234567", "\\n-tail-9876543", "a\nnn-tail-9876543"]
    {
        let clean = redactor.body(json!({ "message": message }).to_string().into_bytes());
        let clean: Value = serde_json::from_slice(&clean).expect("JSON");
        assert!(clean["message"].as_str().is_some_and(|text| text.ends_with("•••")), "{message:?}: {clean}");
    }
}

#[test]
fn a_secret_that_was_cut_off_is_found_at_the_end_and_elsewhere_if_it_is_no_word() {
    let redactor = redactor(&["canary-0123456789-abcdef"]);
    for (text, expected) in [
        ("in 'canary-01234", "in '•••"),
        ("in 'canary-01234...'", "in '•••...'"),
        ("in canary-0123…", "in canary-0123…"),
        ("in canary-01234…", "in •••…"),
        ("a canary-01234 here", "a ••• here"),
        ("a canary-0123 here", "a canary-0123 here"),
        ("canary", "canary"),
    ] {
        assert_eq!(redactor.text(text), expected);
    }
    let clean = redactor.body(br#"{"message":"in 'canary-01234","x":1}"#.to_vec());
    assert_eq!(String::from_utf8_lossy(&clean), r#"{"message":"in '•••","x":1}"#);
}

#[test]
fn a_long_secret_that_was_cut_off_behind_twelve_characters_is_found_in_every_encoding() {
    let secret: String =
        (0..400).map(|number| char::from(b'a' + u8::try_from(number * 7 % 26).expect("a letter"))).collect();
    let redactor = redactor(&[&secret]);
    let twelve = |text: &str| text[..12].to_owned();
    for part in [
        twelve(&secret),
        secret[..300].to_owned(),
        twelve(&hex(&secret)),
        twelve(&STANDARD.encode(&secret)),
        twelve(&hex(&STANDARD.encode(&secret))),
    ] {
        for behind in ["", "...", "…"] {
            assert_eq!(redactor.text(&format!("key '{part}{behind}")), format!("key '•••{behind}"));
        }
        assert_eq!(redactor.text(&format!("key '{}", &part[..11])), format!("key '{}", &part[..11]));
    }
    // As a whole, nothing of it is left.
    for whole in [hex(&secret), STANDARD.encode(&secret), STANDARD.encode(hex(&secret)), hex(&STANDARD.encode(&secret))]
    {
        let clean = redactor.text(&format!("key {whole} end")).into_owned();
        assert!(clean.starts_with("key •••") && clean.ends_with(" end") && clean.len() < 40, "{clean}");
    }
}
