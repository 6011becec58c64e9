//! Pages of the AWS console, as URLs. Pure.

use std::fmt::Write as _;

use crate::domain::arn::{ExecutionArn, StateMachineArn};
use crate::domain::timestamp::Timestamp;

/// The console's domain in each partition that has one. Another partition has no URL rather than a wrong one.
const DOMAINS: [(&str, &str); 8] = [
    ("aws", "console.aws.amazon.com"),
    ("aws-cn", "console.amazonaws.cn"),
    ("aws-us-gov", "console.amazonaws-us-gov.com"),
    ("aws-eusc", "console.amazonaws-eusc.eu"),
    ("aws-iso", "console.c2shome.ic.gov"),
    ("aws-iso-b", "console.sc2shome.sgov.gov"),
    ("aws-iso-e", "console.csphome.adc-e.uk"),
    ("aws-iso-f", "console.csphome.hci.ic.gov"),
];

/// Returns the page of an execution. That of an EXPRESS execution searches the logs around its start.
pub fn execution_url(arn: &ExecutionArn, started: Timestamp) -> Option<String> {
    let machine = arn.machine();
    let home = home(&machine, "states")?;
    let encoded = percent_encoded(arn.as_str());
    Some(if arn.is_express() {
        format!("{home}#/express-executions/details/{encoded}?startDate={}", started.as_millis())
    } else {
        format!("{home}#/v2/executions/details/{encoded}")
    })
}

/// Returns the page of a state machine, for any version or alias of it.
pub fn machine_url(arn: &StateMachineArn) -> Option<String> {
    let encoded = percent_encoded(arn.unqualified().as_str());
    home(arn, "states").map(|home| format!("{home}#/statemachines/view/{encoded}"))
}

/// Returns the page of the X-Ray trace that a trace header (`Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1`) of an
/// execution names; `None` if the header names none.
pub fn trace_url(arn: &ExecutionArn, header: &str) -> Option<String> {
    let mut fields = header.split(';').filter_map(|field| field.trim().split_once('='));
    let (_, id) = fields.find(|(name, _)| name.eq_ignore_ascii_case("Root"))?;
    let id = id.trim();
    home(&arn.machine(), "cloudwatch").filter(|_| is_trace_id(id)).map(|home| format!("{home}#xray:traces/{id}"))
}

/// Returns whether the text is a trace id: a version, eight hexadecimal digits of time and 24 random ones.
fn is_trace_id(text: &str) -> bool {
    let is_hex = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts[..], [version, time, random] if is_hex(version, 1) && is_hex(time, 8) && is_hex(random, 24))
}

/// Returns the home page of a service in the region of a state machine.
fn home(machine: &StateMachineArn, service: &str) -> Option<String> {
    let (_, domain) = DOMAINS.iter().find(|(partition, _)| *partition == machine.partition())?;
    let region = machine.region();
    Some(format!("https://{region}.{domain}/{service}/home?region={region}"))
}

/// Encodes everything but unreserved characters (RFC 3986).
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn execution(text: &str) -> ExecutionArn {
        ExecutionArn::parse(text).expect("an ARN")
    }

    fn started() -> Timestamp {
        Timestamp::from_millis(1_701_837_432_549)
    }

    #[test]
    fn every_partition_has_its_own_console() {
        for (partition, region, host) in [
            ("aws", "ap-northeast-1", "ap-northeast-1.console.aws.amazon.com"),
            ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
            ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
            ("aws-eusc", "eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
            ("aws-iso", "us-iso-east-1", "us-iso-east-1.console.c2shome.ic.gov"),
            ("aws-iso-b", "us-isob-east-1", "us-isob-east-1.console.sc2shome.sgov.gov"),
            ("aws-iso-e", "eu-isoe-west-1", "eu-isoe-west-1.console.csphome.adc-e.uk"),
            ("aws-iso-f", "us-isof-south-1", "us-isof-south-1.console.csphome.hci.ic.gov"),
        ] {
            let arn = execution(&format!("arn:{partition}:states:{region}:111122223333:execution:Order:o-1"));
            let id = format!("arn%3A{partition}%3Astates%3A{region}%3A111122223333%3A");
            let home = format!("https://{host}/states/home?region={region}#/");
            let expected = format!("{home}v2/executions/details/{id}execution%3AOrder%3Ao-1");
            assert_eq!(execution_url(&arn, started()), Some(expected));
            let expected = format!("{home}statemachines/view/{id}stateMachine%3AOrder");
            assert_eq!(machine_url(&arn.machine()), Some(expected));
            let trace = trace_url(&arn, "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
            let page = "#xray:traces/1-5759e988-bd862e3fe1be46a994272793";
            assert_eq!(trace, Some(format!("https://{host}/cloudwatch/home?region={region}{page}")));
        }
        let unknown = execution("arn:aws-new:states:mars-1:111122223333:execution:Order:o-1");
        assert_eq!((execution_url(&unknown, started()), machine_url(&unknown.machine())), (None, None));
    }

    #[test]
    fn names_are_encoded_and_express_executions_have_their_own_page() {
        let home = "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/";
        let id = "arn%3Aaws%3Astates%3Aeu-west-1%3A111122223333%3A";
        for (resource, page) in [
            ("execution:注文:a+b", format!("v2/executions/details/{id}execution%3A%E6%B3%A8%E6%96%87%3Aa%2Bb")),
            ("execution:Order/Map:a%2F", format!("v2/executions/details/{id}execution%3AOrder%2FMap%3Aa%252F")),
            (
                "express:Order:o-1:7a5e",
                format!("express-executions/details/{id}express%3AOrder%3Ao-1%3A7a5e?startDate=1701837432549"),
            ),
            (
                "express:Order/Map:o-1:7a5e",
                format!("express-executions/details/{id}express%3AOrder%2FMap%3Ao-1%3A7a5e?startDate=1701837432549"),
            ),
        ] {
            let arn = execution(&format!("arn:aws:states:eu-west-1:111122223333:{resource}"));
            assert_eq!(execution_url(&arn, started()), Some(format!("{home}{page}")));
        }
        let alias = StateMachineArn::parse("arn:aws:states:eu-west-1:111122223333:stateMachine:Order:live");
        let page = format!("{home}statemachines/view/{id}stateMachine%3AOrder");
        assert_eq!(machine_url(&alias.expect("an ARN")), Some(page));
    }

    #[test]
    fn only_a_trace_id_becomes_part_of_a_url() {
        let arn = execution("arn:aws:states:eu-west-1:111122223333:execution:Order:o-1");
        let id = "1-5759e988-bd862e3fe1be46a994272793";
        for (header, is_known) in [
            (format!("Root={id}"), true),
            (format!("Self=1-1; root={id} ;Parent=53995c3f42cd8ad8;Sampled=1"), true),
            (format!("Parent={id}"), false),
            (id.to_owned(), false),
            (format!("Root={id}?x"), false),
            ("Root=1-5759e988-bd862e3fe1be46a99427279é".to_owned(), false),
            ("Root=".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(trace_url(&arn, &header).is_some(), is_known, "{header}");
        }
    }
}
