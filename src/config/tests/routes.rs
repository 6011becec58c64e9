//! `[endpoints.NAME.routes]`: paths and tables.

use super::*;
use stepgate_core::domain::{Method, Route, RouteSettings};

fn config(routes: &str) -> String {
    format!("[endpoints.e]\nurl = \"https://x.example/dev\"\n[endpoints.e.routes]\n{routes}\n")
}

#[test]
fn a_route_is_a_path_or_a_table() {
    let endpoint =
        |routes: &str| parse(Path::new("c.toml"), &config(routes), &no_check).expect("no error").endpoints.remove(0);
    let found = endpoint(
        "start = { path = \"/orders\", request = \".input\", answer = \"{executionArn: .job}\" }\n\
         status = { method = \"GET\", path = \"/jobs/{executionArn}?n={name}\" }\n\
         list = { method = \"POST\" }\nstop = \"/stop/{executionArn}\"",
    );
    let start = RouteSettings {
        path: "/orders".into(),
        method: Method::Post,
        request: Some(".input".into()),
        answer: Some("{executionArn: .job}".into()),
        timeout: None,
    };
    assert_eq!(found.route(Route::Start), Some(&start));
    let status = RouteSettings { method: Method::Get, ..RouteSettings::from("/jobs/{executionArn}?n={name}") };
    assert_eq!(found.route(Route::Status), Some(&status));
    assert_eq!(found.route(Route::List), Some(&RouteSettings::from("/executions")));
    assert_eq!(found.route(Route::Stop), Some(&RouteSettings::from("/stop/{executionArn}")));
    assert_eq!(found.route(Route::History), None);
    let express = endpoint("sync = { path = \"/run\", timeout = \"2m\" }\nlogs = \"/logs\"\nmachines = \"/machines\"");
    let sync = RouteSettings { timeout: Some(Duration::from_secs(120)), ..RouteSettings::from("/run") };
    assert_eq!(express.route(Route::Sync), Some(&sync));
    assert_eq!(express.route(Route::Logs), Some(&RouteSettings::from("/logs")));
    assert_eq!(express.route(Route::Machines), Some(&RouteSettings::from("/machines")));
    let nested = endpoint("[endpoints.e.routes.status]\nanswer = '''\n{\n  status: .state\n}\n'''");
    assert_eq!(nested.status_route.answer.as_deref(), Some("{\n  status: .state\n}\n"));
    assert_eq!(nested.status_route.path, "/execution/status");
}

#[test]
fn errors_in_a_route_have_line_key_and_position() {
    for (routes, expected) in [
        (
            "start = \"/x/{executionArn}\"",
            "c.toml:4: endpoints.e.routes.start: `{executionArn}` has no value here: this route has `{stateMachineArn}`, `{name}`",
        ),
        ("\nstart = { path = \"/x/{arn}\" }", "c.toml:5: endpoints.e.routes.start.path: `{arn}` has no value here"),
        (
            "list = \"/l/{name}\"",
            "c.toml:4: endpoints.e.routes.list: `{name}` has no value here: this route has `{stateMachineArn}`",
        ),
        ("stop = \"stop\"", "c.toml:4: endpoints.e.routes.stop: expected a path that begins with `/`, found `stop`"),
        ("stop = \"/a b\"", "c.toml:4: endpoints.e.routes.stop: a path cannot contain white space"),
        ("stop = \"/a\\r\\nX: y\"", "c.toml:4: endpoints.e.routes.stop: a path cannot contain white space"),
        ("stop = 3", "c.toml:4: endpoints.e.routes.stop: expected a path, or a table such as"),
        ("stop = { path = 3 }", "c.toml:4: endpoints.e.routes.stop.path: expected a string, found integer"),
        (
            "stop = { path = \"/s\", method = \"PUT\" }",
            "c.toml:4: endpoints.e.routes.stop.method: expected one of POST, GET, found `PUT`",
        ),
        (
            "stop = { path = \"/s\", reqest = \".\" }",
            "c.toml:4: endpoints.e.routes.stop.reqest: unknown key; did you mean `request`?",
        ),
        (
            "stop = { method = \"GET\", request = \".\" }",
            "c.toml:4: endpoints.e.routes.stop.request: a GET request has no body",
        ),
        (
            "start = { path = \"/start?name={name}\", method = \"GET\" }",
            "c.toml:4: endpoints.e.routes.start.method: a GET request cannot send the input of a start",
        ),
        (
            "sync = { method = \"GET\" }",
            "c.toml:4: endpoints.e.routes.sync.method: a GET request cannot send the input of a start",
        ),
        ("sync = { timeout = \"6m\" }", "c.toml:4: endpoints.e.routes.sync.timeout: expected 1 s to 5 minutes"),
        ("sync = { timeout = \"0s\" }", "c.toml:4: endpoints.e.routes.sync.timeout: expected 1 s to 5 minutes"),
        ("start = { timeout = \"9s\" }", "c.toml:4: endpoints.e.routes.start.timeout: only `sync` has a timeout"),
        (
            "machines = \"/m/{name}\"",
            "c.toml:4: endpoints.e.routes.machines: `{name}` has no value here: this route has no",
        ),
        (
            "stop = { request = \".a |\" }",
            "c.toml:4: endpoints.e.routes.stop.request: expected term at the end (character 5 of the filter)",
        ),
        (
            "status = { answer = \"env.HOME\" }",
            "c.toml:4: endpoints.e.routes.status.answer: there is no filter `env/0` (character 1 of the filter)",
        ),
        (
            "[endpoints.e.routes.status]\nanswer = '''\n.a\n| nix\n'''",
            "c.toml:5: endpoints.e.routes.status.answer: there is no filter `nix/0` (line 2, character 3 of the filter)",
        ),
        ("status = { answer = \"\" }", "c.toml:4: endpoints.e.routes.status.answer: the filter is empty"),
        ("status = { answer = 1 }", "c.toml:4: endpoints.e.routes.status.answer: expected a string, found integer"),
    ] {
        let errors = parse(Path::new("c.toml"), &config(routes), &no_check).expect_err(routes);
        let lines: Vec<String> = errors.lines().collect();
        assert!(lines.iter().any(|line| line.contains(expected)), "{routes}: {lines:?}");
    }
}

#[test]
fn the_tables_of_the_example_parse() {
    let example = example();
    let tables =
        example.lines().filter_map(|line| line.strip_prefix("# ")).filter(|line| line.contains(" = { path = "));
    let tables: Vec<_> = tables.filter(|line| line.starts_with("start") || line.starts_with("status")).collect();
    assert_eq!(tables.len(), 2);
    parse(Path::new("c.toml"), &config(&tables.join("\n")), &no_check).expect("no error");
}
