//! Broken secrets and tokens: what the doctor finds, and that following its advice repairs them.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

use crate::support::expiring_credentials::{Lock, Locked, at, token};
use crate::support::situation::{Setup, Situation};

/// The end of each good token; a part of it that shows is found.
const SECRET: &str = "canary";

fn good() -> String {
    token(SystemTime::now() + Duration::from_secs(3_600))
}

fn expired() -> String {
    token(SystemTime::now() - Duration::from_secs(60))
}

/// A token in a file, or from a script that prints this.
fn setup(locked: &Locked, source: &str, content: &str) -> Setup {
    let home = at(locked, &format!("{{ type = \"bearer\", {source} }}"), "");
    home.write("token", content);
    let mut setup = Setup::new(home);
    setup.secrets.push(SECRET.into());
    setup.set("PATH", "/usr/local/bin:/usr/bin:/bin");
    setup
}

/// The source, its contents, the message about it, and how the advice is followed.
type Case<'a> = (&'a str, &'a str, &'a [&'a str], &'a dyn Fn(&mut Setup));

#[expect(clippy::too_many_lines, reason = "a table of situations")]
#[test]
fn a_token_that_cannot_be_used_is_named_and_the_advice_helps() {
    let locked = Locked::new(Lock::Bearer);
    let tokens = format!("{{\"access_token\": \"{0}\", \"id_token\": \"{0}\"}}", good());
    let other = format!("{{\"jwt\": \"{}\"}}", good());
    let (two_lines, spaces) = (format!("{}\n{}", good(), good()), format!("ERROR {}", good()));
    let zero_width = format!("{}\u{200b}", good());
    let file = "file = \"token\"";
    let json = |member: &'static str| {
        move |setup: &mut Setup| setup.edit("file = \"token\"", &format!("file = \"token\", json = \"{member}\""))
    };
    let write = |setup: &mut Setup| drop(setup.home.write("token", &good()));
    let (id, jwt) = (json(".id_token"), json(".jwt"));
    let utf16: String = format!("\u{feff}{}", good());
    let utf16 = utf16.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let error = "{\"error\":\"invalid_grant\",\"error_description\":\"The refresh token has expired.\"}";
    let page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n";
    let variable = "the name of a variable that was not replaced";
    let in_object = format!("{{'access_token': '{}'}}", good());
    let (two_objects, pairs) =
        (format!("{{\"access_token\": \"{}\"}}\n{{}}", good()), format!("access_token={}&expires_in=3600", good()));
    let (assigned, colon, python) =
        (format!("TOKEN={}", good()), format!("token: {}", good()), format!("b'{}'", good()));
    let (curly, comma) = (format!("“{}”", good()), format!("{},", good()));
    let reference = "it names a secret; to read the secret, use `command`";
    let cases: [Case<'_>; 36] = [
        (file, &in_object, &["it is broken JSON (key must be a string"], &write),
        (file, &two_objects, &["it is broken JSON (trailing characters"], &write),
        (file, "{\"access_token\": ", &["it is broken JSON"], &write),
        (file, &pairs, &["it has the form NAME=VALUE"], &write),
        (file, &assigned, &["it has the form NAME=VALUE"], &write),
        (file, &colon, &["it has the form NAME: VALUE"], &write),
        (file, &python, &["it is a byte string of Python"], &write),
        (file, &curly, &["typographic quotes; remove them"], &write),
        (file, &comma, &["it ends with `,`; remove that"], &write),
        (file, "op://vault/item/token", &[reference], &write),
        (file, "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x", &[reference], &write),
        (file, "/run/secrets/token", &["it is the path of a file", "use `file`"], &write),
        (file, "file:///run/token", &["it is the path of a file", "use `file`"], &write),
        (file, "Unauthorized", &["it is the word `unauthorized`, so its source has failed"], &write),
        (file, &tokens, &["JSON with several tokens", "`json = \".id_token\"`"], &id),
        (file, &other, &["it is JSON", "it has the members jwt"], &jwt),
        ("file = \"token\", json = \".x\"", &other, &["its JSON has no string at `.x`", "jwt"], &|setup| {
            setup.edit("\".x\"", "\".jwt\"");
        }),
        ("file = \"token\", json = \".x\"", &good(), &["it is not JSON, but `json` is set"], &|setup| {
            setup.edit(", json = \".x\"", "");
        }),
        (file, &two_lines, &["more than one line"], &write),
        (file, &spaces, &["it contains a space"], &write),
        (file, &zero_width, &["invisible", "copy it again"], &write),
        (file, "null\n", &["it is the word `null`"], &write),
        (file, " \n", &["it is empty"], &write),
        (file, "None", &["it is the word `none`"], &write),
        (file, "undefined", &["it is the word `undefined`"], &write),
        (file, "Bearer", &["it is only the word `bearer`, without a token after it"], &write),
        (file, "Bearer \n", &["it is only the word `bearer`"], &write),
        (file, "Bearer null", &["it is the word `null`"], &write),
        (file, "$TOKEN", &[variable], &write),
        (file, "Bearer ${TOKEN}", &[variable], &write),
        (file, "%TOKEN%", &[variable], &write),
        (file, "<token>", &["it is a placeholder"], &write),
        (file, "YOUR_TOKEN", &["it is a placeholder"], &write),
        (file, "{\"access_token\": \"YOUR_ACCESS_TOKEN\"}", &["it is a placeholder"], &write),
        (file, page, &["it is a web page, \"Sign in\""], &write),
        (file, error, &["it is an error message: invalid_grant: The refresh token has expired."], &write),
    ];
    for (source, content, says, follow) in cases {
        let is_of_json = says.iter().any(|part| part.contains("JSON") && !part.contains("broken"));
        let advises =
            if is_of_json { "Correct `json` next to the source" } else { "Write the secret, and nothing else, to " };
        let setup = setup(&locked, source, content);
        let started = setup.run(&["start", "m"]).expect(2);
        assert!(started.err.contains(says[0]) && started.err.contains(advises), "{started:?}");
        Situation { finding: "no-credentials", says, advises: &[advises], follow }.check(setup);
    }
    // The variable and the command are named too.
    for (content, says) in [("<token>", "it is a placeholder"), (error, "it is an error message: invalid_grant")] {
        let mut variable = setup(&locked, "env = \"MY_TOKEN\"", "");
        variable.set("MY_TOKEN", content);
        Situation {
            finding: "no-credentials",
            says: &[says],
            advises: &["Set MY_TOKEN to the secret in the shell or service that starts stepgate."],
            follow: &|setup| setup.set("MY_TOKEN", &good()),
        }
        .check(variable);
        Situation {
            finding: "no-credentials",
            says: &[says],
            advises: &["Correct the command `cat`", "it must print the secret, and nothing else"],
            follow: &write,
        }
        .check(setup(&locked, "command = [\"cat\", \"token\"]", content));
    }
    let other_encoding = setup(&locked, file, "");
    std::fs::write(other_encoding.home.path().join("token"), utf16).expect("written");
    let told = other_encoding.run(&["doctor"]).expect(2);
    assert_eq!(told.out.matches("UTF-8").count(), 1, "{told:?}");
    Situation {
        finding: "no-credentials",
        says: &["UTF-16", "save it as UTF-8"],
        advises: &["Write the secret, and nothing else, to "],
        follow: &write,
    }
    .check(other_encoding);
}

