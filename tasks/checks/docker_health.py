"""Whether the program that asks a container for its health is in the image that the container runs."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.compose import Compose, ComposeService
from tasks.domain.dockerfile import Dockerfile, Instruction, Stage, is_dockerfile, read_dockerfile
from tasks.domain.finding import Remedy, Weight
from tasks.domain.located import Seq, Text
from tasks.domain.phase import Phase
from tasks.domain.source import Sources

_TOOLS = ("curl", "wget")
_BASES = (
    (re.compile(r"(?:docker\.io/)?(?:library/)?(?:debian|ubuntu)(?:[:@]\S*)?"), frozenset({"curl", "wget"})),
    (re.compile(r"(?:docker\.io/)?(?:library/)?alpine(?:[:@]\S*)?"), frozenset({"curl"})),
    (re.compile(r"gcr\.io/distroless/(?!\S*debug)\S+"), frozenset({"curl", "wget"})),
    (re.compile(r"scratch"), frozenset({"curl", "wget"})),
)
"""Images and which of the programs they do not have: busybox brings its wget to Alpine's."""
_ALONE = re.compile(r"\s*(?:\S*/)?(?P<tool>curl|wget)\s(?P<rest>[^;&|]*)(?:\|\|\s*(?:exit\s+\d+|false)\s*)?")
_PLAIN = frozenset(
    {
        "[", "addgroup", "adduser", "apk", "apt", "apt-get", "cd", "chmod", "chown", "cp", "dpkg-reconfigure",
        "echo", "export", "groupadd", "install", "ldconfig", "ln", "ls", "mkdir", "mv", "printf", "rm", "sed",
        "set", "setcap", "test", "touch", "true", "update-ca-certificates", "useradd", "usermod",
    }
)  # fmt: skip
"""What puts nothing into an image but packages and what is there already."""
_INSTALLS = re.compile(r"\b(?:apt|apt-get|apk)\b(?:\s+-\S+)*\s+(?:install|add)\b(?P<words>[^;&|\n]*)")
_PACKAGE = re.compile(
    r"(?:lib[a-z0-9.+-]*(?:\d(?:t64)?|-dev)|lib(?:gcc|stdc\+\+|c6-compat|pq)|ca-certificates|openssl|tzdata|tini|dumb-init|gosu|su-exec|procps|bash|sqlite3?|jq|"
    r"zlib1g|netcat(?:-[a-z]+)?|iproute2|iputils-ping|dnsutils|musl|gcompat|locales)(?:[=~<>]\S+|:[a-z0-9]+)?"
)
"""Packages none of which brings one of the programs, as far as they are asked for with others of these."""
_SHELL = re.compile(r"&&|\|\||[;|\n]")
_GIVEN = re.compile(r"HEALTHCHECK|CMD|ENTRYPOINT|LABEL", re.IGNORECASE)


@check(
    "health-program-installed",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Install it in the last stage of the Dockerfile, or have a program that is there ask",
        minutes=10,
    ),
)
def health_program_installed(sources: Sources, compose: Compose) -> Iterator[Answer]:
    """Every program that a container's health is asked with is in the image that its Dockerfile makes."""
    yield from merged(_answers(sources, compose))


def _answers(sources: Sources, compose: Compose) -> Iterator[Answer]:
    for service in compose:
        if "healthcheck" in service.root:
            yield from _of_service(service, sources)
    for source in sources.saying("HEALTHCHECK", told=False):
        file = read_dockerfile(source) if is_dockerfile(source.path) else None
        if file is not None:
            yield from _of_file(file)


def _of_service(service: ComposeService, sources: Sources) -> Iterator[Answer]:
    asked = service.root.map("healthcheck")
    source = sources.get(service.dockerfile)
    tool = _asked_with(asked.get("test")) if asked.get("disable") is not True else None
    file = read_dockerfile(source) if source is not None and tool is not None else None
    if file is None or tool is None or not file.stages:
        return
    subject = f"{service.source.path}: {service.name}"
    if not _lacks(file, file.stages[-1], tool):
        yield holds(subject, f"may have {tool}")
        return
    told = f"{service.name} is asked for its health with {tool}, and the image of {service.dockerfile} has "
    told += f"no {tool}: it never gets healthy"
    if _is_waited_for(service):
        told += ", and what waits for that is not started"
    place = service.source.at(asked.line_of("test"))
    yield broken(subject, told, place, file.source.at(file.stages[-1].line))


