//! Masks an argument of a command by the words before it.
//!
//! Masked are only values: those after an option or name that announces a secret, and those that look random. The
//! program, subcommands, names of options, and paths stay, since the command would be useless without them.

use crate::gateway::redact::REDACTED;
use crate::gateway::secret::mask::random::Reading;
use crate::gateway::secret::mask::{masked_as, names};

const SHELLS: [&str; 6] = ["sh", "bash", "dash", "zsh", "ksh", "ash"];
/// Schemes of URLs that name a secret and contain none.
const REFERENCES: [&str; 3] = ["op://", "arn:", "keyring://"];
/// Options and settings whose values identify something, and may look random.
const IDENTIFIERS: [&str; 11] = [
    "client-id",
    "tenant",
    "tenant-id",
    "subscription",
    "account",
    "project",
    "audience",
    "resource",
    "vault",
    "item",
    "role-id",
];

/// What is known about values.
pub(super) struct Context<'c> {
    /// Whether there is a file with this path.
    pub(super) exists: &'c dyn Fn(&str) -> bool,
    /// Whether a value only refers to another one, such as `$TOKEN`.
    pub(super) is_open: &'c dyn Fn(&str) -> bool,
}

/// The words of a command before an argument.
#[derive(Debug, Default)]
pub(super) struct Words {
    is_shell: bool,
    /// The subcommand `secrets`: `--secret` names one of them.
    is_about_secrets: bool,
    last: String,
}

impl Words {
    pub(super) fn begin(program: &str) -> Self {
        let name = program.rsplit('/').next().unwrap_or_default();
        Self { is_shell: SHELLS.contains(&name), ..Self::default() }
    }

    pub(super) fn add(&mut self, word: &str) {
        self.is_about_secrets |= word == "secrets";
        word.clone_into(&mut self.last);
    }

    /// Returns whether the next argument is shell code.
    pub(super) fn is_before_code(&self) -> bool {
        let flags = self.last.strip_prefix('-').unwrap_or_default();
        self.is_shell && flags.ends_with('c') && flags.chars().all(|c| c.is_ascii_lowercase())
    }

    /// Masks the next argument, which the last word may announce. Shell code is masked as `code`.
    pub(super) fn argument(&self, word: &str, context: &Context<'_>) -> String {
        if self.announces(word) {
            let is_kept = (context.is_open)(word) || is_kept(word, context.exists);
            return if is_kept { word.to_owned() } else { REDACTED.to_owned() };
        }
        if let Some((user, password)) = word.split_once(':').filter(|_| names::takes_user(&self.last)) {
            let is_kept = password.is_empty() || (context.is_open)(password);
            return if is_kept { word.to_owned() } else { format!("{user}:{REDACTED}") };
        }
        if self.last.starts_with('-') && is_identifier(&self.last) && !word.contains(['=', ':']) {
            return word.to_owned();
        }
        plain(word, self.is_about_secrets, context)
    }

    fn announces(&self, word: &str) -> bool {
        let is_reference = self.is_about_secrets && self.last == "--secret";
        let is_setting = self.last.contains('_') && !self.last.contains(['=', ':', '/']) && names::is_name(&self.last);
        !word.is_empty() && !is_reference && (names::announces(&self.last) || is_setting)
    }
}

fn is_identifier(name: &str) -> bool {
    let name = name.trim_start_matches('-').replace('_', "-").to_ascii_lowercase();
    IDENTIFIERS.contains(&name.as_str())
}

/// Masks a word that nothing announces.
fn plain(word: &str, is_about_secrets: bool, context: &Context<'_>) -> String {
    let Context { exists, is_open } = context;
    let (name, value) = word.split_once('=').unwrap_or_default();
    let is_reference = REFERENCES.iter().any(|scheme| word.starts_with(scheme));
    let is_secret_name = is_about_secrets && name == "--secret";
    let is_id = is_identifier(name) && !value.contains(['=', ':']);
    if is_reference || is_secret_name || is_id || names::is_option_name(word) || is_kept(value, exists) || exists(word)
    {
        return word.to_owned();
    }
    masked_as(word, Reading::Argument, is_open)
}

/// Returns whether an announced value is another option, or says where the secret is.
fn is_kept(word: &str, exists: &dyn Fn(&str) -> bool) -> bool {
    let is_reference = REFERENCES.iter().any(|scheme| word.starts_with(scheme));
    let is_file = || word.contains(['/', '.']) && exists(word);
    names::is_kept_argument(word) || is_reference || is_file() || is_path(word)
}

/// Returns whether this is the path of a file, made of readable names.
fn is_path(word: &str) -> bool {
    let folders = ["./", "../", "~/"].iter().find_map(|start| word.strip_prefix(start));
    let is_long = |rest: &&str| rest.contains('/');
    let rest = folders.or_else(|| word.strip_prefix('/').filter(is_long));
    rest.is_some_and(|rest| !rest.is_empty() && masked_as(word, Reading::Argument, |_| false) == word)
}
