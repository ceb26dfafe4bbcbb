"""Directories to sign in with, as small as the standards allow: an OpenID Connect provider and a SAML identity provider."""

import base64
import datetime as dt
import json
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from onelogin.saml2.utils import OneLogin_Saml2_Utils


@dataclass
class OpenIdProvider:
    """Knows one person; hands out one code for each question it was asked."""

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    is_out_of_order: bool = False

    def agree(self, location: str) -> str:
        """What the person's browser does at the provider: asked at ``location``, sent back with a code."""
        question = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code-{len(self.asked)}"
        self.asked[code] = question
        return f"{question['redirect_uri']}?code={code}&state={question['state']}"

    def answer(self, path: str, body: dict[str, str], bearer: str) -> tuple[int, dict[str, Any]]:
        if self.is_out_of_order:
            return 500, {"error": "server_error"}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "jwks_uri": f"{self.address}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if path == "/token" and body.get("code") in self.asked and body.get("client_secret") == "himitsu":
            question = self.asked.pop(body["code"])
            now = dt.datetime.now(dt.UTC)
            stamp = {
                "iss": self.address,
                "aud": question["client_id"],
                "iat": now,
                "exp": now + dt.timedelta(minutes=5),
            }
            token = jwt.encode({**stamp, **self.claims}, "x" * 32, algorithm="HS256")
            return 200, {
                "access_token": "open",
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": token,
            }
        if path == "/userinfo" and bearer == "Bearer open":
            return 200, self.claims
        return 400, {"error": "invalid_grant"}


@contextmanager
def open_id_provider(**claims: Any) -> Iterator[OpenIdProvider]:
    """A provider listening on this machine."""
    provider = OpenIdProvider(claims=claims)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = {name: values[0] for name, values in parse_qs(self.rfile.read(size).decode()).items()}
            status, answer = provider.answer(
                urlsplit(self.path).path, body, self.headers.get("Authorization", "")
            )
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class IdentityProvider:
    """Signs what it says of a person with a key of its own."""

    entity = "https://idp.example.ac.jp"

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.ac.jp")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        encoding = serialization.Encoding.PEM
        self.key = key.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        self.certificate = certificate.public_bytes(encoding).decode()

    def response(self, location: str, *, email: str, uid: str, is_signed: bool = True) -> str:
        """The response to the question in ``location``, as the person's browser posts it."""
        raw = base64.b64decode(parse_qs(urlsplit(location).query)["SAMLRequest"][0])
        question = ElementTree.fromstring(zlib.decompress(raw, -15))
        audience = question.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
        place, number = question.get("AssertionConsumerServiceURL"), question.get("ID")
        now = dt.datetime.now(dt.UTC)
        at, until = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (now, now + dt.timedelta(minutes=5)))
        xml = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"
 ID="_response" Version="2.0" IssueInstant="{at}" Destination="{place}" InResponseTo="{number}">
<saml:Issuer>{self.entity}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion ID="_assertion" Version="2.0" IssueInstant="{at}"><saml:Issuer>{self.entity}</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{uid}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="{place}" InResponseTo="{number}"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{at}" NotOnOrAfter="{until}"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{at}" SessionIndex="_session"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement><saml:Attribute Name="uid"><saml:AttributeValue>{uid}</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="mail"><saml:AttributeValue>{email}</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="sn"><saml:AttributeValue>早瀬</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="givenName"><saml:AttributeValue>みのり</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>
</saml:Assertion></samlp:Response>"""
        signed = OneLogin_Saml2_Utils.add_sign(xml, self.key, self.certificate) if is_signed else xml.encode()
        return base64.b64encode(signed).decode()
