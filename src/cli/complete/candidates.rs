//! What the shell can complete: names in the configuration and in the store. Sends nothing, creates nothing, and never
//! fails: what cannot be read has no candidates.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap_complete::engine::CompletionCandidate;

use crate::cli::context::data_folder;
use crate::config::find::{Found, find, platform_folder};
use crate::config::local_gateway::endpoint_and_machines;
use crate::config::names::{MachineNames, Names, names};
use crate::format::text::visible;
use stepgate_core::bounded::{self, Limits};
use stepgate_core::domain::Status;
use stepgate_core::store::recent;

/// The values of `--status`.
pub(in crate::cli) const STATUSES: [&str; 6] =
    ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];

/// Number of executions to read.
const EXECUTIONS: usize = 500;
/// The name of the local gateway's endpoint.
const LOCAL: &str = "local";

/// The words of the command line that is being completed.
struct Words(Vec<OsString>);

impl Words {
    /// Takes them from this process's arguments: `stepgate -- WORDS`.
    fn new() -> Self {
        Self(std::env::args_os().skip_while(|word| word != "--").skip(1).collect())
    }

    /// Returns the value of an option.
    fn option(&self, name: &str) -> Option<OsString> {
        let inline = format!("{name}=");
        self.0.iter().enumerate().find_map(|(index, word)| {
            if word == name {
                return self.0.get(index + 1).cloned();
            }
            word.to_str()?.strip_prefix(&inline).map(OsString::from)
        })
    }

    fn endpoint(&self) -> Option<String> {
        let variable = || std::env::var_os("STEPGATE_ENDPOINT");
        let name = self.option("--endpoint").or_else(variable).filter(|name| !name.is_empty())?;
        name.into_string().ok()
    }

    /// Reads the names of the configuration.
    fn names(&self) -> Names {
        let flag = self.option("--config").map(PathBuf::from);
        let found = find(flag.as_deref(), |name| std::env::var_os(name), platform_folder().as_deref());
        let (Found::Named(path) | Found::Default(path)) = found else { return Names::default() };
        // Reading a pipe would take its contents away from the command, or wait forever.
        let text = if is_file(&path) { bounded::text_file(&path, Limits::FILE).ok() } else { None };
        text.map(|text| names(&text)).unwrap_or_default()
    }

    /// Returns the machines of the selected endpoint.
    fn machines(&self) -> Vec<MachineNames> {
        let (names, endpoint) = (self.names(), self.endpoint());
        if endpoint.as_deref() == Some(LOCAL) && !names.endpoints.iter().any(|name| name == LOCAL) {
            let (_, machines) = endpoint_and_machines("");
            let name = |machine: stepgate_core::domain::Machine| MachineNames {
                name: machine.name.to_string(),
                arn: Some(machine.arn.to_string()),
                endpoint: Some(LOCAL.to_owned()),
                presets: machine.presets.iter().map(|preset| preset.name.to_string()).collect(),
            };
            return machines.into_iter().map(name).collect();
        }
        let is_selected = |machine: &MachineNames| endpoint.is_none() || machine.endpoint == endpoint;
        names.machines.into_iter().filter(is_selected).collect()
    }
}

fn is_file(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Completes machines, or their ARNs.
pub(in crate::cli) fn machines(current: &OsStr) -> Vec<CompletionCandidate> {
    let machines = Words::new().machines();
    if current.to_str().is_some_and(|text| text.starts_with("arn:")) {
        return matching(current, machines.into_iter().filter_map(|machine| Some((machine.arn?, machine.name))));
    }
    let endpoints = |name: &str| {
        let of_machine = machines.iter().filter(|machine| machine.name == name);
        of_machine.filter_map(|machine| machine.endpoint.as_deref()).collect::<Vec<_>>().join(", ")
    };
    matching(current, machines.iter().map(|machine| (machine.name.clone(), endpoints(&machine.name))))
}

/// Completes presets of the machine on the command line.
pub(in crate::cli) fn presets(current: &OsStr) -> Vec<CompletionCandidate> {
    let words = Words::new();
    let machines = words.machines();
    let is_named = |machine: &&MachineNames| {
        words
            .0
            .iter()
            .filter_map(|word| word.to_str())
            .any(|word| word == machine.name || Some(word) == machine.arn.as_deref())
    };
    let named: Vec<&MachineNames> = machines.iter().filter(is_named).collect();
    let presets =
        named.iter().flat_map(|machine| machine.presets.iter().map(|preset| (preset.clone(), machine.name.clone())));
    matching(current, presets)
}

/// Completes endpoints.
pub(in crate::cli) fn endpoints(current: &OsStr) -> Vec<CompletionCandidate> {
    let names = Words::new().names();
    let local =
        (!names.endpoints.iter().any(|name| name == LOCAL)).then(|| (LOCAL.to_owned(), "the local gateway".to_owned()));
    matching(current, names.endpoints.into_iter().map(|name| (name, String::new())).chain(local))
}

/// Completes endpoints of the configuration.
pub(in crate::cli) fn configured_endpoints(current: &OsStr) -> Vec<CompletionCandidate> {
    matching(current, Words::new().names().endpoints.into_iter().map(|name| (name, String::new())))
}

/// Completes executions in the store, newest first, by name or ARN.
pub(in crate::cli) fn executions(current: &OsStr) -> Vec<CompletionCandidate> {
    let is_arn = current.to_str().is_some_and(|text| text.starts_with("arn:"));
    let records = data_folder().map(|folder| recent(&folder, EXECUTIONS)).unwrap_or_default();
    let execution = |record: stepgate_core::domain::ExecutionRecord| {
        let text = if is_arn { record.arn.as_str() } else { record.arn.name() };
        let status = record.seen.as_ref().map_or(Status::Running, |seen| seen.status.clone());
        (text.to_owned(), format!("{} {}", status.as_str(), record.machine_name))
    };
    let last = ("@last".to_owned(), "the latest start".to_owned());
    matching(current, std::iter::once(last).chain(records.into_iter().map(execution)))
}

/// Completes executions, and machines for commands that take both.
pub(in crate::cli) fn executions_and_machines(current: &OsStr) -> Vec<CompletionCandidate> {
    executions(current).into_iter().chain(machines(current)).collect()
}

/// Completes statuses that are not on the command line yet.
pub(in crate::cli) fn statuses(current: &OsStr) -> Vec<CompletionCandidate> {
    let upper = current.to_string_lossy().to_uppercase();
    let words = Words::new();
    let given = words.0.iter().filter_map(|word| word.to_str()).flat_map(|word| word.split([',', '=']));
    let mut given: Vec<String> = given.map(str::to_uppercase).collect();
    // The word that is being completed is among them.
    if let Some(at) = given.iter().rposition(|word| *word == upper) {
        given.remove(at);
    }
    let left = STATUSES.iter().filter(|status| !given.iter().any(|word| word == *status));
    matching(OsStr::new(&upper), left.map(|status| ((*status).to_owned(), String::new())))
}

/// Returns candidates that begin with the current text, each once. Text that a terminal would interpret is left out: the
/// shell prints it.
fn matching(current: &OsStr, candidates: impl IntoIterator<Item = (String, String)>) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let mut seen = std::collections::HashSet::new();
    let mut found = Vec::new();
    for (text, description) in candidates {
        if !text.is_empty() && text.starts_with(current) && visible(&text) == text && seen.insert(text.clone()) {
            let description = (!description.is_empty()).then(|| visible(&description).into_owned().into());
            found.push(CompletionCandidate::new(text).help(description));
        }
    }
    found
}