def _of_file(file: Dockerfile) -> Iterator[Answer]:
    for stage in file.stages[-1:]:
        found = [(one, step) for one in file.chain(stage) for step in one.all("HEALTHCHECK")[-1:]][:1]
        for _, step in found:
            written = step.rest.partition("CMD")[2].strip()
            tool = _in_shell(written) if not written.startswith("[") else _asked_with(_listed(written))
            if tool is not None and _lacks(file, stage, tool):
                told = f"asks for the health with {tool}, and the image has no {tool}: it never gets healthy"
                yield broken(file.source.path, told, file.source.at(step.line), file.source.at(stage.line))


def _listed(written: str) -> list[str]:
    return re.findall(r'"((?:[^"\\]|\\.)*)"', written)


def _asked_with(test: object) -> str | None:
    """Return the program that a test needs, written as one text or as words behind CMD or CMD-SHELL."""
    if isinstance(test, Text):
        return _in_shell(test)
    words = [str(one) for one in test] if isinstance(test, Seq | list) else []
    if words[:1] == ["CMD-SHELL"] and len(words) > 1:
        return _in_shell(words[1])
    if words[:1] == ["CMD"]:
        words = words[1:]
    if len(words) > 2 and posixpath.basename(words[0]) in ("sh", "bash") and words[1] == "-c":
        return _in_shell(words[2])
    program = posixpath.basename(words[0]) if words else None
    return program if program in _TOOLS else None


def _in_shell(text: str) -> str | None:
    """Return the program that a line of shell cannot do without; None for one that may go on with others."""
    found = _ALONE.fullmatch(text.replace("\n", " ") + " ")
    return found["tool"] if found is not None else None


def _lacks(file: Dockerfile, stage: Stage, tool: str) -> bool:
    """Tell whether a stage has no such program for sure: neither its base nor what it is made with."""
    chain = file.chain(stage)
    base = chain[-1].image
    if not any(image.fullmatch(base) and tool in without for image, without in _BASES):
        return False
    steps = [step for one in chain for step in one.instructions if not _GIVEN.fullmatch(step.name)]
    return not any(tool in step.rest or _may_bring(step) for step in steps)


def _may_bring(step: Instruction) -> bool:
    """Tell whether an instruction may put programs into the image that it does not name."""
    if step.name == "RUN":
        return _runs_more(step.rest)
    if step.name not in ("COPY", "ADD"):
        return False
    words = step.words
    if not words or "<<" in step.rest or step.rest.lstrip().startswith("[") or "$" in words[-1]:
        return True
    if step.name == "ADD" and any(re.search(r"://|\.t|\.zip", one) for one in words):
        return True
    whole = any(
        posixpath.basename(one.rstrip("/")) in ("", "bin", "sbin", "usr", "local") for one in words[:-1]
    )
    return "from" in step.flags and (whole or words[-1] == "/")


def _runs_more(text: str) -> bool:
    """Tell whether a RUN does anything but install packages that are known, and arrange what is there."""
    if "<<" in text or "$(" in text or "`" in text:
        return True
    plain = re.sub(r"--mount=\S+|--network=\S+", "", text)
    for part in _SHELL.split(plain):
        try:
            words = shlex.split(part)
        except ValueError:
            return True
        while words and ("=" in words[0] or words[0] == "!"):
            words.pop(0)
        if words and posixpath.basename(words[0]) not in _PLAIN:
            return True
    return any(
        _PACKAGE.fullmatch(word) is None
        for found in _INSTALLS.finditer(plain)
        for word in found["words"].split()
        if not word.startswith("-")
    )


def _is_waited_for(service: ComposeService) -> bool:
    """Tell whether another service of the file waits until this one is healthy."""
    between = r"\s*(?:#.*)?\n(?:\s+(?:restart|required):.*\n)*\s+condition:\s*[\"']?service_healthy"
    waits = rf"^\s+{re.escape(service.name)}:{between}"
    text = service.source.text
    return "service_healthy" in text and re.search(waits, text, re.MULTILINE) is not None
