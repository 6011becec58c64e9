//! Sends the request of an action in the form of its route.

use crate::domain::route_path::{self, PathValues};
use crate::domain::{ExecutionArn, Failure, FailureKind, Method, Placeholder, Route, RouteSettings, shown_path};
use crate::gateway::client::Client;
use crate::gateway::filters::{FilterKey, Role};
use crate::gateway::route_request::{ActionRequest, RouteRequest};
use crate::jq::worker::Reply;

impl Client {
    /// Sends the request of an action, and reads the response.
    pub(super) async fn call<T>(
        &self,
        action: ActionRequest<'_>,
        read: impl Fn(&[u8]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let request = self.request(action).await?;
        // On the heap, since the compiler limits how deep futures nest.
        Box::pin(self.send(&request, |body, _| read(body))).await
    }

    /// Returns why no request of this route about an execution can be sent, if so.
    pub fn objection(&self, route: Route, execution: &ExecutionArn) -> Option<Failure> {
        if !execution.is_describable() {
            return Some(Failure::without_response(FailureKind::ExpressNotDescribable, ""));
        }
        self.declared(route).err()
    }

    /// Like `call`, for a request about an execution: the service does not describe EXPRESS executions.
    pub(super) async fn call_about<T>(
        &self,
        route: Route,
        execution: &ExecutionArn,
        json: Vec<u8>,
        read: impl Fn(&[u8]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(failure) = self.objection(route, execution) {
            return Err(failure);
        }
        self.call(ActionRequest { route, values: PathValues::Execution(execution), json }, read).await
    }

    /// Returns the request in the form of its route. Sends nothing.
    pub(super) async fn request(&self, action: ActionRequest<'_>) -> Result<RouteRequest, Failure> {
        self.request_by(self.declared(action.route)?, action).await
    }

    /// Returns the request in the form of a route with these settings.
    pub(super) async fn request_by(
        &self,
        settings: &RouteSettings,
        action: ActionRequest<'_>,
    ) -> Result<RouteRequest, Failure> {
        let ActionRequest { route, values, json } = action;
        let answer = FilterKey::answer(route);
        let answer = settings.answer.is_some().then_some(answer);
        let path = expanded(route, settings, values, self)?;
        let RouteSettings { method, .. } = *settings;
        let sync_timeout = (route == Route::Sync).then(|| settings.sync_timeout());
        let request = |body, action| RouteRequest { method, path, body, action, answer, sync_timeout };
        if method == Method::Get {
            return Ok(request(Vec::new(), Some(json)));
        }
        if settings.request.is_none() {
            return Ok(request(json, None));
        }
        let filtered = self.filters().apply(FilterKey { route, role: Role::Request }, &json).await;
        match filtered.map_err(|error| self.redacted(error.unsent()))? {
            Reply::Text(body) | Reply::Json(body) => Ok(request(body, Some(json))),
            Reply::Failed(message) | Reply::Stopped(message) => {
                Err(self.redacted(Failure::without_response(FailureKind::Client, message)))
            }
        }
    }

    /// Returns whether requests of a route without a filter contain this value of the action.
    pub(super) fn sends(&self, route: Route, placeholder: Placeholder) -> Option<bool> {
        let settings = self.endpoint().route(route)?;
        if route_path::has(&settings.path, placeholder) {
            return Some(true);
        }
        match (settings.method, &settings.request) {
            (Method::Get, _) => Some(false),
            (Method::Post, None) => Some(true),
            (Method::Post, Some(_)) => None,
        }
    }
}

fn expanded(
    route: Route,
    settings: &RouteSettings,
    values: PathValues<'_>,
    client: &Client,
) -> Result<String, Failure> {
    route_path::expand(&settings.path, values).map(std::borrow::Cow::into_owned).map_err(|error| {
        let path = shown_path(&settings.path);
        let (key, endpoint) = (route.key(), &client.endpoint().name);
        let message = format!("the path `{path}` of the route `{key}` of `{endpoint}`: {error}; nothing was sent");
        Failure::without_response(FailureKind::Client, message)
    })
}
