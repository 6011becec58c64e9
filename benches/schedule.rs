//! The cost of one decision of the watcher, by the number of executions: choosing the next request and applying its
//! response; at endpoints that list executions, also applying a page of a thousand of them.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use stepgate_core::domain::{ExecutionId, Observation, StateMachineArn, Status, Timestamp, WatchLimits};
use stepgate_core::watch::SweptPage;
use stepgate_core::watch::schedule::{Next, Schedule};

/// A question every tenth of a second.
const LIMITS: WatchLimits = WatchLimits { requests_per_second: 10.0, max_interval: Duration::from_secs(60) };

fn machine(number: u64) -> StateMachineArn {
    StateMachineArn::parse(&format!("arn:aws:states:us-east-1:000000000000:stateMachine:m{number}")).expect("an ARN")
}

fn decisions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decision");
    for count in [100_u64, 10_000, 100_000] {
        let start = Instant::now();
        let mut schedule = Schedule::new(LIMITS);
        for id in 0..count {
            // Ages from a second to a day, of five machines.
            let age = Duration::from_secs(1 + id * 86_400 / count);
            schedule.add(ExecutionId(id), &machine(id % 5), age, Duration::ZERO, start);
        }
        let mut now = start;
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| match schedule.next(now) {
                Next::Poll(id) => {
                    let running = Observation::new(Status::Running, Timestamp::from_millis(0));
                    schedule.on_response(id, &Ok(running), now, 0.5);
                }
                Next::At(moment) => now = moment,
                Next::Sweep(_)
                | Next::List(_)
                | Next::Background
                | Next::Log(_)
                | Next::LoggedHistory
                | Next::Nothing => {
                    unreachable!("there is always one to ask about")
                }
            });
        });
    }
    group.finish();
}

fn pages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("page");
    for count in [1_000_u64, 10_000, 100_000] {
        let start = Instant::now();
        let mut schedule = Schedule::new(LIMITS).with_sweeps();
        for id in 0..count {
            schedule.add(
                ExecutionId(id),
                &machine(0),
                Duration::from_secs(1 + id * 3_600 / count),
                Duration::ZERO,
                start,
            );
        }
        let (mut now, mut from) = (start, 0);
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| match schedule.next(now) {
                Next::Poll(id) => {
                    let running = Observation::new(Status::Running, Timestamp::from_millis(0));
                    schedule.on_response(id, &Ok(running), now, 0.5);
                }
                Next::Sweep(_) => {
                    let running = (from..from + 1_000).map(ExecutionId).collect();
                    from = (from + 1_000) % count;
                    schedule.on_sweep_response(
                        &Ok(SweptPage { running, next: (from > 0).then(String::new) }),
                        now,
                        0.5,
                    );
                }
                Next::At(moment) => now = moment,
                Next::List(_) | Next::Background | Next::Log(_) | Next::LoggedHistory | Next::Nothing => {
                    unreachable!("there is always one to ask about")
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decisions, pages);
criterion_main!(benches);