#[test]
fn a_source_that_fails_is_named_with_its_reason_and_the_advice_helps() {
    let locked = Locked::new(Lock::Bearer);
    let write = |setup: &mut Setup| drop(setup.home.write("token", &good()));
    let script = "if [ -e in ]; then cat token; else echo 'Please run az login' >&2; exit 1; fi\n";
    let with_script = |setup: Setup| {
        setup.home.write("get.sh", script);
        setup
    };
    Situation {
        finding: "no-credentials",
        says: &["ended with exit status: 1", "and said: Please run az login", "run it by hand: `sh get.sh`"],
        advises: &["Correct the command `sh` or what it needs"],
        follow: &|setup| drop(setup.home.write("in", "")),
    }
    .check(with_script(setup(&locked, "command = [\"sh\", \"get.sh\"]", &good())));
    Situation {
        finding: "no-credentials",
        says: &["the program `gettoken` was not found"],
        advises: &["Correct the command `gettoken`"],
        follow: &|setup| setup.edit("gettoken", "cat"),
    }
    .check(setup(&locked, "command = [\"gettoken\", \"token\"]", &good()));
    Situation {
        finding: "no-credentials",
        says: &["no secret from the environment variable MY_TOKEN: it is not set"],
        advises: &["Set MY_TOKEN to the secret in the shell or service that starts stepgate."],
        follow: &|setup| setup.set("MY_TOKEN", &good()),
    }
    .check(setup(&locked, "env = \"MY_TOKEN\"", ""));
    for (source, advises) in [
        ("file = \"token\"", "Write a new token to"),
        ("command = [\"cat\", \"token\"]", "Log in again, so that `cat token` prints a new token"),
        (
            "command = [\"sh\", \"-c\", \"cat token\", \"--password\", \"plan-canary-1\"]",
            "Log in again, so that `sh …` prints a new token",
        ),
    ] {
        Situation { finding: "credentials-expired", says: &["have expired"], advises: &[advises], follow: &write }
            .check(setup(&locked, source, &expired()));
    }
    let mut from_environment = setup(&locked, "env = \"MY_TOKEN\"", "");
    from_environment.set("MY_TOKEN", &expired());
    Situation {
        finding: "credentials-expired",
        says: &["have expired"],
        advises: &["Set MY_TOKEN to a new token"],
        follow: &|setup| setup.set("MY_TOKEN", &good()),
    }
    .check(from_environment);
    Situation { finding: "token-refused", says: &[], advises: &["Get a new token"], follow: &write }.check(setup(
        &locked,
        "file = \"token\"",
        "opaque-canary-token",
    ));
}

