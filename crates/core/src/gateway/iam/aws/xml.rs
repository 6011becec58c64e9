//! Reads single elements of the XML that STS answers with: they have no attributes, and texts without markup. Pure.

/// Returns what is inside the first element of this name.
pub(super) fn inside<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (inside, _) = rest.split_once(&format!("</{name}>"))?;
    Some(inside)
}

/// Returns the text of the first element of this name.
pub(super) fn text(xml: &str, name: &str) -> Option<String> {
    let mut rest = inside(xml, name)?.trim();
    let mut text = String::with_capacity(rest.len());
    while let Some((before, entity)) = rest.split_once('&') {
        text.push_str(before);
        let known = entity.split_once(';').and_then(|(name, rest)| Some((character(name)?, rest)));
        let (character, after) = known.unwrap_or(('&', entity));
        text.push(character);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// Returns the character that an entity stands for.
fn character(entity: &str) -> Option<char> {
    match entity {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_with_their_entities() {
        for (xml, expected) in [
            ("<a><Code>Denied</Code></a>", Some("Denied")),
            ("<a><Code>\n  Denied\n</Code><Code>no</Code></a>", Some("Denied")),
            ("<Code>a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos;</Code>", Some("a & b <c> \"d\" 'e'")),
            ("<Code>&amp;lt; &#65;&#x42;&#X43; &nbsp; &#xD800; & &;</Code>", Some("&lt; ABC &nbsp; &#xD800; & &;")),
            ("<Code></Code>", Some("")),
            ("<Code>open", None),
            ("<Codes>no</Codes>", None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(text(xml, "Code").as_deref(), expected, "{xml}");
        }
        assert_eq!(inside("<a><b>c</b></a>", "a"), Some("<b>c</b>"));
    }
}
