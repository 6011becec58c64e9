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
        ("+ login --password Tr0ub4dor --user bob", "+ login --password •••"),
        ("+ login --password swordfish", "+ login --password •••"),
        ("+ login --password 'it'\\''s mine' x", "+ login --password •••"),
        ("client_secret=abc/def+secretpart1", "client_secret=•••"),
        ("client_secret=p@ss!w$rd&x y", "client_secret=•••"),
        ("curl -u admin:S3cretPass99 https://idp", "curl -u admin:•••"),
        ("curl -uadmin:S3cretPass99 https://idp", "curl -uadmin:•••"),
        ("curl --user admin:swordfish https://idp", "curl --user admin:•••"),
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
        ("token abc-1.", "token •••"),
        ("SAMLAssertion=PHNhbWw", "SAMLAssertion=•••"),
        ("\u{1b}[31mcode: 1234", "\u{1b}[31mcode: •••"),
        ("x secret => abc, token := abc", "x secret => •••"),
        ("otp: 123456, pin=1", "otp: •••"),
        ("see https://idp/cb?code=abc&state=def", "see https://idp/cb?code=•••"),
        ("key AKIAIOSFODNN7EXAMPLE and ASIAIOSFODNN7EXAMPLE", "key •••"),
        ("got abcd1234-efgh5678-ijkl9012 back", "got ••• back"),
        ("got AbCdEfGhIjKlMnOpQr back", "got ••• back"),
        ("open /home/bob/cache/K7MDENGbPxRfiCY4", "open /home/bob/cache/•••"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2ln; bye", "got •••; bye"),
        ("password: correct horse battery", "password: •••"),
        ("PASSWORD=correct horse battery", "PASSWORD=•••"),
        ("+ login --password hunter two", "+ login --password •••"),
        ("+ login --password=hunter two", "+ login --password=•••"),
        ("+ curl -H 'X-Api-Key: abc def' https://idp", "+ curl -H 'X-Api-Key: •••' https://idp"),
        ("+ curl -u 'bob:p w d' https://idp", "+ curl -u 'bob:•••"),
        ("+ VAULT_TOKEN=\"hunter2 abc\" vault", "+ VAULT_TOKEN=\"•••\" vault"),
        ("login failed for user bob with password hunter2 abc", "login failed for user bob with password •••"),
        ("bad password (hunter2) for bob", "bad password •••"),
        ("pw=hunter2 x", "pw=•••"),
        ("PW: hunter2", "PW: •••"),
        ("foo=hunter2", "foo=•••"),
        ("{\"pw\": \"correct horse\", \"x\": 1}", "{\"pw\": \"•••\", \"x\": 1}"),
        ("{\"password\": \"a\\\"b horse\", \"x\": 1}", "{\"password\": •••"),
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
        "region=eu-west-1 profile=k8s2prod level=error msg=\"it failed\" status=403",
        "sh: 1: /opt/corp-tools/bin/x86_64-linux-gnu/get-token: not found",
    ] {
        assert_eq!(masked(text), text);
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
    }
}
