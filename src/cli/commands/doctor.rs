//! `stepgate doctor`: checks everything between this machine and Step Functions.

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::context::name_suffix::name_suffix;
use crate::cli::context::store_folder::{existing_store, store_folder};
use crate::cli::context::{CommandContext, LocalGateway, data_folder, load_context};
use crate::cli::report::console::{Console, Pipe};
use crate::cli::report::execution::{Output, Report};
use crate::cli::report::suggestion::with_options;
use crate::cli::{Common, Exit};
use crate::config::ConfigErrors;
use crate::doctor::{Check, Finding, Target, Verdict, examine};
use crate::format::text::visible;
use crate::format::wrap::wrap;
use crate::output::Text;
use crate::runtime::{now, stdout_columns};
use stepgate_core::domain::{EarlierExecutions, Endpoint, ExecutionName, FailureKind, counted};
use stepgate_core::store;
use stepgate_core::task;

/// The column at which the message of a finding begins.
const INDENT: usize = 13;

/// Check configuration, network, certificate, auth, every route and the store without starting anything.
///
/// Requests the status of an execution that cannot exist; the error proves that route, integration and role work. Then
/// requests the status of one in the store, to check the form of the response. The exit code is that of the worst finding.
#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorArguments {}

/// Checks all endpoints, or the one named by `--endpoint`.
pub(in crate::cli) async fn run(_: DoctorArguments, common: &Common) -> anyhow::Result<Exit> {
    let mut results =
        Results { console: Console::plain(common), endpoint: String::new(), worst: Exit::Done, is_pipe_closed: false };
    let context = match load_context(common, LocalGateway::OnRequest).await? {
        Ok(context) => context,
        Err(errors) => {
            results.config_errors(&errors)?;
            return Ok(Exit::Usage);
        }
    };
    let selected = common.endpoint.as_deref();
    let is_selected = |endpoint: &&Endpoint| selected.is_none_or(|name| endpoint.name.as_str() == name);
    for endpoint in context.settings.endpoints.iter().filter(is_selected) {
        check_endpoint(endpoint, &context, &mut results).await?;
    }
    if let Some(finding) = store().await {
        results.endpoint.clear();
        if results.console.report.output == Output::Text {
            results.line("store")?;
        }
        results.print(&finding)?;
    }
    Ok(results.worst)
}

/// Checks the store, if there is one.
async fn store() -> Option<Finding> {
    let folder = data_folder().ok()?;
    let surveyed = task::run_blocking(move || store::survey(&folder)).await.ok()?;
    Some(match surveyed.transpose()? {
        Ok(found) => {
            let used = found.used.saturating_mul(100) / found.bytes.max(1);
            let executions = counted(found.executions, "execution");
            let size = size(found.bytes);
            let oldest = found.oldest.map(|oldest| oldest.to_string().split('T').next().unwrap_or_default().to_owned());
            let since = oldest.map(|day| format!(", the oldest started on {day}")).unwrap_or_default();
            let message = format!("{size}, {used}% in use; {executions}{since}");
            Finding::passed(Check::Store, found.path.display().to_string(), message)
        }
        Err(error) => {
            let advice = "Move the file away to start with an empty store; until then nothing is recorded.";
            Finding::warning(Check::Store, "database", "store-unusable", error.to_string(), advice)
        }
    })
}

/// Returns the latest executions of a gateway in the store. If it cannot be read, the check of the store says why.
async fn earlier(endpoint: &Endpoint, context: &CommandContext) -> Option<EarlierExecutions> {
    let folder = store_folder(&context.settings).ok()?;
    let (gateway, facts_key) = (endpoint.gateway(), endpoint.facts_key());
    let read = task::run_blocking(move || store::earlier(&folder, &gateway, &facts_key));
    read.await.ok()?.ok()?
}

/// Formats bytes in KiB or MiB.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes < MIB {
        format!("{} KiB", bytes / 1024)
    } else {
        format!("{}.{} MiB", bytes / MIB, bytes % MIB * 10 / MIB)
    }
}

