"""What breaks in manifests, lock files, Terraform and its policies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tests.benchmarks.mutation import Expect, Mutation, Operator, Place, Sample, misspelled, replacing

MANIFESTS = r"Cargo\.toml$"
MEMBERS = r"^crates/.*Cargo\.toml$"
ROOT = r"^Cargo\.toml$"
LOCK = r"^Cargo\.lock$"
TERRAFORM = r"^infra/.*\.tf$"
FLOWS = r"^\.github/workflows/"


def _readers(pattern: str, files: str) -> Expect:
    def expect(sample: Sample, path: str, number: int, match: re.Match[str]) -> Iterable[Place]:
        return {(path, number), *sample.places(pattern.format(x=re.escape(match["x"])), files)}

    return expect


def _inheriting(sample: Sample, path: str, number: int, match: re.Match[str]) -> Iterable[Place]:
    return {(path, number), *sample.places(rf"^{match['x']}\.workspace", MEMBERS)}


def _depending(sample: Sample, _path: str, number: int, match: re.Match[str]) -> Iterable[Place]:
    """Expect the manifests that take a dependency from the workspace, or its own line."""
    return {("Cargo.toml", number), *sample.places(rf"^{match['x']}\.workspace", MEMBERS)}


def _package(sample: Sample, path: str, number: int, match: re.Match[str]) -> Iterable[Place]:
    """Expect a renamed package where it is asked for by name, in the lock file, or where it is named."""
    asked = sample.places(rf"(?:--package |\[|, ){match['x']}\b|CRATE\"", FLOWS)
    locked = sample.places(rf'^name = "{match["x"]}"$', LOCK)
    return {(path, number), *asked, *locked, *sample.places(rf"^{match['x']}(?: =|\.)", MANIFESTS)}


def _locked(sample: Sample, path: str, number: int, _match: re.Match[str]) -> Iterable[Place]:
    """Expect a wrong entry of the lock file in its paragraph, or in the manifest that it is about."""
    lines = sample.files[path].split("\n")
    start = max(n for n in range(number) if lines[n] == "[[package]]") + 1
    name = lines[start].split('"')[1]
    manifests = {(f"crates/{name}/Cargo.toml", line) for line in range(1, 20)}
    return {*((path, line) for line in range(start, start + 6)), *manifests}


def _without_lock(sample: Sample) -> Iterator[Mutation]:
    yield Mutation(
        operator="lock file removed",
        about="Cargo.lock",
        files={"Cargo.lock": None},
        expected=sample.places("--locked", FLOWS),
    )


def _without_manifest(sample: Sample) -> Iterator[Mutation]:
    for path in sample.matching(MEMBERS):
        name = path.split("/")[1]
        asked = sample.places(rf"--package {name}\b|crate: \[|CRATE\"", FLOWS)
        locked = sample.places(rf'^name = "{name}"$', LOCK)
        yield Mutation(
            operator="manifest removed",
            about=path,
            files={path: None},
            expected=frozenset(
                {*asked, *locked, *sample.places("members|moonphase = ", ROOT)}
                | sample.places(f"^{name}", MEMBERS)
            ),
        )


def _added(operator: str, files: str, text: str) -> Operator:
    """Return the operator that appends lines to each file; the second of them is the wrong one."""

    def operate(sample: Sample) -> Iterator[Mutation]:
        for path in sample.matching(files):
            lines = sample.files[path].count("\n")
            yield Mutation(
                operator=operator,
                about=path,
                files={path: f"{sample.files[path]}{text}"},
                expected=frozenset({(path, lines + n) for n in range(1, text.count("\n") + 1)}),
            )

    return operate


OPERATORS: tuple[Operator, ...] = (
    replacing(
        "action not granted",
        r"^deploy/rollout\.py$",
        r'"(?P<x>list-command-invocations|send-command)"',
        "describe-activations",
    ),
    replacing("action not granted", FLOWS, r"run: (?P<x>aws s3 cp)", "aws s3api put-object-acl"),
    replacing("member path", ROOT, r'members = \["(?P<x>crates)/', misspelled),
    replacing("member path", ROOT, r'members = \["crates/\*(?P<x>")', '", "crates/sun"'),
    replacing("dependency path", ROOT, r'path = "crates/(?P<x>\w+)"', misspelled),
    replacing("dependency renamed", MEMBERS, r"^(?P<x>moonphase)\.workspace", misspelled),
    replacing("dependency renamed", ROOT, r"^(?P<x>moonphase) = ", misspelled, expect=_depending),
    replacing("package renamed", MEMBERS, r'^name = "(?P<x>\w+)"', misspelled, expect=_package),
    replacing(
        "package twice",
        r"^crates/moon/Cargo\.toml$",
        r'^name = "(?P<x>\w+)"',
        "moond",
        expect=_readers('^name = "moond"', MEMBERS),
    ),
    replacing(
        "inherited value removed",
        ROOT,
        r"^(?P<x>version|edition|license|repository|publish|rust-version)(?= = )",
        misspelled,
        expect=_inheriting,
    ),
    replacing("edition", ROOT, r'^edition = "(?P<x>2021)"', "2023", expect=_readers("^edition", MANIFESTS)),
    replacing("manifest syntax", MANIFESTS, r"^\[(?:package|workspace)(?P<x>\])$", ""),
    replacing("lock entry", LOCK, r'^name = "(?P<x>\w+)"', misspelled, expect=_locked),
    replacing("lock entry", LOCK, r'^version = "(?P<x>[\d.]+)"', "0.2.0", expect=_locked),
    replacing("lock entry", LOCK, r'^ "(?P<x>\w+)"', misspelled, expect=_locked),
    replacing("lock version", LOCK, r"^version = (?P<x>\d)$", "9"),
    _without_lock,
    _without_manifest,
    _added("feature renamed", r"^crates/moond?/Cargo\.toml$", '\n[features]\ntls = ["rustls"]\n'),
    _added("binary path", r"^crates/moond?/Cargo\.toml$", '\n[[bin]]\nname = "sun"\npath = "src/sun.rs"\n'),
    _added("workspace table in member", r"^crates/moond?/Cargo\.toml$", "\n[profile.release]\nlto = true\n"),
    replacing("variable renamed", TERRAFORM, r"\bvar\.(?P<x>\w+)", misspelled),
    replacing(
        "variable renamed",
        r"^infra/variables\.tf$",
        r'^variable "(?P<x>\w+)"',
        misspelled,
        expect=_readers(r"var\.{x}\b", TERRAFORM),
    ),
    replacing("local renamed", TERRAFORM, r"\blocal\.(?P<x>\w+)", misspelled),
    replacing(
        "resource renamed",
        TERRAFORM,
        r"\b(?:aws_cloudwatch_log_group|data\.aws_s3_bucket|data\.aws_iam_policy_document|aws_iam_policy)\.(?P<x>\w+)",
        misspelled,
    ),
    replacing("terraform syntax", TERRAFORM, r'^(?:data|resource|output|variable) "[^{]*(?P<x>\{)', "{ ="),
    replacing("action unknown", TERRAFORM, r'"(?:s3|logs):(?P<x>\w+)"', misspelled),
    replacing("action unknown", TERRAFORM, r'"(?P<x>s3|logs):\w+"', misspelled),
    replacing("state bucket", r"^infra/versions\.tf$", r'bucket +=\s"(?P<x>[\w-]+)"', misspelled),
    replacing("state region", r"^infra/versions\.tf$", r'^    region +=\s"(?P<x>us-west-2)"', "us-east-1"),
    replacing(
        "default no real id", r"^infra/variables\.tf$", r'default +=\s"(?P<x>acme[\w-]+)"', "CHANGE_ME"
    ),
    _added("declared twice", r"^infra/variables\.tf$", '\nvariable "region" {\n  type = string\n}\n'),
    _added("module missing", r"^infra/main\.tf$", '\nmodule "net" {\n  source = "./net"\n}\n'),
    _added("file missing", r"^infra/main\.tf$", '\nlocals {\n  boot = file("${path.module}/boot.sh")\n}\n'),
    _added(
        "open to all",
        r"^infra/main\.tf$",
        '\nresource "aws_security_group" "ssh" {\n  ingress {\n    from_port   = 22\n    to_port     = 22\n'
        '    protocol    = "tcp"\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n',
    ),
)
