//! The template of a gateway: which stacks it refuses, what its policies allow, and that `--check-config` counts what
//! it deploys. The `LocalStack` suite checks that it deploys, but knows no rules; it also runs cfn-lint.

#[path = "../cloudformation/mod.rs"]
mod cloudformation;
use std::collections::BTreeSet;
use std::path::Path;

use cloudformation::{Home, Stack, Template, iam};
use serde_json::{Value, json};
use stepgate_core::domain::{Route, RouteSubject};

/// Where the stacks of these tests are created.
const HOME: Home = Home { partition: "aws", region: "eu-west-1", account: "123456789012" };
/// What the ARN of a machine at home begins with.
const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:";
const EXECUTION: &str = "arn:aws:states:eu-west-1:123456789012:execution:";
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/";
/// The most bytes of a template that is sent with its request and not by way of S3.
const REQUEST_LIMIT: usize = 51_200;

/// The log groups of the EXPRESS machines, as the log configuration of a machine names one.
const LOG_GROUP: &str = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/states/order:*";
const GROUPS: &str = "arn:aws:logs:eu-west-1:123456789012:log-group:";

/// The parameters that switch optional routes on.
const ROUTES: [(&str, Route); 8] = [
    ("StopRoute", Route::Stop),
    ("RedriveRoute", Route::Redrive),
    ("HistoryRoute", Route::History),
    ("ListRoute", Route::List),
    ("DefinitionRoute", Route::Definition),
    ("SyncRoute", Route::Sync),
    ("LogsRoute", Route::Logs),
    ("MachinesRoute", Route::Machines),
];

/// The parameters for all optional routes.
fn all_routes() -> Vec<(&'static str, &'static str)> {
    let switches = ROUTES.iter().map(|(parameter, _)| (*parameter, "true"));
    switches.chain([("LogGroupArns", LOG_GROUP)]).collect()
}

/// The action of a route as a policy names it.
fn action(route: Route) -> String {
    let service = if route == Route::Logs { "logs" } else { "states" };
    format!("{service}:{}", route.action())
}

fn text() -> String {
    file("infra/gateway.yaml")
}

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

fn template() -> Template {
    Template::parse(&text())
}

/// A stack for machines at home by their names, with an API key.
fn create<'a>(template: &'a Template, machines: &[&str], more: &[(&str, &str)]) -> Result<Stack<'a>, String> {
    let arns: Vec<String> = machines.iter().map(|name| format!("{MACHINE}{name}")).collect();
    let arns = arns.join(",");
    let usual = [("StateMachineArns", arns.as_str()), ("Auth", "API_KEY")];
    let usual = usual.into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    template.create(HOME, &usual.chain(more.iter().copied()).collect::<Vec<_>>())
}

/// The inline policy of the role.
fn policy(stack: &Stack<'_>) -> Value {
    let role = stack.resource("Role").expect("the role");
    assert_eq!(role["ManagedPolicyArns"], Value::Null, "no managed policy");
    let policies = role["Policies"].as_array().expect("policies");
    assert_eq!(policies.len(), 1);
    policies[0]["PolicyDocument"].clone()
}

#[test]
fn the_role_may_do_what_the_routes_need_and_nothing_else() {
    let template = template();
    for combination in 0..1 << ROUTES.len() {
        let is_on = |index: usize| combination >> index & 1 == 1;
        let on = ROUTES.iter().enumerate().filter(|(index, _)| is_on(*index));
        let mut parameters: Vec<_> = on.clone().map(|(_, (parameter, _))| (*parameter, "true")).collect();
        if parameters.contains(&("LogsRoute", "true")) {
            parameters.push(("LogGroupArns", LOG_GROUP));
        }
        let routes: Vec<Route> = [Route::Start, Route::Status].into_iter().chain(on.map(|(_, (_, r))| *r)).collect();
        let policy = policy(&create(&template, &["order", "wait"], &parameters).expect("a stack"));
        iam::accept(&policy).expect("IAM takes it");
        let statements = policy["Statement"].as_array().expect("statements");
        let actions = statements.iter().flat_map(|statement| iam::texts(&statement["Action"]));
        let wanted: BTreeSet<String> = routes.iter().map(|route| action(*route)).collect();
        assert_eq!(actions.map(str::to_owned).collect::<BTreeSet<_>>(), wanted);
        for route in Route::ALL {
            let action = action(route);
            let of_machine = matches!(route, Route::Start | Route::Sync | Route::List);
            let of_execution = route.subject() == RouteSubject::Execution;
            let is_allowed = |resource: &str| iam::allows(&policy, &action, resource, &[]);
            let has = routes.contains(&route);
            for group in ["order", "other", "order2"] {
                let stream = format!("{GROUPS}/aws/vendedlogs/states/{group}:log-stream:");
                let is_read = route == Route::Logs && group == "order";
                assert_eq!(is_allowed(&stream), has && (is_read || route == Route::Machines), "{action} {group}");
            }
            assert_eq!(is_allowed("*"), has && route == Route::Machines, "{action}");
            if route == Route::Machines {
                continue;
            }
            for name in ["order", "order:3", "wait:live"] {
                assert_eq!(is_allowed(&format!("{MACHINE}{name}")), has && of_machine, "{action} {name}");
            }
            for name in ["order:a", "wait:b-c"] {
                assert_eq!(is_allowed(&format!("{EXECUTION}{name}")), has && of_execution, "{action} {name}");
            }
            for name in ["orders", "orde", "", "Order", "other", "xorder"] {
                assert!(!is_allowed(&format!("{MACHINE}{name}")), "{action} {name}");
                assert!(!is_allowed(&format!("{EXECUTION}{name}:a")), "{action} {name}");
            }
        }
    }
}

