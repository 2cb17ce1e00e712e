"""Whether a job that signs in to a machine knows the machine's key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.installed import History
from tasks.domain.lane import lanes, values
from tasks.domain.phase import Phase
from tasks.domain.runner_label import OFFERED
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Job, Workflow, Workflows

# Options of ssh, scp and sftp that take a value of their own.
_TAKES = {
    "ssh": frozenset("BbcDEeFIiJLlmOopQRSWw"),
    "scp": frozenset("cDFiJloPSX"),
    "sftp": frozenset("BbcDFiJloPRSsX"),
}
# Whatever may decide about host keys in another way than asking: then nothing is certain.
_DECIDES = re.compile(
    r"StrictHostKeyChecking|known_hosts|KnownHosts|HostKeyAlias|ProxyCommand|GIT_SSH|ssh_config|\.ssh/config|"
    r"config-ssh|ssh-tofu|sshpass|expect\b|ssh-keygen\s+-R",
    re.IGNORECASE,
)
_SCANNED = re.compile(r"ssh-keyscan\b(?P<rest>[^\n|>;&]*)")
# GitHub's images bring the keys of these.
_KNOWN = re.compile(r"^(?:[\w.-]+@)?(?:github\.com|ssh\.dev\.azure\.com|localhost|127\.0\.0\.1)(?::.*)?$")


@check(
    "ssh-host-known",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Let a step before write the machine's key, as who knows it says, into ~/.ssh/known_hosts",
        minutes=10,
    ),
)
def ssh_host_known(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every job that signs in to a machine by ssh has its key: nobody is there to accept an unknown one."""
    history = History(workflows, scripts)
    for workflow in workflows:
        yield from merged(_logins(history, workflow))


def _logins(history: History, workflow: Workflow) -> Iterator[Answer]:
    for script, command in history.commands(workflow, *_TAKES):
        job = script.job
        host = _host(command)
        if job is None or host is None or _KNOWN.match(host) or not _fresh(workflow, job):
            continue
        subject = f"{workflow.file}: {job.id}"
        if _decided(history, workflow, job, script, command):
            yield holds(subject, "the job decides about the key")
            continue
        told = (
            f"{command.program} asks whether the key of {host} is right, and nobody can answer: it ends with "
        )
        yield broken(subject, f"{told}`Host key verification failed`", workflow.source.at(command))


def _fresh(workflow: Workflow, job: Job) -> bool:
    """Tell whether a job gets one of GitHub's machines, which has signed in nowhere before."""
    labels = [values(label, lanes(workflow, job)) for label in job.runs_on]
    return len(labels) == 1 and all(one.lower() in OFFERED for one in labels[0] or ("",))


def _decided(history: History, workflow: Workflow, job: Job, script: Script, command: Command) -> bool:
    said = history.before(workflow, script, command)
    texts = [said.text, *(word.text for word in command.words), script.text]
    whole = "\n".join(texts)
    if said.opaque or _DECIDES.search(whole) or "container" in job.root:
        return True
    return any(
        not all(_KNOWN.match(one.strip("\"'")) for one in found["rest"].split() if not one.startswith("-"))
        for found in _SCANNED.finditer(whole)
    )


def _host(command: Command) -> str | None:
    """Return the machine as written; None for a call that only shows something, or copies here."""
    takes = _TAKES[str(command.program)]
    following = False
    free: list[str] = []
    for word in command.arguments:
        if following:
            following = False
        elif re.match(r"^-[A-Za-z0-9]", word.text):
            following = len(word.text) == 2 and word.text[1] in takes
            if word.text in ("-V", "-G", "-Q"):
                return None
        else:
            free.append(word.text.strip("\"'"))
    if command.program == "scp":
        return next((one.partition(":")[0] for one in free if ":" in one and "://" not in one), None)
    return free[0] if free else None
