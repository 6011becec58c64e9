//! `stepgate start`: start an execution, and wait for its end if that is wanted.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::time::Instant;

use crate::cli::follow::{Follower, Item, Step, begun, until};
use crate::cli::opened::{Opened, name_suffix, open_or_say, open_store};
use crate::cli::report::Output;
use crate::cli::{Exit, say, span};
use crate::config::fault::nearest;
use crate::domain::{
    Doubt, EndpointName, ExecutionName, MachineType, NameOrigin, Payload, Record, Settled, StartOrder, StateMachineArn,
};
use crate::gateway::Clients;
use crate::runtime::{Signals, now};
use crate::start::{StartReport, Starter};

/// What to start, with what, and whether to wait.
#[derive(Debug, Args)]
pub(super) struct StartArguments {
    /// A machine's name in the configuration, or the ARN of a state machine.
    machine: String,
    /// The input: JSON.
    #[arg(long, value_name = "JSON", conflicts_with_all = ["input_file", "preset"])]
    input: Option<String>,
    /// The input from a file; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    input_file: Option<PathBuf>,
    /// One of the machine's presets.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// The execution's name; one is made up without.
    #[arg(long)]
    name: Option<String>,
    /// Wait for the end, and let the exit code tell the outcome.
    #[arg(long)]
    wait: bool,
    /// Wait for so long at most; the execution runs on.
    #[arg(long, value_name = "DURATION", value_parser = span, requires = "wait")]
    timeout: Option<Duration>,
}

/// Starts.
pub(super) async fn run(
    arguments: StartArguments,
    config: Option<&Path>,
    endpoint: Option<&str>,
    output: Output,
) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen().context("the signals")?;
    let Some(opened) = open_or_say(config, endpoint).await? else { return Ok(Exit::Usage) };
    let order = match order(&arguments, &opened, endpoint) {
        Ok(order) => order,
        Err(words) => {
            say(&format!("{words}; nothing was sent"));
            return Ok(Exit::Usage);
        }
    };
    let store = match open_store(&opened.settings) {
        Ok((store, _)) => Some(store),
        Err(why) => {
            say(&format!("history is not kept: {why}"));
            None
        }
    };
    let clients = Clients::new(opened.settings.endpoints);
    let starter = Starter::new(clients.clone(), store.clone(), now);
    let deadline = arguments.timeout.map(|timeout| Instant::now() + timeout);
    let report = tokio::select! {
        report = starter.start(&order, None) => report,
        number = signals.next() => {
            say(&format!("{} may or may not have begun; the next launch finds out", order.name));
            return Ok(Exit::Signal(number));
        }
        () = until(deadline) => {
            say(&format!("the time is up; {} may or may not have begun; the next launch finds out", order.name));
            return Ok(Exit::TimedOut);
        }
    };
    let exit = settled(
        report,
        &order,
        &arguments,
        Follow { follower: Follower::new(&clients, store.clone(), deadline), signals, output },
    )
    .await;
    if let Some(store) = &store {
        store.flush().await;
    }
    exit
}

/// What is needed to say how it goes on.
struct Follow {
    follower: Follower,
    signals: Signals,
    output: Output,
}

async fn settled(
    report: StartReport,
    order: &StartOrder,
    arguments: &StartArguments,
    mut follow: Follow,
) -> anyhow::Result<Exit> {
    let item = match report.settled {
        Settled::Confirmed(started) => {
            let record = begun(&started, order, now());
            if !arguments.wait {
                return told(follow.output, &record, Exit::Done);
            }
            say(&format!("started {}", started.execution_arn));
            if !record.arn.is_describable() {
                say("an EXPRESS execution cannot be asked about, so there is nothing to wait for");
                return told(follow.output, &record, Exit::Unknown);
            }
            Item::Execution(record)
        }
        Settled::Refused(failure) => {
            say(&format!("{} was not started: {failure}", order.name));
            return Ok(Exit::of_refusal(&failure));
        }
        Settled::Unresolved(failure) => {
            say(&format!("{} may or may not be running: {failure}", order.name));
            if order.machine_type == MachineType::Express {
                return Ok(Exit::Unknown);
            }
            Item::Doubt(Doubt { order: order.clone(), record: report.record, sent: now(), reason: Some(failure) })
        }
        Settled::NeverStarted => return Ok(Exit::Unknown),
    };
    let goes_on = if matches!(item, Item::Doubt(_)) { "it may be running" } else { "it runs on" };
    follow.follower.add(item, order.endpoint.clone()).await;
    loop {
        match follow.follower.next(&mut follow.signals).await {
            Step::Seen(record) if !arguments.wait => return told(follow.output, &record, Exit::Done),
            Step::Seen(..) => {}
            Step::Ended(_, record) => {
                let exit = if arguments.wait { Exit::of_end(&record) } else { Exit::Done };
                return told(follow.output, &record, exit);
            }
            Step::Unknown(_, failure) => {
                say(&format!("nobody can tell how {} goes: {failure}", order.name));
                return Ok(Exit::Unknown);
            }
            Step::NeverStarted(_) => {
                say(&format!("{} was never started: the service does not know it", order.name));
                return Ok(Exit::Unknown);
            }
            Step::TimedOut => {
                say(&format!("the time is up; {goes_on}: {}", order.machine.execution(&order.name)));
                return Ok(Exit::TimedOut);
            }
            Step::Interrupted(number) => {
                say(&format!("{goes_on}: {}", order.machine.execution(&order.name)));
                return Ok(Exit::Signal(number));
            }
        }
    }
}

