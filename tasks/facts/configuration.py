"""What ``activation.toml`` and the environment ask for, with the place of every value.

Layers: defaults < discovered < ``activation.toml`` < environment (``ACTIVATION_AWS_REGION``) < arguments.
Everything wrong is reported at once, each with file and line. pydantic-settings would do the layering,
but its import costs 0.3 s, several times what ``preflight`` needs for its checks, and it names no lines.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.mistake import Mistake
from tasks.domain.settings import Origin
from tasks.facts.formats import BUCKET, OWNER, REGION, REPOSITORY, Format
from tasks.facts.toml_lines import Path, line_of, lines_of

FILE = "activation.toml"
VARIABLE_PREFIX = "ACTIVATION_"
STATE_VARIABLE = "ACTIVATION_STATE_DIR"
# What the embedded world gives the processes that it starts; a command may be typed inside one of them.
MARKS = ("ACTIVATION_WORLD", "ACTIVATION_NODE", "ACTIVATION_PYTHON")
TABLE_LISTS = ("deployment.environments.", "supervision.processes.", "waive.")


Reader = Callable[[object], object]


class Unfit(Exception):  # noqa: N818 - the value is unfit, the reader works
    """A value is not of the kind its key asks for; the text says what was expected."""


@dataclass(frozen=True, kw_only=True)
class Configured:
    """Values by dotted key (``aws.region``), the origin of each, and what has to be corrected."""

    values: Mapping[str, object]
    origins: Mapping[str, Origin]
    mistakes: tuple[Mistake, ...] = ()

    def over(self, lower: Configured) -> Configured:
        """Lay these values over lower ones; a list of tables is replaced whole, not mixed."""
        replaced = tuple(table for table in TABLE_LISTS if any(key.startswith(table) for key in self.values))
        kept = {
            key: value for key, value in lower.values.items() if not (replaced and key.startswith(replaced))
        }
        origins = {key: lower.origins[key] for key in kept if key in lower.origins}
        return Configured(
            values={**kept, **self.values},
            origins={**origins, **self.origins},
            mistakes=(*lower.mistakes, *self.mistakes),
        )


def layer(source: str, values: Mapping[str, object]) -> Configured:
    """Return values that all come from one source; None means not given there."""
    given = {key: value for key, value in values.items() if value is not None}
    return Configured(values=given, origins=dict.fromkeys(given, Origin(source=source)))


def text(value: object) -> str:
    """Accept a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise Unfit("a text")
    return value


def written_as(form: Format) -> Reader:
    """Return what accepts a text that is written in a given way."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not form.fits(value):
            raise Unfit(form.expected)
        return value

    return read


def texts(value: object) -> tuple[str, ...]:
    """Accept a list of texts; in the environment they are separated by commas."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise Unfit("a list of texts")
    return tuple(value)


def flag(value: object) -> bool:
    """Accept true or false."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return value


def days(value: object) -> int:
    """Accept a whole number above zero."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Unfit("a whole number above 0")
    return value


def amount(value: object) -> float:
    """Accept a number above zero."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Unfit("a number above 0") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise Unfit("a number above 0")
    return float(value)


def percentages(value: object) -> tuple[int, ...]:
    """Accept rising whole percentages."""
    if isinstance(value, str):
        value = [int(part) if part.strip().isdecimal() else part for part in value.split(",")]
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(item, int) and not isinstance(item, bool) and item > 0 for item in value)
        or sorted(set(value)) != value
    ):
        raise Unfit("rising whole percentages such as [80, 100]")
    return tuple(value)


def address_path(value: object) -> str:
    """Accept the path of a URL."""
    if not isinstance(value, str) or not value.startswith("/"):
        raise Unfit("a path that starts with /")
    return value


def secret_source(value: object) -> str:
    """Accept where a repository secret's value comes from."""
    simple = ("role-arn", "state-bucket", "artifact-bucket")
    if not isinstance(value, str) or not (value in simple or (value.startswith("env:") and value[4:])):
        raise Unfit("role-arn, state-bucket, artifact-bucket or env:VARIABLE")
    return value


def date(value: object) -> str:
    """Accept a date, as TOML's own or as text."""
    import datetime as dt  # noqa: PLC0415 - only files with waivers need it

    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Unfit("a date such as 2027-01-31") from None


def bound(value: object) -> Mapping[str, float]:
    """Accept a metric's target and alert: ``{target = 30, alert = 40}``, or one number for both."""
    if isinstance(value, dict):
        unknown = set(value) - {"target", "alert"}
        if unknown or "target" not in value:
            raise Unfit("a number, or a table with target and alert")
        return {"target": amount(value["target"]), "alert": amount(value.get("alert", value["target"]))}
    return {"target": amount(value), "alert": amount(value)}


