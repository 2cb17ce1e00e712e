# ruff: noqa: PLR0917 - an operator reads as a row: name, reason, pattern, change
"""Workflows against GitHub: what GitHub refuses, ignores or runs otherwise than meant."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.benchmarks.held_out.building import (
    DOCS,
    WORKFLOWS,
    YAML,
    Also,
    Operate,
    When,
    Where,
    blocks,
    typo,
    words,
)
from tests.benchmarks.mutation import Sample

S = "workflows x GitHub"


def w(
    operator: str,
    why: str,
    pattern: str,
    new: str | Callable[[str], str] = typo,
    also: Also | tuple[Where, ...] = (),
    when: When = lambda *_: True,
    files: str = YAML,
) -> Operate:
    return words(S, operator, why, files, pattern, new, also, when)


def in_expression(_host: Sample, _path: str, _number: int, m: re.Match[str]) -> bool:
    text = m.string
    return (
        bool("${{" in text[: m.start()] and "}}" in text[m.end() :])
        or re.match(r"\s*(- )?if:", text) is not None
    )


EXPR = [
    w(
        "expression context",
        "GitHub refuses the file: no such context",
        r"(?<![\w.'-])(?P<x>github|matrix|inputs|steps|secrets|needs|env|vars|runner|jobs)\.(?=[\w*-]+)",
        typo,
        when=in_expression,
    ),
    w(
        "matrix value read",
        "there is no such matrix key, so it is empty",
        r"\bmatrix\.(?P<x>[a-z]+)",
        typo,
        lambda h, m: [(WORKFLOWS, rf"^\s+(- )?{m['x']}:")],
        in_expression,
    ),
    w(
        "input read",
        "there is no such input, so it is empty",
        r"\binputs\.(?P<x>[a-z-]+)",
        typo,
        when=in_expression,
    ),
    w(
        "step read",
        "no step has that id, so it is empty",
        r"\bsteps\.(?P<x>[a-z-]+)\.outputs",
        typo,
        lambda h, m: [(YAML, rf"\bid: {m['x']}$")],
        in_expression,
    ),
    w(
        "step output read",
        "the step sets no such output",
        r"\bsteps\.[a-z-]+\.outputs\.(?P<x>[\w-]+)",
        typo,
        lambda h, m: [],
        in_expression,
    ),
    w(
        "needs output read",
        "the job has no such output",
        r"\bneeds\.[a-z-]+\.outputs\.(?P<x>[\w-]+)",
        typo,
        when=in_expression,
    ),
    w(
        "needs job read",
        "the job is none of those needed",
        r"\bneeds\.(?P<x>[a-z-]+)\.",
        typo,
        when=in_expression,
    ),
    w("env read", "no such variable is set", r"\benv\.(?P<x>[A-Z_]+)", typo, when=in_expression),
    w(
        "github property read",
        "github has no such property, so it is empty",
        r"\bgithub\.(?P<x>ref_name|ref|event_name|sha|token|repository|actor|workflow)\b",
        typo,
        when=in_expression,
    ),
    w("brace", "the expression is never closed", r"(?P<x>\}\})", "}"),
    w("one equals sign", "an expression has ==, not =", r" (?P<x>==) ", "=", when=in_expression),
    w(
        "double quotes in expression",
        "an expression's texts have single quotes",
        r"(?:==|!=) (?P<x>'[^']*')",
        lambda t: '"' + t[1:-1] + '"',
        when=in_expression,
    ),
    w(
        "function",
        "there is no such function",
        r"(?<![\w./$-])(?P<x>hashFiles|contains|always|failure|fromJSON|success)\(",
        typo,
        when=in_expression,
    ),
    w(
        "compared value",
        "the comparison is never true",
        r"(?:matrix\.\w+|github\.event_name|github\.ref) == '(?P<x>[^']+)'",
        typo,
        lambda h, m: [],
        in_expression,
    ),
    w(
        "branch without refs/heads",
        "github.ref is refs/heads/..., never the bare name",
        r"github\.ref [!=]= '(?P<x>refs/heads/)",
        "",
        when=in_expression,
    ),
    w(
        "always true",
        "a text around an expression is true whatever it says",
        r"^\s+(?:- )?if: (?P<x>(?:[a-z]+\.)+[a-z_]+(?= == '))",
        lambda t: "${{ " + t + " }}",
    ),
]


def tight(host: Sample, path: str, n: int) -> bool:
    """The job of that line compiles."""
    for _job, a, b in blocks(host, path):
        if a <= n <= b:
            return "cargo build" in (t := "\n".join(host.files[path].split("\n")[a:b])) or "cargo test" in t
    return False


VALUES = [
    w(
        "runner label",
        "no runner has this label",
        r"(?:runs-on|os|runner): (?P<x>(?:ubuntu|macos|windows)-[\w.]+)",
        typo,
    ),
    w(
        "runner label in a list",
        "no runner has this label",
        r"os: \[.*?(?P<x>(?:ubuntu|macos|windows)-[\w.]+)",
        typo,
    ),
    w(
        "retired runner",
        "GitHub took this image away: the job waits for ever",
        r"(?:runs-on|os|runner): (?P<x>ubuntu-(?:24\.04|latest))",
        "ubuntu-20.04",
    ),
    w(
        "permission value",
        "a permission is read, write or none",
        r"^\s+[a-z-]+: (?P<x>read|write)(?= *(#.*)?$)",
        typo,
    ),
    w(
        "permission name",
        "there is no such permission",
        r"^\s+(?P<x>contents|id-token|packages|pages|issues|pull-requests): (?:read|write)",
        lambda t: t[:-1] if t.endswith("s") else t + "s",
    ),
    w(
        "event",
        "there is no such event",
        r"^  (?P<x>push|pull_request|workflow_dispatch|workflow_call|schedule|pull_request_target):",
        typo,
    ),
    w("event type", "the event has no such type", r"types: \[(?P<x>\w+)", typo),
    w("cron", "a minute is 0 to 59", r"cron: ['\"](?P<x>\d+) ", "61"),
    w("cron fields", "a cron has five fields", r"cron: ['\"](?P<x>[\d* ]+)['\"]", lambda t: t + " *"),
    w(
        "input type",
        "there is no such type of input",
        r"^\s+type: (?P<x>choice|string|boolean)\s*$",
        typo,
        when=lambda h, p, n, m: "workflows" in p,
    ),
    w(
        "default of a choice",
        "the default is none of the options",
        r"^        default: (?P<x>staging)$",
        typo,
    ),
    w("using", "no such kind of action", r"using: (?P<x>composite)", typo),
    w("shell", "no such shell", r"shell: (?P<x>bash)", "bsh"),
    w("timeout is no number", "a timeout is a number", r"timeout-minutes: (?P<x>\d+)", "fifteen"),
    w(
        "timeout too tight",
        "nothing is built in a minute",
        r"timeout-minutes: (?P<x>\d+)",
        "1",
        when=lambda h, p, n, m: tight(h, p, n),
    ),
    w(
        "needs",
        "there is no such job",
        r"needs: \[?(?P<x>[a-z-]+)",
        typo,
        lambda h, m: [(WORKFLOWS, rf"^  {m['x']}:")],
    ),
    w(
        "needs list",
        "there is no such job",
        r"needs: \[(?:[a-z-]+, )+(?P<x>[a-z-]+)",
        typo,
        lambda h, m: [(WORKFLOWS, rf"^  {m['x']}:")],
    ),
    w(
        "needs itself", "a job that needs itself never starts", r"^    needs: (?P<x>.+)$", "PLACE"
    ),  # filled below
    w("no version of an action", "uses: needs a version", r"uses: [\w-]+/[\w-]+(?P<x>@\S+)", ""),
    w(
        "short commit of an action",
        "GitHub does not resolve short commits",
        r"uses: [\w/-]+@(?P<x>[0-9a-f]{40}\b)",
        lambda t: t[:7],
    ),
    w(
        "short commit of an action (tag)",
        "GitHub does not resolve short commits",
        r"uses: actions/[\w-]+@(?P<x>v\d+)\b",
        "8e8c483",
    ),
    w(
        "retired artifact action",
        "GitHub refuses v3 of the artifact actions",
        r"uses: actions/(?:upload|download)-artifact@(?P<x>\S+)",
        "v3",
    ),
    w(
        "retired cache action",
        "GitHub refuses v2 of the cache action",
        r"uses: actions/cache@(?P<x>\S+)",
        "v2",
    ),
    w("old runtime", "node 12 is gone from the runners", r"uses: actions/checkout@(?P<x>\S+)", "v2"),
    w(
        "local action",
        "there is no such action in the repository",
        r"uses: \./\.github/(?:actions|workflows)/(?P<x>[a-z]+)",
        typo,
    ),
    w(
        "cancelled release",
        "a second run kills a release, deployment or apply half way",
        r"cancel-in-progress: (?P<x>false)",
        "true",
        when=lambda h, p, n, m: re.search("release|deploy|infra|main", p) is not None,
    ),
    w(
        "one group for every branch",
        "pushes to one branch cancel the runs of others",
        r"group: \S*(?P<x>\$\{\{ (?:github\.ref) \}\})",
        "all",
        when=lambda h, p, n, m: "cancel-in-progress: false" not in h.files[p] and "cancel" in h.files[p],
    ),
    w(
        "secret read",
        "GitHub has no such secret",
        r"secrets\.(?P<x>(?!GITHUB_TOKEN)[A-Z_]+)",
        typo,
        lambda h, m: [(r"\.md$|activation\.toml$", rf"\b{m['x']}\b")],
    ),
    w(
        "variable read",
        "GitHub has no such variable",
        r"vars\.(?P<x>[A-Z_]+)",
        typo,
        lambda h, m: [(r"\.md$|\.sh$", rf"\b{m['x']}\b")],
    ),
    w("GITHUB_TOKEN misnamed", "GitHub has no such secret", r"secrets\.(?P<x>GITHUB_TOKEN)", "GH_TOKEN"),
    w(
        "environment",
        "GitHub has no such environment: a run makes it, without protection",
        r"^    environment: (?P<x>[a-z][a-z-]+)$",
        typo,
    ),
    w(
        "environment by name",
        "GitHub has no such environment: a run makes it, without protection",
        r"^      name: (?P<x>live|github-pages)$",
        typo,
    ),
    w(
        "environment option",
        "GitHub has no such environment",
        r"(?:^          - |options: \[|, )(?P<x>staging|production)\b",
        typo,
        lambda h, m: [(WORKFLOWS, r"environment"), (r"activation\.toml$", m["x"])],
        lambda h, p, n, m: "deploy.yml" in p,
    ),
    w(
        "branch trigger",
        "nothing is pushed to such a branch",
        r"branches: \[(?P<x>main|trunk)\]",
        "master",
        when=lambda h, p, n, m: "pull_request" not in h.files[p].split("\n")[n - 2],
    ),
    w(
        "tag trigger",
        "the documented tag starts nothing",
        r"(?:tags: \[\"|^      - \")(?P<x>v(?=[*\[]))",
        "release-",
        lambda h, m: [(DOCS, "git tag")],
    ),
    w(
        "tag trigger as a regular expression",
        "a filter is a glob: v.* does not match v0.1.0",
        r"(?:tags: \[\"|^      - \")(?P<x>v(?:\*|\[0-9\]).*?)\"",
        "^v.*$",
        lambda h, m: [(DOCS, "git tag")],
        lambda h, p, n, m: "release.yml" in p,
    ),
    w(
        "path trigger",
        "no file has such a path",
        r"(?:^      - |paths: \[)\"(?P<x>infra|docs)/\*\*",
        typo,
        when=lambda h, p, n, m: "ignore" not in m.string,
    ),
]
VALUES = [o for o in VALUES if o.__name__ != "needs itself"]


OPERATORS: list[Operate] = [*EXPR, *VALUES]
