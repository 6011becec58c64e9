//! The HTTP side: two routes under a stage, and what a gateway says on all the others.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::domain::{
    ArnError, ExecutionArn, ExecutionName, MAX_INPUT_BYTES, NameError, Payload, StateMachineArn, Timestamp,
};
use crate::local::answers::{self, ServiceError};
use crate::local::book::{Book, Recorded};
use crate::local::faults::{Faults, Throttle};
use crate::local::machines::Machines;
use crate::local::meter::{Meter, Requests};

/// API Gateway's payload limit.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

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
    book: Book,
    starts: Meter,
    questions: Meter,
    others: Meter,
}

impl Gateway {
    /// A gateway without executions.
    pub fn new(options: Options) -> Arc<Self> {
        Arc::new(Self::with(options, Book::default()))
    }

    /// A gateway whose executions are kept in this file, and go on over a restart.
    pub fn kept(options: Options, path: &Path) -> std::io::Result<Arc<Self>> {
        Ok(Arc::new(Self::with(options, Book::kept(path)?)))
    }

    fn with(options: Options, book: Book) -> Self {
        let throttle = options.faults.throttle.map(Throttle::new);
        let (starts, questions, others) = (Meter::default(), Meter::default(), Meter::default());
        Self { options, throttle, book, starts, questions, others }
    }

    /// All executions that there are, each with its input.
    pub fn executions(&self) -> Vec<(ExecutionArn, String)> {
        self.book.all().into_iter().map(|entry| (entry.arn.clone(), entry.input.clone())).collect()
    }

    /// The whole URL of the gateway when it is served at this address.
    pub fn url(&self, address: std::net::SocketAddr) -> String {
        format!("http://{address}/{}", self.options.stage)
    }

    /// How many requests have come in.
    pub fn requests(&self) -> u64 {
        [&self.starts, &self.questions, &self.others].iter().map(|meter| meter.requests().total).sum()
    }

    /// Requests to start an execution.
    pub fn starts(&self) -> Requests {
        self.starts.requests()
    }

    /// Requests to describe one.
    pub fn questions(&self) -> Requests {
        self.questions.requests()
    }
}

