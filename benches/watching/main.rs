//! How soon the watcher reports ends, in runs of the real binary against a local gateway. Linux only: CPU time and
//! memory of a process come from the kernel.
//!
//!     cargo bench --bench watching -- real         10,000 executions at 10 requests per second, and the simulation of
//!                                                  the same ones; takes 20 minutes
//!                                                  (STEPGATE_BENCH_EXECUTIONS=100: fewer executions, 7 minutes)
//!     cargo bench --bench watching -- beside       200 executions: a shell loop of curl, a Python poller, stepgate
//!     cargo bench --bench watching -- throttled    a gateway that accepts 10 requests per second, half of them from
//!                                                  other clients

#[cfg(target_os = "linux")]
mod beside;
#[cfg(target_os = "linux")]
mod real;
#[cfg(target_os = "linux")]
mod setup;
#[cfg(target_os = "linux")]
mod throttled;

#[cfg(target_os = "linux")]
#[path = "../../tests/support/gateway.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod gateway;

#[cfg(target_os = "linux")]
fn main() {
    // Cargo gives `--bench` too.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    for (name, run) in [("real", real::run as fn()), ("beside", beside::run), ("throttled", throttled::run)] {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            run();
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("watching: not measured; the figures come from Linux's /proc");
}
