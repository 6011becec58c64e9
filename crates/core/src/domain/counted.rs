//! Counts of things in messages.

/// Returns a count with its noun: `1 line`, `2 lines`, `0 addresses`.
pub fn counted(count: usize, noun: &str) -> String {
    let ending = match noun {
        _ if count == 1 => "",
        noun if ["s", "x", "ch", "sh"].iter().any(|end| noun.ends_with(end)) => "es",
        _ => "s",
    };
    format!("{count} {noun}{ending}")
}

/// Returns the word that agrees with a count, such as `was` or `were`.
pub fn agreeing<'w>(count: usize, one: &'w str, others: &'w str) -> &'w str {
    if count == 1 { one } else { others }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noun_and_its_verb_agree_with_the_count() {
        let sentence = |count| format!("{} {} sent", counted(count, "line"), agreeing(count, "was", "were"));
        assert_eq!([0, 1, 2].map(sentence), ["0 lines were sent", "1 line was sent", "2 lines were sent"]);
        assert_eq!((counted(1, "address"), counted(3, "address")), ("1 address".into(), "3 addresses".into()));
    }
}
