//! The source of a secret: a variable, a file or a command.

use std::path::Path;

use crate::config::path::{self, NOT_EXPANDED, needs_shell};
use crate::config::section::Section;
use stepgate_core::domain::SecretSource;
use stepgate_core::domain::access::MemberPath;

/// `{ env = ".." }`, `{ file = ".." }` or `{ command = [..] }`, exactly one of them; with `json = ".member"` for a member of
/// its JSON.
pub(super) fn secret(section: &Section<'_>, folder: &Path) -> Option<SecretSource> {
    let path = section.text("json").map(|text| (MemberPath::parse(&text.value), text.line));
    let source = source(section, folder)?;
    match path {
        None => Some(source),
        Some((Some(path), _)) => Some(SecretSource::Member(Box::new(source), path)),
        Some((None, line)) => {
            section.error(
                "json",
                line,
                "expected the path of a member, such as `.access_token` or `.data.token`",
                None,
            );
            None
        }
    }
}

fn source(section: &Section<'_>, folder: &Path) -> Option<SecretSource> {
    let given: Vec<&str> = ["env", "file", "command"].into_iter().filter(|key| section.has(key)).collect();
    let [key] = given[..] else {
        let message = if given.is_empty() {
            "a secret's source is missing: `env`, `file` or `command`; the secret itself is never in this file"
        } else {
            "a secret has exactly one source: `env`, `file` or `command`"
        };
        section.table_error(given.first().unwrap_or(&"env"), message);
        return None;
    };
    match key {
        "env" => variable(section).map(SecretSource::Env),
        "file" => {
            let text = section.text("file")?;
            if text.value.trim().is_empty() {
                section.error("file", text.line, "empty: expected the path of a file", None);
                return None;
            }
            path::path(section, "file", folder).map(SecretSource::File)
        }
        _ => {
            let arguments = section.texts("command")?;
            if arguments.value.first().is_none_or(|program| program.trim().is_empty()) {
                section.error("command", arguments.line, "expected at least a program's name", None);
                return None;
            }
            if arguments.value.first().is_some_and(|program| needs_shell(program)) {
                let message = format!("{NOT_EXPANDED}, since no shell runs; write the full path of the program");
                section.error("command", arguments.line, message, None);
                return None;
            }
            Some(SecretSource::Command(arguments.value))
        }
    }
}

/// Returns the name of a variable. An invalid one is not quoted: it may be the secret itself.
fn variable(section: &Section<'_>) -> Option<String> {
    let name = section.payload("env")?;
    if is_variable_name(&name.value) {
        return Some(name.value);
    }
    let message = "expected the name of a variable: letters, digits and `_`; the secret itself is never in this file";
    section.error("env", name.line, message, None);
    None
}

fn is_variable_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}
