"""`aws-actions/configure-aws-credentials`: the job's identity token becomes credentials of a role."""

import json
import urllib.parse
import xml.etree.ElementTree as ET

from deployments.embedded.runner.action import ActionCall
from deployments.embedded.runner.errors import NotHereError, StepFailedError
from deployments.embedded.runner.loopback import send

_ADVICE = (
    "It looks like you might be trying to authenticate with OIDC. "
    "Did you mean to set the `id-token` permission?"
)
_NONE = (
    "Credentials could not be loaded, please check your action inputs: "
    "Could not load credentials from any providers"
)


def run(call: ActionCall) -> None:
    """Export credentials for the region: of the role by OIDC, or the keys that are given."""
    region = call.required("aws-region")
    call.exports["AWS_REGION"] = region
    call.exports["AWS_DEFAULT_REGION"] = region
    role = call.get("role-to-assume")
    if call.get("aws-access-key-id"):
        if role:
            raise NotHereError("the embedded world assumes a role by OIDC only, not with access keys")
        _export(
            call,
            call.get("aws-access-key-id"),
            call.required("aws-secret-access-key"),
            call.get("aws-session-token"),
        )
        return
    if not role:
        raise StepFailedError(_NONE)
    token = _identity_token(call)
    _assume(call, role, token)


def _identity_token(call: ActionCall) -> str:
    url = call.environment.get("ACTIONS_ID_TOKEN_REQUEST_URL")
    if not url:
        call.out.write(_ADVICE)
        raise StepFailedError(_NONE)
    audience = urllib.parse.quote(call.get("audience", "sts.amazonaws.com"), safe="")
    separator = "&" if "?" in url else "?"
    headers = {"Authorization": f"Bearer {call.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    status, answer = send("GET", f"{url}{separator}audience={audience}", headers=headers)
    if status != 200:
        raise StepFailedError(f"getIDToken call failed: status {status} {answer[:300]!r}")
    token = str(json.loads(answer)["value"])
    call.mask(token)
    return token


def _assume(call: ActionCall, role: str, token: str) -> None:
    endpoint = call.environment.get("AWS_ENDPOINT_URL")
    if not endpoint:
        raise StepFailedError(
            "this run has no embedded AWS (AWS_ENDPOINT_URL); a rehearsal talks to no other"
        )
    form = urllib.parse.urlencode(
        {
            "Action": "AssumeRoleWithWebIdentity",
            "Version": "2011-06-15",
            "RoleArn": role,
            "RoleSessionName": call.get("role-session-name", "GitHubActions"),
            "DurationSeconds": call.get("role-duration-seconds", "3600"),
            "WebIdentityToken": token,
        }
    ).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    status, answer = send("POST", endpoint, headers=headers, body=form)
    document = _parsed(answer)
    if status != 200 or document is None:
        detail = (
            document.findtext(".//{*}Message")
            if document is not None
            else answer[:300].decode("utf-8", "replace")
        )
        raise StepFailedError(f"Could not assume role with OIDC: {detail}")
    values = {
        name: document.findtext(f".//{{*}}{name}") or ""
        for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")
    }
    if not all(values.values()):
        raise StepFailedError("Could not assume role with OIDC: the answer carries no credentials")
    _export(call, values["AccessKeyId"], values["SecretAccessKey"], values["SessionToken"])
    account = role.split(":")[4] if role.count(":") >= 5 else ""
    call.outputs["aws-account-id"] = account
    call.out.write("Authenticated as assumedRoleId " + (document.findtext(".//{*}AssumedRoleId") or ""))


def _parsed(answer: bytes) -> ET.Element | None:
    try:
        return ET.fromstring(answer)  # noqa: S314 - the answer of our own loopback server
    except ET.ParseError:
        return None


def _export(call: ActionCall, key: str, secret: str, session: str) -> None:
    for value in (key, secret, session):
        if value:
            call.mask(value)
    call.exports["AWS_ACCESS_KEY_ID"] = key
    call.exports["AWS_SECRET_ACCESS_KEY"] = secret
    # Also emptied: credentials given without a session token must not be mixed with an older one.
    call.exports["AWS_SESSION_TOKEN"] = session
    call.outputs["aws-access-key-id"] = key