#[test]
fn the_role_is_for_api_gateway_and_on_request_for_this_account_only() {
    let template = template();
    for (parameters, condition) in [
        (&[][..], Value::Null),
        (&[("CheckSourceAccount", "true")][..], json!({ "StringEquals": { "aws:SourceAccount": HOME.account } })),
    ] {
        let role = create(&template, &["order"], parameters).expect("a stack").resource("Role").expect("the role");
        let trust = &role["AssumeRolePolicyDocument"]["Statement"];
        assert_eq!(trust.as_array().expect("statements").len(), 1);
        assert_eq!(trust[0]["Principal"], json!({ "Service": "apigateway.amazonaws.com" }));
        assert_eq!(trust[0]["Action"], "sts:AssumeRole");
        assert_eq!(trust[0]["Condition"], condition);
    }
    assert_eq!(text().matches("AWS::IAM::").count(), 1, "there is one role and nothing beside it");
}

/// A machine elsewhere could never be started, and the pattern alone cannot know where the stack is.
#[test]
fn a_stack_with_machines_of_another_region_account_or_partition_is_refused() {
    let template = template();
    let arn = |gateway: &str| format!("arn:{gateway}:stateMachine:order");
    let here = arn("aws:states:eu-west-1:123456789012");
    for elsewhere in [
        "aws:states:eu-west-2:123456789012",
        "aws:states:eu-west-1:123456789013",
        "aws-cn:states:cn-north-1:123456789012",
        "aws-us-gov:states:us-gov-west-1:123456789012",
    ] {
        let elsewhere = arn(elsewhere);
        for arns in [elsewhere.clone(), format!("{elsewhere},{elsewhere}2")] {
            let stack = create(&template, &[], &[("StateMachineArns", &arns)]).expect("nothing is wrong with the ARNs");
            let refused = iam::accept(&policy(&stack)).expect_err("refused");
            assert!(refused.contains("StateMachineArns are not of the region and account of this stack"), "{refused}");
        }
        for arns in
            [format!("{here},{elsewhere}"), format!("{elsewhere},{here}"), format!("{here},{here}2,{elsewhere}")]
        {
            let refused = create(&template, &[], &[("StateMachineArns", &arns)]).err().expect("refused");
            assert!(refused.contains("of one region and account"), "{refused}");
        }
    }
    for arns in [here.clone(), format!("{here},{here}2,{here}3")] {
        let stack = create(&template, &[], &[("StateMachineArns", &arns)]).expect("a stack");
        assert_eq!(iam::accept(&policy(&stack)), Ok(()));
    }
}