/// Serves the gateway until `shutdown` is done, and then what is under way.
pub async fn run(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new().fallback(answer).with_state(gateway);
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

/// What the gateway itself answers, with its error type.
struct GatewayError(StatusCode, &'static str, &'static str);

const NO_ROUTE: GatewayError = GatewayError(
    StatusCode::FORBIDDEN,
    "MissingAuthenticationTokenException",
    "{\"message\":\"Missing Authentication Token\"}",
);
const FORBIDDEN: GatewayError =
    GatewayError(StatusCode::FORBIDDEN, "ForbiddenException", "{\"message\":\"Forbidden\"}");
const THROTTLED: GatewayError =
    GatewayError(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "{\"message\":\"Too Many Requests\"}");
const INTERNAL: GatewayError = GatewayError(
    StatusCode::INTERNAL_SERVER_ERROR,
    "InternalServerErrorException",
    "{\"message\": \"Internal server error\"}",
);

async fn answer(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    // Before the delay: what counts is when it was asked.
    let path = request.uri().path();
    let meter = if path.ends_with("/execution") {
        &gateway.starts
    } else if path.ends_with("/execution/status") {
        &gateway.questions
    } else {
        &gateway.others
    };
    meter.count();
    let faults = &gateway.options.faults;
    if !faults.latency.is_zero() {
        tokio::time::sleep(faults.latency).await;
    }
    let (head, body) = request.into_parts();
    let path = head.uri.path().trim_start_matches('/');
    let (stage, route) = path.split_once('/').unwrap_or((path, ""));
    if stage != gateway.options.stage {
        return refuse(&FORBIDDEN);
    }
    let action = match (&head.method, route.trim_end_matches('/')) {
        (&Method::POST, "execution") => start_execution,
        (&Method::POST, "execution/status") => describe_execution,
        _ => return refuse(&NO_ROUTE),
    };
    if gateway.throttle.as_ref().is_some_and(|throttle| !throttle.lets_pass()) {
        return refuse(&THROTTLED);
    }
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        let text = "HTTP content length exceeded 10485760 bytes.";
        return respond(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", None, text.into());
    };
    if fastrand::f64() < faults.fail_rate {
        return refuse(&INTERNAL);
    }
    let result = action(&gateway, &body, now());
    if fastrand::f64() < faults.drop_answers {
        // The work is done and nobody hears of it; the client gives up first.
        std::future::pending::<()>().await;
    }
    match result {
        Ok(body) => respond(StatusCode::OK, "application/json", None, body),
        Err(error) => {
            let status = if gateway.options.map_errors { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            respond(status, "application/json", None, error.body())
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn refuse(GatewayError(status, error_type, body): &GatewayError) -> Response {
    respond(*status, "application/json", Some(error_type), (*body).to_owned())
}

fn respond(status: StatusCode, content_type: &str, error_type: Option<&str>, body: String) -> Response {
    let id = Uuid::new_v4();
    let mut response = Response::builder()
        .status(status)
        .header("content-type", content_type)
        .header("x-amzn-requestid", id.to_string())
        .header("x-amz-apigw-id", &id.simple().to_string()[..16]);
    if let Some(error_type) = error_type {
        response = response.header("x-amzn-errortype", error_type);
    }
    // Every header above is made of letters, digits and dashes.
    response.body(Body::from(body)).unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartExecutionInput {
    state_machine_arn: Option<String>,
    name: Option<String>,
    input: Option<String>,
}

/// `StartExecution`. The order of the checks is the service's: the ARN's form, the limits of the
/// model, whether the machine exists, then the name's characters and the input, then the name's use.
fn start_execution(gateway: &Gateway, body: &Bytes, now: Timestamp) -> Result<String, ServiceError> {
    let wire: StartExecutionInput = serde_json::from_slice(body).map_err(|_| ServiceError::serialization())?;
    let arn = wire.state_machine_arn.ok_or_else(|| {
        ServiceError::validation(
            "Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null",
        )
    })?;
    let machine = StateMachineArn::parse_startable(&arn).map_err(|error| invalid_arn(&arn, &error))?;
    let input = wire.input.unwrap_or_else(|| "{}".into());
    if input.len() > MAX_INPUT_BYTES {
        return Err(ServiceError::validation(
            "Value at 'input' failed to satisfy constraint: Member must have size less than or equal to 262144 bytes in UTF-8 encoding",
        ));
    }
    let name = wire.name.unwrap_or_else(|| Uuid::new_v4().to_string());
    let name = ExecutionName::parse(&name).map_err(|error| invalid_name(&name, &error));
    if let Err(error) = &name
        && error.is_validation()
    {
        return Err(error.clone());
    }
    let loaded = gateway.options.machines.get(&machine).ok_or_else(|| {
        let message = format!("State Machine Does Not Exist: '{machine}'");
        ServiceError::new("com.amazonaws.swf.service.v2.model#StateMachineDoesNotExist", message)
    })?;
    let name = name?;
    Payload::input(&input).map_err(|error| {
        let message = match input.trim() {
            "" => "Invalid State Machine Execution Input: 'Invalid execution input.'".to_owned(),
            _ => format!("Invalid State Machine Execution Input: '{error}'"),
        };
        ServiceError::new("com.amazonaws.swf.service.v2.model#InvalidExecutionInput", message)
    })?;
    match gateway.book.start(machine, Arc::clone(loaded), &name, input, now) {
        Recorded::Running(entry) => Ok(answers::started(&entry)),
        Recorded::Taken(entry) => Err(ServiceError::new(
            "com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists",
            format!("Execution Already Exists: '{}'", entry.arn),
        )),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeExecutionInput {
    execution_arn: Option<String>,
}

/// `DescribeExecution`.
fn describe_execution(gateway: &Gateway, body: &Bytes, now: Timestamp) -> Result<String, ServiceError> {
    let wire: DescribeExecutionInput = serde_json::from_slice(body).map_err(|_| ServiceError::serialization())?;
    let text = wire.execution_arn.ok_or_else(|| {
        ServiceError::validation("Value null at 'executionArn' failed to satisfy constraint: Member must not be null")
    })?;
    let arn = ExecutionArn::parse(&text).map_err(|error| invalid_arn(&text, &error))?;
    if !arn.is_describable() {
        let message = "Invalid Arn: 'Resource type not valid in this context: express'".to_owned();
        return Err(ServiceError::new("com.amazonaws.swf.service.v2.model#InvalidArn", message));
    }
    match gateway.book.find(&arn) {
        Some(entry) => Ok(answers::described(&entry, now)),
        None => Err(ServiceError::new(
            "com.amazonaws.swf.service.v2.model#ExecutionDoesNotExist",
            format!("Execution Does Not Exist: '{arn}'"),
        )),
    }
}

fn invalid_arn(text: &str, error: &ArnError) -> ServiceError {
    let message = match error {
        ArnError::NotAnArn { .. } => format!("Invalid Arn: 'Invalid ARN prefix: {text}'"),
        ArnError::WrongResource { found, .. } => {
            format!("Invalid Arn: 'Resource type not valid in this context: {found}'")
        }
        ArnError::BadPart { .. } | ArnError::TooLong { .. } => format!("Invalid Arn: '{text}'"),
        ArnError::Labelled { .. } => {
            return ServiceError::validation("Value at 'stateMachineArn' is a labeled state machine ARN");
        }
    };
    ServiceError::new("com.amazonaws.swf.service.v2.model#InvalidArn", message)
}

fn invalid_name(name: &str, error: &NameError) -> ServiceError {
    match error {
        NameError::TooLong { .. } => ServiceError::validation(&format!(
            "Value '{name}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80"
        )),
        NameError::Empty => ServiceError::validation(
            "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        NameError::Forbidden { .. } => {
            ServiceError::new("com.amazonaws.swf.service.v2.model#InvalidName", format!("Invalid Name: '{name}'"))
        }
    }
}
