"""Whether what is asked on this machine's ports was started there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Job

_HERE = re.compile(
    r"(?:https?://)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(?P<port>\d{2,5})(?=[/?\"']|$)"
)
_MAY_OPEN = re.compile(r"\brun\b|port-forward|(?<![&>])&(?![&>])")
"""What starts something that listens: in a container, through a forwarded port, or in the background."""
_ANYWHERE_HERE = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):\d{2,5}")
_PUBLISHED = re.compile(r"(?:(?:[\d.]+|localhost):)?(?P<outer>\d+):\d+(?:/tcp)?")
_NUMBER = re.compile(r"(?<!\d)\d{2,5}(?!\d)")
_ASKS = frozenset({"curl", "wget"})
# Programs that open no port, or none that outlives them.
_QUIET = frozenset(
    {
        "curl", "wget", "sleep", "echo", "printf", "cat", "grep", "jq", "test", "[", "[[", "exit", "true",
        "false", "set", "export", "mkdir", "cp", "mv", "rm", "chmod", "ls", "cd", "pwd", "seq", "kill",
        "wait", "tee", "head", "tail", "sed", "awk", "cut", "tr", "git", "date", "break", "continue",
        "return", "local", "read", "trap", "tar", "unzip", "apt-get", "rustup",
    }
)  # fmt: skip
_QUIET_OF = {
    "docker": frozenset(
        {
            "build", "pull", "push", "login", "logout", "logs", "ps", "stop", "rm", "kill", "inspect", "tag",
            "images", "network", "volume", "wait", "info", "version", "rmi", "image", "buildx", "load",
            "save",
        }
    ),
    "kubectl": frozenset({"get", "wait", "apply", "logs", "describe", "rollout", "create", "delete"}),
    "cargo": frozenset({"build", "check", "fmt", "clippy", "fetch", "doc"}),
}  # fmt: skip
_STARTS_NOTHING = frozenset(
    {
        "actions", "docker", "dtolnay", "actions-rs", "swatinem", "taiki-e", "hashicorp", "aws-actions",
        "google-github-actions", "arduino", "rui314", "mozilla-actions", "azure",
    }
)  # fmt: skip
"""Owners of actions that bring tools and credentials and leave nothing running."""


@dataclass(frozen=True, kw_only=True)
class _Together:
    """Commands that run on one machine one after the other, with all text that may name a port for them.

    ``alone``: the machine is new, and nothing but these commands has started anything on it.
    """

    subject: str
    scripts: tuple[Script, ...]
    text: str
    alone: bool


@check(
    "asked-port-opened",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(summary="Ask the port that is published, or publish the one that is asked", minutes=5),
)
def asked_port_opened(scripts: Scripts, documents: Documents) -> Iterator[Answer]:
    """Every port that curl asks on this machine is one that something started before listens on."""
    for one in (*_in_jobs(scripts), *_in_files(scripts), *_in_documents(documents)):
        yield from merged(_asked(one))


def _in_jobs(scripts: Scripts) -> Iterator[_Together]:
    by_job: dict[tuple[str, str], list[Script]] = {}
    for script in scripts:
        if script.job is not None and script.workflow is not None:
            by_job.setdefault((script.path, str(script.job.id)), []).append(script)
    for (path, job), found in by_job.items():
        owner = found[0].job
        if owner is not None and _leaves_nothing(owner) and any("curl" in one.text for one in found):
            subject = f"{path.rpartition('/')[2]}: {job}"
            yield _Together(subject=subject, scripts=tuple(found), text=found[0].source.text, alone=True)


def _leaves_nothing(job: Job) -> bool:
    """Tell whether a job has a new machine on which no action or service may leave a program running."""
    owners = [one.action.written.partition("/")[0].lower() for one in job.steps if one.action is not None]
    if "services" in job.root or "ubuntu" not in str(job.root.get("runs-on")):
        return False
    return all(owner in _STARTS_NOTHING for owner in owners)


def _in_files(scripts: Scripts) -> Iterator[_Together]:
    for one in scripts.files:
        if "curl" in one.text:
            yield _Together(subject=one.path, scripts=(one,), text=one.text, alone=False)


def _in_documents(documents: Documents) -> Iterator[_Together]:
    for document in followed(documents, "curl"):
        for one in document.scripts_with("curl"):
            text = document.source.text
            yield _Together(subject=document.path, scripts=(one,), text=text, alone=False)


def _asked(together: _Together) -> Iterator[Answer]:
    texts = [one.text for one in together.scripts]
    if not any(map(_ANYWHERE_HERE.search, texts)) or not any(map(_MAY_OPEN.search, texts)):
        return  # most scripts, which are not read for it
    opened: dict[str, Evidence] = {}
    asked: list[tuple[str, Evidence]] = []
    for script in together.scripts:
        if not script.understood:
            return
        for command in script.commands:
            if command.program in _ASKS:
                asked += [(port, script.source.at(command)) for port in _ports(command)]
            ports = _opened(command)
            if ports is None:
                return
            for port in ports:
                opened.setdefault(port, script.source.at(command))
    weight = Weight.WARNING if together.alone else Weight.NOTE
    said = set(_NUMBER.findall(_ANYWHERE_HERE.sub("", together.text)))
    # On a person's machine more may be running: there only one port that can mean the other is told of.
    if not opened or not (together.alone or len(opened) == len({port for port, _ in asked}) == 1):
        return
    for port, place in asked:
        subject = f"{together.subject}: port {port}"
        if port in opened or port in said:
            yield holds(subject, "is opened")
        else:
            told = f"asks port {port} of this machine, on which only {listed(sorted(opened))} is opened"
            yield broken(subject, told, place, *opened.values(), weight=weight)


def _ports(command: Command) -> Iterator[str]:
    for word in command.arguments:
        found = _HERE.match(word.literal or "")
        if found is not None:
            yield found["port"]


def _opened(command: Command) -> Iterable[str] | None:
    """Return the ports that a command opens; None when it may open some that are not written."""
    words = command.literals
    first = next((one for one in words if one is not None and not one.startswith("-")), None)
    if command.program == "docker" and first == "run":
        return _published(command)
    if command.program == "kubectl" and first == "port-forward":
        pairs = [_PUBLISHED.fullmatch(one or "") for one in words]
        return [one["outer"] for one in pairs if one is not None] or None
    if command.background:
        texts = [word.text for word in command.words]
        texts += [one.value.text for one in command.assignments if one.value is not None]
        return _NUMBER.findall(" ".join(texts)) or None
    quiet = not command.words or command.program in _QUIET or first in _QUIET_OF.get(str(command.program), ())
    return () if quiet else None


def _published(command: Command) -> Iterable[str] | None:
    """Return the ports of this machine that `docker run` publishes; None when others may be."""
    if command.has("-P", "--publish-all", "--net", "--network") and not _own_network(command):
        return None
    if any(word.text.startswith(("--net=host", "--network=host")) for word in command.arguments):
        return None
    pairs = [_PUBLISHED.fullmatch(word.literal or "") for word in command.options("-p", "--publish")]
    return None if None in pairs else [one["outer"] for one in pairs if one is not None]


def _own_network(command: Command) -> bool:
    """Tell whether a container is in a network of docker's, not in that of the machine."""
    named = command.option("--net", "--network")
    certain = named is not None and named.literal is not None and named.literal != "host"
    return certain and not command.has("-P", "--publish-all")
