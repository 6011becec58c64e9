"""A server that checks Signature Version 4 with botocore, as API Gateway checks
it with AWS's own code: it computes the signature of each request from what
arrived, and returns 403 if the request has a different one.

    python verify.py REGION SECRET_ACCESS_KEY

prints its port on the first line, and then a line of JSON for each request: the
path, the names of the signed headers, and whether the signature is right.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION, SECRET = sys.argv[1:3]
GOOD = b'{"status":"RUNNING","startDate":1.7E9,"executionArn":"%s"}'
BAD = b'{"message":"The request signature we calculated does not match the signature you provided."}'


def parts(authorization: str) -> dict[str, str]:
    """Credential, SignedHeaders and Signature of an Authorization header."""
    _, _, rest = authorization.partition(" ")
    return dict(part.strip().split("=", 1) for part in rest.split(","))


class Verifier(BaseHTTPRequestHandler):
    """Verifies each request by itself."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        given = parts(self.headers.get("authorization", "AWS4-HMAC-SHA256 Signature="))
        signed = given.get("SignedHeaders", "").split(";")
        key, date, region, service, _ = given.get("Credential", "////").split("/")
        headers = {name: self.headers[name] for name in signed if self.headers[name] is not None}
        request = AWSRequest(
            method=self.command,
            url=f"http://{self.headers['host']}{self.path}",
            headers=headers,
            data=body,
        )
        request.context["timestamp"] = self.headers.get("x-amz-date", "")
        auth = SigV4Auth(Credentials(key, SECRET), "execute-api", REGION)
        wanted = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        is_right = (
            wanted == given.get("Signature")
            and (region, service) == (REGION, "execute-api")
            and self.headers.get("x-amz-date", "").startswith(date)
            # A session token that is not signed could be exchanged.
            and ("x-amz-security-token" in signed) == ("x-amz-security-token" in self.headers)
            and "host" in signed
        )
        print(json.dumps({"path": self.path, "signed": signed, "right": is_right}), flush=True)
        self.answer(200 if is_right else 403, GOOD if is_right else BAD)

    do_GET = do_POST

    def answer(self, status: int, body: bytes) -> None:
        if status == 200:
            arn = b"arn:aws:states:us-east-1:111122223333:execution:M:run-1"
            body = body % arn
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if status != 200:
            self.send_header("x-amzn-errortype", "InvalidSignatureException")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Standard error belongs to what goes wrong."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Verifier)
    print(server.server_address[1], flush=True)
    server.serve_forever()
