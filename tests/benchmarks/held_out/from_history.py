"""Mistakes that public repositories made and mended in commits called "fix ci" and the like.

The classes are those commits', read in their histories; the places are those of the hosts. Written after the
first set was scored and before these were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.benchmarks.held_out.building import (
    WORKFLOWS,
    YAML,
    Operate,
    blocks,
    changed,
    esc,
    line,
    span,
    steps,
    words,
)
from tests.benchmarks.mutation import Mutation, Sample

S = "from histories"


def _steps(host: Sample) -> Iterator[Mutation]:
    for one in steps(host):
        for at, text in enumerate(one.text, one.start):
            if (found := re.match(r"^(\s+)(- )?id: (\w+)$", text)) and f"steps.{found[3]}." in host.files[
                one.path
            ]:
                new = None if found[2] is None else f"{found[1]}- name: No id"
                where = [(esc(one.path), rf"steps\.{found[3]}\.")]
                yield line(host, S, "id lost", "its outputs are read by it", one.path, at, new, where)
            if re.match(r"^\s+shell: bash$", text) and "actions/" in one.path:
                where = [(esc(one.path), r"run:|id: toolchain")]
                yield line(host, S, "shell lost", "a step of an action needs one", one.path, at, None, where)
            if re.match(r"^\s+merge-multiple: true$", text):
                where = [(esc(one.path), r"download-artifact|assets|dist|pattern")]
                why = "each artifact gets a directory of its own"
                yield line(host, S, "artifacts not merged", why, one.path, at, None, where)
            if re.match(r"^\s+fetch-depth: 0$", text):
                where = [(esc(one.path), r"HEAD~|checkout")]
                yield line(
                    host, S, "history not fetched", "there is no commit before", one.path, at, None, where
                )
            if "apt-get install" in text:
                where = [(esc(one.path), "valgrind")]
                yield line(
                    host, S, "package not installed", "the runner does not have it", one.path, at, None, where
                )
        if one.body.lstrip().startswith("- uses: ./.github/actions"):
            new = re.sub(r"\./\.github/actions/\w+", "./.github/workflows/image.yml", one.text[0])
            yield line(
                host, S, "workflow as a step", "only a job can call a workflow", one.path, one.start, new
            )


def _jobs(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(WORKFLOWS):
        lines = host.files[path].split("\n")
        for job, start, end in blocks(host, path):
            if not any(re.search(rf"^    needs:.*\b{esc(job)}\b", one) for one in lines):
                continue
            hidden = [f"#{one}" for one in lines[start - 1 : end]]
            where = [(esc(path), rf"^    needs:.*\b{esc(job)}\b|^\s+needs\.{esc(job)}")]
            about = f"{path}:{start}: {job} is commented out"
            yield changed(
                host,
                S,
                "job commented out",
                "others need it",
                about,
                span(host, path, start, end, hidden),
                (),
                where,
            )


def _terraform(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(r"modules/.*\.tf$"):
        made = (
            host.files[path]
            + '\nvariable "allowed" {\n  type = string\n}\n\noutput "allowed" {\n  value = var.allowed\n}\n'
        )
        where = [(r"\.tf$", '^module "|variable "allowed"')]
        yield changed(
            host, S, "variable not passed to a module", "it has no default", path, {path: made}, (), where
        )
    for path, at, text in host.lines(r"infra/main\.tf$"):
        if re.match(r'^  source = "\./modules', text):
            new = f'{text}\n  allowed = "x"'
            where = [(r"\.tf$", '^module "')]
            yield line(
                host, S, "argument a module does not have", "terraform refuses it", path, at, new, where
            )


def _docker(host: Sample) -> Iterator[Mutation]:
    for path, at, text in host.lines(r"^Dockerfile$"):
        if text.startswith("COPY crates"):
            where = [(r"^Dockerfile$", "cargo build|COPY Cargo")]
            yield line(
                host, S, "members not copied", "cargo cannot load the workspace", path, at, None, where
            )


def _windows(host: Sample) -> Iterator[Mutation]:
    for one in steps(host, WORKFLOWS):
        body = host.files[one.path]
        if "windows" in body and re.match(r"^\s+- run: just tour$", one.text[0]):
            pad = " " * (len(one.text[0]) - len(one.text[0].lstrip()))
            made = [
                f"{pad}- run: |",
                f'{pad}    if [ -n "$CI" ]; then',
                f"{pad}      just tour",
                f"{pad}    fi",
            ]
            at = [(one.path, number) for number in range(one.start, one.start + 4)]
            files = span(host, one.path, one.start, one.end, made)
            yield changed(
                host,
                S,
                "shell of Windows",
                "PowerShell reads no `if [`",
                f"{one.path}:{one.start}",
                files,
                at,
            )


OPERATORS: list[Operate] = [
    _steps,
    _jobs,
    _terraform,
    _docker,
    _windows,
    words(
        S,
        "pull request on a push",
        "a push has no pull request",
        WORKFLOWS,
        r"(?P<x>github\.sha)(?= \}\})",
        "github.event.pull_request.head.sha",
        when=lambda h, p, _n, _m: "pull_request" not in h.files[p],
    ),
    words(
        S,
        "version read as a number",
        "YAML makes 1.1 of 1.10",
        YAML,
        r"terraform_version: (?P<x>1\.11\.4)",
        "1.10",
        (("\\.tf$", "required_version"),),
    ),
    words(
        S,
        "version of Rust read as a number",
        "YAML makes 1.8 of 1.80",
        YAML,
        r"toolchain: (?P<x>stable)",
        "1.80",
        ((r"Cargo\.toml$", "rust-version"),),
    ),
    words(
        S,
        "boolean compared with a text",
        "a boolean is never 'true'",
        WORKFLOWS,
        r"if: (?P<x>inputs\.(?:deep|push))$",
        lambda text: f"{text} == 'true'",
    ),
    words(
        S,
        "colon in a plain text",
        "YAML takes it for a key",
        WORKFLOWS,
        r"run: (?P<x>(?:make|just) \w+)$",
        lambda text: f"echo step: {text}",
    ),
    words(S, "refs/head", "the ref begins with refs/heads", WORKFLOWS, r"'refs/(?P<x>heads)/", "head"),
]
