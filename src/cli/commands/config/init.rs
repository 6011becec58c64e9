//! `stepgate config init`: writes a working configuration with comments.

use std::io::{self, BufRead as _, Read as _};
use std::path::Path;

use anyhow::Context as _;

use crate::cli::commands::config::arguments::InitArguments;
use crate::cli::commands::config::path;
use crate::cli::commands::config::written::{quoted, write};
use crate::cli::context::abbreviate;
use crate::cli::report::console::{is_interactive, say};
use crate::cli::{Common, Exit};
use crate::config;
use crate::output::{self, Text};
use stepgate_core::domain::{StateMachineArn, toml_header};

const MAX_INPUT_BYTES: u64 = 4096;
/// The template of the file; its example values are replaced.
const EXAMPLE: &str = include_str!("../../../../config.example.toml");
const EXAMPLE_URL: &str = "url = \"https://s8l41c37mk.execute-api.ap-northeast-1.amazonaws.com/dev\"";
const EXAMPLE_ARN: &str = "arn = \"arn:aws:states:ap-northeast-1:123456789123:stateMachine:PassStateMachine\"";
const EXAMPLE_MACHINE: &str = "[machines.pass]";
const EXAMPLE_AUTH: &str = "# auth = { type = \"api-key\", env = \"STEPGATE_API_KEY\" }";

/// The gateway of `stepgate local --listen 127.0.0.1:8080`.
const LOCAL_URL: &str = "http://127.0.0.1:8080/dev";
const LOCAL_ARN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:PassStateMachine";

pub(in crate::cli) fn run(arguments: InitArguments, path: &Path, common: &Common) -> anyhow::Result<Exit> {
    if path.exists() {
        say(&format!("{} already exists; not changed", abbreviate(path)));
        return Ok(Exit::Usage);
    }
    let arguments = if is_interactive() { prompt_for_missing(arguments)? } else { Some(arguments) };
    let Some(arguments) = arguments else {
        say("nothing was written");
        return Ok(Exit::Usage);
    };
    let text = match text(&arguments) {
        Ok(text) => text,
        Err(message) => {
            say(&format!("{message}; nothing was written"));
            return Ok(Exit::Usage);
        }
    };
    match write(path, &text) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            say(&format!("{} already exists; not changed", abbreviate(path)));
            return Ok(Exit::Usage);
        }
        Err(error) => {
            say(&format!("{} cannot be written: {error}", path.display()));
            return Ok(Exit::Usage);
        }
    }
    path::print(path, common)?;
    match (&arguments.url, &arguments.machine) {
        (None, _) => {
            say("it uses the local gateway of `stepgate local --listen 127.0.0.1:8080`; replace the URL with your own");
        }
        (Some(_), None) => say("its state machine is an example; replace the ARN with your own"),
        (Some(_), Some(_)) => {}
    }
    Ok(Exit::Done)
}

/// Prompts for missing values; `None` at the end of the input.
fn prompt_for_missing(given: InitArguments) -> anyhow::Result<Option<InitArguments>> {
    let Some(url) = prompt(given.url, "The gateway's URL, with its stage", LOCAL_URL, |url| {
        check(&InitArguments { url: Some(url.to_owned()), ..InitArguments::default() })
    })?
    else {
        return Ok(None);
    };
    let default = if url == LOCAL_URL { LOCAL_ARN } else { "" };
    let Some(machine) = prompt(given.machine, "A state machine's ARN", default, |arn| {
        StateMachineArn::parse_startable(arn).map(drop).map_err(|error| error.to_string())
    })?
    else {
        return Ok(None);
    };
    let key = "The environment variable with its API key; none if it has no key";
    let Some(api_key_env) = prompt(given.api_key_env, key, "", |_| Ok(()))? else { return Ok(None) };
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    // The default URL counts as none, so that the local gateway is mentioned at the end.
    let url = given(url).filter(|url| url != LOCAL_URL);
    let (machine, api_key_env) = (given(machine), given(api_key_env));
    Ok(Some(InitArguments { url, machine, api_key_env, ..InitArguments::default() }))
}

