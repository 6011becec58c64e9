//! A machine on several endpoints, and the endpoints' colours.

use super::*;

const DEV: &str = "arn:aws:states:eu-west-1:111122223333:stateMachine:Order";
const PROD: &str = "arn:aws:states:eu-west-1:444455556666:stateMachine:Order";

/// Two endpoints and a machine with these lines, the first of which is line 5.
fn file(machine: &str) -> String {
    format!(
        "[endpoints.dev]\nurl = \"https://dev.example\"\n[endpoints.prod]\nurl = \"https://prod.example\"\n{machine}"
    )
}

fn machines(machine: &str) -> Vec<Machine> {
    parse(Path::new("c.toml"), &file(machine), &no_check).unwrap_or_else(|errors| panic!("{errors}")).machines
}

#[test]
fn a_machine_is_read_for_each_of_its_endpoints() {
    let inline = format!("[machines.order]\narn = {{ dev = \"{DEV}\", prod = \"{PROD}\" }}\n");
    let header = format!("[machines.order.arn]\nprod = \"{PROD}\"\ndev = \"{DEV}\"\n");
    let dotted = format!("[machines.order]\narn.dev = \"{DEV}\"\narn.prod = \"{PROD}\"\n");
    for (text, order) in [(inline, ["dev", "prod"]), (header, ["prod", "dev"]), (dotted, ["dev", "prod"])] {
        let rest = "type = \"express\"\ninput = \"[1]\"\npresets = { a = \"1\" }\n";
        // Keys after a header belong to its table.
        let text = text.replace("[machines.order.arn]", &format!("[machines.order]\n{rest}[machines.order.arn]"));
        let text = if text.contains(rest) { text } else { format!("{text}{rest}") };
        let machines = machines(&text);
        let found: Vec<_> = machines.iter().map(|machine| machine.endpoint.as_str()).collect();
        assert_eq!(found, order, "{text}");
        for machine in &machines {
            let arn = if machine.endpoint.as_str() == "dev" { DEV } else { PROD };
            assert_eq!((&*machine.name, machine.arn.as_str()), ("order", arn));
            assert_eq!((machine.machine_type, machine.input.as_str()), (MachineType::Express, "[1]"));
            assert_eq!(machine.presets.len(), 1);
        }
    }
    // One is enough, and needs no default endpoint.
    assert_eq!(machines(&format!("[machines.m]\narn = {{ prod = \"{PROD}\" }}\n"))[0].endpoint.as_str(), "prod");
    // An alias for each endpoint: another one each time.
    let aliases = format!("[machines.m]\narn = {{ dev = \"{DEV}:TEST\", prod = \"{DEV}:LIVE\" }}\n");
    assert_eq!(machines(&aliases).len(), 2);
}

#[test]
fn errors_in_the_arns_of_several_endpoints_have_line_and_key() {
    let two = format!("arn = {{ dev = \"{DEV}\", prod = \"{PROD}\" }}");
    for (machine, expected) in [
        (
            format!("[machines.m]\narn = {{ dev = \"{DEV}\", prdo = \"{PROD}\" }}\n"),
            "c.toml:6: machines.m.arn.prdo: there is no `[endpoints.prdo]`; did you mean `prod`?",
        ),
        (
            format!("[machines.m.arn]\ndev = \"{DEV}\"\nelsewhere = \"{PROD}\"\n"),
            "c.toml:7: machines.m.arn.elsewhere: there is no `[endpoints.elsewhere]`",
        ),
        (
            format!("[machines.m]\n{two}\nendpoint = \"dev\"\n"),
            "c.toml:7: machines.m.endpoint: `arn` already names the endpoints; remove this key",
        ),
        (
            format!("[machines.m.arn]\ndev = \"{DEV}\"\nprod = \"arn:aws:lambda:eu-west-1:1:function:f\"\n"),
            "c.toml:7: machines.m.arn.prod: ",
        ),
        (
            format!("[machines.m]\narn = {{ dev = \"{DEV}\", prod = 3 }}\n"),
            "c.toml:6: machines.m.arn.prod: expected a string, found integer",
        ),
        (
            "[machines.m]\narn = {}\n".to_owned(),
            "c.toml:6: machines.m.arn: expected an ARN for each endpoint, such as { dev = \"arn:..\", prod = \"arn:..\" }",
        ),
        (format!("[machines.m.arn]\ndev = \"{DEV}\"\nprod = \"{DEV}\"\n"), ""),
        (
            format!("[machines.m.arn]\ndev = \"{DEV}\"\ndev = \"{PROD}\"\n"),
            "c.toml:7: machines.m.arn.dev: `dev` occurs twice; it is already on line 6",
        ),
        (
            "[machines.m]\narn = { dev = \"arn:aws:states:eu-west-1:111122223333:stateMachine:M\u{200b}\" }\n"
                .to_owned(),
            "c.toml:6: machines.m.arn.dev: ",
        ),
    ] {
        if expected.is_empty() {
            assert_eq!(machines(&machine).len(), 2, "two gateways may call one state machine");
            let same_url = file(&machine).replace("https://prod", "https://dev");
            let expected = "c.toml:7: machines.m.arn.prod: the same state machine as `dev` on line 6: both endpoints have \
                            the same url";
            assert_eq!(errors(&same_url), [expected]);
            continue;
        }
        let found = errors(&file(&machine));
        assert!(found.len() == 1 && found[0].starts_with(expected), "{machine}: {found:#?}");
    }
    let region = "[endpoints.dev]\nurl = \"https://x.execute-api.us-east-1.amazonaws.com/dev\"\n";
    let found = errors(&format!("{region}[machines.m]\narn = {{ dev = \"{DEV}\" }}\n"));
    assert!(found[0].starts_with("c.toml:4: machines.m.arn.dev: this state machine is in `eu-west-1`"), "{found:?}");
}

#[test]
fn the_colour_of_an_endpoint_is_read_with_its_line() {
    let text = "[endpoints.dev]\nurl = \"https://dev.example\"\n[endpoints.\"prod.eu\"]\nurl = \"https://prod.example\"\n\
                color = \"#ff8700\"\n";
    let settings = parse(Path::new("c.toml"), text, &no_check).expect("no error");
    let expected = EndpointColor { endpoint: EndpointName::new("prod.eu"), color: "#ff8700".into(), line: 5 };
    assert_eq!(settings.endpoint_colors, [expected]);
}
