//! When a token expires, according to the token or the JSON around it. Pure.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// Seconds from the time of the response (RFC 6749, section 5.1).
const SPANS: [&str; 2] = ["expires_in", "expiresIn"];
/// Points in time, from `az` (`expiresOn` is local time), `gcloud`, Kubernetes plugins and others. The exact ones come
/// first.
const MOMENTS: [&str; 10] = [
    "expires_on",
    "expires_at",
    "expiresAt",
    "exp",
    "expirationTimestamp",
    "Expiration",
    "expiration",
    "expiry",
    "token_expiry",
    "expiresOn",
];

/// Returns the expiry according to the members beside a token. Zero means that there is none, or that it is unknown.
pub(super) fn of_members(members: &Map<String, Value>, provided: SystemTime) -> Option<SystemTime> {
    let seconds = |name: &&str| seconds(members.get(*name)?);
    let span =
        SPANS.iter().find_map(seconds).filter(|span| !span.is_zero()).and_then(|span| provided.checked_add(span));
    MOMENTS.iter().find_map(|name| moment(members.get(*name)?).filter(is_known)).or(span)
}

/// Programs write the year 1 or 1970 for no expiry.
fn is_known(moment: &SystemTime) -> bool {
    *moment > SystemTime::UNIX_EPOCH
}

fn seconds(value: &Value) -> Option<Duration> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(number).ok()
}

/// Returns a moment that is a number of seconds, or of milliseconds if these would be thousands of years away.
pub(in crate::gateway) fn since_1970(number: f64) -> Option<SystemTime> {
    const MILLISECONDS: u64 = 100_000_000_000;
    let since = Duration::try_from_secs_f64(number).ok()?;
    let since = if since.as_secs() > MILLISECONDS { since / 1_000 } else { since };
    SystemTime::UNIX_EPOCH.checked_add(since)
}

fn moment(value: &Value) -> Option<SystemTime> {
    if let Some(since) = seconds(value) {
        return since_1970(since.as_secs_f64());
    }
    let text = value.as_str()?.trim();
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.into());
    }
    let local = text.parse::<DateTime>().ok()?;
    let moment = TimeZone::system().to_ambiguous_timestamp(local).earlier().ok()?;
    Some(moment.into())
}

/// Returns when a JSON Web Token expires (RFC 7519, section 4.1.4); `None` for other tokens.
pub(in crate::gateway) fn of_jwt(token: &str) -> Option<SystemTime> {
    #[derive(serde::Deserialize)]
    struct Claims {
        exp: f64,
    }
    let mut parts = token.split('.').skip(1);
    let claims = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    parts.next()?;
    let Claims { exp } = serde_json::from_slice(&claims).ok()?;
    since_1970(exp).filter(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_expiry_of_a_json_web_token_is_read_and_of_others_not() {
        let token = |claims: &str| format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(of_jwt(&token("{\"exp\":1700000000,\"sub\":\"x\"}")), Some(at(1_700_000_000)));
        assert_eq!(of_jwt(&token("{\"exp\":1700000000000}")), Some(at(1_700_000_000)), "milliseconds");
        for other in [
            "opaque",
            "a.b",
            "a.b.c",
            &token("{}"),
            &token("{\"exp\":0}"),
            &token("{\"exp\":-1}"),
            &token("{\"exp\":1e300}"),
        ] {
            assert_eq!(of_jwt(other), None, "{other}");
        }
    }

    #[test]
    fn the_expiry_beside_a_token_is_read_in_the_notations_of_usual_programs() {
        let local = TimeZone::system().to_timestamp(jiff::civil::date(2023, 11, 14).at(22, 13, 20, 0)).expect("a time");
        let local = Some(at(u64::try_from(local.as_second()).expect("after 1970")));
        for (json, expected) in [
            ("{}", None),
            ("{\"expires_in\": 3600}", Some(at(1_003_600))),
            ("{\"expires_in\": \"3600\"}", Some(at(1_003_600))),
            ("{\"expires_in\": -1}", None),
            ("{\"expires_in\": 0}", None),
            ("{\"expires_in\": \"0\"}", None),
            ("{\"expires_at\": 0, \"expires_in\": 3600}", Some(at(1_003_600))),
            ("{\"expiry\": \"0001-01-01T00:00:00Z\"}", None),
            ("{\"expires_in\": \"soon\"}", None),
            ("{\"expires_on\": 1700000000, \"expiresOn\": \"2001-01-01 00:00:00\"}", Some(at(1_700_000_000))),
            ("{\"expires_on\": \"1700000000\"}", Some(at(1_700_000_000))),
            ("{\"expiresOn\": \"2023-11-14 22:13:20.000000\"}", local),
            ("{\"token_expiry\": \"2023-11-14T22:13:20Z\"}", Some(at(1_700_000_000))),
            ("{\"expirationTimestamp\": \"2023-11-14T23:13:20+01:00\"}", Some(at(1_700_000_000))),
            ("{\"exp\": 1700000000, \"expires_in\": 5}", Some(at(1_700_000_000))),
            ("{\"expires_at\": 1700000000000}", Some(at(1_700_000_000))),
            ("{\"expires_at\": 1e300}", None),
            ("{\"expires_at\": []}", None),
        ] {
            let members = serde_json::from_str(json).expect("JSON");
            assert_eq!(
                of_members(&members, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)),
                expected,
                "{json}"
            );
        }
    }
}