#[test]
fn the_parameter_takes_what_can_be_named_in_the_policy() {
    let template = template();
    let is_taken = |arns: &str| create(&template, &[], &[("StateMachineArns", arns)]).is_ok();
    let longest = "n".repeat(80);
    for name in ["order", "a.b(c)+d=e@f!g'h_i-j", "größe", "order*", "o*", longest.as_str()] {
        assert!(is_taken(&format!("{MACHINE}{name}")), "{name}");
        assert!(is_taken(&format!("{MACHINE}{name},{MACHINE}{name}")), "{name}");
    }
    let too_long = "n".repeat(81);
    let refused = [
        "",
        "*",
        "o*r",
        "*order",
        "order**",
        "order?",
        "order:3",
        "order:live",
        "order/map",
        "注文",
        "order 2",
        "o\"",
        "o\\",
        "o$",
        "o;",
        "o{}",
        "o<",
        "o&",
        "o|",
        "o`",
        "o~",
        "o^",
        "o%",
        "o#",
        "o[",
        "注*",
        "o🦀",
        too_long.as_str(),
    ];
    for name in refused {
        assert!(!is_taken(&format!("{MACHINE}{name}")), "{name}");
    }
    let one = format!("{MACHINE}order");
    for arns in ["", "order", ",", "*"] {
        assert!(!is_taken(arns), "{arns}");
    }
    for (before, after) in [(",", ""), ("", ","), ("", ",,"), (" ", ""), ("", " "), ("x", ""), ("", ",order")] {
        assert!(!is_taken(&format!("{before}{one}{after}")), "{before:?} {after:?}");
    }
    for arn in [
        "arn:aws:states:eu-west-1:123456789012:execution:order:a",
        "arn:aws:states:eu-west-1:123456789012:activity:order",
        "arn:aws:states:eu-west-1:12345:stateMachine:order",
        "arn:aws:states::123456789012:stateMachine:order",
        "arn:aws:lambda:eu-west-1:123456789012:stateMachine:order",
        "arn:gcp:states:eu-west-1:123456789012:stateMachine:order",
    ] {
        assert!(!is_taken(arn), "{arn}");
    }
}

#[test]
fn a_star_at_the_end_of_a_name_stands_for_every_name_that_begins_so() {
    let template = template();
    let on: Vec<_> = all_routes().into_iter().chain([("KmsKeyArns", KMS)]).collect();
    let policy = policy(&create(&template, &["order-*", "wait"], &on).expect("a stack"));
    iam::accept(&policy).expect("IAM takes it");
    for (name, is_named) in [("order-a", true), ("order-", true), ("wait", true), ("order", false), ("wait-a", false)] {
        let start = iam::allows(&policy, "states:StartExecution", &format!("{MACHINE}{name}"), &[]);
        let alias = iam::allows(&policy, "states:StartExecution", &format!("{MACHINE}{name}:live"), &[]);
        let status = iam::allows(&policy, "states:DescribeExecution", &format!("{EXECUTION}{name}:a"), &[]);
        let stop = iam::allows(&policy, "states:StopExecution", &format!("{EXECUTION}{name}:a"), &[]);
        assert_eq!((start, alias, status, stop), (is_named, is_named, is_named, is_named), "{name}");
        assert_eq!(decrypts(&policy, "one", Some(name)), is_named, "{name}");
    }
}

const KMS: &str = "arn:aws:kms:eu-west-1:123456789012:key/one,arn:aws:kms:eu-west-1:123456789012:key/two";
const CONTEXT: &str = "kms:EncryptionContext:aws:states:stateMachineArn";

/// Whether the role may decrypt with a key what belongs to a machine, or to nothing.
fn decrypts(policy: &Value, key: &str, machine: Option<&str>) -> bool {
    let machine = machine.map(|name| format!("{MACHINE}{name}"));
    let keys: Vec<_> = machine.iter().map(|arn| (CONTEXT, arn.as_str())).collect();
    iam::allows(policy, "kms:Decrypt", &format!("{KEY}{key}"), &keys)
}

#[test]
fn the_role_decrypts_with_the_named_keys_what_belongs_to_the_named_machines() {
    let template = template();
    let with = policy(&create(&template, &["order", "wait"], &[("KmsKeyArns", KMS)]).expect("a stack"));
    iam::accept(&with).expect("IAM takes it");
    for (key, machine, is_allowed) in [
        ("one", Some("order"), true),
        ("two", Some("wait"), true),
        ("three", Some("order"), false),
        ("one", Some("other"), false),
        ("one", Some("orders"), false),
        ("one", None, false),
    ] {
        assert_eq!(decrypts(&with, key, machine), is_allowed, "{key} {machine:?}");
        for action in ["kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"] {
            let order = format!("{MACHINE}order");
            assert!(!iam::allows(&with, action, &format!("{KEY}{key}"), &[(CONTEXT, &order)]), "{action}");
        }
    }
    let without = policy(&create(&template, &["order", "wait"], &[]).expect("a stack"));
    assert!(!without.to_string().contains("kms"), "{without}");
    for keys in ["alias/x", "arn:aws:kms:eu-west-1:123456789012:alias/x", "*", &format!("{KEY}*"), &format!("{KEY}a,")]
    {
        let refused = create(&template, &["order"], &[("KmsKeyArns", keys)]).err();
        assert!(refused.is_some_and(|said| said.contains("KmsKeyArns")), "{keys}");
    }
}

