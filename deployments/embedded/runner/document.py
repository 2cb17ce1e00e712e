"""Workflow and action files as YAML 1.2: `on` stays a word, and so do yes and no."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml


class DocumentError(Exception):
    """A file that is no YAML; the message carries the line."""


@dataclass(frozen=True, kw_only=True)
class JobLines:
    """Where a job and its steps stand in their file, counted from 1."""

    job: int = 1
    steps: tuple[int, ...] = ()

    def step(self, number: int) -> int:
        """Give the line of a step, counted from 1; the job's own for one that stands nowhere."""
        return self.steps[number - 1] if 0 < number <= len(self.steps) else self.job


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2's core schema."""


_SCALARS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("merge", r"<<", "<"),
)
# PyYAML resolves YAML 1.1: `on` would be True, 1:30 a number in base 60, a date a date object.
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _integer(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    # A leading zero is decimal in YAML 1.2, and `0o17` is octal.
    return int(text, 0) if text[:2] in ("0x", "0o") else int(text)


def _float(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)).lower().replace(".inf", "inf").replace(".nan", "nan"))


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def load(text: str) -> Any:
    """Read one YAML document. Raises DocumentError with line and column when it is not well formed."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DocumentError(f"{where}{error.problem or error.context or error}") from error
    except yaml.YAMLError as error:
        raise DocumentError(str(error)) from error


def job_lines(text: str) -> Mapping[str, JobLines]:
    """Give the lines of the jobs of a workflow file that `load` takes."""
    jobs = _value(yaml.compose(text, _Loader), "jobs")
    found: dict[str, JobLines] = {}
    for key, job in jobs.value if isinstance(jobs, yaml.MappingNode) else ():
        steps = _value(job, "steps")
        listed = steps.value if isinstance(steps, yaml.SequenceNode) else ()
        found[str(key.value)] = JobLines(
            job=key.start_mark.line + 1, steps=tuple(step.start_mark.line + 1 for step in listed)
        )
    return found


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)
