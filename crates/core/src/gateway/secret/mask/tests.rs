use super::*;

#[test]
fn what_may_be_a_secret_is_masked() {
    for (text, expected) in [
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = •••"),
        (
            "+ aws configure set aws_secret_access_key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "+ aws configure set aws_secret_access_key •••",
        ),
        ("got wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY here", "got ••• here"),
        ("password = hunter2-Zebra", "password = •••"),
        ("password = correct horse battery", "password = •••"),
        ("password: swordfish\n", "password: •••\n"),
        ("+ login --password Tr0ub4dor --user bob", "+ login --password ••• --user bob"),
        ("+ login --password swordfish", "+ login --password •••"),
        ("+ login --password 'it'\\''s mine' x", "+ login --password ••• x"),
        ("client_secret=abc/def+secretpart1", "client_secret=•••"),
        ("client_secret=p@ss!w$rd&x y", "client_secret=••• y"),
        ("curl -u admin:S3cretPass99 https://idp", "curl -u admin:••• https://idp"),
        ("curl -uadmin:S3cretPass99 https://idp", "curl -uadmin:••• https://idp"),
        ("curl --user admin:swordfish https://idp", "curl --user admin:••• https://idp"),
        ("curl '--user=admin:pw' x", "curl '--user=admin:•••' x"),
        ("GET https://bob:P4ssw0rdX@idp/x", "GET https://•••@idp/x"),
        ("GET https://bob:P4ss/w0rd@idp/x", "GET https://•••@idp/x"),
        ("client secret 8c1f2e3d4a5b6c7d8e9f0a1b2c3d4e5f60718293", "client secret •••"),
        ("is 8c1f2e3d4a5b6c7d8e9f0a1b2c3d4e5f60718293", "is •••"),
        ("is 01234567890123456789", "is •••"),
        ("curl -H 'Authorization: Bearer hunter2SECRET' x", "curl -H 'Authorization: •••' x"),
        ("curl -H 'X-Api-Key: swordfish' x", "curl -H 'X-Api-Key: •••' x"),
        ("Cookie: a=b; c=d", "Cookie: •••"),
        ("{\"access_token\": \"swordfish\", \"x\": 1}", "{\"access_token\": \"•••\", \"x\": 1}"),
        ("{\\\"clientSecret\\\":\\\"sword fish\\\"}", "{\\\"clientSecret\\\":\\\"•••\\\"}"),
        ("the password is hunter2", "the password is •••"),
        ("token abc-1.", "token •••."),
        ("SAMLAssertion=PHNhbWw", "SAMLAssertion=•••"),
        ("\u{1b}[31mcode: 1234", "\u{1b}[31mcode: •••"),
        ("x secret => abc, token := abc", "x secret => •••, token := •••"),
        ("otp: 123456, pin=1", "otp: •••, pin=•••"),
        ("see https://idp/cb?code=abc&state=def", "see https://idp/cb?code=•••"),
        ("key AKIAIOSFODNN7EXAMPLE and ASIAIOSFODNN7EXAMPLE", "key ••• and •••"),
        ("got abcd1234-efgh5678-ijkl9012 back", "got ••• back"),
        ("got AbCdEfGhIjKlMnOpQr back", "got ••• back"),
        ("open /home/bob/cache/K7MDENGbPxRfiCY4", "open /home/bob/cache/•••"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2ln; bye", "got •••; bye"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn what_is_readable_stays() {
    for text in [
        "please run: az login --tenant contoso.onmicrosoft.com",
        "no token: please run `az login` (key: none)",
        "The token has expired, run aws sso login --profile my-profile-2",
        "ERROR: AADSTS700082: The refresh token expired on 2026-11-26T18:08:04.123Z.",
        "request 0c3b7f0e-6f51-4c1e-9f0a-2a6f3f3f7a11 refused at /usr/lib/python3.11/site-packages/Azure",
        "botocore.exceptions.NoCredentialsError: Unable to locate credentials",
        "An error occurred (ExpiredTokenException) when calling the GetCallerIdentity operation",
        "CredentialUnavailableError: ManagedIdentityCredential is not configured",
        "not authorized: arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf",
        "not authorized: arn:aws:iam::111122223333:role/MyDeployRole on arn:aws:states:us-east-1:111122223333:stateMachine:M",
        "curl: (6) Could not resolve host: a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
        "open https://ip-10-0-0-12.eu-west-1.compute.internal:8443/oauth2/start?tenant=contoso",
        "POST https://login.microsoftonline.com/common/oauth2/token: 401 Unauthorized",
        "enter the code HJKL12345 to authenticate at https://microsoft.com/devicelogin",
        "exit code: 3, status code 401",
        "Load key /home/bob/.ssh/identity: Permission denied",
        "echo canary-token >&2; cat token > file",
        "base64 --decode input.txt",
        "error: the option --token is required",
        "Password: ",
        "Enter passphrase for bob@example.com: ",
        "aws secretsmanager get-secret-value --secret-id prod/database",
        "gpg: decryption failed: No secret key",
        "2026-11-26T18:08:04Z session timed out after 20261126T180804Z",
        "at com.example.corp.TokenProvider.getHTTPHeader(TokenProvider.java:120)",
        "sh: 1: /opt/corp-tools/bin/x86_64-linux-gnu/get-token: not found",
    ] {
        assert_eq!(masked(text), text);
    }
}

fn exists(path: &str) -> bool {
    ["/srv/K7MDENGbPxRfiCY4/token", "client.key"].contains(&path)
}

#[test]
fn the_arguments_of_a_command_are_masked() {
    for (words, expected) in [
        (&["x", "--password", "Hunter2secret9", "-v"][..], "x --password ••• -v"),
        (&["x", "--password", "two words"], "x --password •••"),
        (&["x", "--password=hunter3SECRET"], "x '--password=•••'"),
        (&["x", "CLIENT_SECRET=swordfish"], "x 'CLIENT_SECRET=•••'"),
        (&["x", "--api-token2", "swordfish"], "x --api-token2 •••"),
        (
            &["aws", "configure", "set", "aws_secret_access_key", "swordfish"],
            "aws configure set aws_secret_access_key •••",
        ),
        (&["x", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"], "x •••"),
        (&["x", "8c1f2e3d4a5b6c7d8e9f0a1b2c3d4e5f60718293"], "x •••"),
        (&["x", "--client-id", "a1b2", "9f8e7d6c5b4a39281706f5e4d3c2b1a0"], "x --client-id a1b2 •••"),
        (&["x", "--for=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2ln"], "x '--for=•••'"),
        (&["curl", "-H", "Authorization: Bearer hunter2SECRET"], "curl -H 'Authorization: •••'"),
        (&["curl", "https://u:hunter4SECRET@h/"], "curl 'https://•••@h/'"),
        (&["curl", "-u", "bob:sword fish"], "curl -u 'bob:•••'"),
        (&["x", "--key", "/etc/ssl/client.key", "--for", "it's me"], r"x --key /etc/ssl/client.key --for 'it'\''s me'"),
        (&["sh", "-c", "echo 'password=x y' | tee y"], r"sh -c 'echo '\''password=••• y'\'' | tee y'"),
        (&["sh", "-c", "login --password swordfish; get2 hunter2"], "sh -c 'login --password •••; get2 hunter2'"),
        (&[], ""),
    ] {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(command(&words, &exists), expected);
    }
}

#[test]
fn a_command_without_secrets_stays_as_it_is() {
    for line in [
        "/usr/local/bin/get-token2 --for me",
        "/opt/K7MDENGbPxRfiCY4/bin/get-token prod",
        "/usr/local/bin/saml2aws script --profile k8s",
        "saml2aws login --session-duration 3600",
        "oauth2l fetch --scope cloud-platform --credentials /home/me/keys/Prod2/key3.json",
        "op read op://vault/item/field",
        "op read op://Private/h2k3j4h5g6f7d8s9a0q1w2e3r4/credential2",
        "gcloud auth print-identity-token",
        "gcloud auth application-default print-access-token",
        "gcloud secrets versions access latest --secret=prod-token2",
        "gcloud secrets versions access latest --secret prod-token2",
        "aws secretsmanager get-secret-value --secret-id prod/db2/token --query SecretString",
        "aws ssm get-parameter --name /prod/API2/token3 --with-decryption",
        "az account get-access-token --resource api://0c3b7f0e-6f51-4c1e-9f0a-2a6f3f3f7a11",
        "vault kv get -field=token secret/myapp2/v1alpha2/prod3db",
        "vault token lookup",
        "pass show work/token2",
        "kubectl create token ci2bot --namespace k8s2prod",
        "okta login --client-id 0oa1b2c3d4e5f6g7h8i9 --tenant=9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "cat /srv/K7MDENGbPxRfiCY4/token",
        "x --token /srv/K7MDENGbPxRfiCY4/token",
        "x --key client.key --oauth2-token-url https://login.example.com/oauth2/v2.0/token",
        "x --key=/etc/ssl/Client2/x509.pem --md5sum-of-sha256sum2-x",
        "x --password-file ../secrets2/db1.txt",
        "python3.11 -m get_token2 --no-password x86_64-linux2",
    ] {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        assert_eq!(command(&words, &exists), line);
        assert_eq!(code(line, &exists), line);
        let substituted = format!("printf %s \"$({line})\"");
        assert_eq!(code(&substituted, &exists), substituted);
        let words = ["bash", "-lc", line].map(str::to_owned);
        assert_eq!(command(&words, &exists), format!("bash -lc '{line}'"));
    }
}

#[test]
fn shell_code_is_masked_word_by_word() {
    for (line, expected) in [
        ("gcloud auth print-identity-token | tr -d '\\n'", "gcloud auth print-identity-token | tr -d '\\n'"),
        ("TOKEN=swordfish get", "TOKEN=••• get"),
        ("TOKEN=$(cat /x/y) get", "TOKEN=$(cat /x/y) get"),
        ("TOKEN=\"$(get --password swordfish)\" get2", "TOKEN=\"$(get --password •••)\" get2"),
        (
            "curl -H \"Authorization: Bearer $(gcloud auth print-access-token)\" h",
            "curl -H \"Authorization: Bearer $(gcloud auth print-access-token)\" h",
        ),
        ("curl -H \"Authorization: Bearer $TOKEN\" h", "curl -H \"Authorization: Bearer $TOKEN\" h"),
        ("curl -H 'Authorization: Bearer sword' h", "curl -H 'Authorization: •••' h"),
        ("login --password \"$PW\" --token ${T} -v", "login --password \"$PW\" --token ${T} -v"),
        ("login --password '$PW' x", "login --password ••• x"),
        ("login --password 'two words' && get2 token", "login --password ••• && get2 token"),
        ("'/opt/get token2.sh' --key=sword", "'/opt/get token2.sh' --key=•••"),
        ("curl -u bob:sword https://idp", "curl -u bob:••• https://idp"),
        ("curl -u 'bob:sword fish' https://idp", "curl -u 'bob:•••' https://idp"),
        (
            "sh -c 'gcloud auth print-identity-token --password sword'",
            "sh -c 'gcloud auth print-identity-token --password •••'",
        ),
        ("get 8c1f2e3d4a5b6c7d8e9f0a1b2c3d4e5f60718293", "get •••"),
    ] {
        assert_eq!(code(line, &exists), expected, "{line}");
    }
}

#[test]
fn any_text_can_be_masked() {
    let parts =
        ["token", "=", ": ", "'", "\"", "\\", "é", "•••", "://", "@", "-u", " ", "--key", "a:b", "arn:", "\n", "is"];
    for seed in 0..20_000_usize {
        let text: String = (0..6).map(|place: u32| parts[seed / parts.len().pow(place) * 7 % parts.len()]).collect();
        let once = masked(&text);
        assert!(!text.contains("token=abc") || !once.contains("abc"), "{text}");
        assert!(!code(&text, &exists).contains('\u{e000}'), "{text}");
    }
}
