//! `stepgate config init`: a configuration with comments that works as it is.

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::Path;

use anyhow::Context as _;
use clap::Args;

use crate::cli::console::{is_somebody_there, say};
use crate::cli::context::short;
use crate::cli::{Common, Exit, config_path};
use crate::config;
use crate::output::{self, Text};
use stepgate_core::domain::StateMachineArn;

/// The longest answer to a question.
const MAX_ANSWER_BYTES: u64 = 4096;
/// What is written, with the values that an example has.
const EXAMPLE: &str = include_str!("../../config.example.toml");
const EXAMPLE_URL: &str = "url = \"https://s8l41c37mk.execute-api.ap-northeast-1.amazonaws.com/dev\"";
const EXAMPLE_ARN: &str = "arn = \"arn:aws:states:ap-northeast-1:123456789123:stateMachine:PassStateMachine\"";
const EXAMPLE_MACHINE: &str = "[machines.pass]";
const EXAMPLE_AUTH: &str = "# auth = { type = \"api-key\", env = \"STEPGATE_API_KEY\" }";

/// What works without anybody's gateway: `stepgate local --listen 127.0.0.1:8080`.
const LOCAL_URL: &str = "http://127.0.0.1:8080/dev";
const LOCAL_ARN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:PassStateMachine";

/// Write a configuration with comments, which works as it is.
#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The gateway's whole URL, with its stage if it has one.
    #[arg(long)]
    url: Option<String>,
    /// The ARN of a state machine.
    #[arg(long, value_name = "ARN")]
    machine: Option<String>,
    /// The environment variable that holds the gateway's API key.
    #[arg(long, value_name = "NAME")]
    api_key_env: Option<String>,
}

/// Writes it.
pub(super) fn run(arguments: InitArguments, path: &Path, common: &Common) -> anyhow::Result<Exit> {
    if path.exists() {
        say(&format!("{} already exists; not changed", short(path)));
        return Ok(Exit::Usage);
    }
    let arguments = if is_somebody_there() { ask(arguments)? } else { Some(arguments) };
    let Some(arguments) = arguments else {
        say("nothing was written");
        return Ok(Exit::Usage);
    };
    let text = match text(&arguments) {
        Ok(text) => text,
        Err(words) => {
            say(&format!("{words}; nothing was written"));
            return Ok(Exit::Usage);
        }
    };
    match write(path, &text) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            say(&format!("{} already exists; not changed", short(path)));
            return Ok(Exit::Usage);
        }
        Err(error) => {
            say(&format!("{} cannot be written: {error}", path.display()));
            return Ok(Exit::Usage);
        }
    }
    config_path::print(path, common)?;
    match (&arguments.url, &arguments.machine) {
        (None, _) => {
            say("it is for the local gateway of `stepgate local --listen 127.0.0.1:8080`; put your own URL into it");
        }
        (Some(_), None) => say("its state machine is an example; put the ARN of yours into it"),
        (Some(_), Some(_)) => {}
    }
    Ok(Exit::Done)
}

/// Asks for what is not given; nothing when somebody wants to stop.
fn ask(given: InitArguments) -> anyhow::Result<Option<InitArguments>> {
    let Some(url) = answer(given.url, "The gateway's URL, with its stage", LOCAL_URL, |url| {
        check(&InitArguments { url: Some(url.to_owned()), machine: None, api_key_env: None })
    })?
    else {
        return Ok(None);
    };
    let default = if url == LOCAL_URL { LOCAL_ARN } else { "" };
    let Some(machine) = answer(given.machine, "A state machine's ARN", default, |arn| {
        StateMachineArn::parse_startable(arn).map(drop).map_err(|error| error.to_string())
    })?
    else {
        return Ok(None);
    };
    let key = "The environment variable with its API key; none if it has no key";
    let Some(api_key_env) = answer(given.api_key_env, key, "", |_| Ok(()))? else { return Ok(None) };
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    // The default of the URL is as good as none: then it is said whose gateway that is.
    let url = given(url).filter(|url| url != LOCAL_URL);
    Ok(Some(InitArguments { url, machine: given(machine), api_key_env: given(api_key_env) }))
}

