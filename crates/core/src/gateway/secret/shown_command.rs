//! Decides whether a command is shown to a person. Pure.
//!
//! It is shown only if every word is certainly harmless: guessing which words are secrets fails for the next shell syntax
//! or option.

use crate::domain::{program_name, shell_quote};
use crate::gateway::secret::mask;

/// Options whose values identify something.
const VALUES: [&str; 34] = [
    "profile",
    "region",
    "account",
    "account-id",
    "account-name",
    "role",
    "role-name",
    "role-arn",
    "field",
    "format",
    "output",
    "query",
    "audience",
    "audiences",
    "resource",
    "scope",
    "scopes",
    "client-id",
    "project",
    "location",
    "vault",
    "item",
    "shell",
    "duration",
    "tenant",
    "subscription",
    "namespace",
    "environment",
    "env",
    "stage",
    "cluster",
    "zone",
    "mount",
    "o",
];
/// Values of these may look random.
const IDS: [&str; 9] =
    ["client-id", "audience", "audiences", "resource", "project", "tenant", "subscription", "item", "vault"];
/// A word with one of these in it may precede a secret.
const ANNOUNCES: [&str; 28] = [
    "pass",
    "pwd",
    "pw",
    "token",
    "secret",
    "key",
    "cred",
    "auth",
    "header",
    "cookie",
    "session",
    "assertion",
    "login",
    "bearer",
    "pin",
    "otp",
    "mfa",
    "code",
    "data",
    "user",
    "stdin",
    "form",
    "sid",
    "sig",
    "jwt",
    "hash",
    "seed",
    "refresh",
];
/// Subcommands and options that name secrets and never precede one, by program.
const NAMING: [(&str, &str); 11] = [
    ("aws", "secretsmanager"),
    ("aws", "secret-id"),
    ("aws", "name"),
    ("az", "name"),
    ("az", "vault-name"),
    ("az", "secret"),
    ("gcloud", "auth"),
    ("gcloud", "secrets"),
    ("gcloud", "secret"),
    ("gh", "auth"),
    ("kubectl", "token"),
];
/// Programs that print their arguments, or send them somewhere.
const ECHOES: [&str; 14] =
    ["echo", "printf", "sh", "bash", "dash", "zsh", "ksh", "ash", "pwsh", "powershell", "cmd", "env", "expect", "eval"];
const READS: [&str; 3] = ["read", "get", "show"];
const LONGEST_WORD: usize = 24;
const LONGEST_VALUE: usize = 120;

/// Returns a command as typed into a shell, if all of it is harmless. `exists` tells whether there is a file with this
/// path.
pub(super) fn shown(words: &[String], exists: &dyn Fn(&str) -> bool) -> Option<String> {
    let (program, arguments) = words.split_first()?;
    if program_name::shown(program) != *program && !exists(program) {
        return None;
    }
    let begin = Before {
        program: program_name::base_name(program),
        exists,
        last: "",
        is_after_option: false,
        is_reading: false,
        is_announced: false,
    };
    arguments.iter().try_fold(begin, |before, word| before.add(word))?;
    Some(shell_quote::command(words))
}

/// What precedes an argument.
#[derive(Clone, Copy)]
struct Before<'w> {
    program: &'w str,
    exists: &'w dyn Fn(&str) -> bool,
    /// The last subcommand, or the name of the option right before.
    last: &'w str,
    /// Whether an option without a value is right before.
    is_after_option: bool,
    /// Whether what comes next may be the name of a secret that is read.
    is_reading: bool,
    /// Whether a secret may follow.
    is_announced: bool,
}

impl<'w> Before<'w> {
    /// Adds an argument; `None` if it may be a secret.
    fn add(self, word: &'w str) -> Option<Self> {
        if let Some(option) = word.strip_prefix('-') {
            return self.add_option(option.strip_prefix('-').unwrap_or(option), word.starts_with("--"));
        }
        if self.is_after_option {
            let is_path = word.contains('/') && self.is_file(word);
            let is_harmless = self.takes_value(self.last) && is_value(self.last, word) || is_path;
            return is_harmless.then_some(Self { is_after_option: false, last: "", ..self });
        }
        if self.is_announced {
            return None;
        }
        let is_announced = ECHOES.contains(&word) || announces(word) && !self.names(word);
        if self.is_file(word) {
            let is_announced = is_announced && !word.contains('/');
            return Some(Self { last: "", is_reading: false, is_announced, ..self });
        }
        if self.is_reading && word.contains('/') && is_reference(word) {
            return Some(Self { last: "", is_reading: false, is_announced: announces(word), ..self });
        }
        let is_word = is_words(word, '-') && !ECHOES.contains(&self.program);
        is_word.then_some(Self { last: word, is_reading: READS.contains(&word), is_announced, ..self })
    }

    fn add_option(self, option: &'w str, is_long: bool) -> Option<Self> {
        let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
        let takes_value = self.takes_value(name);
        if let Some(value) = value {
            return (takes_value && is_value(name, value)).then_some(Self { is_after_option: false, ..self });
        }
        let is_flag = if is_long { is_words(name, '-') && !announces(name) } else { is_flag(name) };
        (takes_value || is_flag).then_some(Self { is_after_option: true, last: name, ..self })
    }

    fn takes_value(&self, option: &str) -> bool {
        VALUES.contains(&option) || self.names(option)
    }

    fn names(&self, word: &str) -> bool {
        let is_creating = self.program != "kubectl" || self.last == "create";
        NAMING.contains(&(self.program, word)) && is_creating
    }

    fn is_file(&self, word: &str) -> bool {
        word.chars().all(is_plain) && (self.exists)(word)
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_./:".contains(c)
}

/// Returns whether the value of this name identifies something and is no secret.
pub(super) fn is_name(name: &str) -> bool {
    VALUES.contains(&name.to_ascii_lowercase().replace('_', "-").as_str())
}

fn announces(word: &str) -> bool {
    ANNOUNCES.iter().any(|name| word.contains(name))
}

/// A short option that is known for no secret.
fn is_flag(name: &str) -> bool {
    name.len() == 1 && "vqsjrntf".contains(name)
}

fn is_words(text: &str, separator: char) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    text.len() <= LONGEST_WORD && text.split(separator).all(|part| part.split('-').all(is_word))
}

/// `op://vault/item/field`, `arn:aws:..`, `secret/team/name`
fn is_reference(word: &str) -> bool {
    let is_scheme = word.strip_prefix("op://").is_some_and(|rest| rest.matches('/').count() >= 2);
    let is_arn = word.starts_with("arn:aws") && word.matches(':').count() >= 5;
    word.len() <= LONGEST_VALUE && word.chars().all(is_plain) && (is_scheme || is_arn) || is_words(word, '/')
}

fn is_value(option: &str, value: &str) -> bool {
    let is_readable = || IDS.contains(&option) || is_reference(value) || mask::masked(value) == value;
    !value.is_empty() && value.len() <= LONGEST_VALUE && value.chars().all(is_plain) && is_readable()
}

#[cfg(test)]
mod tests;