/// Writes a program with these permissions.
fn program(setup: &Setup, name: &str, text: &[u8], mode: u32) {
    let path = setup.home.path().join(name);
    std::fs::write(&path, text).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
}

/// The text of a program, its permissions, and the message about it.
type Session<'a> = (&'a [u8], u32, &'a [&'a str]);

#[test]
fn a_program_that_cannot_be_executed_is_named_with_the_cause() {
    let locked = Locked::new(Lock::Bearer);
    let good = b"#!/bin/sh\ncat token\n";
    let right = |setup: &mut Setup| program(setup, "get", good, 0o755);
    let rows: [Session<'_>; 6] = [
        (b"cat token\n", 0o755, &["`./get` is a script without a `#!` line", "begin it with `#!/bin/sh`"]),
        (good, 0o644, &["`./get` is not executable", "run `chmod +x ./get`"]),
        (b"#!/no/such/shell\ncat token\n", 0o755, &["the interpreter `/no/such/shell` in the first line of `./get`"]),
        (b"#!/bin/sh\r\ncat token\r\n", 0o755, &["`./get` has Windows line ends", "Unix line ends"]),
        (b"MZ\x90\0\x03\0\0\0", 0o755, &["`./get` is not a program for this system"]),
        // Its own failure is not the system's.
        (b"#!/bin/sh\nno-such-program\n", 0o755, &["it ended with exit status: 127", "no-such-program"]),
    ];
    for (text, mode, says) in rows {
        let setup = setup(&locked, "command = [\"./get\"]", &self::good());
        program(&setup, "get", text, mode);
        let started = setup.run(&["start", "m"]).expect(2);
        assert!(says.iter().all(|part| started.err.contains(part)), "{started:?}");
        Situation { finding: "no-credentials", says, advises: &["Correct the command `get`"], follow: &right }
            .check(setup);
    }
    let folder = setup(&locked, "command = [\"./get\"]", &self::good());
    std::fs::create_dir(folder.home.path().join("get")).expect("a folder");
    Situation {
        finding: "no-credentials",
        says: &["`./get` is a directory"],
        advises: &["Correct the command `get`"],
        follow: &|setup| {
            std::fs::remove_dir(setup.home.path().join("get")).expect("removed");
            right(setup);
        },
    }
    .check(folder);
    // A relative path starts at the working directory, which is the home here.
    let missing = setup(&locked, "command = [\"bin/get\"]", &self::good());
    let gateway = format!("a relative path starts at the working directory, {}", missing.home.path().display());
    Situation {
        finding: "no-credentials",
        says: &["the program `bin/get` was not found", &gateway],
        advises: &["Correct the command `get`"],
        follow: &|setup| {
            std::fs::create_dir(setup.home.path().join("bin")).expect("a folder");
            program(setup, "bin/get", good, 0o755);
        },
    }
    .check(missing);
}

