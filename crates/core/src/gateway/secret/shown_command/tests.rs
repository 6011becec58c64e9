use super::*;

fn exists(path: &str) -> bool {
    ["./get-token", "./get.sh", "/etc/ssl/client.pem", "./get token.sh", "token"].contains(&path)
}

fn shown_words(line: &[&str]) -> Option<String> {
    shown(&line.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), &exists)
}

fn shown_line(line: &str) -> Option<String> {
    shown(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), &exists)
}

#[test]
fn the_usual_commands_for_tokens_are_shown() {
    for line in [
        "/usr/local/bin/get-token2",
        "./get-token prod",
        "sh ./get.sh",
        "cat token",
        "az account get-access-token --resource api://0c3b7f0e-6f51-4c1e-9f0a-2a6f3f3f7a11 --query accessToken -o tsv",
        "az account get-access-token --resource=https://example.com --output json",
        "gcloud auth print-identity-token",
        "gcloud auth print-identity-token --audiences=https://api.example.com",
        "gcloud auth application-default print-access-token",
        "gcloud secrets versions access latest --secret=prod-token",
        "op read op://vault/item/field",
        "op read op://Private/h2k3j4h5g6f7d8s9a0q1w2e3r4/credential2",
        "op read --account my.1password.com op://vault/item/field",
        "vault read -field=token secret/x",
        "vault kv get -field=token secret/gateway",
        "kubectl create token x",
        "kubectl create token ci-bot --namespace k8s2prod --duration 1h",
        "aws sso get-role-credentials --role-name Admin --account-id 111122223333 --region eu-west-1",
        "aws secretsmanager get-secret-value --secret-id prod/api/token --query SecretString --output text",
        "aws ssm get-parameter --name /prod/gateway/token --with-decryption --query Parameter.Value",
        "aws configure export-credentials --profile prod --format process",
        "aws sts get-caller-identity --profile prod",
        "aws-vault exec prod --json",
        "aws-vault export --format=json prod",
        "saml2aws script --profile x",
        "saml2aws script --profile=prod --shell=bash",
        "granted credential-process --profile prod/AWSAdministratorAccess",
        "oauth2l fetch --scope cloud-platform",
        "oauth2l fetch --scope https://www.googleapis.com/auth/cloud-platform",
        "okta token --client-id 0oa1b2c3d4e5f6g7h8i9",
        "gh auth token",
        "pass show work/gateway/token",
    ] {
        let expected = Some(line.to_owned());
        assert_eq!(shown_words(&line.split(' ').collect::<Vec<_>>()), expected);
        assert_eq!(shown_line(line), expected);
    }
    assert_eq!(shown_words(&["./get token.sh", "--json"]).as_deref(), Some("'./get token.sh' --json"));
}

#[test]
fn a_command_with_a_word_that_may_be_a_secret_is_not_shown() {
    for line in [
        &["x", "--password=hunter two"][..],
        &["x", "-d", "password=correct horse battery"],
        &["x", "-H", "X-Api-Key: abc def"],
        &["x", "--pw", "hunter"],
        &["x", "--pw", "--hunter"],
        &["x", "--secret-id", "hunter"],
        &["x", "--for", "hunter"],
        &["x", "--password", "/etc/ssl/client.pem"],
        &["x", "--password", "op://hunter/two/three"],
        &["x", "-phunter"],
        &["x", "-p", "hunter"],
        &["x", "op://hunter/two/three"],
        &["x", "hunter2"],
        &["docker", "login", "-p", "hunter"],
        &["vault", "login", "hunter"],
        &["vault", "token", "renew", "hunter"],
        &["tool", "login", "--profile", "x", "hunter"],
        &["echo", "hunter"],
        &["sudo", "echo", "hunter"],
        &["env", "PW=hunter", "tool"],
        &["tool", "--profile", "hunter two"],
        &["tool", "--profile", "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2ln"],
        &["tool", "8c1f2e3d4a5b6c7d8e9f0a1b2c3d4e5f60718293"],
        &["sh", "-c", "get-token"],
        &["curl -u bob:hunter2 https://x"],
        &["TOKEN=hunter", "get"],
        &[],
    ] {
        assert_eq!(shown_words(line), None, "{line:?}");
    }
    for line in [
        "PW=hunter get",
        "get; hunter",
        "get | vault",
        "get 'x'",
        "get \"x\"",
        "get $X",
        "get `x`",
        "get <<x",
        "get x\\ y",
        "(get)",
        "{get}",
        "get # hunter",
        "",
    ] {
        assert_eq!(shown_line(line), None, "{line:?}");
    }
}

/// The next of a sequence of numbers below `end` that looks random.
fn next(state: &mut u64, end: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap_or_default() % end
}

#[test]
fn no_part_of_a_planted_secret_is_ever_shown() {
    const SECRETS: [&str; 7] = [
        "hunter2x",
        "swordfish",
        "z0rro h0rse",
        "p@ssw0rd!",
        "Qz7Wm4Xk9Rt2",
        "wJalr/K7MD+ENG==",
        "correct-h0rse-battery",
    ];
    const FORMS: [&str; 34] = [
        "S",
        "--password S",
        "--password=S",
        "--pw S",
        "--for S",
        "--x=S",
        "-p S",
        "-pS",
        "-u bob:S",
        "-H 'X-Api-Key: S'",
        "-d 'grant=a&b=S'",
        "PW=S",
        "PW='S'",
        "; S",
        "\nS",
        "| S",
        "&& S",
        "$(S)",
        "`S`",
        "(S)",
        "a=(S b)",
        "<<E\nS\nE",
        "<<< S",
        "${PW:-S}",
        "'S'",
        "\"S\"",
        "{\"password\":\"S\"}",
        "https://bob:S@h/",
        "https://h/?k=S",
        "a,S",
        "[S]",
        "# S",
        "-c 'get S'",
        "login S",
    ];
    const PROGRAMS: [&str; 8] = ["get", "sh", "/opt/x/get-token", "aws", "vault", "echo", "./get-token", "curl"];
    const WORDS: [&str; 16] = [
        "account",
        "read",
        "get",
        "token",
        "login",
        "--json",
        "-v",
        "--profile",
        "--scope",
        "op://a/b/c",
        "create",
        "--secret",
        "-o",
        "json",
        "-field=token",
        "./get.sh",
    ];
    let mut state = 1;
    for _ in 0..60_000 {
        let secret = SECRETS[next(&mut state, SECRETS.len())];
        let form = FORMS[next(&mut state, FORMS.len())];
        // Letters in the place of a subcommand are one.
        if form == "S" && secret == "swordfish" {
            continue;
        }
        let mut words: Vec<String> =
            (0..next(&mut state, 5)).map(|_| WORDS[next(&mut state, WORDS.len())].to_owned()).collect();
        let at = next(&mut state, words.len() + 1);
        // A value of an option that names something is no secret.
        if at.checked_sub(1).is_some_and(|before| ["--profile", "--scope", "-o", "--secret"].contains(&&*words[before]))
        {
            continue;
        }
        let planted = form.replace('S', secret);
        match next(&mut state, 2) {
            0 => words.insert(at, planted),
            _ => drop(words.splice(at..at, planted.split(' ').map(str::to_owned))),
        }
        words.insert(0, PROGRAMS[next(&mut state, PROGRAMS.len())].to_owned());
        if let Some(shown) = shown(&words, &exists) {
            let characters: Vec<char> = secret.chars().collect();
            for part in characters.windows(4) {
                let part: String = part.iter().collect();
                assert!(!shown.contains(&part), "{part} of {words:?} in {shown}");
            }
        }
    }
}