#[test]
fn an_omitted_parameter_never_opens_a_gateway_to_the_internet() {
    let template = template();
    let arn = format!("{MACHINE}order");
    let create = |parameters: &[(&str, &str)]| {
        let named = [("StateMachineArns", arn.as_str())];
        template.create(HOME, &named.into_iter().chain(parameters.iter().copied()).collect::<Vec<_>>()).map(drop)
    };
    assert_eq!(create(&[]), Err("Auth must have a value".to_owned()));
    for auth in ["NONE", "API_KEY", "AWS_IAM"] {
        for ranges in ["", "198.51.100.0/24"] {
            for open in [None, Some("false"), Some("true")] {
                let open = open.map(|open| ("OpenToTheInternet", open));
                let parameters: Vec<_> = [("Auth", auth), ("SourceRanges", ranges)].into_iter().chain(open).collect();
                let is_refused = auth == "NONE" && ranges.is_empty() && open != Some(("OpenToTheInternet", "true"));
                match create(&parameters) {
                    Err(said) => {
                        assert!(is_refused && said.contains("OpenToTheInternet=true"), "{parameters:?}: {said}");
                    }
                    Ok(()) => assert!(!is_refused, "{parameters:?}"),
                }
            }
        }
        // Ranges that include every address are refused.
        for everyone in ["0.0.0.0/0", "::/0", "198.51.100.0/24,0.0.0.0/0", "0.0.0.0/00"] {
            assert!(create(&[("Auth", auth), ("SourceRanges", everyone)]).is_err(), "{auth} {everyone}");
        }
    }
    for ranges in ["198.51.100.0/24,203.0.113.7/32", "2001:db8::/32", "10.0.0.0/8", "::ffff:198.51.100.0/120"] {
        assert_eq!(create(&[("Auth", "NONE"), ("SourceRanges", ranges)]), Ok(()), "{ranges}");
    }
}

#[test]
fn tracing_and_the_key_of_the_log_are_there_on_request() {
    let template = template();
    let key = format!("{KEY}log");
    let created = |parameters: &[(&str, &str)]| create(&template, &["order"], parameters).expect("a stack");
    let api = |parameters: &[(&str, &str)]| created(parameters).resource("Api").expect("the API");
    assert_eq!(api(&[])["TracingEnabled"], false);
    assert_eq!(api(&[("XRayTracing", "true")])["TracingEnabled"], true);
    let log = |parameters: &[(&str, &str)]| created(parameters).resource("AccessLog");
    assert_eq!(log(&[]), None);
    assert_eq!(log(&[("AccessLogs", "true")]).expect("a log")["KmsKeyId"], Value::Null);
    let with_key = [("AccessLogs", "true"), ("LogKmsKeyArn", key.as_str())];
    assert_eq!(log(&with_key).expect("a log")["KmsKeyId"], key.as_str());
    // A key for no log would be ignored.
    let refused = create(&template, &["order"], &[("LogKmsKeyArn", &key)]).err();
    assert_eq!(refused.as_deref(), Some("LogKmsKeyArn encrypts the access log, which needs AccessLogs=true."));
}

#[test]
fn it_has_the_routes_that_the_client_uses() {
    let template = template();
    for (parameters, routes) in [(&[][..], &Route::ALL[..2]), (&all_routes()[..], &Route::ALL[..])] {
        let api = create(&template, &["order"], parameters).expect("a stack").resource("Api").expect("the API");
        let paths = api["DefinitionBody"]["paths"].as_object().expect("paths");
        assert_eq!(paths.len(), routes.len());
        for route in routes {
            let uri = paths[route.default_path()]["post"]["x-amazon-apigateway-integration"]["uri"].as_str();
            let action = action(*route).replace(':', ":action/");
            assert!(uri.is_some_and(|uri| uri.ends_with(&format!(":{action}"))), "{uri:?}");
        }
    }
}

