//! The ARNs that arguments name, with the limits of the template's parameters. Pure.

/// Parses the ARN of a KMS key.
pub(super) fn key(text: &str) -> Result<String, String> {
    let is_key = |resource: &str| resource.strip_prefix("key/").is_some_and(is_plain);
    if is_arn(text, "kms", is_key) {
        Ok(text.to_owned())
    } else {
        Err("expected the ARN of a key (not of an alias), arn:aws:kms:REGION:ACCOUNT:key/ID".to_owned())
    }
}

/// Parses the ARN of a log group; returns it without `:*` at its end.
pub(super) fn log_group(text: &str) -> Result<String, String> {
    let is_name = |name: &str| {
        (1..=512).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c))
    };
    let arn = text.strip_suffix(":*").unwrap_or(text);
    if is_arn(arn, "logs", |resource| resource.strip_prefix("log-group:").is_some_and(is_name)) {
        Ok(arn.to_owned())
    } else {
        Err("expected the ARN of a log group, arn:aws:logs:REGION:ACCOUNT:log-group:NAME".to_owned())
    }
}

/// Returns whether a log group is of a region and account.
pub(super) fn is_in(log_group: &str, region: &str, account: &str) -> bool {
    let mut parts = log_group.split(':').skip(3);
    parts.next() == Some(region) && parts.next() == Some(account)
}

fn is_arn(text: &str, service: &str, is_resource: impl Fn(&str) -> bool) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts[..], ["arn", partition, of, region, account, resource]
        if partition.starts_with("aws")
            && of == service
            && is_plain(region)
            && account.len() == 12
            && account.bytes().all(|b| b.is_ascii_digit())
            && is_resource(resource))
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_group_is_named_with_or_without_a_star() {
        let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/states/a-b_c.d";
        assert_eq!(log_group(arn), Ok(arn.to_owned()));
        assert_eq!(log_group(&format!("{arn}:*")), Ok(arn.to_owned()));
        for other in [
            "",
            "x",
            "arn:aws:logs:eu-west-1:123456789012:log-group:",
            &format!("{arn}:log-stream:x"),
            &format!("{arn}#"),
            &arn.replace(":logs:", ":kms:"),
        ] {
            assert!(log_group(other).is_err(), "{other}");
        }
        assert!(is_in(arn, "eu-west-1", "123456789012"));
        assert!(!is_in(arn, "eu-west-2", "123456789012") && !is_in(arn, "eu-west-1", "123456789013"));
    }
}
