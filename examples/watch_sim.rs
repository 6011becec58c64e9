//! How soon the watcher reports ends: the real schedule in virtual time, on a trace of executions.
//!
//!     cargo run --release --example watch_sim -- --trace FILE.csv --budget 10 --policy adaptive
//!
//! With `--list` the endpoint also lists executions: one request returns up to 1,000 running ones, as of `--list-lag`
//! seconds (0.1) before. These requests share the budget.
//!
//! The trace is a CSV file with the header `machine,start_s,duration_s` and a row for each execution. The schedule starts
//! without knowing any durations. One JSON object is printed. Executions longer than `--horizon` seconds only add load:
//! the simulation ends when the ends of all others have been reported.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use stepgate_core::domain::{ExecutionId, Observation, StateMachineArn, Status, Timestamp, WatchLimits};
use stepgate_core::watch::schedule::{Next, Policy, Schedule};
use stepgate_core::watch::{Sweep, SweptPage};

/// From a request to its response.
const LATENCY: Duration = Duration::from_millis(50);
/// Executions on a page of `ListExecutions`.
const PAGE: usize = 1_000;

struct Execution {
    machine: StateMachineArn,
    start: Duration,
    end: Duration,
}

struct Arguments {
    trace: String,
    budget: f64,
    policy: String,
    horizon: f64,
    /// How many seconds the list lags, if there is one.
    list: Option<f64>,
}

fn arguments() -> Result<Arguments, String> {
    let mut given =
        Arguments { trace: String::new(), budget: 10.0, policy: "adaptive".into(), horizon: 100_000.0, list: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} wants a value"));
        match word.as_str() {
            "--list" => given.list = given.list.or(Some(0.1)),
            "--list-lag" => {
                let lag = value()?.parse().ok().filter(|lag| (0.0..1e6).contains(lag));
                given.list = Some(lag.ok_or("--list-lag is a number of seconds")?);
            }
            "--trace" => given.trace = value()?,
            "--budget" => given.budget = value()?.parse().map_err(|_| "--budget is a number of requests a second")?,
            "--policy" => given.policy = value()?,
            "--horizon" => given.horizon = value()?.parse().map_err(|_| "--horizon is a number of seconds")?,
            other => return Err(format!("{other} is not known")),
        }
    }
    if given.trace.is_empty() { Err("expected --trace FILE.csv".into()) } else { Ok(given) }
}

fn read(path: &str) -> Result<Vec<Execution>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let mut machines: BTreeMap<String, StateMachineArn> = BTreeMap::new();
    let row = |(index, line): (usize, &str)| {
        let wrong = || format!("{path}:{}: expected machine,start_s,duration_s, found `{line}`", index + 1);
        let mut parts = line.split(',').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty()).ok_or_else(wrong)?;
        let mut seconds = || {
            let number: f64 = parts.next()?.parse().ok()?;
            Duration::try_from_secs_f64(number).ok()
        };
        let (start, duration) = (seconds().ok_or_else(wrong)?, seconds().ok_or_else(wrong)?);
        let count = machines.len();
        let machine = machines.entry(name.to_owned()).or_insert_with(|| {
            let arn = format!("arn:aws:states:us-east-1:000000000000:stateMachine:m{count}");
            StateMachineArn::parse(&arn).expect("an ARN")
        });
        Ok(Execution { machine: machine.clone(), start, end: start + duration })
    };
    text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()).map(row).collect()
}

/// The result of a run: the delay of each reported end, in seconds.
#[derive(Default)]
struct Outcome {
    delays: Vec<f64>,
    requests: usize,
    /// Those of them that asked for a list.
    lists: usize,
    /// The most requests in any second.
    max_rate: usize,
    recent: VecDeque<Duration>,
}

impl Outcome {
    fn requested(&mut self, at: Duration) {
        self.requests += 1;
        self.recent.push_back(at);
        while self.recent.front().is_some_and(|first| *first + Duration::from_secs(1) <= at) {
            self.recent.pop_front();
        }
        self.max_rate = self.max_rate.max(self.recent.len());
    }

    fn print(mut self) {
        self.delays.sort_by(f64::total_cmp);
        let count = self.delays.len();
        let part = |percent: usize| {
            let place = (count * percent).div_ceil(100).max(1) - 1;
            self.delays.get(place).copied().unwrap_or_default()
        };
        let mean = self.delays.iter().sum::<f64>() / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
        println!(
            "{}",
            serde_json::json!({
                "mean_delay_s": mean,
                "p50_delay_s": part(50),
                "p95_delay_s": part(95),
                "max_delay_s": part(100),
                "requests": self.requests,
                "lists": self.lists,
                "max_rate": self.max_rate,
                "ended": count,
            })
        );
    }
}

