//! The HTTP server: routes under a stage, and the gateway's own errors.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::actions::{Action, action};
use crate::connections::Connections;
use crate::express::ExpressExecution;
use crate::gateway::Gateway;
use crate::guard;
use crate::responses;
use crate::timestamp::Timestamp;

/// API Gateway's payload limit.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// API Gateway's limit for an integration.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);

/// How much of a refused request's body is read.
const MAX_REFUSED_BYTES: usize = 64 * 1024;

/// Serves the gateway until `shutdown` completes, then finishes pending requests.
pub async fn run(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serve(listener, gateway, Box::pin(shutdown)).await
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The same without a type parameter and without a type of its own to poll, so that the server is compiled once, with this
/// package.
fn serve(listener: TcpListener, gateway: Arc<Gateway>, shutdown: Boxed<()>) -> Boxed<std::io::Result<()>> {
    let connections = Connections::new(listener, gateway.options().faults.latency);
    let router = Router::new().fallback(handle).with_state(gateway);
    Box::pin(axum::serve(connections, router).with_graceful_shutdown(shutdown).into_future())
}

/// An error of the gateway itself: status, error type and body.
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

const TIMED_OUT: GatewayError = GatewayError(
    StatusCode::GATEWAY_TIMEOUT,
    "InternalServerErrorException",
    "{\"message\": \"Endpoint request timed out\"}",
);

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if let Err(refusal) = guard::check(&head) {
        let body = serde_json::json!({ "message": refusal.message() });
        return respond(StatusCode::FORBIDDEN, "application/json", Some("ForbiddenException"), body.to_string());
    }
    // Before the delay, so that the time of the request counts.
    gateway.count(head.uri.path());
    let faults = &gateway.options().faults;
    if !faults.latency.is_zero() {
        tokio::time::sleep(faults.latency).await;
    }
    let path = head.uri.path().trim_start_matches('/');
    let (stage, route) = path.split_once('/').unwrap_or((path, ""));
    let is_stage = stage == gateway.options().stage;
    let action = action(route.trim_end_matches('/')).filter(|_| head.method == Method::POST);
    let action = match action {
        _ if !is_stage => Err(&FORBIDDEN),
        None => Err(&NO_ROUTE),
        Some(_) if gateway.is_throttled() => Err(&THROTTLED),
        Some(action) => Ok(action),
    };
    let action = match action {
        Ok(action) => action,
        Err(refusal) => {
            // A connection with an unread body is closed, possibly during the next request.
            let _ = to_bytes(body, MAX_REFUSED_BYTES).await;
            return refuse(refusal);
        }
    };
    let length = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let reservation = gateway.reserve_body(length.unwrap_or(MAX_BODY_BYTES).min(MAX_BODY_BYTES)).await;
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        let text = "HTTP content length exceeded 10485760 bytes.";
        return respond(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", None, text.into());
    };
    if fastrand::f64() < faults.fail_rate {
        return refuse(&INTERNAL);
    }
    let result = match action {
        Action::Immediate(handler) => handler(&gateway, &body, now()).map(Reply::Body),
        Action::Sync(handler) => handler(&gateway, &body, now()).map(Reply::AtEnd),
    };
    drop((body, reservation));
    if fastrand::f64() < faults.drop_answers {
        // Processed, but without a response; the client gives up first.
        std::future::pending::<()>().await;
    }
    match result {
        Ok(Reply::Body(body)) => respond(StatusCode::OK, "application/json", None, body),
        Ok(Reply::AtEnd(execution)) => respond_at_end(&execution).await,
        Err(error) => {
            let status = if gateway.options().map_errors { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            respond(status, "application/json", None, error.body())
        }
    }
}

/// A response to send at once, or when an execution has ended.
enum Reply {
    Body(String),
    AtEnd(Arc<ExpressExecution>),
}

/// Waits for the end of an execution that has just started. It runs on if the response does not wait for it.
async fn respond_at_end(execution: &ExpressExecution) -> Response {
    let ended = tokio::time::sleep(Duration::from_millis(execution.duration_millis()));
    match tokio::time::timeout(INTEGRATION_TIMEOUT, ended).await {
        Ok(()) => respond(StatusCode::OK, "application/json", None, responses::ended(execution)),
        Err(_) => refuse(&TIMED_OUT),
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
    // All header values above are valid.
    response.body(Body::from(body)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
