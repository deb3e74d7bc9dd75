"""Signs the requests of schemathesis as a device: one profile of RFC 9421.

The device comes from the environment: ACCORD_DEVICE (its id) and ACCORD_DEVICE_KEY (its Ed25519
seed in hexadecimal digits). ACCORD_TIME is the node's clock in seconds since 1970.
"""

import base64
import hashlib
import os
import secrets
from urllib.parse import urlsplit

import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from requests.auth import AuthBase

COMPONENTS = '("@method" "@authority" "@path" "@query" "content-digest")'


class Signed(AuthBase):
    """Adds the three headers to a request that is otherwise ready to be sent."""

    def __init__(self):
        self.device = os.environ["ACCORD_DEVICE"]
        self.key = Ed25519PrivateKey.from_private_bytes(
            bytes.fromhex(os.environ["ACCORD_DEVICE_KEY"]))
        self.created = os.environ["ACCORD_TIME"]

    def __call__(self, request):
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        url = urlsplit(request.url)
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        parameters = (
            f'{COMPONENTS};created={self.created};nonce="{secrets.token_urlsafe(18)}"'
            f';keyid="{self.device}";tag="accord"')
        lines = [
            f'"@method": {request.method}',
            f'"@authority": {url.netloc}',
            f'"@path": {url.path}',
            f'"@query": ?{url.query}',
            f'"content-digest": sha-256=:{digest}:',
            f'"@signature-params": {parameters}',
        ]
        signature = base64.b64encode(self.key.sign("\n".join(lines).encode())).decode()
        request.headers["Content-Digest"] = f"sha-256=:{digest}:"
        request.headers["Signature-Input"] = f"accord={parameters}"
        request.headers["Signature"] = f"accord=:{signature}:"
        return request


schemathesis.auth.set_from_requests(Signed())
