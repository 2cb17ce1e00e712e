"""What a request on the wire asks of AWS: service, operation, parameters, and how to answer it.

The botocore models that moto ships around (`moto.core`) do the parsing and the serialising, so that an answer
of ours has exactly the shape a client expects. This is the only module that knows those internals.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs

from botocore.model import OperationNotFoundError
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from deployments.embedded.aws.errors import AwsError, rendered

_CREDENTIAL = re.compile(r"Credential=([^/,]+)/\d+/([^/,]+)/([^/,]+)/aws4_request")
# Where the name a client signs with is not the name of botocore's model.
_MODELS = {"monitoring": "cloudwatch", "servicequotas": "service-quotas", "cloudcontrolapi": "cloudcontrol"}
_UNSIGNED_STS = frozenset({"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"})
_READING = (
    "Get",
    "List",
    "Describe",
    "Head",
    "Simulate",
    "Search",
    "Lookup",
    "BatchGet",
    "View",
    "Query",
    "Scan",
)
# These hand out credentials or look up who asks; they leave nothing in moto that must survive.
_NOT_STATE = frozenset({"AssumeRole", "AssumeRoleWithWebIdentity", "DecodeAuthorizationMessage"})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A complete HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def accepted(self) -> bool:
        """The service did what it was asked."""
        return 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True)
class AwsRequest:
    """One request, understood as far as the wire tells."""

    service: str
    operation: str
    region: str
    access_key: str | None
    session_token: str | None
    parameters: Mapping[str, Any]
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    json_protocol: bool

    @property
    def mutating(self) -> bool:
        """The operation changes state when it is accepted."""
        return not self.operation.startswith(_READING) and self.operation not in _NOT_STATE

    def answer(self, result: Mapping[str, Any]) -> Answer:
        """Serialise a result as this operation's documented output."""
        model = get_service_model(self.service)
        operation = model.operation_model(self.operation)
        serializer = get_serializer_class(self.service, _protocol(model, dict(self.headers)))(operation)
        done = serializer.serialize(dict(result))
        body = done["body"]
        return Answer(
            status=done["status_code"],
            headers=tuple((str(k), str(v)) for k, v in done["headers"].items()),
            body=body.encode() if isinstance(body, str) else body,
        )

    def refuse(self, error: AwsError) -> Answer:
        """Say an error in this request's protocol."""
        kind, body = rendered(error, service=self.service, json_protocol=self.json_protocol)
        if self.method == "HEAD":
            body = b""
        headers = (("Content-Type", kind), ("x-amzn-ErrorType", error.code))
        return Answer(status=error.status, headers=headers, body=body)

    def environ(self, *, account: str) -> dict[str, Any]:
        """Return the WSGI environment that asks moto the same thing, for one account."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            "RAW_URI": self.path + (f"?{self.query}" if self.query else ""),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        preserved: dict[str, str] = {}
        for name, value in self.headers:
            key = name.upper().replace("-", "_")
            if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                environ[key] = value
            elif key not in ("TRANSFER_ENCODING", "EXPECT"):
                environ[f"HTTP_{key}"] = value
                if "_" in name:
                    preserved[f"HTTP_{key}"] = name
        environ["CONTENT_LENGTH"] = str(len(self.body))
        environ["HTTP_HOST"] = "127.0.0.1:80"
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        environ["moto.preserved_header_names"] = preserved
        return environ


def understood(
    *, method: str, path: str, query: str, headers: tuple[tuple[str, str], ...], body: bytes
) -> AwsRequest:
    """Read a raw request. An operation that no model knows is named UnknownOperation."""
    named = {name.lower(): value for name, value in headers}
    asked = parse_qs(query)
    signature = named.get("authorization", "")
    if not signature and "X-Amz-Credential" in asked:
        signature = f"Credential={asked['X-Amz-Credential'][0]}"
    signed = _CREDENTIAL.search(signature)
    key, region, signing = signed.groups() if signed else (None, "us-east-1", "")
    form = _form(named.get("content-type", ""), body)
    if not signing:
        signing = "sts" if form.get("Action", [""])[0] in _UNSIGNED_STS else "s3"
    service = _MODELS.get(signing.lower(), signing.lower())
    request = Request.from_primitives(
        method, f"http://127.0.0.1{path}" + (f"?{query}" if query else ""), dict(headers), body
    )
    operation, parameters = _operation(service, request, named, form)
    token = named.get("x-amz-security-token") or asked.get("X-Amz-Security-Token", [None])[0]
    return AwsRequest(
        service=service,
        operation=operation,
        region=region,
        access_key=key,
        session_token=token,
        parameters=parameters,
        method=method,
        path=path,
        query=query,
        headers=headers,
        body=body,
        json_protocol=_speaks_json(service, named, form),
    )


def _form(content_type: str, body: bytes) -> dict[str, list[str]]:
    if not content_type.startswith("application/x-www-form-urlencoded"):
        return {}
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)


def _speaks_json(service: str, named: Mapping[str, str], form: Mapping[str, list[str]]) -> bool:
    """Tell whether errors go out as JSON; a GET of a REST service says so only in its model."""
    if form or service == "s3":
        return False
    said = "x-amz-target" in named or "json" in named.get("content-type", "")
    return said or "json" in str(get_service_model(service).metadata.get("protocol"))


def _protocol(model: Any, headers: Mapping[str, str]) -> str:
    named = {name.lower(): value for name, value in headers.items()}
    return str(determine_request_protocol(model, named.get("content-type", "")))


def _operation(
    service: str, request: Request, named: Mapping[str, str], form: Mapping[str, list[str]]
) -> tuple[str, Mapping[str, Any]]:
    try:
        model = get_service_model(service)
    except Exception as error:  # botocore's UnknownServiceError, whatever class carries it
        raise AwsError("UnknownService", f"no service signs as {service}", 400) from error
    labels: Mapping[str, Any] = {}
    name = (form.get("Action") or [""])[0] or named.get("x-amz-target", "").rpartition(".")[2]
    try:
        if name:
            operation = cast("OperationModel", model.operation_model(name))
        else:
            operation, labels = get_service_router(service).match(request)
    except (OperationNotFoundError, HTTPException, NotImplementedError):
        return name or "UnknownOperation", {}
    if service == "s3":
        # The rest of an S3 request is a body that may be megabytes; nothing of ours needs it parsed.
        return operation.name, dict(labels)
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)](operation)
    parsed = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": dict(labels),
        }
    )
    return operation.name, parsed
