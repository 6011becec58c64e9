//! Completing words of the filter: its keys, and their values.

use crate::app::keys::editor::Candidates;
use crate::app::list::executions::query::{MACHINE, STATUS, STATUS_WORDS};

/// Returns what completes the last word of a filter, given the part before the cursor and the names of the machines.
pub(in crate::app) fn candidates<'n>(before: &str, machines: impl Iterator<Item = &'n str>) -> Candidates {
    let start = start_of_word(before);
    let word = &before[start..];
    if let Some(values) = word.strip_prefix(STATUS) {
        let typed = last_value(values);
        let words = STATUS_WORDS.iter().filter(|word| word.starts_with(&typed.to_lowercase()));
        let texts = words.map(|word| (*word).to_owned()).collect();
        return Candidates { start: before.len() - typed.len(), texts };
    }
    if let Some(values) = word.strip_prefix(MACHINE) {
        let typed = last_value(values);
        let name = typed.trim_start_matches('"').to_lowercase();
        let mut texts: Vec<String> = Vec::new();
        // The filter has no notation for commas and quotes in a value.
        for machine in machines.filter(|machine| !machine.contains([',', '"'])) {
            let text =
                if machine.contains(char::is_whitespace) { format!("\"{machine}\"") } else { machine.to_owned() };
            if machine.to_lowercase().starts_with(&name) && !texts.contains(&text) {
                texts.push(text);
            }
        }
        return Candidates { start: before.len() - typed.len(), texts };
    }
    let texts = [STATUS, MACHINE].into_iter().filter(|key| key.starts_with(word)).map(str::to_owned).collect();
    Candidates { start, texts }
}

/// Returns where the last word begins; quotes group words with spaces.
fn start_of_word(text: &str) -> usize {
    let (mut start, mut is_quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if c.is_whitespace() && !is_quoted => start = at + c.len_utf8(),
            _ => {}
        }
    }
    start
}

/// Returns the part after the last comma.
fn last_value(values: &str) -> &str {
    values.rsplit(',').next().unwrap_or(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_complete_a_filter() {
        let machines = ["order", "Orders 2", "注文処理", "a,b", "order"];
        let all = &STATUS_WORDS;
        for (before, kept, texts) in [
            ("", "", &["status:", "machine:"] as &[&str]),
            ("st", "", &["status:"]),
            ("boom mach", "boom ", &["machine:"]),
            ("boom", "", &[]),
            ("status:", "status:", all),
            ("status:f", "status:", &["failed"]),
            ("status:FAI", "status:", &["failed"]),
            ("status:failed,ti", "status:failed,", &["timed_out"]),
            ("machine:or", "machine:", &["order", "\"Orders 2\""]),
            ("machine:\"orders", "machine:", &["\"Orders 2\""]),
            ("machine:\"Orders 2\",注", "machine:\"Orders 2\",", &["注文処理"]),
            ("machine:\"Orders 2\" status:d", "machine:\"Orders 2\" status:", &["done"]),
        ] {
            let Candidates { start, texts: found } = candidates(before, machines.into_iter());
            assert_eq!((&before[..start], found), (kept, texts.iter().map(|t| (*t).to_owned()).collect()), "{before}");
        }
    }
}