/// The integration of a route in a stack with all routes.
fn integration(machines: &[&str], more: &[(&str, &str)], route: Route) -> Value {
    let template = template();
    let usual = all_routes().into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let parameters: Vec<_> = usual.chain(more.iter().copied()).collect();
    let api = create(&template, machines, &parameters).expect("a stack").resource("Api").expect("the API");
    api["DefinitionBody"]["paths"][route.default_path()]["post"]["x-amazon-apigateway-integration"].clone()
}

#[test]
fn only_a_raised_quota_needs_a_timeout() {
    let timeout = |more: &[(&str, &str)]| integration(&["order"], more, Route::Sync)["timeoutInMillis"].clone();
    assert_eq!(timeout(&[]), Value::Null);
    assert_eq!(timeout(&[("SyncTimeoutSeconds", "29")]), Value::Null);
    assert_eq!(timeout(&[("SyncTimeoutSeconds", "120")]), "120000");
}

/// The mapping template of the logs route.
fn logs_mapping(machines: &[&str], log_groups: &str) -> String {
    let integration = integration(machines, &[("LogGroupArns", log_groups)], Route::Logs);
    assert_eq!(integration["passthroughBehavior"], "when_no_templates", "no other content type passes");
    let templates = integration["requestTemplates"].as_object().expect("templates");
    assert_eq!(templates.keys().collect::<Vec<_>>(), ["application/json"]);
    templates["application/json"].as_str().expect("a text").to_owned()
}

#[test]
fn a_request_for_logs_cannot_choose_the_log_group() {
    let (one, other) = (LOG_GROUP, format!("{GROUPS}wait"));
    let several = format!("{one},{other}");
    for (log_groups, chooser) in [(one, &[][..]), (&other, &[]), (&several, &["stateMachineArn"])] {
        let mapping = logs_mapping(&["order", "wait"], log_groups);
        // Everything that it reads of a request.
        let read: BTreeSet<&str> =
            mapping.split("$input.").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
        let passed = ["startTime", "endTime", "filterPattern", "nextToken", "limit"];
        let passed = passed.iter().flat_map(|name| [format!("path('$.{name}'"), format!("json('$.{name}'")]);
        let chooser = chooser.iter().map(|name| format!("path('$.{name}'"));
        assert_eq!(read, passed.chain(chooser).collect::<Vec<_>>().iter().map(String::as_str).collect());
        assert_eq!(mapping.matches("logGroup").count(), 1, "{mapping}");
        assert!(mapping.contains("{\"logGroupName\":\"$group\"\n"), "{mapping}");
        assert!(!mapping.contains(":*"), "the name has no star: {mapping}");
    }
    let one = logs_mapping(&["order", "wait"], LOG_GROUP);
    assert!(one.starts_with("#set($group = \"/aws/vendedlogs/states/order\")#set($start = "), "{one}");
    let several = logs_mapping(&["order", "wait-*"], &several);
    let machines = format!("#set($machines = \"{MACHINE}order:,{MACHINE}wait-\")");
    assert!(several.contains(&machines), "{several}");
    let groups = format!("#set($groups = \"{GROUPS}/aws/vendedlogs/states/order,{GROUPS}wait\")");
    assert!(several.contains(&groups), "{several}");
}

#[test]
fn the_logs_route_and_its_log_groups_belong_together() {
    let template = template();
    let refused = |more: &[(&str, &str)]| create(&template, &["order"], more).err().unwrap_or_default();
    assert!(refused(&[("LogsRoute", "true")]).contains("needs LogGroupArns"));
    assert!(refused(&[("LogGroupArns", LOG_GROUP)]).contains("LogsRoute=true"));
    let taken = |groups: &str| create(&template, &["order"], &[("LogsRoute", "true"), ("LogGroupArns", groups)]);
    for groups in [LOG_GROUP.to_owned(), format!("{GROUPS}a"), format!("{GROUPS}a_b.c-d/e,{GROUPS}b:*,{LOG_GROUP}")] {
        assert_eq!(iam::accept(&policy(&taken(&groups).expect("a stack"))), Ok(()), "{groups}");
    }
    let elsewhere = GROUPS.replace("eu-west-1", "eu-west-2");
    for name in ["", "*", "a*", "a:*:*", "a:log-stream:b", "a#b", "a\"b", "a b", "$a", "a,", &format!("a,{elsewhere}b")]
    {
        assert!(taken(&format!("{GROUPS}{name}")).is_err(), "{name}");
    }
    let foreign = policy(&taken(&format!("{elsewhere}a")).expect("nothing is wrong with the ARN"));
    let refused = iam::accept(&foreign).expect_err("refused");
    assert!(refused.contains("LogGroupArns are not of the region and account of this stack"), "{refused}");
}

