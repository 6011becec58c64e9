//! Keys of the configuration in messages, so that they can be pasted into it.

/// Returns a TOML key: bare if possible, otherwise quoted.
pub fn toml_key(text: &str) -> String {
    let is_bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    // The escapes of JSON are also those of TOML.
    if is_bare { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// Returns a header: `[endpoints."prod.eu".routes]`.
pub fn toml_header(path: &[&str]) -> String {
    let keys: Vec<String> = path.iter().map(|key| toml_key(key)).collect();
    format!("[{}]", keys.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_quoted_unless_they_are_bare() {
        for (text, expected) in [
            ("dev", "dev"),
            ("prod-eu_1", "prod-eu_1"),
            ("prod.eu", "\"prod.eu\""),
            ("注文", "\"注文\""),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("a\"b\\c\n", "\"a\\\"b\\\\c\\n\""),
        ] {
            assert_eq!(toml_key(text), expected);
        }
        assert_eq!(toml_header(&["endpoints", "prod.eu", "routes"]), "[endpoints.\"prod.eu\".routes]");
    }
}