#[test]
fn the_command_to_run_by_hand_can_be_run_or_is_not_shown() {
    let locked = Locked::new(Lock::Bearer);
    let script = b"#!/bin/sh\necho 'not logged in' >&2\nexit 3\n";
    for (command, by_hand) in [
        (vec!["./bin2/get-token2", "--profile", "x509v3"], "run it by hand: `./bin2/get-token2 --profile x509v3`"),
        (
            vec!["./saml2aws", "script", "--profile", "k8s2prod"],
            "run it by hand: `./saml2aws script --profile k8s2prod`",
        ),
        (vec!["./op", "read", "op://vault/item2x/field"], "run it by hand: `./op read op://vault/item2x/field`"),
        (vec!["./gcloud", "auth", "print-identity-token"], "run it by hand: `./gcloud auth print-identity-token`"),
        (
            vec!["sh", "-c", "./gcloud auth print-identity-token"],
            "run the `command` of `[endpoints.e]` by hand: `sh …`",
        ),
        (vec!["./oauth2l", "--password", "plan-canary-1"], "run the `command` of `[endpoints.e]` by hand: `oauth2l …`"),
        (vec!["./oauth2l", "--password=plan canary-1"], "run the `command` of `[endpoints.e]` by hand: `oauth2l …`"),
        (vec!["sh", "-c", "PW=plan-canary-1 ./op read x2y"], "run the `command` of `[endpoints.e]` by hand: `sh …`"),
        (vec!["sh", "-c", "./op read x <<E\nplan-canary-1\nE"], "run the `command` of `[endpoints.e]` by hand: `sh …`"),
    ] {
        let words: Vec<String> = command.iter().map(|word| format!("{word:?}")).collect();
        let setup = setup(&locked, &format!("command = [{}]", words.join(", ")), &good());
        std::fs::create_dir(setup.home.path().join("bin2")).expect("a folder");
        for name in ["bin2/get-token2", "saml2aws", "op", "gcloud", "oauth2l"] {
            program(&setup, name, script, 0o755);
        }
        Situation {
            finding: "no-credentials",
            says: &["it ended with exit status: 3", "and said: not logged in", by_hand],
            advises: &["Correct the command"],
            follow: &|setup| {
                for name in ["bin2/get-token2", "saml2aws", "op", "gcloud", "oauth2l"] {
                    program(setup, name, b"#!/bin/sh\ncat token\n", 0o755);
                }
            },
        }
        .check(setup);
    }
}

#[test]
fn a_path_that_only_a_shell_would_expand_is_refused_by_config_check() {
    let locked = Locked::new(Lock::Bearer);
    for (source, right) in [
        ("file = \"~/token\"", "file = \"token\""),
        ("file = \"$HOME/token\"", "file = \"token\""),
        ("command = [\"~/bin/get\"]", "command = [\"cat\", \"token\"]"),
        ("command = [\"${HOME}/bin/get\", \"~/x\"]", "command = [\"cat\", \"token\"]"),
    ] {
        let setup = setup(&locked, source, &good());
        for arguments in [&["config", "check"][..], &["start", "m"], &["doctor"]] {
            let ran = setup.run(arguments).expect(2);
            let all = format!("{}{}", ran.out, ran.err);
            assert!(all.contains("`~` and variables such as `$HOME` are not expanded"), "{all}");
            assert!(all.contains("write the full path"), "{all}");
        }
        setup.edit(source, right);
        setup.run(&["config", "check"]).expect(0);
        setup.run(&["doctor"]).expect(0);
    }
    // The argument of a program is its own.
    setup(&locked, "command = [\"sh\", \"-c\", \"cat ~/token\"]", &good()).run(&["doctor"]).expect(0);
    for key in ["ca-file", "client-certificate"] {
        let setup = setup(&locked, "file = \"token\"", &good());
        setup.edit("auth =", &format!("{key} = \"~/x.pem\"\nauth ="));
        let checked = setup.run(&["config", "check"]).expect(2);
        assert!(checked.out.contains(&format!("{key}: `~` and variables")), "{checked:?}");
    }
}

#[test]
fn what_is_understood_is_good() {
    let locked = Locked::new(Lock::Bearer);
    for text in [
        format!("\u{feff}Bearer {}\r\n", good()),
        format!("\"{}\"", good()),
        format!("{{\n \"accessToken\": \"{}\",\n \"expires_on\": 4102444800\n}}", good()),
    ] {
        let ran = setup(&locked, "file = \"token\"", &text).run(&["doctor"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}