#[test]
fn it_fits_into_a_request_and_each_parameter_is_documented() {
    let text = text();
    assert!(text.len() <= REQUEST_LIMIT, "{} bytes: `aws cloudformation deploy` would need a bucket", text.len());
    let documents = file("README.md") + &file("docs/template.md");
    let template = template();
    for (name, description) in template.parameters() {
        assert!(documents.contains(&format!("`{name}`")), "{name} is in neither README.md nor docs/template.md");
        assert!(description["Description"].as_str().is_some_and(|text| text.len() <= 4000), "{name}");
        let is_listed = text.lines().any(|line| line.trim_start().starts_with("Parameters: [") && line.contains(name));
        assert!(is_listed, "{name} is in no group of the console's form");
    }
}

#[cfg(unix)]
mod check_config {
    use super::{GROUPS, HOME, KEY, LOG_GROUP, MACHINE, Route, Value, action, create, iam, policy, template, text};
    use crate::support::cli::{Home, Ran};

    /// A configuration with one endpoint and machines by their ARNs.
    fn config(endpoint: &str, arns: &[String]) -> String {
        let machine = |(index, arn): (usize, &String)| format!("[machines.m{index}]\narn = \"{arn}\"\n");
        let machines: String = arns.iter().enumerate().map(machine).collect();
        format!("[endpoints.e]\n{endpoint}\n{machines}")
    }

    fn check(endpoint: &str, arns: &[String], more: &[&str]) -> Ran {
        let home = Home::empty();
        home.write("config.toml", &config(endpoint, arns));
        home.run(&[&["template", "--check-config"], more].concat())
    }

    fn stacks(ran: &Ran) -> Vec<Value> {
        ran.objects().into_iter().filter(|object| object["stack"].is_u64()).collect()
    }

    fn problems(ran: &Ran) -> Vec<String> {
        let objects = ran.objects();
        objects.iter().filter_map(|object| object["problem"].as_str()).map(str::to_owned).collect()
    }

    /// An endpoint with these optional routes.
    fn endpoint(routes: &[Route]) -> String {
        let routes: Vec<String> =
            routes.iter().map(|route| format!("{} = \"{}\"", route.key(), route.default_path())).collect();
        format!(
            "url = \"https://x.execute-api.eu-west-1.amazonaws.com/dev\"\nauth = {{ type = \"iam\" }}\nroutes = {{ {} }}\n",
            routes.join(", ")
        )
    }

    #[test]
    fn it_is_printed_as_it_stands_and_says_what_of_a_configuration_it_deploys() {
        let home = Home::empty();
        assert_eq!(home.run(&["template"]).expect(0).out, text());
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
        assert!(told.err.contains("the template does not deploy 2 of these routes"), "{told:?}");
    }

    /// What it counts is what the template makes of the parameters that it names.
    #[test]
    fn it_counts_the_policy_and_the_parameter_of_each_stack_exactly() {
        let template = template();
        let key = format!("{KEY}1234abcd-12ab-34cd-56ef-1234567890ab");
        for keys in [vec![], vec![key.clone()], vec![key.clone(), format!("{key}c")]] {
            for routes in [&[][..], &[Route::Stop, Route::List], &Route::ALL[2..]] {
                for (count, length) in [(1, 1), (3, 80), (25, 80), (45, 20), (60, 12)] {
                    let arns: Vec<String> = (0..count).map(|index| format!("{MACHINE}{index:0>length$}")).collect();
                    let joined = keys.join(",");
                    let mut more = vec!["--output", "json"];
                    if routes.contains(&Route::Logs) {
                        more.extend(["--log-group-arns", LOG_GROUP]);
                    }
                    if !keys.is_empty() {
                        more.extend(["--kms-key-arns", &joined]);
                    }
                    let ran = check(&endpoint(routes), &arns, &more);
                    let stacks = stacks(&ran);
                    assert_eq!(ran.code, Some(if stacks.len() == 1 { 0 } else { 2 }), "{ran:?}");
                    let mut named = Vec::new();
                    for stack in &stacks {
                        let parameters = stack["parameters"].as_object().expect("parameters");
                        let parameters: Vec<_> =
                            parameters.iter().map(|(k, v)| (k.as_str(), v.as_str().expect("a text"))).collect();
                        assert_eq!(parameters.contains(&("KmsKeyArns", &joined)), !keys.is_empty());
                        let policy = policy(&template.create(HOME, &parameters).expect("a stack"));
                        assert_eq!(iam::accept(&policy), Ok(()));
                        assert_eq!(stack["policyBytes"], iam::size(&policy), "{policy}");
                        let (_, arns) = parameters.iter().find(|(name, _)| *name == "StateMachineArns").expect("ARNs");
                        assert_eq!(stack["parameterBytes"], arns.len());
                        named.extend(arns.split(',').map(str::to_owned));
                        for route in Route::ALL {
                            let is_on = Route::ALL[..2].contains(&route) || routes.contains(&route);
                            assert_eq!(policy.to_string().contains(&format!("{}\"", action(route))), is_on);
                        }
                    }
                    assert_eq!(named, arns);
                }
            }
        }
    }