async fn check_endpoint(endpoint: &Endpoint, context: &CommandContext, results: &mut Results) -> anyhow::Result<()> {
    let machines: Vec<_> =
        context.settings.machines.iter().filter(|machine| machine.endpoint == endpoint.name).collect();
    results.begin(endpoint)?;
    let message = match &context.greeting {
        Some(greeting) => greeting.clone(),
        None => format!("no errors; {}", counted(machines.len(), "machine")),
    };
    results.print(&Finding::passed(Check::Config, endpoint.name.as_str(), message))?;
    let unused_name = ExecutionName::parse(&format!("stepgate-doctor-{}", name_suffix()));
    let unused_name = unused_name.map_err(|error| anyhow::anyhow!("{error}"))?;
    let store = existing_store(&context.settings);
    let earlier = earlier(endpoint, context).await;
    let target = Target { endpoint, machines, earlier, store, unused_name, clock: now };
    let mut written = Ok(());
    let mut report = |finding| {
        if written.is_ok() {
            written = results.print(&finding);
        }
    };
    examine(&target, &mut report).await;
    written
}

/// Prints findings and keeps the worst exit code.
struct Results {
    console: Console,
    endpoint: String,
    worst: Exit,
    is_pipe_closed: bool,
}

impl Results {
    fn begin(&mut self, endpoint: &Endpoint) -> anyhow::Result<()> {
        endpoint.name.as_str().clone_into(&mut self.endpoint);
        if self.console.report.output == Output::Json {
            return Ok(());
        }
        self.line([endpoint.name.as_str(), &endpoint.url, endpoint.auth.as_str()].join(" · "))
    }

    fn print(&mut self, finding: &Finding) -> anyhow::Result<()> {
        if let Verdict::Failed(failure) = &finding.verdict {
            self.worst = self.worst.worse(Exit::from_failure(failure));
        }
        let line = match self.console.report.output {
            Output::Text => text(finding, &self.console.report, stdout_columns()),
            Output::Json => object(finding, &self.endpoint).into(),
        };
        self.line(line)
    }

    /// Prints each configuration error as a finding.
    fn config_errors(&mut self, errors: &ConfigErrors) -> anyhow::Result<()> {
        let file = errors.file.display().to_string();
        for line in errors.lines() {
            let advice = "`stepgate config init --config new.toml` writes a valid one.";
            let kind = FailureKind::Client;
            self.print(&Finding::problem(Check::Config, file.as_str(), kind, "config-fault", line, advice))?;
        }
        Ok(())
    }

    fn line(&mut self, line: impl Into<Text>) -> anyhow::Result<()> {
        if !self.is_pipe_closed {
            self.is_pipe_closed = self.console.result(line)? == Pipe::Closed;
        }
        Ok(())
    }
}

/// Formats a finding with its advice below; further lines are indented to the message.
fn text(finding: &Finding, report: &Report, columns: Option<usize>) -> Text {
    let sign = match &finding.verdict {
        Verdict::Passed => "✔".into(),
        Verdict::Skipped => "-".into(),
        Verdict::Warning => "!".into(),
        Verdict::Failed(_) => report.colorizer.error("✖"),
    };
    let mut text = Text::from("  ");
    text.push(sign);
    text.push(format!(" {:<8} ", finding.check.as_str()));
    text.push(hanging(&with_options(&format!("{}: {}", finding.subject, finding.message)), INDENT, columns));
    if !finding.advice.is_empty() {
        text.break_line();
        text.push(format!("{}→ ", " ".repeat(INDENT)));
        text.push(hanging(&with_options(&finding.advice), INDENT + 2, columns));
    }
    text
}

/// Wraps the text to the terminal with a hanging indent; without a terminal, it stays on one line.
fn hanging(text: &str, indent: usize, columns: Option<usize>) -> Text {
    let Some(room) = columns.map(|columns| columns.saturating_sub(indent)).filter(|room| *room >= INDENT) else {
        return text.into();
    };
    let indented = |(index, line): (usize, String)| {
        if index == 0 { line.into() } else { Text::from(format!("{}{line}", " ".repeat(indent))) }
    };
    Text::lines(wrap(&visible(text), room).into_iter().enumerate().map(indented))
}

fn object(finding: &Finding, endpoint: &str) -> String {
    let mut members = Map::new();
    let mut insert = |name: &str, text: &str| members.insert(name.to_owned(), text.into());
    if !endpoint.is_empty() {
        insert("endpoint", endpoint);
    }
    insert("check", finding.check.as_str());
    insert("subject", &finding.subject);
    insert("verdict", finding.verdict.as_str());
    insert("finding", finding.name);
    insert("message", &with_options(&finding.message));
    if !finding.advice.is_empty() {
        insert("advice", &with_options(&finding.advice));
    }
    if let Verdict::Failed(failure) = &finding.verdict {
        members.extend(failure.http_status.map(|status| ("httpStatus".to_owned(), status.into())));
        members.extend(failure.request_id.as_deref().map(|id| ("requestId".to_owned(), id.into())));
    }
    Value::Object(members).to_string()
}
