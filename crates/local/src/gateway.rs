//! A gateway: its machines, executions and simulated faults. `server` serves it over HTTP.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::arn::{ExecutionArn, ExpressExecutionArn};
use crate::express::ExpressExecutions;
use crate::faults::{Faults, Throttle};
use crate::machines::Machines;
use crate::registry::Registry;
use crate::request_counter::{RequestCounter, Requests};

/// Maximum total size of request bodies in memory.
const MAX_BODIES_BYTES: usize = 32 * 1024 * 1024;

/// Options of a gateway.
#[derive(Debug, Clone)]
pub struct Options {
    /// The stage: the first part of every path.
    pub stage: String,
    /// The state machines.
    pub machines: Machines,
    /// Whether errors of Step Functions have HTTP status 400 instead of 200.
    pub map_errors: bool,
    /// Simulated faults.
    pub faults: Faults,
}

impl Default for Options {
    fn default() -> Self {
        Self { stage: "dev".into(), machines: Machines::built_in(), map_errors: false, faults: Faults::default() }
    }
}

/// A gateway with its executions. It can be served several times.
#[derive(Debug)]
pub struct Gateway {
    options: Options,
    throttle: Option<Throttle>,
    registry: Registry,
    express: ExpressExecutions,
    body_budget: Semaphore,
    starts: RequestCounter,
    status_requests: RequestCounter,
    others: RequestCounter,
    /// Status and list requests.
    polls: RequestCounter,
}

impl Gateway {
    /// Creates a gateway without executions.
    pub fn new(options: Options) -> Arc<Self> {
        Arc::new(Self::with(options, Registry::default()))
    }

    /// Creates a gateway whose STANDARD executions are stored in this file, and survive restarts.
    pub fn open(options: Options, path: &Path) -> std::io::Result<Arc<Self>> {
        Ok(Arc::new(Self::with(options, Registry::open(path)?)))
    }

    fn with(options: Options, registry: Registry) -> Self {
        let throttle = options.faults.throttle.map(Throttle::new);
        let [starts, status_requests, others, polls] = std::array::from_fn(|_| RequestCounter::default());
        let body_budget = Semaphore::new(MAX_BODIES_BYTES / 1024);
        let express = ExpressExecutions::default();
        Self { options, throttle, registry, express, body_budget, starts, status_requests, others, polls }
    }

    /// Returns all STANDARD executions with their inputs.
    pub fn executions(&self) -> Vec<(ExecutionArn, String)> {
        self.registry.all().into_iter().map(|entry| (entry.arn.clone(), entry.input.clone())).collect()
    }

    /// Returns all EXPRESS executions with their inputs, in the order of their starts.
    pub fn express_executions(&self) -> Vec<(ExpressExecutionArn, String)> {
        self.express.all().into_iter().map(|execution| (execution.arn.clone(), execution.input.clone())).collect()
    }

    /// Returns the full URL of the gateway when served at this address.
    pub fn url(&self, address: std::net::SocketAddr) -> String {
        format!("http://{address}/{}", self.options.stage)
    }

    pub(crate) fn machines(&self) -> &Machines {
        &self.options.machines
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn express(&self) -> &ExpressExecutions {
        &self.express
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Whether to refuse the current request with 429.
    pub(crate) fn is_throttled(&self) -> bool {
        self.throttle.as_ref().is_some_and(|throttle| !throttle.admit())
    }

    /// Waits until a body of this size may be read into memory. A permit is 1 KiB.
    pub(crate) async fn reserve_body(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        self.body_budget.acquire_many(u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)).await.ok()
    }

    /// Counts a request by its path.
    pub(crate) fn count(&self, path: &str) {
        let meter = if path.ends_with("/execution") || path.ends_with("/execution/sync") {
            &self.starts
        } else if path.ends_with("/execution/status") {
            &self.status_requests
        } else {
            &self.others
        };
        meter.count();
        if path.ends_with("/execution/status") || path.ends_with("/executions") {
            self.polls.count();
        }
    }

    /// Returns the number of requests.
    pub fn requests(&self) -> u64 {
        [&self.starts, &self.status_requests, &self.others].iter().map(|meter| meter.requests().total).sum()
    }

    /// Returns the number of start requests.
    pub fn starts(&self) -> Requests {
        self.starts.requests()
    }

    /// Returns the peak of status and list requests per second.
    pub fn peak_polls_per_second(&self) -> usize {
        self.polls.requests().peak_per_second
    }

    /// Returns the number of status requests.
    pub fn status_requests(&self) -> Requests {
        self.status_requests.requests()
    }
}
