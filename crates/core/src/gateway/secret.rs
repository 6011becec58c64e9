//! Looks up secrets in the sources that the configuration names.

pub(in crate::gateway) mod command;
mod error_output;
pub(in crate::gateway) mod expiry;
mod malformed;
mod mask;
pub(in crate::gateway) mod parse;
mod placeholder;
mod shown_command;

use std::time::SystemTime;

use crate::bounded::{self, Limits};
use crate::domain::{Failure, FailureKind, SecretSource};
use crate::task;
use command::{CommandLine, Commands};
use parse::{Mistake, Purpose, Secret};

/// Returns the secret, or why there is none, without quoting any part of it.
pub(super) async fn look_up(
    source: &SecretSource,
    purpose: Purpose<'_>,
    commands: &Commands,
) -> Result<Secret, Failure> {
    let missing = |why: String, remedy: String| {
        let message = format!("no secret from {source}: {why}");
        Failure::without_response(FailureKind::NoSecret, message).with_remedy(remedy)
    };
    let (source_of_text, json) = match source {
        SecretSource::Member(inner, path) => (&**inner, Some(path)),
        other => (other, None),
    };
    let (text, provided) =
        read_source(source_of_text, commands).await.map_err(|why| missing(why, remedy(source_of_text, None)))?;
    parse::read(&text, purpose, json, provided)
        .map_err(|mistake| missing(mistake.to_string(), remedy(source_of_text, Some(&mistake))))
}

/// Returns what to try, naming the variable, file or command.
fn remedy(source: &SecretSource, mistake: Option<&Mistake>) -> String {
    use Mistake as M;
    match (mistake, source) {
        (Some(M::Json(_) | M::NotJson | M::SeveralTokens(_) | M::NoMember { .. }), _) => {
            "Correct `json` next to the source of the secret in the configuration.".to_owned()
        }
        (Some(M::AwsCredentials), _) => "Correct `auth` of the endpoint in the configuration.".to_owned(),
        (_, SecretSource::Env(name)) => {
            format!("Set {name} to the secret in the shell or service that starts stepgate.")
        }
        (_, SecretSource::File(path)) => format!("Write the secret, and nothing else, to {}.", path.display()),
        (_, SecretSource::Command(words)) => {
            let program = CommandLine(words).program();
            format!("Correct the command `{program}` or what it needs: it must print the secret, and nothing else.")
        }
        (_, SecretSource::Member(source, _)) => remedy(source, mistake),
    }
}

/// Returns the text of a source, and when it was written or printed.
async fn read_source(source: &SecretSource, commands: &Commands) -> Result<(String, SystemTime), String> {
    let text = match source {
        // The error's own text would contain the value.
        SecretSource::Env(name) => std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => "it is not set",
            std::env::VarError::NotUnicode(_) => "it is not UTF-8",
        })?,
        SecretSource::File(path) => {
            let text = bounded::text_file_async(path, Limits::SECRET).await.map_err(|error| error.to_string())?;
            let path = path.clone();
            let modified = task::run_blocking(move || std::fs::metadata(path)?.modified()).await;
            let written = modified.ok().and_then(Result::ok).unwrap_or_else(SystemTime::now);
            return Ok((text, written));
        }
        SecretSource::Command(words) => {
            let printed = commands.run(CommandLine(words)).await.map_err(|error| error.to_string())?;
            bounded::text(printed).map_err(|error| format!("its output cannot be used: {error}"))?
        }
        SecretSource::Member(..) => return Err("a member has a source of its own".into()),
    };
    Ok((text, SystemTime::now()))
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret as _, SecretString};

    use super::*;

    async fn look_up(source: &SecretSource) -> Result<SecretString, Failure> {
        super::look_up(source, Purpose::Key, &Commands::default()).await.map(|secret| secret.text)
    }

    #[tokio::test]
    async fn secrets_from_commands_and_files_are_never_shown() {
        let source = SecretSource::Command(vec!["printf".into(), " canary \\n".into()]);
        let secret = look_up(&source).await.expect("printf is everywhere");
        assert_eq!(secret.expose_secret(), "canary");
        assert!(!format!("{secret:?}").contains("canary"));
        let failing = look_up(&SecretSource::Command(vec!["false".into()])).await.expect_err("false fails");
        assert_eq!(failing.kind, FailureKind::NoSecret);
        let missing = look_up(&SecretSource::File("/no/such/file".into())).await.expect_err("no file");
        assert!(missing.message.contains("/no/such/file"), "{missing}");
        let unset = look_up(&SecretSource::Env("STEPGATE_NOT_SET".into())).await.expect_err("not set");
        assert!(unset.message.contains("STEPGATE_NOT_SET"), "{unset}");
    }

    #[tokio::test]
    async fn a_text_that_cannot_be_a_secret_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret");
        for (bytes, expected) in [
            (&b"\xef\xbb\xbfcanary\r\n"[..], Ok("canary")),
            (b"\xef\xbb\xbf\n", Err("it is empty")),
            ("canary\u{200b}".as_bytes(), Err("its character 7 is the invisible U+200B (zero width space)")),
            ("can\u{a0}ary".as_bytes(), Err("its character 4 is the invisible U+00A0 (no-break space)")),
            (b"canary\0", Err("its character 7 is the invisible U+0000 (null)")),
            (b"\xff\xfec\0a\0n\0", Err("it is UTF-16 text; save it as UTF-8")),
            (b"one\ntwo", Err("it has more than one line")),
            (&vec![b'x'; 64 * 1024 + 1], Err("it has more than 64 KiB")),
        ] {
            std::fs::write(&file, bytes).expect("written");
            let found = look_up(&SecretSource::File(file.clone())).await;
            match (found, expected) {
                (Ok(secret), Ok(expected)) => assert_eq!(secret.expose_secret(), expected),
                (Err(failure), Err(expected)) => {
                    assert!(failure.message.contains(expected), "{failure}");
                    assert!(!failure.message.contains("canary"), "{failure}");
                }
                (found, expected) => panic!("{found:?} {expected:?}"),
            }
        }
        let endless = look_up(&SecretSource::Command(vec!["yes".into()])).await.expect_err("endless");
        assert!(
            endless.message.contains("its output cannot be used: it has more than 64 KiB; run it by hand: `yes`"),
            "{endless}"
        );
    }
}
