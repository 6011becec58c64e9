//! Looking secrets up where the configuration says, and taking them out of what others say.

use std::process::Stdio;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::domain::{Failure, FailureKind, SecretSource};

/// How long a program may take to print a secret; people may have to touch a key for it.
pub(super) const COMMAND_DEADLINE: Duration = Duration::from_secs(60);

/// The text without the secret, should it occur in it.
pub(super) fn without(secret: &SecretString, text: &str) -> String {
    let secret = secret.expose_secret();
    // The gateway may repeat only the credentials behind a scheme such as `Bearer`.
    let bare = secret.rsplit_once(' ').map_or(secret, |(_, bare)| bare);
    [secret, bare].iter().filter(|s| !s.is_empty()).fold(text.to_owned(), |text, s| text.replace(s, "•••"))
}

/// The secret, or why it is not to be had; never with a part of it in the words.
pub(super) async fn look_up(source: &SecretSource) -> Result<SecretString, Failure> {
    let missing = |why: String| Failure::without_answer(FailureKind::Client, format!("no secret from {source}: {why}"));
    let text = match source {
        // The error's own words would hold the value.
        SecretSource::Env(name) => std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => missing("it is not set".into()),
            std::env::VarError::NotUnicode(_) => missing("it is not UTF-8".into()),
        })?,
        SecretSource::File(path) => std::fs::read_to_string(path).map_err(|error| missing(error.to_string()))?,
        SecretSource::Command(words) => run(words).await.map_err(missing)?,
    };
    match text.trim() {
        "" => Err(missing("it is empty".into())),
        secret => Ok(secret.into()),
    }
}

/// What the program prints on standard output. Its other words are left out: they may hold secrets.
async fn run(words: &[String]) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("there is no program")?;
    let child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(COMMAND_DEADLINE, child)
        .await
        .map_err(|_| format!("it did not end within {} s", COMMAND_DEADLINE.as_secs()))?
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("it ended with {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| "it printed something that is not UTF-8".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn secrets_come_from_commands_and_files_and_never_show() {
        let source = SecretSource::Command(vec!["printf".into(), " canary \\n".into()]);
        let secret = look_up(&source).await.expect("printf is everywhere");
        assert_eq!(secret.expose_secret(), "canary");
        assert!(!format!("{secret:?}").contains("canary"));
        let failing = look_up(&SecretSource::Command(vec!["false".into()])).await.expect_err("false fails");
        assert_eq!(failing.kind, FailureKind::Client);
        let missing = look_up(&SecretSource::File("/no/such/file".into())).await.expect_err("no file");
        assert!(missing.said.contains("/no/such/file"), "{missing}");
        let unset = look_up(&SecretSource::Env("STEPGATE_NOT_SET".into())).await.expect_err("not set");
        assert!(unset.said.contains("STEPGATE_NOT_SET"), "{unset}");
    }

    #[test]
    fn a_repeated_secret_is_taken_out() {
        let secret = SecretString::from("Bearer canary");
        assert_eq!(without(&secret, "'canary' in header: 'Bearer canary'"), "'•••' in header: '•••'");
    }
}