/// An answer that is good, or the default; nothing at the end of the input.
fn answer(
    given: Option<String>,
    question: &str,
    default: &str,
    check: impl Fn(&str) -> Result<(), String>,
) -> anyhow::Result<Option<String>> {
    if given.is_some() {
        return Ok(given);
    }
    loop {
        let hint = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        output::ask(&format!("{question}{hint}: ").into()).context("standard error")?;
        let mut line = String::new();
        let read = io::stdin().lock().take(MAX_ANSWER_BYTES).read_line(&mut line).context("standard input")?;
        if read == 0 {
            return Ok(None);
        }
        match line.trim() {
            "" => return Ok(Some(default.to_owned())),
            text => match check(text) {
                Ok(()) => return Ok(Some(text.to_owned())),
                Err(words) => {
                    let mut line = Text::from(format!("  {words}"));
                    line.break_line();
                    output::ask(&line).context("standard error")?;
                }
            },
        }
    }
}

fn check(arguments: &InitArguments) -> Result<(), String> {
    text(arguments).map(drop)
}

/// The file's text, which is known to be right.
fn text(arguments: &InitArguments) -> Result<String, String> {
    let url = arguments.url.as_deref().unwrap_or(LOCAL_URL);
    let example = EXAMPLE_ARN.trim_start_matches("arn = ").trim_matches('"');
    let default = if url == LOCAL_URL { LOCAL_ARN } else { example };
    let arn = arguments.machine.as_deref().unwrap_or(default);
    let machine = StateMachineArn::parse_startable(arn).map_err(|error| error.to_string())?;
    // `pass` is what README and the help call the article's machine.
    let name = if machine.name() == "PassStateMachine" { "pass" } else { machine.name() };
    let mut text = EXAMPLE
        .replace(EXAMPLE_URL, &format!("url = {}", quoted(url)))
        .replace(EXAMPLE_ARN, &format!("arn = {}", quoted(arn)))
        .replace(EXAMPLE_MACHINE, &format!("[machines.{}]", key(name)));
    if let Some(variable) = &arguments.api_key_env {
        let auth = format!("auth = {{ type = \"api-key\", env = {} }}", quoted(variable));
        text = text.replacen(EXAMPLE_AUTH, &auth, 1);
    }
    match config::parse(Path::new("config.toml"), &text, &|_| Vec::new()) {
        Ok(_) => Ok(text),
        // The line is one of a file that is not there; what is said of it is enough.
        Err(faults) => Err(faults.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    }
}

/// A TOML basic string. JSON's escapes are among TOML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A TOML key: bare where it can be.
fn key(text: &str) -> String {
    let is_bare = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_bare { text.to_owned() } else { quoted(text) }
}

/// Writes the whole file or none, and never over another one.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::MachineType;

    #[test]
    fn what_is_written_has_the_values_that_were_given() {
        let arn = "arn:aws:states:ap-northeast-1:111122223333:stateMachine:注文";
        let arguments = InitArguments {
            url: Some("https://api.example.com/v1".into()),
            machine: Some(arn.into()),
            api_key_env: Some("KEY".into()),
        };
        let text = text(&arguments).expect("a configuration");
        let settings = config::parse(Path::new("c.toml"), &text, &|_| Vec::new()).expect("it is right");
        assert_eq!(settings.endpoints[0].url, "https://api.example.com/v1");
        assert_eq!((&*settings.machines[0].name, settings.machines[0].arn.as_str()), ("注文", arn));
        assert_eq!(settings.machines[0].machine_type, MachineType::Unknown);
        assert_eq!(settings.endpoints[0].auth.word(), "api-key");
        let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(comments(&text) + 1, comments(EXAMPLE), "every comment but that of the auth is there");
    }

    #[test]
    fn without_anything_it_is_for_the_local_gateway() {
        let nothing = InitArguments { url: None, machine: None, api_key_env: None };
        let text = text(&nothing).expect("a configuration");
        assert!(text.contains(&format!("url = \"{LOCAL_URL}\"")) && text.contains("[machines.pass]"), "{text}");
        assert!(text.contains(&format!("arn = \"{LOCAL_ARN}\"")), "{text}");
    }

    #[test]
    fn what_would_not_work_is_refused() {
        let with = |url: &str, machine: Option<&str>| {
            let machine = machine.map(str::to_owned);
            text(&InitArguments { url: Some(url.into()), machine, api_key_env: None })
        };
        assert!(with("ftp://x", None).expect_err("no URL").contains("it should begin with https://"));
        assert!(with("https://x\"\nread-only = true #", None).is_err());
        assert!(with("https://x.example", Some("arn:aws:sns:eu-west-1:111122223333:t")).is_err());
    }
}