/// Prompts until the input is valid, or returns the default; `None` at the end of the input.
fn prompt(
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
        output::prompt(&format!("{question}{hint}: ").into()).context("standard error")?;
        let mut line = String::new();
        let read = io::stdin().lock().take(MAX_INPUT_BYTES).read_line(&mut line).context("standard input")?;
        if read == 0 {
            return Ok(None);
        }
        match line.trim() {
            "" => return Ok(Some(default.to_owned())),
            text => match check(text) {
                Ok(()) => return Ok(Some(text.to_owned())),
                Err(message) => {
                    let mut line = Text::from(format!("  {message}"));
                    line.break_line();
                    output::prompt(&line).context("standard error")?;
                }
            },
        }
    }
}

fn check(arguments: &InitArguments) -> Result<(), String> {
    text(arguments).map(drop)
}

/// Returns the text of a valid configuration.
fn text(arguments: &InitArguments) -> Result<String, String> {
    let url = arguments.url.as_deref().unwrap_or(LOCAL_URL);
    let example = EXAMPLE_ARN.trim_start_matches("arn = ").trim_matches('"');
    let default = if url == LOCAL_URL { LOCAL_ARN } else { example };
    let arn = arguments.machine.as_deref().unwrap_or(default);
    let machine = StateMachineArn::parse_startable(arn).map_err(|error| error.to_string())?;
    // README and help call this machine `pass`.
    let name = if machine.name() == "PassStateMachine" { "pass" } else { machine.name() };
    let mut text = EXAMPLE
        .replace(EXAMPLE_URL, &format!("url = {}", quoted(url)))
        .replace(EXAMPLE_ARN, &format!("arn = {}", quoted(arn)))
        .replace(EXAMPLE_MACHINE, &toml_header(&["machines", name]));
    if let Some(variable) = &arguments.api_key_env {
        let auth = format!("auth = {{ type = \"api-key\", env = {} }}", quoted(variable));
        text = text.replacen(EXAMPLE_AUTH, &auth, 1);
    }
    match config::parse(Path::new("config.toml"), &text, &|_| Vec::new()) {
        Ok(_) => Ok(text),
        // Without the line: the file does not exist yet.
        Err(errors) => Err(errors.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::MachineType;

    #[test]
    fn the_file_has_the_given_values() {
        let arn = "arn:aws:states:ap-northeast-1:111122223333:stateMachine:注文";
        let arguments = InitArguments {
            url: Some("https://api.example.com/v1".into()),
            machine: Some(arn.into()),
            api_key_env: Some("KEY".into()),
            ..InitArguments::default()
        };
        let text = text(&arguments).expect("a configuration");
        let settings = config::parse(Path::new("c.toml"), &text, &|_| Vec::new()).expect("it is right");
        assert_eq!(settings.endpoints[0].url, "https://api.example.com/v1");
        assert_eq!((&*settings.machines[0].name, settings.machines[0].arn.as_str()), ("注文", arn));
        assert_eq!(settings.machines[0].machine_type, MachineType::Unknown);
        assert_eq!(settings.endpoints[0].auth.as_str(), "api-key");
        let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(comments(&text) + 1, comments(EXAMPLE), "every comment but that of the auth is there");
    }

    #[test]
    fn the_default_is_the_local_gateway() {
        let text = text(&InitArguments::default()).expect("a configuration");
        assert!(text.contains(&format!("url = \"{LOCAL_URL}\"")) && text.contains("[machines.pass]"), "{text}");
        assert!(text.contains(&format!("arn = \"{LOCAL_ARN}\"")), "{text}");
    }

    #[test]
    fn invalid_values_are_refused() {
        let with = |url: &str, machine: Option<&str>| {
            let machine = machine.map(str::to_owned);
            text(&InitArguments { url: Some(url.into()), machine, ..InitArguments::default() })
        };
        assert!(with("ftp://x", None).expect_err("no URL").contains("begins with https://"));
        assert!(with("https://x\"\nread-only = true #", None).is_err());
        assert!(with("https://x.example", Some("arn:aws:sns:eu-west-1:111122223333:t")).is_err());
    }
}