KEYS: Mapping[str, Reader] = {
    "repository.owner": written_as(OWNER),
    "repository.name": written_as(REPOSITORY),
    "repository.branch": text,
    "release.tag": text,
    "release.workflow": text,
    "release.assets": texts,
    "deployment.workflow": text,
    "aws.region": written_as(REGION),
    "aws.state_bucket": written_as(BUCKET),
    "aws.lock_table": text,
    "aws.artifact_bucket": written_as(BUCKET),
    "aws.artifact_days": days,
    "aws.deploy_role": text,
    "aws.secrets": texts,
    "budget.daily_usd": amount,
    "budget.alert_percent": percentages,
    "budget.name": text,
    "budget.topic": text,
}
ENVIRONMENT_KEYS: Mapping[str, Reader] = {
    "name": text,
    "approval": flag,
    "health": address_path,
    "version": address_path,
}
WAIVER_KEYS: Mapping[str, Reader] = {
    "check": text,
    "subject": text,
    "reason": text,
    "owner": text,
    "expires": date,
}
SUPERVISED_KEYS: Mapping[str, Reader] = {
    "name": text,
    "command": text,
    "log": text,
    "fresh_minutes": days,
}
OPEN_TABLES: Mapping[str, Reader] = {"thresholds": bound}  # any key, each of one kind
SECTIONS = (
    "repository",
    "release",
    "deployment",
    "aws",
    "secrets",
    "budget",
    "thresholds",
    "supervision",
    "waive",
)


def from_text(content: str, file: str = FILE) -> Configured:
    """Read an ``activation.toml``; a syntax error is one mistake and nothing else is read."""
    try:
        document = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        return Configured(values={}, origins={}, mistakes=(_syntax(error, content, file),))
    lines = lines_of(content)
    values: dict[str, object] = {}
    origins: dict[str, Origin] = {}
    mistakes: list[Mistake] = []
    for path, value, reader in _walk(document):
        key = ".".join(str(part) for part in path)
        line = line_of(lines, path)
        if reader is None:
            unknown = _unknown(path, key, line, lines, file)
            mistakes += [unknown] if unknown not in mistakes else []
            continue
        try:
            values[key] = reader(value)
            origins[key] = Origin(source="file", file=file, line=line)
        except Unfit as kind:
            mistakes.append(Mistake(place=file, line=line, message=f"{key} is {value!r}", expected=str(kind)))
    mistakes += _incomplete(document, lines, file)
    return Configured(values=values, origins=origins, mistakes=tuple(mistakes))


def from_environment(environment: Mapping[str, str]) -> Configured:
    """Read ``ACTIVATION_<SECTION>_<KEY>`` for every plain key; others of that prefix are mistakes."""
    names = {VARIABLE_PREFIX + key.replace(".", "_").upper(): key for key in KEYS}
    values: dict[str, object] = {}
    origins: dict[str, Origin] = {}
    mistakes: list[Mistake] = []
    for name, value in sorted(environment.items()):
        if name in names:
            try:
                values[names[name]] = KEYS[names[name]](value)
                origins[names[name]] = Origin(source=f"environment {name}")
            except Unfit as kind:
                place = f"environment {name}"
                mistakes.append(Mistake(place=place, message=f"is {value!r}", expected=str(kind)))
        elif name.startswith(VARIABLE_PREFIX) and name not in (STATE_VARIABLE, *MARKS):
            near = difflib.get_close_matches(name, (*names, STATE_VARIABLE), n=1, cutoff=0.8)
            expected = near[0] if near else None
            mistakes.append(Mistake(place=f"environment {name}", message="sets nothing", expected=expected))
    return Configured(values=values, origins=origins, mistakes=tuple(mistakes))


def _walk(document: Mapping[str, object]) -> Iterator[tuple[Path, object, Reader | None]]:
    """Yield every value with its reader; None for a key nobody knows."""
    for section, body in document.items():
        if section == "waive":
            yield from _tables(("waive",), body, WAIVER_KEYS)
        elif not isinstance(body, dict):
            yield (section,), body, _table if section in SECTIONS else None
        elif section == "secrets":
            for name, entry in body.items():
                yield from _table_of(("secrets", name), entry, {"source": secret_source})
        elif section in OPEN_TABLES:
            for name, entry in body.items():
                yield (section, name), entry, OPEN_TABLES[section]
        else:
            for name, entry in body.items():
                if (section, name) == ("deployment", "environments"):
                    yield from _tables(("deployment", "environments"), entry, ENVIRONMENT_KEYS)
                elif (section, name) == ("supervision", "processes"):
                    yield from _tables(("supervision", "processes"), entry, SUPERVISED_KEYS)
                else:
                    yield (section, name), entry, KEYS.get(f"{section}.{name}")


