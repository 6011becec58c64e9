//! `stepgate doctor`: what is right and what is wrong between here and Step Functions.

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::console::{Console, Reader};
use crate::cli::context::{CommandContext, LocalGateway, kept_folder, name_suffix, open};
use crate::cli::report::{Output, Report};
use crate::cli::{Common, Exit};
use crate::config::Faults;
use crate::doctor::{Check, Finding, Patient, Verdict};
use crate::format::text::visible;
use crate::format::wrap::wrap;
use crate::output::Text;
use crate::runtime::{columns_of_output, now};
use stepgate_core::domain::{Endpoint, ExecutionName, FailureKind};
use stepgate_core::store;

/// Where the words of a finding begin.
const INDENT: usize = 13;

/// Check configuration, network, certificate, auth, every route and the history without starting anything.
///
/// A question about an execution that cannot exist proves route, integration and role by the error that comes
/// back. The exit code is that of the worst finding.
#[derive(Debug, Args)]
pub(super) struct DoctorArguments {}

/// Looks at all endpoints, or at the one that `--endpoint` names.
pub(super) async fn run(_: DoctorArguments, common: &Common) -> anyhow::Result<Exit> {
    let mut sheet =
        Results { console: Console::plain(common), endpoint: String::new(), worst: Exit::Done, gone: false };
    let opened = match open(common, LocalGateway::OnRequest).await? {
        Ok(opened) => opened,
        Err(faults) => {
            sheet.faults(&faults)?;
            return Ok(Exit::Usage);
        }
    };
    let wanted = common.endpoint.as_deref();
    let meant = |endpoint: &&Endpoint| wanted.is_none_or(|name| endpoint.name.as_str() == name);
    for endpoint in opened.settings.endpoints.iter().filter(meant) {
        examine(endpoint, &opened, &mut sheet).await?;
    }
    if let Some(finding) = store().await {
        sheet.endpoint.clear();
        if sheet.console.report.output == Output::Text {
            sheet.line("history")?;
        }
        sheet.put(&finding)?;
    }
    Ok(sheet.worst)
}

/// Returns the state of the store, if there is one.
async fn store() -> Option<Finding> {
    let folder = kept_folder().ok()?;
    let surveyed = tokio::task::spawn_blocking(move || store::survey(&folder)).await.ok()?;
    Some(match surveyed.transpose()? {
        Ok(found) => {
            let used = found.used.saturating_mul(100) / found.bytes.max(1);
            let (size, count) = (size(found.bytes), found.executions);
            let oldest = found.oldest.map(|oldest| oldest.to_string().split('T').next().unwrap_or_default().to_owned());
            let since = oldest.map(|day| format!(", the oldest started on {day}")).unwrap_or_default();
            let plural = if count == 1 { "" } else { "s" };
            let message = format!("{size}, {used}% in use; {count} execution{plural}{since}");
            Finding::good(Check::Store, found.path.display().to_string(), message)
        }
        Err(error) => {
            let advice = "Move the file away to begin with an empty history; until then nothing is recorded.";
            Finding::warning(Check::Store, "database", "store-unusable", error.to_string(), advice)
        }
    })
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

async fn examine(endpoint: &Endpoint, opened: &CommandContext, sheet: &mut Results) -> anyhow::Result<()> {
    let machines: Vec<_> =
        opened.settings.machines.iter().filter(|machine| machine.endpoint == endpoint.name).collect();
    sheet.begin(endpoint)?;
    let message = match &opened.greeting {
        Some(greeting) => greeting.clone(),
        None => format!("no errors; {} machine{}", machines.len(), if machines.len() == 1 { "" } else { "s" }),
    };
    sheet.put(&Finding::good(Check::Config, endpoint.name.as_str(), message))?;
    let nobody = ExecutionName::parse(&format!("stepgate-doctor-{}", name_suffix()));
    let nobody = nobody.map_err(|error| anyhow::anyhow!("{error}"))?;
    let patient = Patient { endpoint, machines, nobody, clock: now };
    let mut written = Ok(());
    patient
        .examine(&mut |finding| {
            if written.is_ok() {
                written = sheet.put(&finding);
            }
        })
        .await;
    written
}

/// Where findings are written, and the worst of them.
struct Results {
    console: Console,
    endpoint: String,
    worst: Exit,
    /// Nobody reads any more.
    gone: bool,
}

impl Results {
    fn begin(&mut self, endpoint: &Endpoint) -> anyhow::Result<()> {
        endpoint.name.as_str().clone_into(&mut self.endpoint);
        if self.console.report.output == Output::Json {
            return Ok(());
        }
        self.line([endpoint.name.as_str(), &endpoint.url, endpoint.auth.word()].join(" · "))
    }

    fn put(&mut self, finding: &Finding) -> anyhow::Result<()> {
        if let Verdict::Failed(failure) = &finding.verdict {
            self.worst = self.worst.or(Exit::of_failure(failure));
        }
        let line = match self.console.report.output {
            Output::Text => text(finding, &self.console.report, columns_of_output()),
            Output::Json => object(finding, &self.endpoint).into(),
        };
        self.line(line)
    }

    /// The faults of the configuration, each a finding.
    fn faults(&mut self, faults: &Faults) -> anyhow::Result<()> {
        let file = faults.file.display().to_string();
        for line in faults.lines() {
            let advice = "`stepgate config init --config new.toml` writes one that is right.";
            let kind = FailureKind::Client;
            self.put(&Finding::wrong(Check::Config, file.as_str(), kind, "config-fault", line, advice))?;
        }
        Ok(())
    }

    fn line(&mut self, line: impl Into<Text>) -> anyhow::Result<()> {
        if !self.gone {
            self.gone = self.console.result(line)? == Reader::Gone;
        }
        Ok(())
    }
}

/// What was found, and below it what to do. Further lines stand below the first one's words.
fn text(finding: &Finding, report: &Report, columns: Option<usize>) -> Text {
    let sign = match &finding.verdict {
        Verdict::Good => "✔".into(),
        Verdict::Skipped => "-".into(),
        Verdict::Warning => "!".into(),
        Verdict::Failed(_) => report.paint.bad("✖"),
    };
    let mut text = Text::from("  ");
    text.push(sign);
    text.push(format!(" {:<8} ", finding.check.word()));
    text.push(hanging(&format!("{}: {}", finding.subject, finding.message), INDENT, columns));
    if !finding.advice.is_empty() {
        text.break_line();
        text.push(format!("{}→ ", " ".repeat(INDENT)));
        text.push(hanging(&finding.advice, INDENT + 2, columns));
    }
    text
}

/// The text in lines that fit into a terminal, all but the first one indented; one line where there is none.
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
    let mut put = |name: &str, text: &str| members.insert(name.to_owned(), text.into());
    if !endpoint.is_empty() {
        put("endpoint", endpoint);
    }
    put("check", finding.check.word());
    put("subject", &finding.subject);
    put("verdict", finding.verdict.word());
    put("finding", finding.name);
    put("message", &finding.message);
    if !finding.advice.is_empty() {
        put("advice", &finding.advice);
    }
    if let Verdict::Failed(failure) = &finding.verdict {
        members.extend(failure.http_status.map(|status| ("httpStatus".to_owned(), status.into())));
        members.extend(failure.request_id.as_deref().map(|id| ("requestId".to_owned(), id.into())));
    }
    Value::Object(members).to_string()
}
