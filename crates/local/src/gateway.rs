//! A gateway: its machines, its executions, and how it misbehaves. `server` serves it over HTTP.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::arn::ExecutionArn;
use crate::faults::{Faults, Throttle};
use crate::machines::Machines;
use crate::meter::{Meter, Requests};
use crate::registry::Registry;

/// Bodies that are read at the same time have at most so many bytes.
const MAX_BODIES_BYTES: usize = 32 * 1024 * 1024;

/// How the gateway is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// The first part of every path.
    pub stage: String,
    /// What can be started.
    pub machines: Machines,
    /// Whether errors of Step Functions arrive as HTTP 400; as 200 otherwise, as in the article.
    pub map_errors: bool,
    /// How to misbehave.
    pub faults: Faults,
}

impl Default for Options {
    fn default() -> Self {
        Self { stage: "dev".into(), machines: Machines::built_in(), map_errors: false, faults: Faults::default() }
    }
}

/// A gateway with its executions. It lives as long as somebody holds it, over several [`run`]s.
#[derive(Debug)]
pub struct Gateway {
    options: Options,
    throttle: Option<Throttle>,
    registry: Registry,
    room: Semaphore,
    starts: Meter,
    status_requests: Meter,
    others: Meter,
    /// Status requests and lists together.
    watching: Meter,
}

impl Gateway {
    /// A gateway without executions.
    pub fn new(options: Options) -> Arc<Self> {
        Arc::new(Self::with(options, Registry::default()))
    }

    /// A gateway whose executions are kept in this file, and go on over a restart.
    pub fn kept(options: Options, path: &Path) -> std::io::Result<Arc<Self>> {
        Ok(Arc::new(Self::with(options, Registry::kept(path)?)))
    }

    fn with(options: Options, registry: Registry) -> Self {
        let throttle = options.faults.throttle.map(Throttle::new);
        let [starts, status_requests, others, watching] = std::array::from_fn(|_| Meter::default());
        let room = Semaphore::new(MAX_BODIES_BYTES / 1024);
        Self { options, throttle, registry, room, starts, status_requests, others, watching }
    }

    /// All executions that there are, each with its input.
    pub fn executions(&self) -> Vec<(ExecutionArn, String)> {
        self.registry.all().into_iter().map(|entry| (entry.arn.clone(), entry.input.clone())).collect()
    }

    /// The whole URL of the gateway when it is served at this address.
    pub fn url(&self, address: std::net::SocketAddr) -> String {
        format!("http://{address}/{}", self.options.stage)
    }

    pub(crate) fn machines(&self) -> &Machines {
        &self.options.machines
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Returns whether a request that comes now is refused as one too many.
    pub(crate) fn is_throttled(&self) -> bool {
        self.throttle.as_ref().is_some_and(|throttle| !throttle.lets_pass())
    }

    /// Waits until a body of this size may be read into memory; a permit is a kibibyte.
    pub(crate) async fn room_for(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        self.room.acquire_many(u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)).await.ok()
    }

    /// Counts a request, by the path that it is for.
    pub(crate) fn count(&self, path: &str) {
        let meter = if path.ends_with("/execution") {
            &self.starts
        } else if path.ends_with("/execution/status") {
            &self.status_requests
        } else {
            &self.others
        };
        meter.count();
        if path.ends_with("/execution/status") || path.ends_with("/executions") {
            self.watching.count();
        }
    }

    /// How many requests have come in.
    pub fn requests(&self) -> u64 {
        [&self.starts, &self.status_requests, &self.others].iter().map(|meter| meter.requests().total).sum()
    }

    /// Requests to start an execution.
    pub fn starts(&self) -> Requests {
        self.starts.requests()
    }

    /// The most requests in a second to describe one or to list them: what a watcher asks.
    pub fn watched_most_a_second(&self) -> usize {
        self.watching.requests().most_a_second
    }

    /// Requests to describe one.
    pub fn status_requests(&self) -> Requests {
        self.status_requests.requests()
    }
}