    #[test]
    fn machines_that_do_not_fit_into_one_stack_are_given_several_or_a_star() {
        let arns: Vec<String> = (0..60).map(|index| format!("{MACHINE}order-{index:02}")).collect();
        let ran = check(&endpoint(&[]), &arns, &[]).expect(2);
        assert!(ran.err.contains("60 machines in eu-west-1 do not fit into one stack. Deploy 2 stacks"), "{ran:?}");
        assert!(ran.err.contains("with a common prefix (all of these begin with `order-`)"), "{ran:?}");
        assert!(ran.out.contains("e  stack 1    eu-west-1, account 123456789012: "), "{ran:?}");
        assert!(ran.out.contains("e  stack 2    eu-west-1, account 123456789012: "), "{ran:?}");
        // Following the advice: the star names all of them, and the template takes it.
        let template = template();
        let policy = policy(&create(&template, &["order-*"], &[]).expect("a stack"));
        for arn in &arns {
            assert!(iam::allows(&policy, "states:StartExecution", arn, &[]), "{arn}");
        }
        assert_eq!(check(&endpoint(&[]), &arns[..10], &[]).expect(0).err, "");
    }

    #[test]
    fn what_no_stack_behind_the_endpoint_can_start_is_named() {
        let arn = |gateway: &str, name: &str| format!("arn:aws:states:{gateway}:stateMachine:{name}");
        let here = arn("eu-west-1:123456789012", "here");
        for (arns, words, names) in [
            (vec![here.clone()], &[][..], &[][..]),
            (vec![here.clone(), format!("{here}:live"), here.clone()], &[], &[]),
            (vec![arn("eu-west-2:123456789012", "there")], &["other-region"], &["there", "eu-west-1"]),
            (
                vec![here.clone(), arn("eu-west-2:123456789012", "there")],
                &["other-region", "several-places"],
                &["there", "2 regions or accounts"],
            ),
            (vec![here.clone(), arn("eu-west-1:123456789013", "theirs")], &["several-places"], &["one stack in each"]),
            (vec![here.clone(), arn("eu-west-1:123456789012", "注文")], &["unnameable-machine"], &["注文", "U+00FF"]),
        ] {
            // Without it the configuration itself refuses machines of other regions.
            let endpoint = format!("{}\nregion = \"eu-west-1\"", endpoint(&[]));
            let ran = check(&endpoint, &arns, &["--output", "json"]);
            assert_eq!(problems(&ran), words, "{ran:?}");
            assert_eq!(ran.code, Some(if words.is_empty() { 0 } else { 2 }), "{ran:?}");
            for name in names {
                assert!(ran.err.contains(name), "{name}: {ran:?}");
            }
        }
        let bearer = "url = \"https://x.example/dev\"\nauth = { type = \"bearer\", env = \"TOKEN\" }";
        assert_eq!(problems(&check(bearer, &[here], &["--output", "json"])), ["no-authorizer"]);
    }

    /// The line is for a shell, and opens nothing by itself.
    #[test]
    fn the_parameters_of_a_stack_can_be_copied() {
        let arns = [format!("{MACHINE}it's(1)")];
        for (auth, parameters) in [
            ("none", "Auth=NONE ListRoute=true SourceRanges=CIDR"),
            ("iam", "Auth=AWS_IAM ListRoute=true"),
            ("api-key\", env = \"KEY", "Auth=API_KEY ListRoute=true"),
        ] {
            let endpoint = format!(
                "url = \"https://x.execute-api.eu-west-1.amazonaws.com/dev\"\nauth = {{ type = \"{auth}\" }}\nroutes = {{ list = \"/executions\" }}"
            );
            let ran = check(&endpoint, &arns, &[]).expect(0);
            let line = format!(
                "e  deploy     --region eu-west-1 --parameter-overrides StateMachineArns='{MACHINE}it'\\''s(1)' {parameters}"
            );
            assert_eq!(ran.out.lines().last(), Some(line.as_str()), "{ran:?}");
            assert_eq!(ran.err.contains("OpenToTheInternet=true"), auth == "none", "{ran:?}");
        }
    }