/// The real schedule, which gets each execution when it starts.
fn watch(executions: &[Execution], given: &Arguments, policy: Policy, horizon: Duration) -> Outcome {
    let lag = given.list.map(Duration::from_secs_f64);
    let budget = given.budget;
    let origin = Instant::now();
    let limits = WatchLimits { requests_per_second: budget, ..WatchLimits::default() };
    let schedule = Schedule::with(limits, policy);
    let mut schedule = if lag.is_some() { schedule.with_sweeps() } else { schedule };
    let mut listing: Option<(Duration, Sweep)> = None;
    let mut order: Vec<usize> = (0..executions.len()).collect();
    order.sort_by_key(|index| executions[*index].start);
    let mut coming = order.into_iter().peekable();
    let mut flying: BTreeSet<(Duration, usize)> = BTreeSet::new();
    let mut left = executions.iter().filter(|execution| execution.end <= horizon).count();
    let (mut now, mut outcome) = (Duration::ZERO, Outcome::default());
    while left > 0 {
        while let Some(index) = coming.next_if(|index| executions[*index].start <= now) {
            let id = ExecutionId(index as u64);
            schedule.add(
                id,
                &executions[index].machine,
                Duration::ZERO,
                Duration::ZERO,
                origin + executions[index].start,
            );
        }
        let wake = match schedule.next(origin + now) {
            Next::Poll(ExecutionId(id)) => {
                outcome.requested(now);
                flying.insert((now + LATENCY, usize::try_from(id).unwrap_or(usize::MAX)));
                continue;
            }
            Next::Sweep(sweep) => {
                outcome.requested(now);
                outcome.lists += 1;
                listing = Some((now + LATENCY, sweep));
                continue;
            }
            Next::At(moment) => Some(moment - origin),
            Next::List(_) | Next::Background | Next::Log(_) | Next::LoggedHistory | Next::Nothing => None,
        };
        let landing = flying.first().map(|(at, _)| *at);
        let start = coming.peek().map(|index| executions[*index].start);
        let listed = listing.as_ref().map(|(at, _)| *at);
        let Some(next) = [wake, landing, start, listed].into_iter().flatten().min() else { break };
        now = now.max(next);
        if let Some((at, sweep)) = listing.take_if(|(at, _)| *at <= now) {
            let page = page(executions, &sweep, at.saturating_sub(LATENCY / 2 + lag.unwrap_or_default()));
            schedule.on_sweep_response(&Ok(page), origin + at, 0.5);
        }
        while let Some((at, index)) = flying.first().copied().filter(|(at, _)| *at <= now) {
            flying.remove(&(at, index));
            let execution = &executions[index];
            let seen = seen(execution, at.saturating_sub(LATENCY / 2));
            if seen.is_ended() {
                outcome.delays.push(at.saturating_sub(execution.end).as_secs_f64());
                left -= usize::from(execution.end <= horizon);
            }
            schedule.on_response(ExecutionId(index as u64), &Ok(seen), origin + at, 0.5);
        }
    }
    outcome
}

/// What runs of a machine at this moment, newest first.
fn page(executions: &[Execution], sweep: &Sweep, at: Duration) -> SweptPage {
    let runs = |execution: &Execution| execution.start <= at && at < execution.end;
    let of_machine = executions.iter().enumerate().filter(|(_, one)| one.machine == sweep.machine && runs(one));
    // Like the service, a page continues after the start of the last execution of the previous page.
    let behind = sweep.token.as_ref().and_then(|token| serde_json::from_str::<(Duration, usize)>(token).ok());
    let mut found: Vec<(Reverse<Duration>, usize)> = of_machine.map(|(id, one)| (Reverse(one.start), id)).collect();
    found.sort_unstable();
    found.retain(|(Reverse(start), id)| {
        behind.is_none_or(|(last, last_id)| (Reverse(*start), *id) > (Reverse(last), last_id))
    });
    let next = found.get(PAGE).and_then(|_| found.get(PAGE - 1));
    let next = next.and_then(|(Reverse(start), id)| serde_json::to_string(&(start, id)).ok());
    let running = found.iter().take(PAGE).map(|(_, id)| ExecutionId(*id as u64)).collect();
    SweptPage { running, next }
}

/// What the service says at this moment.
fn seen(execution: &Execution, at: Duration) -> Observation {
    let date = |at: Duration| Timestamp::from_millis(i64::try_from(at.as_millis()).unwrap_or(i64::MAX));
    let start = date(execution.start);
    if at < execution.end {
        return Observation::new(Status::Running, start);
    }
    Observation { stop_date: Some(date(execution.end)), ..Observation::new(Status::from_wire("SUCCEEDED"), start) }
}

/// Asks about what has ended and nothing else, as fast as the budget allows.
fn oracle(executions: &[Execution], budget: f64, horizon: Duration) -> Outcome {
    let mut ends: Vec<Duration> =
        executions.iter().map(|execution| execution.end).filter(|end| *end <= horizon).collect();
    ends.sort();
    let (interval, mut free, mut outcome) = (Duration::from_secs_f64(1.0 / budget), Duration::ZERO, Outcome::default());
    for end in ends {
        let requested = end.max(free);
        free = requested + interval;
        outcome.requested(requested);
        outcome.delays.push((requested + LATENCY).saturating_sub(end).as_secs_f64());
    }
    outcome
}

fn main() -> Result<(), String> {
    let given = arguments()?;
    let executions = read(&given.trace)?;
    let horizon = Duration::try_from_secs_f64(given.horizon).map_err(|error| error.to_string())?;
    let outcome = match given.policy.as_str() {
        "adaptive" => watch(&executions, &given, Policy::Expected, horizon),
        "round-robin" => watch(&executions, &given, Policy::InTurn, horizon),
        "oracle" => oracle(&executions, given.budget, horizon),
        other => return Err(format!("--policy is adaptive, round-robin or oracle, not {other}")),
    };
    outcome.print();
    Ok(())
}
