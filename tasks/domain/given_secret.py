"""Passwords, tokens and keys that Terraform, a manifest or a compose file holds under a name that says so."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.credential import SECRET_NAME, Credential, made_up, mark_of, said_for_tests

GIVEN = "plain-text secret"
_COMPOSE = re.compile(r"(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$")
_ATTRIBUTE = re.compile(
    r'^[ \t]*"?(?P<name>[A-Za-z][\w-]*)"?[ \t]*[=:][ \t]*"(?P<value>(?:[^"\\\n]|\\.)+)"'
    r"[ \t]*,?[ \t]*(?:(?:#|//).*)?$",
    re.MULTILINE,
)
_VARIABLE = re.compile(r'^variable[ \t]+"(?P<name>[\w-]+)"[ \t]*\{(?P<body>.*?)^\}', re.MULTILINE | re.DOTALL)
_SENSITIVE = re.compile(r"^[ \t]*sensitive[ \t]*=[ \t]*true\b", re.MULTILINE)
_DEFAULT = re.compile(r'^[ \t]*default[ \t]*=[ \t]*"(?P<value>(?:[^"\\\n]|\\.)+)"', re.MULTILINE)
_ENVIRONMENT = re.compile(
    r"^[ \t]*(?:-[ \t]*)?[\"']?(?P<name>[A-Z][A-Z0-9_]*)(?:=|:[ \t]+[\"']?)"
    r"(?P<value>[^\s\"'#]+)[\"']?[ \t]*$",
    re.MULTILINE,
)
_IS_PASSWORD = re.compile(r"passw(?:or)?d$", re.IGNORECASE)
_PART = r"(?:(?:[A-Z]+|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*)\d{0,4}|\d{1,8})"
_WORDS_JOINED = re.compile(rf"{_PART}(?:[-_./:]+{_PART})+")
_ELSEWHERE = re.compile(r"^(?:arn:|/|\./|~|\.\.)|://")
"""What the name of a secret, or where it is kept, looks like: words with few digits, a path, an address."""
_LEAST_KEY = 16
"""Characters of the shortest token or key that services give out; passwords may be shorter."""
_MANIFEST = re.compile(r"\.ya?ml$")
_WORKFLOW = re.compile(r"^\.github/workflows/[^/]+\.ya?ml$")
_IS_MANIFEST = re.compile(r"^kind:[ \t]*Secret[ \t]*$", re.MULTILINE)
_BLOCK = re.compile(r"^(?P<kind>data|stringData):[ \t]*\n(?P<body>(?:[ \t]+[^\n]*(?:\n|$))+)", re.MULTILINE)
_ENTRY = re.compile(
    r"^[ \t]+[\"']?(?P<name>[A-Za-z][\w.-]*)[\"']?:[ \t]+[\"']?(?P<value>[^\s\"'#|>]+)[\"']?[ \t]*$",
    re.MULTILINE,
)
_SIGN_INS = re.compile(r"(?:^|/)(?:config\.json|\.?docker(?:cfg|config(?:json)?)(?:\.json)?)$")
_SIGN_IN = re.compile(r'"auth"\s*:\s*"(?P<value>[A-Za-z0-9+/=]{12,})"')
_OWN_MACHINE = re.compile(r"(?:^|[-_/.])(?:local|dev|kind|k3d|minikube|tilt)(?:[-_/.]|$)", re.IGNORECASE)
_FOR_TERRAFORM = re.compile(
    r"^[ \t]+TF_VAR_(?P<name>\w+):[ \t]+[\"']?(?P<value>[^\s\"'#]+)[\"']?[ \t]*$", re.MULTILINE
)
_WORDS = (b"password", b"passwd", b"secret", b"token", b"_key", b"credential", b"sensitive", b"api")


@dataclass(frozen=True, kw_only=True)
class _Given:
    name: str
    value: str
    at: int  # where the value begins in the text


def may_give(path: str, content: bytes) -> bool:
    """Tell whether a file is one in which a secret may stand under its name."""
    manifest = _MANIFEST.search(path) is not None and b"kind: Secret" in content
    for_terraform = _WORKFLOW.match(path) is not None and b"TF_VAR_" in content
    if _SIGN_INS.search(path) is not None and b'"auths"' in content:
        return True
    if not (path.endswith((".tf", ".tfvars")) or _COMPOSE.search(path) or manifest or for_terraform):
        return False
    lowered = content.lower()
    return any(word in lowered for word in _WORDS)


def given_secrets(path: str, text: str) -> Iterator[Credential]:
    """Go through the literal values of secrets; references, names of secrets and made-up words are none.

    What a compose file or a manifest in such a directory has is perhaps for one's own machine only, and so
    is not sure.
    """
    lines = text.split("\n")
    own = _COMPOSE.search(path) is not None
    own = own or (_MANIFEST.search(path) is not None and _OWN_MACHINE.search(path) is not None)
    seen: set[int] = set()
    for one in _of_kind(path, text):
        line = text.count("\n", 0, one.at) + 1
        if line in seen or lines[line - 1].lstrip().startswith(("#", "//")) or not _is_secret(one):
            continue
        seen.add(line)
        said = said_for_tests(path, text, lines, line)
        yield Credential(
            kind=GIVEN,
            path=path,
            line=line,
            shown=f"{one.name}=",
            sure=not (own or said),
            for_tests=said,
            mark=mark_of(one.value),
        )


def _of_kind(path: str, text: str) -> Iterator[_Given]:
    if _COMPOSE.search(path):
        return _in_compose(text)
    if _WORKFLOW.match(path):
        return _in_workflow(text)
    if _SIGN_INS.search(path):
        return _in_sign_ins(text)
    return _in_manifest(text) if _MANIFEST.search(path) else _in_terraform(path, text)


def _in_workflow(text: str) -> Iterator[_Given]:
    """Go through what a workflow hands to Terraform in plain text."""
    for found in _FOR_TERRAFORM.finditer(text):
        if SECRET_NAME.search(found["name"]):
            yield _Given(name=f"TF_VAR_{found['name']}", value=found["value"], at=found.start("value"))


def _in_manifest(text: str) -> Iterator[_Given]:
    """Go through the values of Secrets of Kubernetes; those under ``data`` are base64."""
    at = 0
    for document in re.split(r"(?m)^---", text):
        sealed = "{{" in document or "ENC[" in document
        for block in _BLOCK.finditer(document) if _IS_MANIFEST.search(document) and not sealed else ():
            for found in _ENTRY.finditer(block["body"]):
                value = found["value"] if block["kind"] == "stringData" else _unpacked(found["value"])
                if value is not None and SECRET_NAME.search(found["name"]):
                    place = at + block.start("body") + found.start("value")
                    yield _Given(name=found["name"], value=value, at=place)
        at += len(document) + len("---")


def _in_sign_ins(text: str) -> Iterator[_Given]:
    """Go through the passwords of registries that `docker login` keeps, each behind its user."""
    for found in _SIGN_IN.finditer(text):
        _user, _, password = (_unpacked(found["value"]) or "").partition(":")
        yield _Given(name="auth password", value=password, at=found.start("value"))


def _unpacked(value: str) -> str | None:
    try:
        return base64.b64decode(value, validate=True).decode().strip()
    except (binascii.Error, ValueError):
        return None


def _in_terraform(path: str, text: str) -> Iterator[_Given]:
    for found in _ATTRIBUTE.finditer(text):
        if SECRET_NAME.search(found["name"]):
            yield _Given(name=found["name"], value=found["value"], at=found.start("value"))
    for block in _VARIABLE.finditer(text) if path.endswith(".tf") else ():
        default = _DEFAULT.search(block["body"])
        sensitive = _SENSITIVE.search(block["body"]) is not None
        if default is not None and (sensitive or SECRET_NAME.search(block["name"])):
            at = block.start("body") + default.start("value")
            yield _Given(name=block["name"], value=default["value"], at=at)


def _in_compose(text: str) -> Iterator[_Given]:
    for found in _ENVIRONMENT.finditer(text):
        if SECRET_NAME.search(found["name"]):
            yield _Given(name=found["name"], value=found["value"], at=found.start("value"))


def _is_secret(one: _Given) -> bool:
    value = one.value
    if any(sign in value for sign in ("${", "%{", "<", ">", " ", "{{")) or not made_up(value):
        return False
    if _ELSEWHERE.search(value) or _WORDS_JOINED.fullmatch(value):
        return False
    return _IS_PASSWORD.search(one.name) is not None or (
        len(value) >= _LEAST_KEY and re.fullmatch(_PART, value) is None
    )
