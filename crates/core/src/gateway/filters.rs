//! The jq filters of an endpoint's routes, applied by a child process that has compiled them once. A filter that loops, or
//! takes all memory, ends only that process.

use std::fmt;
use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::child;
use crate::domain::{Endpoint, EndpointName, Failure, FailureKind, Route};
use crate::jq::worker::{self, Reply, TIME_LIMIT};

/// The argument that makes this program apply filters.
pub const ROUTE_FILTERS_CHILD: &str = "__jq-routes";

/// For a child that does not keep its own limit, as when the machine has no memory left.
const DEADLINE: Duration = Duration::from_secs(2 * TIME_LIMIT.as_secs());
/// How long a request waits for the first child before it gets another one.
const PATIENCE: Duration = Duration::from_millis(100);
/// Other children at the same time: a filter that loops for one execution must not delay the others.
const MOST_OTHERS: usize = 3;

/// What a filter is for: its key in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Request,
    Answer,
}

impl Role {
    fn key(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
        }
    }
}

/// Which filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FilterKey {
    pub(super) route: Route,
    pub(super) role: Role,
}

impl FilterKey {
    /// Returns the key of a route's filter for responses.
    pub(super) fn answer(route: Route) -> Self {
        Self { route, role: Role::Answer }
    }
}

/// The filters of one endpoint.
#[derive(Debug)]
pub(super) struct Filters {
    endpoint: EndpointName,
    all: Vec<(FilterKey, Arc<str>)>,
    /// The child that is kept.
    first: Mutex<Option<Worker>>,
    /// For children that exist only while the first one is busy.
    others: Semaphore,
}

impl Filters {
    /// Finds the filters of an endpoint. Starts nothing.
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        let of_route = |route: Route| {
            let settings = endpoint.route(route).cloned().unwrap_or_default();
            let filters = [(Role::Request, settings.request), (Role::Answer, settings.answer)];
            filters.into_iter().filter_map(move |(role, filter)| Some((FilterKey { route, role }, filter?)))
        };
        let all = Route::ALL.into_iter().flat_map(of_route).collect();
        Self { endpoint: endpoint.name.clone(), all, first: Mutex::default(), others: Semaphore::new(MOST_OTHERS) }
    }

    /// Applies a filter to a JSON text.
    pub(super) async fn apply(&self, key: FilterKey, json: &[u8]) -> Result<Reply, FilterError> {
        let error = |message| self.error(key, message);
        let Some(index) = self.all.iter().position(|(known, _)| *known == key) else {
            return Err(error("there is no such filter".to_owned()));
        };
        match Box::pin(self.reply(&worker::job(index, json))).await {
            Ok(Reply::Failed(message) | Reply::Stopped(message)) | Err(message) => Err(error(message)),
            Ok(reply) => Ok(reply),
        }
    }

    /// Returns an error of a filter.
    pub(super) fn error(&self, key: FilterKey, message: String) -> FilterError {
        FilterError { endpoint: self.endpoint.clone(), key, message }
    }

    async fn reply(&self, job: &[u8]) -> Result<Reply, String> {
        let mut place = self.place().await;
        // If this future is dropped, so is the child: its reply would be taken for the next one's.
        let kept = match &mut place {
            Place::First(first) => first.take().and_then(Worker::still_running),
            Place::Other(_) => None,
        };
        let mut worker = match kept {
            Some(worker) => worker,
            None => self.start().await.map_err(|error| format!("filters cannot be run: {error}"))?,
        };
        match timeout(DEADLINE, worker.reply(job)).await {
            Ok(Ok(reply)) => {
                if let (Place::First(first), false) = (&mut place, matches!(reply, Reply::Stopped(_))) {
                    **first = Some(worker);
                }
                Ok(reply)
            }
            Ok(Err(_)) => Err("it was stopped: it needed too much memory, or nests too deeply".to_owned()),
            Err(_) => Err(format!("it was stopped: no result for {} s", DEADLINE.as_secs())),
        }
    }

    /// Waits for a child, or for permission to start another one.
    async fn place(&self) -> Place<'_> {
        if let Ok(first) = timeout(PATIENCE, self.first.lock()).await {
            return Place::First(first);
        }
        tokio::select! {
            first = self.first.lock() => Place::First(first),
            // The semaphore is never closed.
            Ok(permit) = self.others.acquire() => Place::Other(permit),
        }
    }

    async fn start(&self) -> io::Result<Worker> {
        let mut command = child::this_program_as(ROUTE_FILTERS_CHILD)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let mut worker = Worker { child, input, output };
        let filters: Vec<&str> = self.all.iter().map(|(_, filter)| &**filter).collect();
        worker.input.write_all(&worker::setup(&filters)).await?;
        Ok(worker)
    }
}

/// The right to use a child.
enum Place<'f> {
    First(MutexGuard<'f, Option<Worker>>),
    Other(#[expect(dead_code, reason = "given back when dropped")] SemaphorePermit<'f>),
}

/// A running child, killed on drop.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Worker {
    /// Returns it unless it has ended meanwhile.
    fn still_running(mut self) -> Option<Self> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    async fn reply(&mut self, job: &[u8]) -> io::Result<Reply> {
        self.input.write_all(job).await?;
        self.input.flush().await?;
        let mut head = [0; 4];
        self.output.read_exact(&mut head).await?;
        let mut content = vec![0; worker::length(head)?];
        self.output.read_exact(&mut content).await?;
        Reply::parse(content)
    }
}

/// Why a filter has no result.
#[derive(Debug)]
pub(super) struct FilterError {
    endpoint: EndpointName,
    key: FilterKey,
    pub(super) message: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (role, route) = (self.key.role.key(), self.key.route.key());
        write!(f, "the filter `{role}` of the route `{route}` of `{}`: {}", self.endpoint, self.message)
    }
}

impl FilterError {
    /// Returns the failure of a request that could not be built.
    pub(super) fn unsent(self) -> Failure {
        self.failure(FailureKind::Client, "; nothing was sent")
    }

    /// Returns the failure of a response that could not be read.
    pub(super) fn unreadable(self) -> Failure {
        self.failure(FailureKind::Undecodable, "")
    }

    fn failure(self, kind: FailureKind, end: &str) -> Failure {
        let key = format!("{}.{}", self.key.route.key(), self.key.role.key());
        let remedy = format!("Check `{key}` in {}.", self.endpoint.header_of("routes"));
        Failure::without_response(kind, format!("{self}{end}")).with_remedy(remedy)
    }
}
