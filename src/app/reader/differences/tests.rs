//! Differences of texts, and their limits.

use super::excerpt::SHOWN;
use super::side::STEPS;
use super::*;

fn lines(left: &str, right: &str) -> Vec<String> {
    let side = |text: Option<String>| text.unwrap_or_else(|| "·".to_owned());
    let line = |found: Difference| format!("{} {} {}", found.path, side(found.left), side(found.right));
    found(left, right).0.into_iter().map(line).collect()
}

fn found(left: &str, right: &str) -> (Vec<Difference>, bool) {
    match differences(left, right) {
        Compared::Differences(found, are_more) => (found, are_more),
        Compared::TooLarge => panic!("too large"),
    }
}

#[test]
fn members_are_matched_by_name_and_items_by_index() {
    let left = r#"{"a":1,"b":[1,2,{"x":true}],"gone":{"y":[1, 2]},"e":{ }}"#;
    let right = r#"{ "e": {}, "b": [1, 3, {"x": false}, 4], "a": 1, "new": null }"#;
    assert_eq!(
        lines(left, right),
        [".gone {\"y\":[1, 2]} ·", ".new · null", ".b[3] · 4", ".b[1] 2 3", ".b[2].x true false"]
    );
    assert_eq!(lines(left, left), Vec::<String>::new());
    assert_eq!(lines("{\"a\": [1]}", "{ \"a\":[1] }"), Vec::<String>::new());
}

#[test]
fn values_are_compared_as_written() {
    assert_eq!(lines("1.0", "1"), [". 1.0 1"]);
    assert_eq!(lines("{\"a\":[]}", "{\"a\":{}}"), [".a [] {}"]);
    assert_eq!(lines("[1]", "{}"), [". [1] {}"]);
    assert_eq!(lines(r#"{"a":1,"a":2}"#, r#"{"a":1,"a":3}"#), [".a 2 3"]);
}

#[test]
fn other_text_than_json_is_one_difference() {
    assert_eq!(lines("Boom", "{}"), [" Boom {}"]);
    assert_eq!(lines("", "x"), [" · x"]);
}

#[test]
fn plain_texts_are_shown_from_their_first_difference() {
    let same = "注".repeat(3_000);
    let found = lines(&format!("{same}a{same}"), &format!("{same}b"));
    let (before, rest) = ("注".repeat(BEFORE + 1), "注".repeat(SHOWN - BEFORE - 2));
    assert_eq!(found, [format!(" …{before}a{rest}… …{before}b")]);
}

#[test]
fn the_result_is_bounded_for_any_shape() {
    let deep = |inside: &str| format!("{}{inside}{}", "[".repeat(100_000), "]".repeat(100_000));
    let numbers = |from: usize, count: usize| {
        format!("[{}]", (from..from + count).map(|n| n.to_string()).collect::<Vec<_>>().join(","))
    };
    let keys = |text: &str| {
        let members: Vec<String> = (0..30_000).map(|n| format!("\"k{n}{text}\":{n}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let wide = |text: &str| format!("[{}]", vec![text; 50_000].join(","));
    let blanks = |text: &str| {
        format!(
            "{{{}{}}}",
            " ".repeat(200_000),
            (0..25_000).map(|n| format!("\"{n}{text}\":1")).collect::<Vec<_>>().join(",")
        )
    };
    let fat = |text: &str| format!("[{}]", vec![format!("\"{}{text}\"", "x".repeat(4_000)); 100].join(","));
    let tower = |text: &str| {
        format!("{}[{}]{}", "{\"a long name\":".repeat(25_000), vec![text; 1_000].join(","), "}".repeat(25_000))
    };
    for (left, right) in [
        ("[1]".to_owned(), numbers(0, 100_000)),
        (numbers(0, 100_000), "[1]".to_owned()),
        (numbers(0, 80_000), numbers(1, 80_000)),
        (keys("a"), keys("b")),
        (keys("a"), "{}".to_owned()),
        (deep("1"), deep("2")),
        (deep("1"), "[]".to_owned()),
        (wide("[1]"), wide("[2]")),
        (blanks("a"), blanks("b")),
        (fat("a"), fat("b")),
        (tower("1"), tower("2")),
        ("x".repeat(500_000), "x".repeat(499_999)),
    ] {
        let (found, _) = found(&left, &right);
        assert!((1..=MOST).contains(&found.len()));
        let shown = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
        for found in &found {
            assert!(found.path.chars().count() <= SHOWN + 1, "{}", found.path);
            assert!(shown(&found.left) <= SHOWN + 2 && shown(&found.right) <= SHOWN + 2);
        }
    }
    assert_eq!(differences("[1]", &format!("[{}1]", "1,".repeat(MOST_BYTES))), Compared::TooLarge);
    assert!(found("[]", &numbers(0, 1_000)).1);
}

#[test]
fn deep_paths_are_shortened_to_their_ends() {
    let deep = |inside: &str| format!("{}{inside}{}", "{\"a\":[0,".repeat(1_000), "]}".repeat(1_000));
    let path = &found(&deep("1"), &deep("2")).0[0].path;
    assert_eq!(*path, format!("…{}", ".a[1]".repeat(STEPS / 2)));
}
