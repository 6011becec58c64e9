//! Whether an ARN that a filter returns was received, or composed by the filter.

/// The largest body that is parsed to look for an ARN.
const MOST_PARSED: usize = 64 * 1024;

/// Returns whether a body contains an ARN, also percent-encoded as in a URL, or escaped as in JSON.
pub(super) fn contains(body: &[u8], arn: &str) -> bool {
    let text = String::from_utf8_lossy(body);
    if text.contains(arn) || percent_decoded(&text).contains(arn) {
        return true;
    }
    let parsed = (body.len() <= MOST_PARSED).then(|| serde_json::from_slice::<serde_json::Value>(body).ok());
    parsed.flatten().is_some_and(|value| value.to_string().contains(arn))
}

fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = code.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