def _tables(
    path: Path, body: object, readers: Mapping[str, Reader]
) -> Iterator[tuple[Path, object, Reader | None]]:
    if not isinstance(body, list):
        yield path, body, _table_list
        return
    for index, entry in enumerate(body):
        yield from _table_of((*path, index), entry, readers)


def _table_of(
    path: Path, entry: object, readers: Mapping[str, Reader]
) -> Iterator[tuple[Path, object, Reader | None]]:
    if not isinstance(entry, dict):
        yield path, entry, _table
        return
    for name, value in entry.items():
        yield (*path, name), value, readers.get(name)


def _table(_: object) -> object:
    raise Unfit("a table")


def _table_list(_: object) -> object:
    raise Unfit("an array of tables ([[...]])")


def _incomplete(document: Mapping[str, object], lines: dict[Path, int], file: str) -> Iterator[Mistake]:
    """Yield what a table lacks: an environment or process its name, a waiver any key, a secret its source."""
    required: list[tuple[Path, object, tuple[str, ...]]] = []
    deployment = document.get("deployment")
    environments = deployment.get("environments") if isinstance(deployment, dict) else None
    for index, entry in enumerate(environments if isinstance(environments, list) else ()):
        required.append((("deployment", "environments", index), entry, ("name",)))
    supervision = document.get("supervision")
    processes = supervision.get("processes") if isinstance(supervision, dict) else None
    for index, entry in enumerate(processes if isinstance(processes, list) else ()):
        required.append((("supervision", "processes", index), entry, ("name",)))
    waive = document.get("waive")
    for index, entry in enumerate(waive if isinstance(waive, list) else ()):
        required.append((("waive", index), entry, tuple(WAIVER_KEYS)))
    secrets = document.get("secrets")
    for name, entry in (secrets if isinstance(secrets, dict) else {}).items():
        required.append((("secrets", name), entry, ("source",)))
    for path, entry, names in required:
        missing = [name for name in names if isinstance(entry, dict) and name not in entry]
        if missing:
            key = ".".join(str(part) for part in path)
            message = f"{key} lacks {', '.join(missing)}"
            yield Mistake(place=file, line=line_of(lines, path), message=message)


def _unknown(path: Path, key: str, line: int | None, lines: dict[Path, int], file: str) -> Mistake:
    """Tell of a key nobody knows; of a table nobody knows once, where it begins."""
    table = path[:1]
    if len(path) > 1 and table[0] not in SECTIONS and table in lines:
        meant = difflib.get_close_matches(str(table[0]), SECTIONS, n=1, cutoff=0.6)
        expected = meant[0] if meant else f"one of {', '.join(SECTIONS)}"
        return Mistake(place=file, line=lines[table], message=f"unknown table {table[0]}", expected=expected)
    return Mistake(place=file, line=line, message=f"unknown key {key}", expected=_near(path))


def _near(path: Path) -> str | None:
    """Suggest the known key that was probably meant."""
    if path[0] == "supervision" and path[1:2] != ("processes",):
        return f"[[supervision.processes]] with {', '.join(SUPERVISED_KEYS)}"
    wanted = ".".join(str(part) for part in path if not isinstance(part, int))
    known = [*KEYS, *SECTIONS]
    known += [f"deployment.environments.{key}" for key in ENVIRONMENT_KEYS]
    known += [f"supervision.processes.{key}" for key in SUPERVISED_KEYS]
    known += [f"waive.{key}" for key in WAIVER_KEYS]
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.6)
    if close:
        return close[0]
    section = str(path[0])
    siblings = [key for key in known if key.startswith(section + ".")]
    return f"one of {', '.join(siblings)}" if siblings else f"one of {', '.join(SECTIONS)}"


def _syntax(error: tomllib.TOMLDecodeError, content: str, file: str) -> Mistake:
    said = str(error)
    line: int | None = None
    if "(at line " in said:
        said, _, place = said.partition(" (at line ")
        line = int(place.split(",")[0])
    elif "(at end of document)" in said:
        said = said.replace(" (at end of document)", "")
        line = content.count("\n") + 1
    return Mistake(place=file, line=line, message=f"not valid TOML: {said}")
