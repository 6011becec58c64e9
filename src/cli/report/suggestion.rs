//! Commands of this program in its messages, so that they work when they are pasted: words are quoted for a shell, and the
//! options that select configuration and endpoint are repeated.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::app::copy::word;
use crate::app::shell::setup::option;
use crate::cli::Common;

/// How a command begins in a message, also in those of other modules.
const BEGINNING: &str = "`stepgate ";

/// The options of this process that select configuration and endpoint. Variables of the environment still apply when the
/// command is pasted.
static OPTIONS: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();

/// Sets the options to repeat, once.
pub(in crate::cli) fn repeat_options(common: &Common) {
    let config = common.config.as_ref().map(|path| ("--config", path.display().to_string()));
    let endpoint = common.endpoint.clone().filter(|_| common.is_endpoint_given).map(|name| ("--endpoint", name));
    // Only the first call has an effect; there is no second one.
    let _ = OPTIONS.set(config.into_iter().chain(endpoint).collect());
}

/// Returns a command to suggest, in backquotes. [`with_options`] completes it when the message is printed.
pub(in crate::cli) fn command(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|text| word(text)).collect();
    format!("{BEGINNING}{}`", words.join(" "))
}

/// Returns the message with the options of this process in each command.
pub(in crate::cli) fn with_options(message: &str) -> Cow<'_, str> {
    completed(message, OPTIONS.get().map(Vec::as_slice).unwrap_or_default())
}

fn completed<'m>(message: &'m str, options: &[(&str, String)]) -> Cow<'m, str> {
    if options.is_empty() || !message.contains(BEGINNING) {
        return message.into();
    }
    let mut text = String::with_capacity(message.len() + 80);
    let mut rest = message;
    while let Some(at) = rest.find(BEGINNING) {
        let (before, command) = rest.split_at(at + BEGINNING.len());
        text.push_str(before);
        let end = command.find('`').unwrap_or(command.len());
        // `stepgate --help` needs neither.
        let is_command = command.starts_with(|c: char| c.is_ascii_alphabetic());
        for (name, value) in options.iter().filter(|(name, _)| is_command && !command[..end].contains(name)) {
            for part in option(name, value) {
                text.push_str(&word(&part));
                text.push(' ');
            }
        }
        rest = command;
    }
    text.push_str(rest);
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_gets_the_options_that_it_lacks() {
        let options = [("--config", "my files/a.toml".to_owned()), ("--endpoint", "-x".to_owned())];
        let both = "--config 'my files/a.toml' --endpoint=-x";
        for (message, expected) in [
            ("no command".to_owned(), "no command".to_owned()),
            (command(&["watch", "a'b(c)"]), format!(r"`stepgate {both} watch 'a'\''b(c)'`")),
            (
                "see `stepgate doctor`, or `stepgate watch`.".to_owned(),
                format!("see `stepgate {both} doctor`, or `stepgate {both} watch`."),
            ),
            (
                "`stepgate config init --config new.toml` writes one".to_owned(),
                "`stepgate --endpoint=-x config init --config new.toml` writes one".to_owned(),
            ),
            ("`stepgate --help` lists commands".to_owned(), "`stepgate --help` lists commands".to_owned()),
            ("an open `stepgate list".to_owned(), format!("an open `stepgate {both} list")),
        ] {
            assert_eq!(completed(&message, &options), expected);
            assert_eq!(completed(&message, &[]), message);
        }
    }
}
