//! Broken secrets and tokens: what the doctor finds, and that its advice works when it is followed.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

use crate::support::locked::{Lock, Locked, at, token};
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

/// The source, what it provides, what is said of it, and how the advice is followed.
type Case<'a> = (&'a str, &'a str, &'a [&'a str], &'a dyn Fn(&mut Setup));

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
    let cases: [Case<'_>; 9] = [
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
    ];
    for (source, content, says, follow) in cases {
        Situation { finding: "no-credentials", says, advises: &["source of the secret"], follow }
            .check(setup(&locked, source, content));
    }
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
        advises: &["source of the secret"],
        follow: &|setup| drop(setup.home.write("in", "")),
    }
    .check(with_script(setup(&locked, "command = [\"sh\", \"get.sh\"]", &good())));
    Situation {
        finding: "no-credentials",
        says: &["the program `gettoken` was not found"],
        advises: &["source of the secret"],
        follow: &|setup| setup.edit("gettoken", "cat"),
    }
    .check(setup(&locked, "command = [\"gettoken\", \"token\"]", &good()));
    Situation {
        finding: "no-credentials",
        says: &["no secret from the environment variable MY_TOKEN: it is not set"],
        advises: &["source of the secret"],
        follow: &|setup| setup.set("MY_TOKEN", &good()),
    }
    .check(setup(&locked, "env = \"MY_TOKEN\"", ""));
    for (source, advises) in [
        ("file = \"token\"", "Write a new token to"),
        ("command = [\"cat\", \"token\"]", "Log in again, so that `cat token` prints a new token"),
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

/// The text of a program, its permissions, and what is said of it.
type Program<'a> = (&'a [u8], u32, &'a [&'a str]);

#[test]
fn a_program_that_cannot_be_executed_is_named_with_the_cause() {
    let locked = Locked::new(Lock::Bearer);
    let good = b"#!/bin/sh\ncat token\n";
    let right = |setup: &mut Setup| program(setup, "get", good, 0o755);
    let rows: [Program<'_>; 6] = [
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
        Situation { finding: "no-credentials", says, advises: &["source of the secret"], follow: &right }.check(setup);
    }
    let folder = setup(&locked, "command = [\"./get\"]", &self::good());
    std::fs::create_dir(folder.home.path().join("get")).expect("a folder");
    Situation {
        finding: "no-credentials",
        says: &["`./get` is a directory"],
        advises: &["source of the secret"],
        follow: &|setup| {
            std::fs::remove_dir(setup.home.path().join("get")).expect("removed");
            right(setup);
        },
    }
    .check(folder);
    // A relative path starts at the working directory, which is the home here.
    let missing = setup(&locked, "command = [\"bin/get\"]", &self::good());
    let place = format!("a relative path starts at the working directory, {}", missing.home.path().display());
    Situation {
        finding: "no-credentials",
        says: &["the program `bin/get` was not found", &place],
        advises: &["source of the secret"],
        follow: &|setup| {
            std::fs::create_dir(setup.home.path().join("bin")).expect("a folder");
            program(setup, "bin/get", good, 0o755);
        },
    }
    .check(missing);
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
            assert!(all.contains("neither `~` nor a variable such as `$HOME` is expanded"), "{all}");
            assert!(all.contains("write the whole path"), "{all}");
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
        assert!(checked.out.contains(&format!("{key}: neither `~`")), "{checked:?}");
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