    /// Those of a stack are in the order of its machines, and count.
    #[test]
    fn log_groups_are_for_all_machines_or_one_for_each() {
        let template = template();
        let arns: Vec<String> = (0..60).map(|index| format!("{MACHINE}order-{index:02}")).collect();
        let groups: Vec<String> = (0..60).map(|index| format!("{GROUPS}order-{index:02}")).collect();
        let endpoint = endpoint(&[Route::Logs, Route::Machines]);
        let check = |groups: &str| check(&endpoint, &arns, &["--output", "json", "--log-group-arns", groups]);
        let with_star: Vec<String> = groups.iter().map(|group| format!("{group}:*")).collect();
        for given in [groups.join(","), with_star.join(",")] {
            let stacks = stacks(&check(&given));
            assert!(stacks.len() > 1);
            for stack in stacks {
                let parameters = stack["parameters"].as_object().expect("parameters");
                let parameters: Vec<_> =
                    parameters.iter().map(|(k, v)| (k.as_str(), v.as_str().expect("a text"))).collect();
                let policy = policy(&template.create(HOME, &parameters).expect("a stack"));
                assert_eq!(
                    (stack["policyBytes"].as_u64(), iam::accept(&policy)),
                    (Some(iam::size(&policy) as u64), Ok(()))
                );
                let names = |parameter: &str| -> Vec<String> {
                    let names = stack["parameters"][parameter].as_str().expect("a text").split(',');
                    names.map(|arn| arn.rsplit(':').next().expect("a name").to_owned()).collect()
                };
                assert_eq!(names("StateMachineArns"), names("LogGroupArns"));
            }
        }
        let two = check(&groups[..2].join(","));
        assert!(problems(&two).contains(&"log-groups".to_owned()), "{two:?}");
        let elsewhere = check(&LOG_GROUP.replace("eu-west-1", "eu-west-2"));
        assert!(problems(&elsewhere).contains(&"other-log-groups".to_owned()), "{elsewhere:?}");
    }

    #[test]
    fn the_log_group_and_the_timeout_of_a_route_are_parameters() {
        let arns = [format!("{MACHINE}order")];
        let endpoint = "url = \"https://x.execute-api.eu-west-1.amazonaws.com/dev\"\nauth = { type = \"iam\" }\n\
             routes = { logs = \"/execution/logs\", sync = { path = \"/execution/sync\", timeout = \"1m 30s\" } }";
        let ran = check(endpoint, &arns, &[]).expect(0);
        let end = "SyncRoute=true LogsRoute=true SyncTimeoutSeconds=90 LogGroupArns=ARN\n";
        assert!(ran.out.ends_with(end) && ran.err.contains("replace ARN"), "{ran:?}");
        let ran = check(endpoint, &arns, &["--log-group-arns", LOG_GROUP]).expect(0);
        assert!(ran.out.ends_with(&end.replace("=ARN", &format!("={}", LOG_GROUP.trim_end_matches(":*")))), "{ran:?}");
        assert_eq!(ran.err, "");
    }

    #[test]
    fn keys_that_the_template_would_refuse_are_refused() {
        for key in ["x", "arn:aws:kms:eu-west-1:123456789012:alias/x", "arn:aws:kms:eu-west-1:12:key/x", ""] {
            let ran = check(&endpoint(&[]), &[], &["--kms-key-arns", key]).expect(2);
            assert!(ran.err.contains("arn:aws:kms:REGION:ACCOUNT:key/ID"), "{ran:?}");
        }
        let many: Vec<String> = (0..60).map(|index| format!("{KEY}1234abcd-12ab-34cd-56ef-{index:012}")).collect();
        let ran = check(&endpoint(&[]), &[], &["--kms-key-arns", &many.join(",")]).expect(2);
        assert!(ran.err.contains("at most 4096"), "{ran:?}");
    }

    #[test]
    fn without_a_configuration_no_stack_is_made_up() {
        let ran = Home::empty().run(&["template", "--check-config", "--output", "json"]).expect(0);
        assert_eq!(stacks(&ran), Vec::<Value>::new());
    }
}
