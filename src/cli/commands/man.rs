//! The manual page: the program, its keys, files and variables, and a section for each command.

use std::io::{self, Write as _};

use clap::Command;
use clap_mangen::Man;

use crate::app::keys::action::Context;
use crate::app::keys::keymap::Keymap;
use crate::cli::Exit;
use crate::cli::arguments::help::EXIT_CODES;
use crate::cli::report::console::print;

/// Names and descriptions of files.
const FILES: &[(&str, &str)] = &[
    (
        "~/.config/stepgate/config.toml",
        "The configuration, on Linux; `stepgate config path` prints the path elsewhere.",
    ),
    ("~/.local/share/stepgate/stepgate.db", "The store: starts, executions, inputs and outputs."),
    ("~/.local/share/stepgate/budget/", "The rate limit that all stepgate processes share."),
    ("~/.local/share/stepgate/local-gateway.jsonl", "The executions of the local gateway."),
    ("~/.local/share/stepgate/local/", "Their store, separate from that of real executions."),
];

/// Names and descriptions of environment variables. A flag takes precedence over its variable.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("STEPGATE_CONFIG", "The configuration file, like --config."),
    ("STEPGATE_ENDPOINT", "The endpoint, like --endpoint."),
    ("NO_COLOR", "Disables colour, if it is not empty."),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME", "Absolute paths that replace ~/.config and ~/.local/share."),
    ("VISUAL, EDITOR", "The editor for inputs."),
    ("BROWSER", "The program that opens URLs."),
    ("HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "The proxy, unless the endpoint sets one."),
    ("AWS_PROFILE, AWS_ACCESS_KEY_ID, ...", "AWS credentials as for the AWS CLI, for endpoints with auth type iam."),
    ("COMPLETE", "Set by shells that complete a command line."),
];

/// Prints the manual page.
pub(in crate::cli) fn run(command: &Command) -> anyhow::Result<Exit> {
    print(&page(command)?)?;
    Ok(Exit::Done)
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut command = command.clone();
    command.build();
    let mut page = Vec::new();
    let whole = Man::new(command.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    let overview = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    lines(&overview.replace(EXIT_CODES, ""), &mut page)?;
    parts(&command, &mut page)?;
    keys(&mut page)?;
    exit_status(&mut page)?;
    pairs("ENVIRONMENT", ENVIRONMENT, &mut page)?;
    pairs("FILES", FILES, &mut page)?;
    whole.render_version_section(&mut page)?;
    Ok(page)
}

/// Writes a section for each visible command and its subcommands.
fn parts(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
        // Global options are listed once, at the beginning of the page.
        let own = inner.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
        let name = inner.get_bin_name().unwrap_or(inner.get_name()).to_uppercase();
        writeln!(page, ".SH \"{name}\"")?;
        let man = Man::new(own);
        let mut part = Vec::new();
        man.render_synopsis_section(&mut part)?;
        man.render_description_section(&mut part)?;
        if inner.get_arguments().any(|arg| !arg.is_global_set() && !arg.is_hide_set()) {
            man.render_options_section(&mut part)?;
        }
        // The sections of a command are subsections of the page.
        page.extend(String::from_utf8_lossy(&part).replace(".SH ", ".SS ").into_bytes());
        if let Some(text) = inner.get_after_long_help() {
            lines(&text.to_string(), page)?;
        }
        parts(inner, page)?;
    }
    Ok(())
}

/// Writes the built-in keys by context, as the help of the terminal UI shows them.
fn keys(page: &mut Vec<u8>) -> io::Result<()> {
    let keymap = Keymap::default();
    writeln!(page, ".SH \"KEYS\"\nThe table [keys] of the configuration changes them.")?;
    for context in Context::ALL {
        writeln!(page, ".SS \"{}\"", context.title())?;
        for binding in keymap.bindings(context) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            pair(&keys.join(" "), binding.action.help(), page)?;
        }
    }
    Ok(())
}

/// Writes a section of names and their descriptions.
fn pairs(title: &str, pairs: &[(&str, &str)], page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".SH \"{title}\"")?;
    pairs.iter().try_for_each(|(name, description)| pair(name, description, page))
}

/// Writes a name with its description, which is indented and filled.
fn pair(name: &str, description: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".TP\n\\fB{}\\fR\n{}", escaped(name), escaped(description))
}

/// Writes the exit codes, whose lines are a code and its meaning below a heading.
fn exit_status(page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".SH \"EXIT STATUS\"")?;
    let codes = EXIT_CODES.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(' '));
    codes.into_iter().try_for_each(|(code, meaning)| pair(code, meaning.trim_start(), page))
}

/// Writes paragraphs, which are filled, and examples, whose lines are indented and stay as they are.
fn lines(text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".PP")?;
    let mut is_example = false;
    for line in text.lines() {
        if is_example != line.starts_with(' ') {
            is_example = !is_example;
            writeln!(page, "{}", if is_example { ".nf" } else { ".fi" })?;
        }
        if line.is_empty() { writeln!(page, ".PP")? } else { writeln!(page, "{}", escaped(line))? }
    }
    if is_example { writeln!(page, ".fi") } else { Ok(()) }
}

/// Escapes a line for roff.
fn escaped(line: &str) -> String {
    let escaped = line.replace('\\', "\\\\").replace('-', "\\-").replace('\'', "\\(aq");
    if escaped.starts_with('.') { format!("\\&{escaped}") } else { escaped }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::*;

    #[test]
    fn the_page_has_the_sections_of_a_manual() {
        let overview = format!("Examples:\n  x y\n\n{EXIT_CODES}The end.");
        let command =
            Command::new("x").version("1").after_long_help(overview).subcommand(Command::new("y").arg(Arg::new("z")));
        let page = String::from_utf8(page(&command).expect("a page")).expect("UTF-8");
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}: {page}"));
        let sections = ["NAME", "SYNOPSIS", "KEYS", "EXIT STATUS", "ENVIRONMENT", "FILES"];
        let places =
            sections.map(|title| page.find(&format!(".SH \"{title}\"")).or(page.find(&format!(".SH {title}"))));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}: {page}");
        assert_eq!(page.matches("--timeout expired").count() + page.matches("\\-\\-timeout expired").count(), 1);
        assert!(!page.contains("Exit codes:") && page.contains(".TP\n\\fB130\\fR\ninterrupted\n"), "{page}");
        assert!(at(".SS \"In all panes\"") > at(".SH \"KEYS\""), "{page}");
        assert!(page.contains("Examples:\n.nf\n  x y\n.fi\n.PP\nThe end.\n"), "{page}");
        assert_eq!(escaped(".a 'b' \\ -c"), "\\&.a \\(aqb\\(aq \\\\ \\-c");
    }

    #[test]
    fn every_action_with_a_key_is_in_the_page() {
        let mut page = Vec::new();
        keys(&mut page).expect("written");
        let page = String::from_utf8(page).expect("UTF-8");
        for context in Context::ALL {
            for binding in Keymap::default().bindings(context) {
                assert!(page.contains(&escaped(binding.action.help())), "{:?}", binding.action);
            }
        }
    }
}
