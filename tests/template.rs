//! The template of a gateway: its policies hold nothing but what the routes need, and it has the routes that the
//! client and `--check-config` think it has. That it deploys is checked by the `LocalStack` suite, and that it is
//! well formed by cfn-lint, there too.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use stepgate::domain::Route;

fn template() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/gateway.yaml")).expect("the template")
}

/// A resource of the template: what is indented below its name.
fn resource(name: &str) -> String {
    let text = template();
    let mut lines = text.lines().skip_while(|line| *line != format!("  {name}:"));
    lines.next().expect("the resource");
    let inside: Vec<&str> = lines.take_while(|line| line.is_empty() || line.starts_with("   ")).collect();
    inside.join("\n")
}

/// Words such as `states:StartExecution`: a service and an action.
fn actions(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || ":*-".contains(c)));
    let is_action = |word: &&str| {
        word.split_once(':').is_some_and(|(service, action)| {
            let is_service = !service.is_empty() && service.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            is_service && action.starts_with(|c: char| c.is_ascii_uppercase() || c == '*')
        })
    };
    words.filter(is_action).map(str::to_owned).collect()
}

#[test]
fn the_role_may_do_what_the_routes_need_and_nothing_else() {
    let role = resource("Role");
    let mut wanted: BTreeSet<String> = Route::ALL.iter().map(|route| format!("states:{}", route.action())).collect();
    wanted.insert("sts:AssumeRole".into());
    assert_eq!(actions(&role), wanted);
    assert!(!role.contains("ManagedPolicyArns"), "no policy of somebody else");
    assert!(!role.contains("NotAction") && !role.contains("NotResource"));
    assert_eq!(role.matches("Principal:").count(), 1);
    assert!(role.contains("Principal: { Service: apigateway.amazonaws.com }"));
    // Every resource is made of the machines' ARNs.
    let resources = role.matches("Resource:").count();
    assert_eq!((resources, role.matches("!Ref StateMachineArns").count()), (2, 2), "{role}");
    for line in role.lines().filter(|line| line.contains("Resource:")) {
        assert!(line.ends_with("Resource: !Split"), "{line}");
    }
    // What belongs to an optional route is there with that route only.
    for (route, condition) in [
        (Route::Stop, "HasStop"),
        (Route::Redrive, "HasRedrive"),
        (Route::History, "HasHistory"),
        (Route::List, "HasList"),
        (Route::Definition, "HasDefinition"),
    ] {
        let action = route.action();
        assert!(role.contains(&format!("- !If [{condition}, states:{action}, !Ref AWS::NoValue]")), "{action}");
        assert_eq!(role.matches(action).count(), 1);
    }
}

#[test]
fn no_other_policy_allows_anything_but_calling_the_api() {
    let text = template();
    let lines = text.lines().map(str::trim_start).filter_map(|line| line.strip_prefix("Action:"));
    let told: BTreeSet<&str> = lines.map(str::trim).collect();
    // The empty one is a list, which is in the role.
    assert_eq!(told, BTreeSet::from(["", "execute-api:Invoke", "sts:AssumeRole"]));
    assert_eq!(text.matches("AWS::IAM::").count(), 1, "there is one role and nothing beside it");
}

#[cfg(unix)]
#[test]
fn it_is_printed_as_it_stands_and_says_what_of_a_configuration_it_deploys() {
    let home = support::cli::Home::empty();
    assert_eq!(home.run(&["template"]).expect(0).out, template());
    let routes = |routes: &str| {
        let config = format!("[endpoints.e]\nurl = \"https://x.example/dev\"\nroutes = {{ {routes} }}\n");
        home.write("config.toml", &config);
    };
    routes("stop = \"/execution/stop\"");
    let told = home.run(&["template", "--check-config"]).expect(0).out;
    assert!(told.contains("stop       /execution/stop  StopExecution: deployed with StopRoute=true"), "{told}");
    assert_eq!(told.lines().count(), 3, "{told}");
    routes("stop = \"/halt\", status = \"/state\"");
    let told = home.run(&["template", "--check-config", "--output", "json"]).expect(2);
    let missing: Vec<_> = told.objects().into_iter().filter(|route| route["deployed"] == false).collect();
    assert_eq!(missing.iter().map(|route| &route["path"]).collect::<Vec<_>>(), ["/state", "/halt"]);
    assert!(told.err.contains("2 of these the template would not deploy"), "{told:?}");
}

#[test]
fn it_has_the_routes_that_the_client_asks() {
    let api = resource("Api");
    for route in Route::ALL {
        assert!(api.contains(&format!("\n          {}:", route.usual_path())), "{}", route.usual_path());
        assert!(api.contains(&format!(":states:action/{}\n", route.action())), "{}", route.action());
    }
    let paths = api.lines().filter(|line| line.starts_with("          /"));
    assert_eq!(paths.count(), Route::ALL.len());
    let text = template();
    for parameter in ["StopRoute", "RedriveRoute", "HistoryRoute", "ListRoute", "DefinitionRoute"] {
        assert!(text.contains(&format!("\n  {parameter}:\n")), "{parameter}");
    }
}
