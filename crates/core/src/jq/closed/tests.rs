use super::*;

fn apply(filter: &str, input: &str) -> Result<String, String> {
    let filter = Closed::compile(filter).map_err(|error| error.to_string())?;
    match filter.apply(input.as_bytes(), 1024)? {
        Output::Text(text) => Ok(format!("text {}", String::from_utf8(text).expect("UTF-8"))),
        Output::Json(json) => Ok(String::from_utf8(json).expect("UTF-8")),
    }
}

#[test]
fn a_string_is_its_content_and_everything_else_is_json() {
    for (filter, input, expected) in [
        (".input", r#"{"input":"{\"a\": 1.0,\n\"a\": 2}"}"#, "text {\"a\": 1.0,\n\"a\": 2}"),
        (".", r#""é\u00e9\ud83d\ude00\/""#, "text éé😀/"),
        ("{executionArn: .job}", r#"{"job":"x"}"#, r#"{"executionArn":"x"}"#),
        (".a", "{}", "null"),
        (".[1:]", "[1,2,3]", "[2,3]"),
        ("true", "null", "true"),
        ("{b: 1, a: 2}", "null", r#"{"b":1,"a":2}"#),
        ("first(repeat(1))", "0", "1"),
    ] {
        assert_eq!(apply(filter, input).as_deref(), Ok(expected), "{filter}");
    }
}

#[test]
fn numbers_keep_their_notation() {
    let numbers = r"[1e400,12345678901234567890,-12345678901234567890123456789,1.10,1E5,1e-400,-0,-0.0,0,0.1e+01,100]";
    assert_eq!(apply(".", numbers).as_deref(), Ok(numbers));
    let quoted = serde_json::json!(numbers).to_string();
    assert_eq!(apply("fromjson", &quoted).as_deref(), Ok(numbers));
    assert_eq!(apply("fromjson | tojson", &quoted), Ok(format!("text {numbers}")));
    assert_eq!(apply("fromjson | .[3] | \"x\\(.)\"", &quoted).as_deref(), Ok("text x1.10"));
    assert_eq!(apply("{a: .[0]}", numbers).as_deref(), Ok(r#"{"a":1e400}"#));
}

#[test]
fn of_members_with_the_same_name_the_last_one_remains() {
    assert_eq!(apply(".", r#"{"a":1,"b":2,"a":3}"#).as_deref(), Ok(r#"{"a":3,"b":2}"#));
    assert_eq!(apply(".", "{\"a\" : [ ] , \"b\":{ }\n}").as_deref(), Ok(r#"{"a":[],"b":{}}"#));
}

#[test]
fn only_the_input_can_be_read() {
    for (filter, expected) in [
        ("env", "there is no filter `env/0` (character 1 of the filter)"),
        ("{a: $ENV}", "there is no variable `$ENV` (character 5 of the filter)"),
        (". | now", "there is no filter `now/0` (character 5 of the filter)"),
        ("input", "there is no filter `input/0` (character 1 of the filter)"),
        ("[inputs]", "there is no filter `inputs/0` (character 2 of the filter)"),
        ("input_filename", "there is no filter `input_filename/0` (character 1 of the filter)"),
        ("localtime", "there is no filter `localtime/0` (character 1 of the filter)"),
        ("strflocaltime(\"%Z\")", "there is no filter `strflocaltime/1` (character 1 of the filter)"),
        ("debug", "there is no filter `debug/0` (character 1 of the filter)"),
        ("debug(.)", "there is no filter `debug/1` (character 1 of the filter)"),
        ("stderr", "there is no filter `stderr/0` (character 1 of the filter)"),
        ("halt", "there is no filter `halt/0` (character 1 of the filter)"),
        ("halt_error", "there is no filter `halt_error/0` (character 1 of the filter)"),
        ("$__prog_args", "there is no variable `$__prog_args` (character 1 of the filter)"),
        ("get_search_list", "there is no filter `get_search_list/0` (character 1 of the filter)"),
        ("system(\"ls\")", "there is no filter `system/1` (character 1 of the filter)"),
    ] {
        assert_eq!(check(filter).expect_err(filter).to_string(), expected);
    }
    for filter in ["import \"a\" as a; .", "include \"/etc/passwd\"; .", "import \"/etc/passwd\" as $a; $a"] {
        check(filter).expect_err(filter);
    }
}

#[test]
fn an_invalid_filter_is_reported_with_its_position() {
    for (filter, expected) in [
        ("{a: .b", "expected closing brace at the end (character 7 of the filter)"),
        (".a | foo(1) | .b", "there is no filter `foo/1` (character 6 of the filter)"),
        ("\n{\n  a: .b,\n  é: 1 | nix\n}\n", "(line 4, character 3 of the filter)"),
        ("\n  .a\n  | nix\n", "there is no filter `nix/0` (line 3, character 5 of the filter)"),
        ("\"é\" | x", "there is no filter `x/0` (character 7 of the filter)"),
        ("", "the filter is empty"),
        (" \n", "the filter is empty"),
    ] {
        let message = check(filter).expect_err(filter).to_string();
        assert!(message.contains(expected), "{filter}: {message}");
    }
    assert!(check(&"x".repeat(LONGEST + 1)).expect_err("too long").to_string().contains("at most 10000 bytes"));
}

#[test]
fn the_longest_and_deepest_filters_can_be_compiled() {
    let half = LONGEST / 2;
    for filter in [
        "(".repeat(LONGEST),
        "[".repeat(LONGEST),
        "{a:".repeat(LONGEST / 3),
        "-".repeat(LONGEST),
        "\"\\(".repeat(LONGEST / 3),
    ] {
        check(&filter).expect_err("unfinished");
    }
    for filter in [
        format!("{}1{}", "[".repeat(half - 1), "]".repeat(half - 1)),
        format!("{}1{}", "(".repeat(half - 1), ")".repeat(half - 1)),
        format!(".{}", "|.".repeat(half - 1)),
        format!(".{}", ",.".repeat(half - 1)),
        ".a".repeat(half),
    ] {
        check(&filter).expect("it compiles");
    }
}

#[test]
fn there_is_exactly_one_result() {
    for (filter, input, expected) in [
        ("empty", "1", "it has no result"),
        (".[]", "[]", "it has no result"),
        (".[]", "[1,2]", "it has more than one result"),
        ("repeat(1)", "1", "it has more than one result"),
        (".a", "[1]", "cannot index an array with \"a\""),
        ("[limit(2000; repeat(0))]", "1", "its result is larger than 0 MiB"),
        ("\"x\" * 2000", "1", "its result is larger than 0 MiB"),
        ("nan", "1", "its result is not JSON"),
        ("[infinite]", "1", "its result is not JSON"),
        ("\"a\" | tobytes", "1", "its result is not JSON"),
        ("{(1, 2 | tostring | .[:1] | fromjson): 3}", "1", "it has more than one result"),
        ("{(. | . + 0): 3}", "1", "its result is not JSON"),
        ("\"/w==\" | @base64d", "1", "its result is not UTF-8"),
        ("[\"/w==\" | @base64d]", "1", "its result is not UTF-8"),
        (".", "{", "its input is not JSON"),
        (".", "b\"x\"", "its input is not JSON"),
        (".", "1 2", "its input is not JSON"),
        (".", "# comment\n1", "its input is not JSON"),
        (".", "NaN", "its input is not JSON"),
        (".", "\"\\ud800\"", "its input is not JSON"),
    ] {
        assert_eq!(apply(filter, input).expect_err(filter), expected, "{filter} {input}");
    }
}

#[test]
fn messages_contain_no_value_of_the_input() {
    let secret = r#"{"card":"4711 with \"x\" as {y}","n":4711,"l":["4711"],"o":{"k":4711}}"#;
    for (filter, expected) in [
        (".card.number", "cannot index a string with \"number\""),
        (".n.a", "cannot index a number with \"a\""),
        (".l.a", "cannot index an array with \"a\""),
        (".[.card].x.y", ""),
        (".o[.card]", ""),
        (".o + .l", "cannot calculate an object + an array"),
        (".l - .n", "cannot calculate an array - a number"),
        (".card | fromjson", "cannot use a string as JSON"),
        (".card | tonumber", "cannot use a string as JSON"),
        (".o | ltrimstr(1) | explode", "cannot use an object as string"),
        (".o[]", ""),
        ("error", "it raises an object"),
        ("error(.l)", "it raises an array"),
        ("error(null)", "it raises null"),
        (".o | has(1)", ""),
        (".n | keys", "cannot use a number"),
        (".card | implode", "cannot use"),
        (".n | test(\"a\")", "cannot use a number as string"),
        ("true | length", "a boolean has no length"),
        (".card | @base64d", ""),
        (".card | strptime(\"%Y\")", ""),
        (".o | todate", "cannot use an object"),
        ("[.card] | from_entries", "cannot index a string with a string"),
        (".l | join(1)", ""),
        (".n | .[1:]", ""),
        (".card |= empty | .n |= error", ""),
        ("path(.n + 1)", "invalid path expression with input an object"),
        ("\"x\" | test(.card; .card)", ""),
    ] {
        let result = apply(filter, secret);
        if let Err(message) = &result {
            assert!(!message.contains("4711") && message.contains(expected), "{filter}: {message}");
        } else {
            assert_eq!(expected, "", "{filter}: {result:?}");
        }
    }
    assert_eq!(apply("error(\"no job: \" + .why)", r#"{"why":"gone"}"#), Err("no job: gone".into()));
    let long = apply("error(\"x\" * 1000)", "1").expect_err("an error");
    assert_eq!(long.chars().count(), 301);
}
