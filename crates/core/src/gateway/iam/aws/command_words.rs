//! Splits a line into words as the AWS CLI does, without a shell: with Python's `shlex` or, on Windows, by the rules of
//! Windows programs. Pure.

/// Splits a line; the error says why that is impossible, without a part of the line.
pub(super) fn split(line: &str) -> Result<Vec<String>, &'static str> {
    if cfg!(windows) { of_windows(line) } else { quoted(line) }
}

const UNCLOSED: &str = "a quote is not closed";

/// Splits at blanks. Quotes and backslashes count as in a shell, and nothing else does.
pub(super) fn quoted(line: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = line.chars();
    while let Some(next) = characters.next() {
        match (quote, next) {
            (Some(open), close) if open == close => quote = None,
            (None | Some('"'), '\\') => {
                let escaped = characters.next().ok_or("it ends with a backslash")?;
                let word = word.get_or_insert_default();
                if quote.is_some() && !matches!(escaped, '"' | '\\') {
                    word.push('\\');
                }
                word.push(escaped);
            }
            (None, '"' | '\'') => {
                word.get_or_insert_default();
                quote = Some(next);
            }
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            (_, other) => word.get_or_insert_default().push(other),
        }
    }
    if quote.is_some() {
        return Err(UNCLOSED);
    }
    words.extend(word);
    Ok(words)
}

/// Splits at blanks. Only double quotes count, and backslashes only before them.
fn of_windows(line: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word, mut is_quoted, mut backslashes) = (Vec::new(), None::<String>, false, 0_usize);
    for next in line.chars() {
        match next {
            '\\' => {
                backslashes += 1;
                continue;
            }
            '"' => {
                let word = word.get_or_insert_default();
                word.extend(std::iter::repeat_n('\\', backslashes / 2));
                if backslashes % 2 == 1 {
                    word.push('"');
                } else {
                    is_quoted = !is_quoted;
                }
            }
            other => {
                if backslashes > 0 {
                    word.get_or_insert_default().extend(std::iter::repeat_n('\\', backslashes));
                }
                if !is_quoted && matches!(other, ' ' | '\t' | '\r' | '\n') {
                    words.extend(word.take());
                } else {
                    word.get_or_insert_default().push(other);
                }
            }
        }
        backslashes = 0;
    }
    if is_quoted {
        return Err(UNCLOSED);
    }
    if backslashes > 0 {
        word.get_or_insert_default().extend(std::iter::repeat_n('\\', backslashes));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_aws_cli() {
        for (line, expected) in [
            ("", &[][..]),
            (" a  b\tc\nd ", &["a", "b", "c", "d"]),
            ("a 'b c' \"d e\" f'g h'i", &["a", "b c", "d e", "fg hi"]),
            ("'' \"\" a''", &["", "", "a"]),
            ("a\\ b '\\' \"\\a\\\"\\\\\" \\'", &["a b", "\\", "\\a\"\\", "'"]),
            (
                "a; b # c && d | e > f $g `h` (i) *",
                &["a;", "b", "#", "c", "&&", "d", "|", "e", ">", "f", "$g", "`h`", "(i)", "*"],
            ),
        ] {
            assert_eq!(quoted(line).expect("words"), expected, "{line}");
        }
        for (line, why) in
            [("'a", UNCLOSED), ("a \"b", UNCLOSED), ("it's", UNCLOSED), ("a\\", "it ends with a backslash")]
        {
            assert_eq!(quoted(line), Err(why), "{line}");
        }
    }

    #[test]
    fn paths_of_windows_keep_their_backslashes() {
        for (line, expected) in [
            ("", &[][..]),
            (r"C:\x\y.exe  --a 'b c'", &[r"C:\x\y.exe", "--a", "'b", "c'"]),
            (r#""C:\My Tools\y.exe" "a"b "" x\"#, &[r"C:\My Tools\y.exe", "ab", "", r"x\"]),
            (r#"a\"b "c\\" \\d"#, &[r#"a"b"#, r"c\", r"\\d"]),
        ] {
            assert_eq!(of_windows(line).expect("words"), expected, "{line}");
        }
        assert_eq!(of_windows("\"a"), Err(UNCLOSED));
    }
}
