//! `[endpoints.NAME.routes]`: each route is a path, or a table with path, method and filters.

use std::sync::Arc;
use std::time::Duration;

use crate::config::section::Section;
use stepgate_core::domain::{Endpoint, Method, OptionalRoutes, Route, RouteSettings, RouteSubject, route_path};
use stepgate_core::jq;

/// Step Functions ends a longer EXPRESS execution.
const LONGEST_EXPRESS: Duration = Duration::from_secs(5 * 60);

pub(super) fn read(section: &Section<'_>, mut endpoint: Endpoint) -> Endpoint {
    let Some(routes) = section.table("routes") else { return endpoint };
    let route = |route: Route| route_settings(&routes, route);
    endpoint.start_route = route(Route::Start).unwrap_or(endpoint.start_route);
    endpoint.status_route = route(Route::Status).unwrap_or(endpoint.status_route);
    endpoint.optional_routes = OptionalRoutes {
        stop: route(Route::Stop),
        redrive: route(Route::Redrive),
        history: route(Route::History),
        list: route(Route::List),
        definition: route(Route::Definition),
        sync: route(Route::Sync),
        logs: route(Route::Logs),
        machines: route(Route::Machines),
    };
    routes.finish();
    endpoint
}

fn route_settings(routes: &Section<'_>, route: Route) -> Option<RouteSettings> {
    if !routes.has(route.key()) || routes.is_text(route.key()) {
        return path(routes, route.key(), route).map(|path| RouteSettings::from(&*path));
    }
    if !routes.is_table(route.key()) {
        routes.error_at_key(
            route.key(),
            "expected a path, or a table such as { path = \"/execution\", method = \"GET\" }",
        );
        return None;
    }
    let table = routes.table(route.key())?;
    let method = table.choice("method", &[("POST", Method::Post), ("GET", Method::Get)]).unwrap_or_default();
    let settings = RouteSettings {
        path: path(&table, "path", route).unwrap_or_else(|| route.default_path().to_owned()),
        method,
        request: filter(&table, "request"),
        answer: filter(&table, "answer"),
        timeout: timeout(&table, route),
    };
    if method == Method::Get && route.subject() == RouteSubject::Start {
        table.error_at_key("method", "a GET request cannot send the input of a start; use POST");
    }
    if method == Method::Get && settings.request.is_some() {
        table.error_at_key("request", "a GET request has no body; put the values into `path`");
    }
    table.finish();
    Some(settings)
}

fn path(section: &Section<'_>, key: &str, route: Route) -> Option<String> {
    let path = section.text(key)?;
    if let Err(error) = route_path::check(&path.value, route) {
        section.error(key, path.line, error.to_string(), None);
    }
    Some(path.value)
}

/// Returns how long the gateway waits for the end of an execution: the timeout of the API's integration.
fn timeout(section: &Section<'_>, route: Route) -> Option<Duration> {
    let timeout = section.duration("timeout")?;
    if route != Route::Sync {
        section.error_at_key("timeout", "only `sync` has a timeout, since it waits for the end of the execution");
    } else if timeout < Duration::from_secs(1) || timeout > LONGEST_EXPRESS {
        section.error_at_key("timeout", "expected 1 s to 5 minutes, the limit of an EXPRESS execution");
    }
    Some(timeout)
}

/// Returns a jq filter.
fn filter(section: &Section<'_>, key: &str) -> Option<Arc<str>> {
    let filter = section.payload(key)?;
    if let Err(error) = jq::check(&filter.value) {
        section.error(key, filter.line, error.to_string(), None);
    }
    Some(filter.value.into())
}
