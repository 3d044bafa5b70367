"""A cluster's API over HTTPS on a loopback socket, with a certificate authority of its own.

It takes what `kubectl rollout restart` sends and nothing else: anything that is not such a patch is a finding.
"""

import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import re
import ssl
import tempfile
import threading
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from simulator.run import FUNCTION
from simulator.world import KeyPair

NAME: Final = "main"
# Access key id -> secret access key, of whoever signs in these tests.
SIGNER: Final = KeyPair("AKIAEXAMPLEEXAMPLE00", "signs-and-opens-nothing")
SIGNERS: Final = {pair.access_key_id: pair.secret_access_key for pair in (SIGNER, FUNCTION)}
PATH: Final = "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=vsync-rotation"


@dataclass(frozen=True, slots=True)
class PatchReply:
    """What the API says; `hang`: nothing at all, until the test is over."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False


class LocalCluster:
    """`reply` with what the test prepared; `patches` are the bodies received."""

    def __init__(self) -> None:
        self.begin()
        self._served_by = self_signed("127.0.0.1")
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes, and a delayed acknowledgement between them

            def do_PATCH(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                cluster.receive(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                reply = cluster.reply
                if reply.hang:
                    cluster.over.wait(30)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            def do_GET(self) -> None:
                cluster.findings.append(f"GET {self.path}")
                self.send_error(400)

            def log_message(self, *_: object) -> None: ...

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "both.pem"
            file.write_bytes(self._served_by.key + self._served_by.certificate)
            context.load_cert_chain(file)
        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def begin(self) -> None:
        """For a new test. `name` is what tokens have to be signed for."""
        self.name = NAME
        self.reply = PatchReply()
        self.patches: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.headers: dict[str, str] = {}
        self.findings: list[str] = []
        self.over = threading.Event()

    def end(self) -> list[str]:
        """Let go of what hangs. Returns the findings of this test."""
        self.over.set()
        return self.findings

    def stop(self) -> None:
        """For good."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def described(self, **changes: Any) -> dict[str, Any]:
        """What DescribeCluster says of it."""
        authority = base64.b64encode(self._served_by.certificate).decode()
        about = {"name": NAME, "endpoint": self.endpoint, "certificateAuthority": {"data": authority}}
        return {"cluster": {**about, "status": "ACTIVE", **changes}}

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Hold the request against what the API documents."""
        self.findings += list(_faults(path, headers, self.name))
        self.headers = headers
        self.tokens.append(headers.get("authorization", "").removeprefix("Bearer "))
        self.patches.append(json.loads(body))


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A handshake that the client gives up is the test's subject, not news."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM bytes."""

    certificate: bytes
    key: bytes = field(repr=False)


@cache
def self_signed(address: str) -> Certificate:
    """An authority and server in one, as plain as those that EKS makes: basic constraints and the server's name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
    began = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + dt.timedelta(days=36_500))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return Certificate(
        certificate.public_bytes(pem),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def _faults(path: str, headers: dict[str, str], cluster: str) -> Any:
    if path != PATH:
        yield f"path {path}"
    if headers.get("content-type") != "application/strategic-merge-patch+json":
        yield f"content type {headers.get('content-type')}"
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme != "Bearer":
        yield "no bearer token"
        return
    yield from _token_faults(token, cluster)


def _token_faults(token: str, cluster: str) -> Any:
    """https://docs.aws.amazon.com/eks/latest/userguide/cluster-auth.html"""
    if not re.fullmatch(r"k8s-aws-v1\.[A-Za-z0-9_-]+", token):
        yield "the token's form"
        return
    coded = token.removeprefix("k8s-aws-v1.")
    url = urlsplit(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode())
    if (url.scheme, url.netloc, url.path) != ("https", "sts.eu-central-1.amazonaws.com", "/"):
        yield f"the token asks {url.scheme}://{url.netloc}{url.path}"
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    expected = {"Action": "GetCallerIdentity", "Version": "2011-06-15", "X-Amz-Algorithm": "AWS4-HMAC-SHA256"}
    expected |= {"X-Amz-Expires": "60", "X-Amz-SignedHeaders": "host;x-k8s-aws-id"}
    if {name: query.get(name) for name in expected} != expected:
        yield "the token's question"
    if not re.fullmatch(r"[^/]+/\d{8}/eu-central-1/sts/aws4_request", query.get("X-Amz-Credential", "")):
        yield "the token's scope"
    if not hmac.compare_digest(query.get("X-Amz-Signature", ""), _signature(url.query, query, cluster)):
        yield "the token's signature"


def _signature(text: str, query: dict[str, str], cluster: str) -> str:
    """What STS computes when the cluster asks it, naming itself.

    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    key_id, *scope = query["X-Amz-Credential"].split("/")
    signed = "&".join(sorted(part for part in text.split("&") if not part.startswith("X-Amz-Signature=")))
    headers = f"host:sts.eu-central-1.amazonaws.com\nx-k8s-aws-id:{cluster}\n"
    asked = "\n".join(("GET", "/", signed, headers, "host;x-k8s-aws-id", hashlib.sha256(b"").hexdigest()))
    told = ("AWS4-HMAC-SHA256", query["X-Amz-Date"], "/".join(scope), hashlib.sha256(asked.encode()).hexdigest())
    key = f"AWS4{SIGNERS[key_id]}".encode()
    for part in (*scope, "\n".join(told)):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()
