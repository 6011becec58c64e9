//! A response as text: optionally its HTTP status and error type, then its body.
//!
//! `{"status":"RUNNING"}` is a body that came with HTTP 200; `403 ForbiddenException {"message":"Forbidden"}` has both.

use stepgate_core::gateway::fuzzing::ResponseHead;

/// The head and the body.
pub fn split(data: &[u8]) -> (ResponseHead, &[u8]) {
    let digits = data.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let status = std::str::from_utf8(&data[..digits]).ok().and_then(|text| text.parse().ok());
    let Some(status) = status.filter(|status| (100..600).contains(status)) else {
        return (ResponseHead { status: 200, ..ResponseHead::default() }, data);
    };
    let (_, rest) = word(&data[digits..], |_| false);
    let (error_type, body) = word(rest, |byte| byte.is_ascii_alphanumeric() || b".#:/".contains(&byte));
    let error_type = (!error_type.is_empty()).then(|| String::from_utf8_lossy(error_type).into_owned());
    (ResponseHead { status, error_type, location: None }, body)
}

/// The bytes at the beginning that `belongs` accepts, and those behind them without the white space in between.
fn word(data: &[u8], belongs: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let (word, rest) = data.split_at(data.iter().take_while(|byte| belongs(**byte)).count());
    (word, rest.trim_ascii_start())
}
