"""The WSGI layer before moto: who asks, may they, does a fault hit, who answers, what is kept."""

from __future__ import annotations

import logging
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from deployments.embedded.aws.calls import Call, CallJournal
from deployments.embedded.aws.errors import AwsError
from deployments.embedded.aws.faults import Faults, Mode
from deployments.embedded.aws.keys import AccessKey, Keys
from deployments.embedded.aws.moto_backend import MotoBackend
from deployments.embedded.aws.permissions import Permissions
from deployments.embedded.aws.recording import Recorded, Recording
from deployments.embedded.aws.wire import Answer, AwsRequest, understood

_LOG = logging.getLogger(__name__)
Own = Callable[[AwsRequest, AccessKey | None], Mapping[str, Any]]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
# Own state of this layer, kept in files of its own: not for the recording of moto's requests.
_KEPT_ELSEWHERE = frozenset({("ssm", "SendCommand")})


class Layer:
    """Answers every request: from our own operations where moto lacks or lies, else from moto."""

    def __init__(
        self,
        *,
        moto: MotoBackend,
        own: Mapping[tuple[str, str], Own],
        keys: Keys,
        permissions: Permissions,
        recording: Recording,
        faults: Faults,
        journal: CallJournal,
    ) -> None:
        self._moto = moto
        self._own = own
        self._keys = keys
        self._permissions = permissions
        self._recording = recording
        self._faults = faults
        self._journal = journal
        self._one_change_at_a_time = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        """Serve one HTTP request."""
        began = time.monotonic()
        request, caller, fault = _read(environ), None, None
        answer: Answer | None = None
        try:
            fault = self._faults.due(request)
            if fault and fault.delay:
                time.sleep(fault.delay)
            if fault and fault.mode is Mode.RESET:
                _cut(environ)
            if fault and fault.mode is Mode.ERROR:
                raise AwsError(fault.code, fault.message, fault.status)  # noqa: TRY301 - refused like any other
            caller = self._caller(request)
            self._permissions.check(request, caller)
            answer = self._perform(request, caller)
            if fault and fault.mode is Mode.LOST:
                answer = None
                _cut(environ)
        except AwsError as error:
            answer = request.refuse(error)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - a defect of ours or moto's: answered and logged
            _LOG.exception("%s:%s failed in the embedded AWS", request.service, request.operation)
            failed = AwsError("InternalFailure", f"{type(error).__name__} in the embedded AWS", 500)
            answer = request.refuse(failed)
        finally:
            self._journal.append(
                Call(
                    service=request.service,
                    operation=request.operation,
                    principal=caller.principal if caller else None,
                    mutating=request.mutating,
                    status=answer.status if answer else 0,
                    fault=str(fault.mode) if fault else None,
                    seconds=time.monotonic() - began,
                )
            )
        assert answer is not None  # a broken connection has raised by now
        return _send(answer, request, start)

    def replay(self) -> int:
        """Make the recorded state again in an empty moto; return how many requests it took."""
        count = 0
        for entry in self._recording.entries():
            # moto finds service and region in the signature; the real one was not kept.
            scope = f"AWS4-HMAC-SHA256 Credential=replay/20000101/{entry.region}/{entry.service}/aws4_request"
            headers = (*entry.headers, ("Authorization", f"{scope}, SignedHeaders=host, Signature=replay"))
            request = understood(
                method=entry.method, path=entry.path, query=entry.query, headers=headers, body=entry.body
            )
            self._moto.seed(entry.seed)
            try:
                self._answer(request, None)
            except AwsError as error:
                raise RuntimeError(f"the recorded {request.service}:{request.operation} failed") from error
            count += 1
        return count

    def _caller(self, request: AwsRequest) -> AccessKey | None:
        if (request.service, request.operation) == ("sts", "AssumeRoleWithWebIdentity"):
            return None
        return self._keys.recognise(request.access_key, request.session_token, service=request.service)

    def _perform(self, request: AwsRequest, caller: AccessKey | None) -> Answer:
        key = (request.service, request.operation)
        if not request.mutating or key in _KEPT_ELSEWHERE:
            return self._answer(request, caller)
        with self._one_change_at_a_time:
            seed = secrets.randbits(63)
            self._moto.seed(seed)
            answer = self._answer(request, caller)
            if answer.accepted:
                self._recording.append(
                    Recorded(
                        method=request.method,
                        path=request.path,
                        query=request.query,
                        headers=request.headers,
                        body=request.body,
                        service=request.service,
                        region=request.region,
                        seed=seed,
                    )
                )
            return answer

    def _answer(self, request: AwsRequest, caller: AccessKey | None) -> Answer:
        own = self._own.get((request.service, request.operation))
        return request.answer(own(request, caller)) if own else self._moto.ask(request)


def _read(environ: Mapping[str, Any]) -> AwsRequest:
    preserved = environ.get("moto.preserved_header_names") or {}
    headers = [
        (preserved.get(key, key[5:].replace("_", "-").title()), str(value))
        for key, value in environ.items()
        if key.startswith("HTTP_")
    ]
    headers += [
        (name, str(environ[key]))
        for key, name in (("CONTENT_TYPE", "Content-Type"), ("CONTENT_LENGTH", "Content-Length"))
        if environ.get(key)
    ]
    length = environ.get("CONTENT_LENGTH")
    if length:
        body = environ["wsgi.input"].read(int(length))
    elif environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read()
    else:
        body = b""
    return understood(
        method=str(environ["REQUEST_METHOD"]),
        path=str(environ["PATH_INFO"]),
        query=str(environ.get("QUERY_STRING") or ""),
        headers=tuple(headers),
        body=body,
    )


def _send(answer: Answer, request: AwsRequest, start: StartResponse) -> Iterable[bytes]:
    named = {name.lower() for name, _ in answer.headers}
    headers = [(k, v) for k, v in answer.headers if k.lower() not in ("connection", "transfer-encoding")]
    if "content-length" not in named:
        headers.append(("Content-Length", str(len(answer.body))))
    if "x-amzn-requestid" not in named:
        headers.append(("x-amzn-RequestId", secrets.token_hex(16)))
    start(f"{answer.status} Answer", headers)
    return [] if request.method == "HEAD" else [answer.body]


def _cut(environ: Mapping[str, Any]) -> None:
    """Break the connection as a network does: the client sees a reset, not a short answer."""
    connection = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("a fault that was switched on broke the connection")
