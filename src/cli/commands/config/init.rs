//! `stepgate config init`: writes a working configuration with comments.

use std::io::{self, BufRead as _, Read as _};
use std::path::Path;

use anyhow::Context as _;

use crate::cli::commands::config::argument_errors::{ArgumentError, Arguments};
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
const EXAMPLE_ENDPOINT: &str = "dev";
const EXAMPLE_URL: &str = "url = \"https://s8l41c37mk.execute-api.ap-northeast-1.amazonaws.com/dev\"";
const EXAMPLE_ARN: &str = "arn = \"arn:aws:states:ap-northeast-1:123456789123:stateMachine:PassStateMachine\"";
const EXAMPLE_REGION: &str = "ap-northeast-1";
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
        Err(errors) => {
            for error in &errors {
                say(&error.to_string());
            }
            say("nothing was written");
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
    let only = InitArguments::default;
    let Some(url) = prompt(given.url, "The gateway's URL, with its stage", LOCAL_URL, |url| {
        check(&InitArguments { url: Some(url.to_owned()), ..only() })
    })?
    else {
        return Ok(None);
    };
    let default = if url == LOCAL_URL { LOCAL_ARN } else { "" };
    let Some(machine) = prompt(given.machine, "A state machine's ARN", default, |arn| {
        check(&InitArguments { machine: Some(arn.to_owned()), ..only() })
    })?
    else {
        return Ok(None);
    };
    let key = "The environment variable with its API key; none if it has no key";
    let Some(api_key_env) = prompt(given.api_key_env, key, "", |variable| {
        check(&InitArguments { api_key_env: Some(variable.to_owned()), ..only() })
    })?
    else {
        return Ok(None);
    };
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

/// Checks the only value of these arguments. The question before it says what it is.
fn check(arguments: &InitArguments) -> Result<(), String> {
    let messages = |errors: Vec<ArgumentError>| errors.into_iter().map(|error| error.message).collect::<Vec<_>>();
    text(arguments).map(drop).map_err(|errors| messages(errors).join("; "))
}

/// Returns the text of a valid configuration.
fn text(arguments: &InitArguments) -> Result<String, Vec<ArgumentError>> {
    let url = arguments.url.as_deref().unwrap_or(LOCAL_URL);
    let example = EXAMPLE_ARN.trim_start_matches("arn = ").trim_matches('"');
    let default = match config::region_of_url(url) {
        _ if url == LOCAL_URL => LOCAL_ARN.to_owned(),
        // The machines of an endpoint are in the region of its URL.
        Some(region) => example.replace(EXAMPLE_REGION, &region),
        None => example.to_owned(),
    };
    let arn = arguments.machine.as_deref().unwrap_or(&default);
    let machine =
        StateMachineArn::parse_startable(arn).map_err(|error| vec![ArgumentError::new("--machine", error)])?;
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
    let known = Arguments {
        endpoint: EXAMPLE_ENDPOINT.into(),
        url: "--url",
        auth: "--api-key-env",
        has_region: false,
        machine: Some(name.into()),
    };
    let parsed = config::parse(Path::new("config.toml"), &text, &|_| Vec::new());
    parsed.map(|_| text).map_err(|errors| known.explain(&errors))
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
    fn the_example_of_a_machine_is_in_the_region_of_the_url() {
        let url = Some("https://x.execute-api.eu-west-1.amazonaws.com/dev".into());
        let text = text(&InitArguments { url, ..InitArguments::default() }).expect("a configuration");
        assert!(text.contains("\narn = \"arn:aws:states:eu-west-1:"), "{text}");
    }

    #[test]
    fn invalid_values_are_refused() {
        let with = |url: &str, machine: Option<&str>, variable: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let (machine, api_key_env) = (owned(machine), owned(variable));
            let arguments = InitArguments { url: Some(url.into()), machine, api_key_env, ..InitArguments::default() };
            text(&arguments).expect_err("an error").iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let good = "https://x.example";
        let starts = |error: String, start: &str| assert!(error.starts_with(start), "{error}");
        starts(with("ftp://x", None, None), "--url: expected a URL that begins with https://");
        starts(with("https://x\"\nread-only = true #", None, None), "--url: ");
        starts(with(good, Some("arn:aws:sns:eu-west-1:111122223333:t"), None), "--machine: ");
        starts(with(good, None, Some("A B")), "--api-key-env: expected the name of a variable");
        let local = InitArguments { machine: Some("x".into()), ..InitArguments::default() };
        let shown = check(&local).expect_err("no ARN");
        assert!(shown.starts_with("not an ARN"), "{shown}");
    }
}