fn told(output: Output, record: &Record, exit: Exit) -> anyhow::Result<Exit> {
    match output.execution(record) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("standard output"),
        // Nobody reads any more, which is their right.
        _ => Ok(exit),
    }
}

/// The order that the arguments make, or what is wrong with them.
fn order(arguments: &StartArguments, opened: &Opened, endpoint: Option<&str>) -> Result<StartOrder, String> {
    let settings = &opened.settings;
    if settings.read_only {
        return Err("the configuration says read-only = true".into());
    }
    let text = arguments.machine.as_str();
    let profile = settings.machines.iter().find(|machine| &*machine.name == text || machine.arn.as_str() == text);
    let (name, arn, machine_type) = match profile {
        Some(machine) => (machine.name.clone(), machine.arn.clone(), machine.machine_type),
        None if text.starts_with("arn:") => {
            let arn = StateMachineArn::parse_startable(text).map_err(|error| error.to_string())?;
            // Its type cannot be seen. As EXPRESS it is sent once, which is safe for both.
            (arn.name().into(), arn, MachineType::Express)
        }
        None => {
            let names = settings.machines.iter().map(|machine| &*machine.name);
            let meant = nearest(text, names).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            return Err(format!("there is no machine `{text}` in the configuration{meant}"));
        }
    };
    let of_profile = profile.map(|machine| machine.endpoint.as_str());
    let chosen = of_profile.or(endpoint).or(settings.default_endpoint.as_ref().map(EndpointName::as_str));
    let endpoint = settings.endpoints.iter().find(|endpoint| Some(endpoint.name.as_str()) == chosen);
    let endpoint = endpoint.ok_or("say which endpoint with --endpoint")?;
    let default = || profile.map_or_else(Payload::empty_object, |machine| machine.input.clone());
    let input = match (&arguments.input, &arguments.input_file, &arguments.preset) {
        (Some(text), ..) => checked(text)?,
        (_, Some(path), _) => checked(&read(path)?)?,
        (.., Some(preset)) => {
            let presets = profile.map(|machine| &machine.presets[..]).unwrap_or_default();
            let found = presets.iter().find(|known| &*known.name == preset.as_str());
            let meant = nearest(preset, presets.iter().map(|known| &*known.name));
            let meant = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            found.map(|known| known.input.clone()).ok_or(format!("there is no preset `{preset}`{meant}"))?
        }
        _ => default(),
    };
    let (execution, origin) = match &arguments.name {
        Some(name) => (ExecutionName::parse(name), NameOrigin::Chosen),
        None => (ExecutionName::parse(&format!("sg-{}", name_suffix())), NameOrigin::Generated),
    };
    Ok(StartOrder {
        endpoint: endpoint.name.clone(),
        place: endpoint.place(),
        profile: name,
        machine: arn,
        machine_type,
        name: execution.map_err(|error| error.to_string())?,
        origin,
        input,
    })
}

fn checked(text: &str) -> Result<Payload, String> {
    Payload::input(text).map_err(|error| format!("the input: {error}"))
}

fn read(path: &Path) -> Result<String, String> {
    if path == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().lock().read_to_string(&mut text);
        return read.map(|_| text).map_err(|error| format!("standard input cannot be read: {error}"));
    }
    std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}
