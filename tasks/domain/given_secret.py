"""Passwords, tokens and keys that Terraform or a compose file holds under a name that says so."""

from __future__ import annotations

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
_WORDS = (b"password", b"passwd", b"secret", b"token", b"_key", b"credential", b"sensitive", b"api")


@dataclass(frozen=True, kw_only=True)
class _Given:
    name: str
    value: str
    at: int  # where the value begins in the text


def may_give(path: str, content: bytes) -> bool:
    """Tell whether a file is one in which a secret may stand under its name."""
    if not (path.endswith((".tf", ".tfvars")) or _COMPOSE.search(path)):
        return False
    lowered = content.lower()
    return any(word in lowered for word in _WORDS)


def given_secrets(path: str, text: str) -> Iterator[Credential]:
    """Go through the literal values of secrets; references, names of secrets and made-up words are none.

    What a compose file has is perhaps for one's own machine only, and so is not sure.
    """
    lines = text.split("\n")
    compose = _COMPOSE.search(path) is not None
    seen: set[int] = set()
    for one in _in_compose(text) if compose else _in_terraform(path, text):
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
            sure=not (compose or said),
            for_tests=said,
            mark=mark_of(one.value),
        )


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
