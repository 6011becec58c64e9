//! Filter patterns of CloudWatch Logs: only terms, no JSON paths or regular expressions.

/// Terms that a message must contain, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilterPattern(Vec<String>);

impl FilterPattern {
    /// Parses terms: words of letters, digits and `_`, and any texts in quotes, in which `\"` is a quote.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (term, after) = match rest.strip_prefix('"') {
                Some(quoted) => split_quoted(quoted).ok_or_else(|| format!("Invalid filter pattern: {text}"))?,
                None => split_word(rest)?,
            };
            terms.push(term);
            rest = after.trim_start();
        }
        Ok(Self(terms))
    }

    pub(crate) fn matches(&self, message: &str) -> bool {
        self.0.iter().all(|term| message.contains(term.as_str()))
    }
}

/// Splits before the closing quote.
fn split_quoted(text: &str) -> Option<(String, &str)> {
    let mut term = String::new();
    let mut chars = text.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return Some((term, &text[index + 1..])),
            '\\' if text[index + 1..].starts_with('"') => {
                term.push('"');
                chars.next();
            }
            _ => term.push(c),
        }
    }
    None
}

fn split_word(text: &str) -> Result<(String, &str), String> {
    let (word, after) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    if word.chars().all(|c| c.is_alphanumeric() || c == '_') {
        Ok((word.to_owned(), after))
    } else {
        Err(format!("Invalid character(s) in term '{word}'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_list_of_terms() {
        for (pattern, message, expected) in [
            ("", "anything", true),
            ("  ", "anything", true),
            ("ExecutionFailed", r#"{"type":"ExecutionFailed"}"#, true),
            ("executionfailed", r#"{"type":"ExecutionFailed"}"#, false),
            (r#""arn:aws:states:a-b""#, r#"{"execution_arn":"arn:aws:states:a-b"}"#, true),
            (r#""arn:aws:states:a-c""#, r#"{"execution_arn":"arn:aws:states:a-b"}"#, false),
            (r#" "two words"  third "#, "third, and two words", true),
            (r#""two words" third"#, "two words", false),
            (r#""\"id\":\"1\"""#, r#"{"id":"1"}"#, true),
            (r#""\"id\":\"1\"""#, r#"{"id":"12"}"#, false),
        ] {
            let parsed = FilterPattern::parse(pattern).expect(pattern);
            assert_eq!(parsed.matches(message), expected, "{pattern} {message}");
        }
        for pattern in ["arn:aws", "{ $.type = \"x\" }", "%a%", "-x", "\"open", "a \""] {
            assert!(FilterPattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
