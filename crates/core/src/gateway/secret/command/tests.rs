use std::time::{Duration, Instant};

use super::*;
use crate::domain::Endpoint;

/// What a shell script brings: its output, or the error in words.
async fn ran(script: &str) -> Result<String, String> {
    let words = ["sh".to_owned(), "-c".to_owned(), script.to_owned()];
    let commands = Commands::default();
    let result = commands.run(CommandLine(&words)).await;
    result.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_failure_quotes_the_last_lines_and_the_command_and_nothing_that_was_printed() {
    assert_eq!(ran("echo secret; echo hello >&2").await, Ok("secret\n".into()));
    let failed = ran("echo canary-token; echo 'trace canary-token' >&2; echo 'Please run az login' >&2; exit 3").await;
    let failed = failed.expect_err("it fails");
    assert!(
        failed.starts_with("it ended with exit status: 3, and said: trace ••• / Please run az login; run it by hand")
    );
    assert!(failed.ends_with(": `sh …`") && !failed.contains("canary"), "{failed}");
    let named = Commands::default().of_endpoint(&Endpoint::plain("e", "https://x.example").name);
    for (words, by_hand) in [
        (&["false", "--profile", "x"][..], "run it by hand"),
        (&["false", "--pw", "canary"], "run the `command` of `[endpoints.e]` by hand"),
    ] {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let failed = named.run(CommandLine(&words)).await.expect_err("it fails").to_string();
        assert!(failed.contains(by_hand) && !failed.contains("canary"), "{failed}");
    }
    let known = Redactor::default();
    known.add(&["known-secret".into()]);
    let words = ["sh", "-c", "cat known; echo known-secret >&2; false"].map(str::to_owned);
    let failed = Commands::new(known).run(CommandLine(&words)).await.expect_err("it fails").to_string();
    assert!(failed.contains("and said: cat: known: No such file or directory / •••;"), "{failed}");
}

#[tokio::test]
async fn a_program_that_is_missing_is_named() {
    let commands = Commands::default();
    for (words, expected) in [
        (
            vec!["/no/such/program".to_owned()],
            "the program `/no/such/program` was not found; install it, or give its path",
        ),
        (vec!["stepgate-no-such-program".into(), "x".into()], "the program `stepgate-no-such-program` was not found; "),
        (
            vec!["get -u bob:canary https://x".into()],
            "the program `get …` was not found; write the program and each argument as an item of its own",
        ),
        (vec!["PW=canary".into()], "the program `…` was not found; "),
        (vec![], "the command is empty"),
    ] {
        let failed = commands.run(CommandLine(&words)).await.expect_err("it is not there").to_string();
        assert!(failed.starts_with(expected) && !failed.contains("canary"), "{failed}");
    }
}

#[tokio::test]
async fn a_command_is_read_until_it_exits_and_not_until_its_children_do() {
    let began = Instant::now();
    assert_eq!(ran("sleep 60 & echo secret").await, Ok("secret\n".into()));
    assert_eq!(ran("sleep 60 >&2 & echo secret").await, Ok("secret\n".into()));
    assert!(ran("sleep 60 & echo no >&2; false").await.expect_err("it fails").contains("said: no;"));
    assert!(ran("yes >&2 & echo no; exit 7").await.is_err());
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn the_input_is_empty_and_what_runs_is_named() {
    assert_eq!(ran("read line; echo \"got $? <$line>\"").await, Ok("got 1 <>\n".into()));
    let commands = Commands::default();
    let mut running = commands.running();
    let other = commands.clone();
    let words = ["/bin/sleep", "600"].map(str::to_owned);
    let task = tokio::spawn(async move { other.run(CommandLine(&words)).await.map(drop) });
    let name = running.wait_for(Option::is_some).await.expect("it begins").clone();
    assert_eq!(name.as_deref(), Some("sleep"));
    task.abort();
    running.wait_for(Option::is_none).await.expect("it ends");
}

#[test]
fn a_program_is_named_without_its_folder_and_arguments() {
    for (words, expected) in [
        (&["aws-vault", "exec", "dev"][..], "aws-vault"),
        (&["/opt/corp tools/get token", "--secret", "x"], "corp …"),
        (&["/usr/bin/az", "account"], "az"),
        (&["saml2aws"], "saml2aws"),
        (&["x/"], "x/"),
        (&[], ""),
    ] {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(CommandLine(&words).program(), expected, "{words:?}");
    }
    let words = ["curl -u bob:canary https://x/y".to_owned()];
    assert_eq!(CommandLine(&words).program(), "curl …");
}
