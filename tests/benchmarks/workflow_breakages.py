"""What breaks in workflow files: names of things that are not there, rights, syntax, lost steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tests.benchmarks.mutation import Expect, Mutation, Operator, Place, Sample, misspelled, replacing

FLOWS = r"^\.github/workflows/"


def readers(sample: Sample, path: str, pattern: str) -> Iterable[Place]:
    """Return the lines of a file in which a pattern is found."""
    return sample.places(pattern, f"^{re.escape(path)}$")


def _or_reader(pattern: str) -> Expect:
    def expect(sample: Sample, path: str, number: int, match: re.Match[str]) -> Iterable[Place]:
        return {(path, number), *readers(sample, path, pattern.format(x=re.escape(match["x"].strip())))}

    return expect


def _of_readers(pattern: str) -> Expect:
    def expect(sample: Sample, path: str, _number: int, match: re.Match[str]) -> Iterable[Place]:
        return readers(sample, path, pattern.format(x=re.escape(match["x"].strip())))

    return expect


def _gone(sample: Sample) -> Iterator[Mutation]:
    for path in sample.matching(r"^deploy/(?!test_|install)"):
        yield Mutation(
            operator="file removed",
            about=path,
            files={path: None},
            expected=sample.places(rf"{re.escape(path)}", FLOWS),
        )


def _mode(sample: Sample) -> Iterator[Mutation]:
    for path in sorted(sample.executable):
        if called := sample.places(rf"(?:run: |^\s*){re.escape(path)}", FLOWS):
            yield Mutation(
                operator="script mode",
                about=path,
                files={},
                expected=called,
                not_executable=frozenset({path}),
            )


def _no_checkout(sample: Sample) -> Iterator[Mutation]:
    """Take the checkout out of each job that works on the repository: its first use of a file shows it."""
    for path in sample.matching(FLOWS):
        lines = sample.files[path].split("\n")
        for at, line in enumerate(lines):
            if "uses: actions/checkout@" not in line:
                continue
            end = next(i for i in range(at + 1, len(lines)) if lines[i].startswith("      - "))
            job_end = next((i for i in range(end, len(lines)) if re.match(r"  \S", lines[i])), len(lines))
            text = "\n".join(lines[:at] + lines[end:])
            runs = [i for i in range(end, job_end) if re.search(r"\brun:", lines[i])]
            yield Mutation(
                operator="checkout removed",
                about=f"{path}:{at + 1}",
                files={path: text},
                expected=frozenset((path, i + 1 - (end - at)) for i in runs),
            )


def _no_needs(sample: Sample) -> Iterator[Mutation]:
    for path, number, line in sample.lines(FLOWS):
        if re.match(r"    needs: ", line):
            downloads = readers(sample, path, r"download-artifact|name: release$")
            yield Mutation(
                operator="needs removed",
                about=f"{path}:{number}",
                files=sample.with_line(path, number),
                expected=frozenset((p, n - 1 if n > number else n) for p, n in downloads),
            )


def _twice(sample: Sample) -> Iterator[Mutation]:
    for path, number, line in sample.lines(FLOWS):
        if re.match(r"permissions: ", line):
            yield Mutation(
                operator="key twice",
                about=f"{path}:{number}: {line.strip()}",
                files=sample.with_line(path, number, line, line),
                expected=frozenset({(path, number), (path, number + 1)}),
            )


def _no_right(sample: Sample) -> Iterator[Mutation]:
    for path, number, line in sample.lines(FLOWS):
        if "id-token: write" in line:
            signs_in = readers(sample, path, r"configure-aws-credentials|role-to-assume")
            yield Mutation(
                operator="permission removed",
                about=f"{path}:{number}: {line.strip()}",
                files=sample.with_line(path, number),
                expected=frozenset((p, n - 1) for p, n in signs_in),
            )


def _required_input(sample: Sample) -> Iterator[Mutation]:
    wanted = {"path": "upload-artifact", "aws-region": "configure-aws-credentials"}
    for path, number, line in sample.lines(FLOWS):
        match = re.match(r"          (path|aws-region): \S", line)
        if match is None or line.endswith("|") or line.split()[-1] == "dist":
            continue
        above = max(n for _, n in readers(sample, path, wanted[match[1]]) if n < number)
        yield Mutation(
            operator="action input removed",
            about=f"{path}:{number}: {line.strip()}",
            files=sample.with_line(path, number),
            expected=frozenset((path, n) for n in range(above, number)),
        )


def _never_fails(sample: Sample) -> Iterator[Mutation]:
    for path, number, line in sample.lines(FLOWS):
        if re.search(r"run: (?:cargo (?:test|fmt|clippy)|sha256sum|deploy/package)", line):
            yield Mutation(
                operator="failure masked",
                about=f"{path}:{number}",
                files=sample.with_line(path, number, f"{line} || true"),
                expected=frozenset({(path, number)}),
            )


_ID_READERS = r"steps\.{x}\.outputs"
_INPUT_READERS = r"inputs\.{x}\b"

OPERATORS: tuple[Operator, ...] = (
    replacing("package renamed", FLOWS, r"--package (?P<x>moon\w*)", misspelled),
    replacing("test target renamed", FLOWS, r"--test (?P<x>\w+)", misspelled),
    replacing(
        "feature named",
        FLOWS,
        r"cargo (?:build|clippy|doc)\b.*(?P<x>--workspace|--release)",
        lambda x: f"{x} --features tls",
    ),
    replacing("binary named", FLOWS, r"cargo build\b.*(?P<x>--package moond)", "--bin moons"),
    replacing("command misspelled", FLOWS, r"run: cargo (?P<x>build|fmt|clippy|doc|test)\b", misspelled),
    replacing(
        "matrix value",
        FLOWS,
        r"crate: \[.*?(?P<x>moonphase|moond|moon)(?=[],])",
        misspelled,
        expect=_or_reader('package "\\$CRATE"'),
    ),
    replacing("matrix value", FLOWS, r"profile: \[(?P<x>dev)", misspelled, expect=_or_reader(r"--profile")),
    replacing("matrix key", FLOWS, r"matrix\.(?P<x>profile|crate)", misspelled),
    replacing("secret renamed", FLOWS, r"secrets\.(?P<x>\w+)", misspelled),
    replacing("input renamed", FLOWS, r"inputs\.(?P<x>\w+)", misspelled),
    replacing(
        "input renamed",
        FLOWS,
        r"^      (?P<x>environment|version):$",
        misspelled,
        expect=_or_reader(_INPUT_READERS),
    ),
    replacing("step id renamed", FLOWS, r"steps\.(?P<x>\w+)\.outputs", misspelled),
    replacing(
        "step id renamed", FLOWS, r"^        id: (?P<x>\w+)", misspelled, expect=_of_readers(_ID_READERS)
    ),
    replacing("output renamed", FLOWS, r"steps\.\w+\.outputs\.(?P<x>\w+)", misspelled),
    replacing("needs renamed", FLOWS, r"^    needs: (?P<x>\w+)", misspelled),
    replacing("needs itself", FLOWS, r"^    needs: (?P<x>\w+)", "publish"),
    replacing(
        "artifact renamed",
        FLOWS,
        r"^          name: (?P<x>release)$",
        misspelled,
        expect=_or_reader("download-artifact|name: release$"),
    ),
    replacing(
        "path renamed",
        FLOWS,
        r"^            target/release/(?P<x>\w+)",
        misspelled,
        expect=_or_reader("upload-artifact|path: "),
    ),
    replacing("path renamed", FLOWS, r"^          path: (?P<x>dist)/", misspelled),
    replacing("path renamed", FLOWS, r"files: (?P<x>dist)/", misspelled),
    replacing("working directory", FLOWS, r"working-directory: (?P<x>\w+)", misspelled),
    replacing("working directory", FLOWS, r"--start-directory (?P<x>\w+)", misspelled),
    replacing("script renamed", FLOWS, r"deploy/(?P<x>\w+)\.(?:py|sh)", misspelled),
    replacing(
        "action input renamed",
        FLOWS,
        r"^          (?P<x>persist-credentials|if-no-files-found|role-to-assume|aws-region|"
        r"fail_on_unmatched_files|components):",
        misspelled,
    ),
    replacing("permission", FLOWS, r"contents: (?P<x>write)", "read", expect=_or_reader("action-gh-release")),
    replacing("permission", FLOWS, r"^      (?P<x>contents|id-token): ", misspelled),
    replacing("permission", FLOWS, r"^      contents: (?P<x>read)\b", misspelled),
    replacing("expression syntax", FLOWS, r"\$\{\{[^}]*(?P<x> \}\})", " == }}"),
    replacing("expression context", FLOWS, r"\$\{\{ (?P<x>github)\.", misspelled),
    replacing("expression property", FLOWS, r"\bgithub\.(?P<x>ref|sha|event_name|token)\b", misspelled),
    replacing("expression value", FLOWS, r"matrix\.profile == '(?P<x>release)'", misspelled),
    replacing("trigger renamed", FLOWS, r"^  (?P<x>push|pull_request|workflow_dispatch):", misspelled),
    replacing("trigger filter", FLOWS, r"branches: \[(?P<x>main)\]", "master"),
    replacing("trigger filter", FLOWS, r"^    (?P<x>branches|tags):", misspelled),
    replacing("trigger filter", FLOWS, r'tags: \["(?P<x>v\*)"\]', "release-*"),
    replacing("runner label", FLOWS, r"runs-on: (?P<x>ubuntu-24\.04)", "ubuntu-18.04"),
    replacing("key misspelled", FLOWS, r"^    (?P<x>runs-on|steps|timeout-minutes|strategy):", misspelled),
    replacing("key misspelled", FLOWS, r"^      (?:- |  )(?P<x>uses|with|run|env):? ?", lambda x: f"{x}x"),
    replacing("action version", FLOWS, r"actions/(?:up|down)load-artifact@(?P<x>\w+ # v[\d.]+)", "v3"),
    replacing(
        "environment renamed",
        FLOWS,
        r"options: \[.*?(?P<x>staging|production)",
        misspelled,
        expect=_or_reader(r"^      name: .*inputs\.environment"),
    ),
    replacing("region", FLOWS, r"aws-region: (?P<x>us-west-2)", "eu-west-1"),
    replacing(
        "variable renamed",
        FLOWS,
        r"^          (?P<x>PROFILE|CRATE|ARCHIVE|SHA256|URL|ENVIRONMENT): ",
        misspelled,
        expect=_or_reader(r"run: .*\$\{{?{x}\b"),
    ),
    replacing("syntax", FLOWS, r"^(?P<x>jobs:)$", "jobs: ["),
    _gone,
    _mode,
    _no_checkout,
    _no_needs,
    _twice,
    _no_right,
    _required_input,
    _never_fails,
)
