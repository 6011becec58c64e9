//! The path of a route for logs and messages.

use std::borrow::Cow;

/// Stands in place of a value.
const HIDDEN: &str = "•••";

/// Returns the path without the values in its query: a gateway may expect a key there. Placeholders stay.
pub fn shown_path(path: &str) -> Cow<'_, str> {
    let Some((before, query)) = path.split_once('?') else { return path.into() };
    // Only placeholders have braces.
    let is_public =
        |value: &str| value.is_empty() || (value.starts_with('{') && value.find('}') == Some(value.len() - 1));
    let shown = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some((_, value)) if is_public(value) => parameter.to_owned(),
        Some((name, _)) => format!("{name}={HIDDEN}"),
        None if parameter.is_empty() => String::new(),
        // Without a name, the parameter may be the key itself.
        None => HIDDEN.to_owned(),
    });
    format!("{before}?{}", shown.collect::<Vec<_>>().join("&")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_a_query_are_hidden_unless_they_are_placeholders() {
        for (path, expected) in [
            ("/jobs/{name}", "/jobs/{name}"),
            ("/status?arn={executionArn}&code=canary", "/status?arn={executionArn}&code=•••"),
            ("/status?code=can=ary&&empty=", "/status?code=•••&&empty="),
            ("/status?canary", "/status?•••"),
            ("/status?a=?canary{name}&b={name}canary{name}", "/status?a=•••&b=•••"),
            ("/status?", "/status?"),
        ] {
            assert_eq!(shown_path(path), expected);
        }
    }
}
