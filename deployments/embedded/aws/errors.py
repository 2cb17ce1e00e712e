"""An AWS error, said in the protocol of the service that was asked."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

JSON_TYPE = "application/x-amz-json-1.1"


class AwsError(Exception):
    """The embedded AWS refuses a request with the code, message and HTTP status that AWS documents."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def rendered(error: AwsError, *, service: str, json_protocol: bool) -> tuple[str, bytes]:
    """Content type and body of an error for one service's protocol."""
    if json_protocol:
        return JSON_TYPE, json.dumps({"__type": error.code, "message": error.message}).encode()
    code, message, request_id = escape(error.code), escape(error.message), str(uuid.uuid4())
    inner = f"<Code>{code}</Code><Message>{message}</Message>"
    if service == "s3":
        body = f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    elif service == "ec2":
        body = (
            f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
    else:
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return "text/xml", f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode()
