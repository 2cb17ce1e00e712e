"""What a script or program of the repository asks AWS for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tasks.domain.aws_action import needed
from tasks.domain.aws_resource import at_s3, bucket_arn, named, object_arn
from tasks.domain.evidence import Evidence
from tasks.domain.script import Command, Script, Word
from tasks.domain.source import Source

_WITH_VALUE = frozenset(
    {
        "--ca-bundle", "--cli-binary-format", "--cli-connect-timeout", "--cli-read-timeout", "--color",
        "--output", "--query", "--region",
    }
)  # fmt: skip
"""Options that may stand before the service and take a value."""
_ANOTHER_PLACE = ("--endpoint-url", "--no-sign-request", "--profile", "--generate-cli-skeleton", "--dryrun")
_ANOTHER_IDENTITY = (
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
)  # fmt: skip
_ASKS = re.compile(r"\s*(?:-\s*run:\s*|run:\s*)?(?:if|elif|while|until|!)\s")
DEEPEST = 4  # scripts that start scripts
_MOVES = ("cp", "mv", "sync")


@dataclass(frozen=True, kw_only=True)
class AwsCall:
    """One request; ``service`` and ``operation`` as the CLI calls them, ``actions`` what IAM asks for it.

    ``sure``: where the script is run it runs this, and ends when it is refused. ``minded`` is False when the
    script goes on after a refusal (``|| true``).
    """

    service: str
    operation: str
    actions: tuple[str, ...]
    source: Source = field(repr=False)
    line: int
    sure: bool = True
    minded: bool = True
    optional: bool = False  # only under a condition that nobody knows before a run
    on: tuple[tuple[str, str], ...] = ()  # action in small letters, and a pattern of the ARN it is asked for

    def resources(self, action: str) -> tuple[str | None, ...]:
        """Return what an action is asked for, as patterns of ARNs; None for what is not certain."""
        return tuple(arn for name, arn in self.on if name == action.lower()) or (None,)

    @property
    def written(self) -> str:
        """The command as people write it."""
        return f"aws {self.service} {self.operation}"

    @property
    def at(self) -> Evidence:
        """Where it stands."""
        return self.source.at(self.line)


@dataclass(frozen=True, kw_only=True)
class AwsPrograms:
    """The requests of the Python programs that workflows run, by path."""

    calls: Mapping[str, tuple[AwsCall, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[AwsCall]:
        return (call for calls in self.calls.values() for call in calls)


def shell_calls(script: Script) -> tuple[AwsCall, ...]:
    """Return the requests that a script makes as whom it was started by.

    One that is a question (``if``, ``while``, ``!``) is left out: it may be meant to be refused.
    """
    if "shell_calls" not in script.memo:
        script.memo["shell_calls"] = tuple(_shell_calls(script))
    calls: tuple[AwsCall, ...] = script.memo["shell_calls"]
    return calls


def _shell_calls(script: Script) -> Iterator[AwsCall]:
    if changes_identity(script.text):
        return
    for command in script.running("aws"):
        words = called(command)
        if words is None or elsewhere(command):
            continue
        minded = not (command.tested or command.masked)
        if not minded and _ASKS.match(script.source.line(command.line) or ""):
            continue
        service, operation, rest = words
        options = frozenset(word.text.partition("=")[0] for word in rest if word.text.startswith("--"))
        moved = _of_objects(operation, rest, options) if service == "s3" else ()
        actions = tuple(dict.fromkeys(action for action, _ in moved))
        actions = actions or needed(service, operation, options)
        asked = [(action.lower(), arn) for action, arn in moved if arn is not None]
        yield AwsCall(
            service=service,
            operation=operation,
            actions=actions,
            on=(*asked, *named(service, operation, rest, actions).items()),
            source=script.source,
            line=command.line,
            sure=command.fatal and not (command.conditional or command.function or command.loop),
            minded=minded,
            optional=command.conditional and not _is_whole(script, command),
        )


def calls_of(
    script: Script, files: Mapping[str, Script], programs: AwsPrograms, depth: int = 0
) -> Iterator[tuple[AwsCall, int]]:
    """Go through the requests of a script and of what it starts, with the line of it that starts them."""
    for call in shell_calls(script):
        yield call, call.line
    if depth > DEEPEST or changes_identity(script.text):
        return
    for command, paths in _starts(script):
        sure = command.fatal and not (command.conditional or command.function or command.loop)
        for path in paths:
            started = files.get(path)
            inner = calls_of(started, files, programs, depth + 1) if started is not None else ()
            made = (*(call for call, _ in inner), *programs.calls.get(path, ()))
            for call in made:
                optional = call.optional or command.conditional
                yield replace(call, sure=call.sure and sure, optional=optional), command.line
            if made:
                break


def _starts(script: Script) -> tuple[tuple[Command, tuple[str, ...]], ...]:
    """Return the commands that may start a file for what it does, each with the paths that may be its."""
    if "starts" not in script.memo:
        found = []
        for command in script.commands:
            if not (command.tested or command.masked):
                names = (word.literal for word in _started(command))
                paths = tuple(path for name in names if name is not None and (path := command.path(name)))
                if paths and not elsewhere(command):
                    found.append((command, paths))
        script.memo["starts"] = tuple(found)
    starts: tuple[tuple[Command, tuple[str, ...]], ...] = script.memo["starts"]
    return starts


_STARTERS = frozenset({"bash", "sh", "dash", "ksh", "zsh", "python", "python2", "python3", "source", "."})
_RUNNERS = frozenset({"uv", "poetry", "pipenv", "rye", "hatch"})
_ONLY_READS = re.compile(r"-[a-z]*n[a-z]*|-[cm]|--version|--help")


def _started(command: Command) -> tuple[Word, ...]:
    """Return the words that may name the file a command starts; one that it only reads is not started."""
    words = command.run
    if command.program in _RUNNERS and words[1:2] and words[1].literal == "run":
        words = words[2:]
    name = (words[0].literal or "").rpartition("/")[2] if words else ""
    if name not in _STARTERS:
        return words[:1]
    options = [word.text for word in words[1:3] if word.text.startswith("-")]
    return () if any(_ONLY_READS.fullmatch(one) for one in options) else words[1:4]


def _is_whole(script: Script, command: Command) -> bool:
    """Tell whether a command stands in a function that is called, and there under no further condition.

    The reader of the shell takes a whole function for a condition, so it is told by how far lines are set in.
    """
    if command.function is None:
        return False
    inner = (one.line for one in script.commands if one.function == command.function)
    depths = [_depth(script.source.line(line) or "") for line in inner]
    called = any(one.function != command.function for one in script.running(command.function))
    return called and _depth(script.source.line(command.line) or "") == min(depths)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def changes_identity(text: str) -> bool:
    """Tell whether a script takes on an identity of its own: nobody knows what that one may."""
    return "assume-role" in text or "AWS_SECRET_ACCESS_KEY=" in text or "AWS_PROFILE=" in text


def elsewhere(command: Command) -> bool:
    """Tell whether a command asks another place than AWS, or asks it as somebody else."""
    if any(word.text.startswith(_ANOTHER_PLACE) for word in command.arguments):
        return True
    return any(one.name in _ANOTHER_IDENTITY for one in command.assignments)


def called(command: Command) -> tuple[str, str, tuple[Word, ...]] | None:
    """Return service, operation and the words behind them; None when they are not certain."""
    words = list(command.arguments)
    while words and words[0].text.startswith("-"):
        option = words.pop(0).text
        if option in _WITH_VALUE and words:
            words.pop(0)
    if len(words) < 2:
        return None
    service, operation = words[0].literal, words[1].literal
    if not service or not operation or operation.startswith("-") or "help" in (service, operation):
        return None
    if operation == "wait":
        waited = words[2].literal if len(words) > 2 else None
        return None if not waited else (service, f"wait {waited}", tuple(words[3:]))
    return service, operation, tuple(words[2:])


def _of_objects(
    operation: str, rest: tuple[Word, ...], options: frozenset[str]
) -> tuple[tuple[str, str | None], ...]:
    """Return what the commands of ``aws s3`` need, and on what; a side that is not certain needs nothing."""
    places = []
    for before, word in zip((None, *rest), rest, strict=False):
        owned = before is not None and before.text in _S3_WITH_VALUE
        if not word.text.startswith("-") and not owned:
            places.append(word)
    whole = "--recursive" in options
    if operation == "ls":
        listed = (("s3:ListBucket", _bucket(places[0])),) if places and places[0].beginning else ()
        return listed if places else (("s3:ListAllMyBuckets", None),)
    if operation == "rm" and places:
        removed = ("s3:DeleteObject", _object(places[0], many=whole))
        return (removed, ("s3:ListBucket", _bucket(places[0]))) if whole else (removed,)
    if operation not in _MOVES or len(places) < 2:
        return ()
    origin, target = places[:2]
    many = whole or operation == "sync"
    found: list[tuple[str, str | None]] = []
    if origin.beginning.startswith("s3://"):
        found.append(("s3:GetObject", _object(origin, many=many)))
        found += [("s3:ListBucket", _bucket(origin))] if many else []
        found += [("s3:DeleteObject", _object(origin, many=many))] if operation == "mv" else []
    if target.beginning.startswith("s3://"):
        found.append(("s3:PutObject", _object(target, many=True) if many else _put(origin, target)))
        found += [("s3:ListBucket", _bucket(target))] if operation == "sync" else []
        gone = operation == "sync" and "--delete" in options
        found += [("s3:DeleteObject", _object(target, many=True))] if gone else []
    return tuple(dict.fromkeys(found))


def _object(word: Word, *, many: bool) -> str | None:
    place = at_s3(word)
    return None if place is None else object_arn(place[0], place[1], whole=place[2] and not many)


def _put(origin: Word, target: Word) -> str | None:
    """Return what one file becomes; behind a slash, and in a bucket without a key, it keeps its name."""
    place = at_s3(target)
    if place is None:
        return None
    bucket, key, whole = place
    if not whole or (key and not key.endswith("/")):
        return object_arn(bucket, key, whole=whole and not target.beginning.endswith("/"))
    name = (origin.literal or "").rpartition("/")[2]
    return object_arn(bucket, key + name, whole=bool(name))


def _bucket(word: Word) -> str | None:
    place = at_s3(word)
    return None if place is None else bucket_arn(place[0])


_S3_WITH_VALUE = _WITH_VALUE | frozenset(
    {
        "--acl", "--cache-control", "--content-disposition", "--content-encoding", "--content-language",
        "--content-type", "--exclude", "--expected-size", "--expires", "--grants", "--include", "--metadata",
        "--metadata-directive", "--sse", "--sse-kms-key-id", "--storage-class", "--source-region",
        "--page-size",
    }
)  # fmt: skip
