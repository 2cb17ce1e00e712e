# ruff: noqa: E501 - patterns and files stand on one line
"""Changes that change nothing: each of them must add no finding."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import yaml

from tests.benchmarks.held_out.building import (
    WORKFLOWS,
    YAML,
    Operate,
    blocks,
    esc,
    span,
    steps,
)
from tests.benchmarks.mutation import Mutation, OnGitHub, Sample

S = "near miss"


def miss(
    host: Sample, operator: str, about: str, files: Mapping[str, str | None], github: OnGitHub | None = None
) -> Mutation:
    return Mutation(
        subject=S,
        operator=operator,
        about=about,
        why="the meaning is the same",
        files=files,
        expected=frozenset(),
        whole=replace(host, github=github) if github is not None else host,
    )


def everywhere(
    host: Sample, pattern: str, new: str | Callable[[re.Match[str]], str], files: str = "."
) -> dict[str, str | None]:
    return {
        p: re.sub(pattern, new, t)
        for p, t in host.files.items()
        if re.search(files, p) and re.search(pattern, t)
    }


def line_(host: Sample, operator: str, path: str, n: int, new: str) -> Mutation:
    return miss(host, operator, f"{path}:{n}: {new.strip()!r}", span(host, path, n, n, new.split("\n")))


def secrets(host: Sample) -> Iterator[Mutation]:
    set_ = host.github or OnGitHub()
    for name in sorted(
        {*set_.secrets, *set_.variables, *(s for own in set_.environments.values() for s in own)}
    ):
        new = f"NEW_{name}"
        renamed = OnGitHub(
            secrets=_swapped(set_.secrets, name, new),
            variables=_swapped(set_.variables, name, new),
            environments={key: _swapped(own, name, new) for key, own in set_.environments.items()},
        )
        files = everywhere(host, rf"(?<![\w]){name}(?!\w)", new)
        yield miss(host, "secret renamed on every side", name, files, renamed)
        lower = everywhere(host, rf"(?<=secrets\.){name}(?!\w)", name.lower(), YAML)
        yield miss(host, "secret in lower case", name, lower)


def _swapped(names: frozenset[str], old: str, new: str) -> frozenset[str]:
    return frozenset(new if one == old else one for one in names)


WORDS = {
    "sample": [
        ("moond-x86", "moonsrv-x86", None),
        ("acme-moonphase-artifacts", "acme-moonphase-archives", None),
        ("log_retention_days", "keep_days", None),
        ("staging", "preview", "env"),
        ("package.sh", "pack.sh", "file"),
        ("rollout.py", "roll_out.py", "file"),
    ],
    "kite": [
        ("kited", "kitesrv", "files"),
        ("lofty-kite-tfstate", "lofty-kite-state", None),
        ("office_cidr", "home_cidr", None),
        ("bundle.sh", "pack.sh", "file"),
        ("smoke.sh", "look.sh", "file"),
        ("metrics", "gauges", None),
        ("production.tfplan", "live.tfplan", None),
        ("kite-deploy", "kite-deployer", None),
        ("pager_url", "alarm_url", None),
    ],
    "reel": [
        ("golden(?=\\b)", "gilt", "tests"),
        ("tour", "trip", "tests"),
        ("package.sh", "pack.sh", "file"),
        ("crates-io", "registry", "env"),
        ("lcov.info", "cov.info", None),
    ],
    "tally": [
        ("tallyctl", "tallycli", "files"),
        ("abacus-tally-builds", "abacus-tally-archives", None),
        ("tally-node", "tally-box", None),
        ("live", "prod", "env"),
        ("push.sh", "send.sh", "file"),
        ("subnet_id", "net_id", None),
        ("node.json", "box.json", "file"),
        ("SUMS", "CHECKSUMS", None),
    ],
}


def words_everywhere(host: Sample) -> Iterator[Mutation]:
    for old, new, kind in WORDS[host.name]:
        rx = rf"(?<![A-Za-z0-9]){old}" if old.isalnum() else esc(old) if "(?" not in old else old
        files = everywhere(host, rx, new)
        for path in list(host.files):
            if kind and re.search(old.split("(?")[0], path):
                files[path.replace(old.split("(?")[0], new)] = files.get(path, host.files[path])
                files[path] = None
        given = host.github or OnGitHub()
        named = {
            key.replace(old, new) if kind == "env" else key: own for key, own in given.environments.items()
        }
        runnable = host.executable | {path.replace(old, new) for path in host.executable}
        one = miss(
            host, "name changed on every side", f"{old} -> {new}", files, replace(given, environments=named)
        )
        assert one.whole is not None
        yield replace(one, whole=replace(one.whole, executable=runnable))


def yaml_forms(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(YAML):
        text = host.files[path]
        yield miss(host, "serialised again", path, {path: _serialised(text, lambda _node: None)})
        if "&" not in text:
            yield miss(host, "keys in another order", path, {path: _serialised(text, _reversed)})
            yield miss(host, "texts in quotes", path, {path: _serialised(text, _quoted)})
            yield miss(host, "block style", path, {path: _serialised(text, _block)})
        yield miss(host, "CRLF", path, {path: text.replace("\n", "\r\n")})
        yield miss(host, "comments between", path, {path: _commented(text)})
        yield miss(host, "comment above", path, {path: "# Read me first: ${{ nothing.here }}\n\n" + text})
        blanks = (
            one + "  " if one.strip() and not one.rstrip().endswith("\\") else one for one in text.split("\n")
        )
        yield miss(host, "blanks at ends of lines", path, {path: "\n".join(blanks)})
        yield miss(host, "document start", path, {path: "---\n" + text})
        named = ("image.yml", "deploy.yml", "release.yml", "infra.yml", "action.yml")
        if not path.endswith(named):
            yield miss(host, "file called .yaml", path, {path: None, path[:-3] + "yaml": text})


def _serialised(text: str, change: Callable[[yaml.Node], None]) -> str:
    node = yaml.compose(text)
    assert node is not None
    change(node)
    return str(yaml.serialize(node, width=300))


def _below(node: yaml.Node) -> Iterator[yaml.Node]:
    """Go through the values of a tree, not its keys."""
    yield node
    inner = node.value if isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) else []
    for one in inner:
        yield from _below(one[1] if isinstance(node, yaml.MappingNode) else one)


def _reversed(node: yaml.Node) -> None:
    for one in _below(node):
        if isinstance(one, yaml.MappingNode) and one is not node:
            one.value.reverse()


def _quoted(node: yaml.Node) -> None:
    for one in _below(node):
        if (
            isinstance(one, yaml.ScalarNode)
            and one.tag.endswith(":str")
            and one.style is None
            and "'" not in one.value
        ):
            one.style = "'"


def _block(node: yaml.Node) -> None:
    for one in _below(node):
        if isinstance(one, (yaml.MappingNode, yaml.SequenceNode)) and one.value:
            one.flow_style = False


def _commented(text: str) -> str:
    """Put a comment above every item of a list, but not into the text of a block."""
    made: list[str] = []
    block: int | None = None
    for one in text.split("\n"):
        pad = len(one) - len(one.lstrip())
        if block is not None and one.strip() and pad <= block:
            block = None
        if block is None and re.match(r"^\s*- ", one):
            made.append(" " * pad + "# a step: uses: nothing@v1, needs: nobody, secrets.NONE")
        made.append(one)
        if block is None and re.search(r": [|>]-?$", one):
            block = pad
    return "\n".join(made)


def sub(
    operator: str,
    files: str,
    pattern: str,
    new: str | Callable[[re.Match[str]], str],
    when: Callable[[Sample, str], bool] = lambda _h, _p: True,
) -> Operate:
    def operate(host: Sample) -> Iterator[Mutation]:
        for path, n, text in host.lines(files):
            if when(host, path) and re.search(pattern, text) and not text.lstrip().startswith("#"):
                made = re.sub(pattern, new, text)
                if made != text:
                    yield line_(host, operator, path, n, made)

    return operate


SUBS = [
    sub("if in an expression", WORKFLOWS, r"^(\s+(?:- )?if: )(?!\$)(?!.*\")(.*)$", r"\1${{ \2 }}"),
    sub(
        "property in brackets",
        WORKFLOWS,
        r"\b(matrix|inputs|github)\.(\w+)(?=[^'\"]*(?:\}\}|$))",
        lambda m: f"{m[1]}['{m[2]}']",
    ),
    sub("expression without blanks", YAML, r"\$\{\{ (.*?) \}\}", r"${{\1}}"),
    sub("expression with many blanks", YAML, r"\$\{\{ (.*?) \}\}", r"${{   \1   }}"),
    sub("expression in parentheses", YAML, r"\$\{\{ ([^{}]*?) \}\}", r"${{ (\1) }}"),
    sub(
        "sides of a comparison exchanged",
        WORKFLOWS,
        r"(?<=\{\{ )((?:github|matrix)\.\w+) (==|!=) ('[^']+')",
        r"\3 \2 \1",
    ),
    sub("context in capitals", WORKFLOWS, r"\bmatrix\.(?=\w+ *\}\})", "MATRIX."),
    sub("needs as a list", WORKFLOWS, r"^    needs: ([\w-]+)$", r"    needs: [\1]"),
    sub(
        "environment as a mapping", WORKFLOWS, r"^    environment: (.+)$", r"    environment:\n      name: \1"
    ),
    sub(
        "run as a block",
        WORKFLOWS,
        r"^(\s+)(- )?run: ([^|>].*)$",
        lambda m: f"{m[1]}{m[2] or ''}run: |\n{m[1]}{'  ' if m[2] else ''}  {m[3]}",
    ),
    sub(
        "run folded",
        WORKFLOWS,
        r"^(\s+)(- )?run: ([^|>'\"].*)$",
        lambda m: f"{m[1]}{m[2] or ''}run: >-\n{m[1]}{'  ' if m[2] else ''}  {m[3]}",
    ),
    sub(
        "run with strict shell",
        WORKFLOWS,
        r"^(\s+)(- )?run: ([^|>].*)$",
        lambda m: (
            f"{m[1]}{m[2] or ''}run: |\n{m[1]}{'  ' if m[2] else ''}  set -euo pipefail\n{m[1]}{'  ' if m[2] else ''}  {m[3]}"
        ),
        lambda h, p: "windows" not in h.files[p],
    ),
    sub(
        "step with a name",
        WORKFLOWS,
        r"^      - (run|uses): (.+)$",
        r"      - name: A step\n        \1: \2",
    ),
    sub("short option", WORKFLOWS, r"--package ", "-p "),
    sub(
        "option with equals",
        WORKFLOWS,
        r"(--package|--bin|--test|--bench|--features|--profile|--target|--example) (?=[\w\"$-])",
        r"\1=",
    ),
    sub("short command", WORKFLOWS, r"\bcargo (b|t)(?:uild|est)\b", r"cargo \1"),
    sub(
        "toolchain named",
        WORKFLOWS,
        r"\bcargo (build|test|clippy|doc|fmt)\b",
        r"cargo +stable \1",
        lambda h, _p: h.name == "sample",
    ),
    sub("script with ./", WORKFLOWS, r"run: ((?:deploy|ci|scripts)/\w+\.sh)", r"run: ./\1"),
    sub("script by bash", WORKFLOWS, r"run: (?:\./)?((?:deploy|ci|scripts)/\w+\.sh)", r"run: bash \1"),
    sub(
        "script under the workspace",
        WORKFLOWS,
        r"run: (?:\./)?((?:deploy|ci|scripts)/\w+\.sh)",
        r"run: $GITHUB_WORKSPACE/\1",
    ),
    sub(
        "longer timeout", WORKFLOWS, r"timeout-minutes: (\d+)", lambda m: f"timeout-minutes: {int(m[1]) + 7}"
    ),
    sub("newest image", WORKFLOWS, r"runs-on: ubuntu-24\.04", "runs-on: ubuntu-latest"),
    sub("trailing comment", WORKFLOWS, r"^(\s+[\w-]+: [\w./-]+)$", r"\1 # needs: nobody, secrets.NONE"),
    sub("quoted action", WORKFLOWS, r"uses: (\S+)$", r'uses: "\1"'),
    sub("variable in braces", WORKFLOWS, r"\"\$([A-Z_]+)\"", r'"${\1}"'),
    sub("interpolation only", r"\.tf$", r"= (var\.\w+|local\.\w+)$", r'= "${\1}"'),
    sub(
        "comment of Terraform",
        r"\.tf$",
        r"^(  \w+ += [^#{\[]+[^{\[(])$",
        r"\1 # var.nothing, data.aws_none.none",
    ),
    sub("slashes comment", r"\.tf$", r"^(resource .*)$", r"// var.nothing\n\1"),
    sub("comment in a manifest", r"Cargo\.toml$", r"^(\w+ = .*[\"\]])$", r"\1 # name = none"),
    sub(
        "inline table",
        r"crates/.*Cargo\.toml$",
        r"^([\w-]+)\.workspace = true$",
        r"\1 = { workspace = true }",
    ),
    sub("single quotes", r"(Cargo|activation|rust-toolchain)\.toml$", r'"([^"\']*)"', r"'\1'"),
    sub(
        "comment in a script",
        r"\.sh$",
        r"^(\s*)(cp|tar|cargo|mkdir|aws s3) ",
        r"\1# cp nothing nowhere; cargo build --bin none\n\1\2 ",
    ),
    sub(
        "default branch by pattern",
        WORKFLOWS,
        r"branches: \[(main|trunk)\]",
        lambda m: "branches: ['" + m[1][:2] + "*']",
    ),
    sub("tags by another glob", WORKFLOWS, r'tags: \["v\*"\]', 'tags: ["v*.*.*"]'),
    sub("retention", WORKFLOWS, r"retention-days: \d+", "retention-days: 5"),
    sub("directory with a slash", WORKFLOWS, r"path: (dist|assets|artifacts|book)$", r"path: \1/"),
    sub(
        "directory with ./",
        WORKFLOWS,
        r"(path|working-directory): (dist|assets|artifacts|book|infra)$",
        r"\1: ./\2",
    ),
    sub("secrets by brackets", WORKFLOWS, r"secrets\.([A-Z_]+)", r"secrets['\1']"),
    sub("permission none elsewhere", WORKFLOWS, r"^permissions: \{\}$", "permissions:\n  actions: none"),
    sub(
        "heading in a document",
        r"\.md$",
        r"^(# .*)$",
        r"\1\n\nSee <https://example.org/none.md>; a path such as `path/to/file.sh` stands for yours.",
    ),
]


def policies(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(r"^policies/.*json$"):
        data = json.loads(host.files[path])
        yield miss(host, "policy on one line", path, {path: json.dumps(data)})
        yield miss(host, "policy indented otherwise", path, {path: json.dumps(data, indent=4)})
        data["Statement"].reverse()
        for k, s in enumerate(data["Statement"]):
            s["Sid"] = f"S{k}"
            if isinstance(s["Action"], str):
                s["Action"] = [s["Action"]]
        yield miss(host, "policy statements reversed", path, {path: json.dumps(data, indent=2)})


def terraform(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(r"\.tf$"):
        yield miss(
            host,
            "Terraform file renamed",
            path,
            {path: None, path.rpartition("/")[0] + "/all_" + path.rpartition("/")[2]: host.files[path]},
        )
        blocks_ = re.split(
            r"\n(?=(?:resource|data|variable|output|module|locals|provider|terraform)\b)", host.files[path]
        )
        yield miss(
            host,
            "Terraform blocks reversed",
            path,
            {path: "\n".join(b.rstrip("\n") + "\n" for b in reversed(blocks_))},
        )
        yield miss(
            host, "Terraform aligned otherwise", path, {path: re.sub(r" +=(?!=)", " =", host.files[path])}
        )
        yield miss(host, "CRLF", path, {path: host.files[path].replace("\n", "\r\n")})
    for path, n, text in host.lines(WORKFLOWS):
        if m := re.match(r"^(\s+(?:- )?)run: terraform -chdir=(\w+) (.*)$", text):
            yield line_(host, "cd instead of -chdir", path, n, f"{m[1]}run: cd {m[2]} && terraform {m[3]}")


def manifests(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(r"Cargo\.toml$|activation\.toml$"):
        text = host.files[path]
        yield miss(host, "CRLF", path, {path: text.replace("\n", "\r\n")})
        parts = re.split(r"\n(?=\[)", text)
        if len(parts) > 2 and "[[" not in text:
            yield miss(
                host,
                "tables in another order",
                path,
                {
                    path: "\n".join([parts[0].rstrip("\n"), *[p.rstrip("\n") for p in reversed(parts[1:])]])
                    + "\n"
                },
            )
    if host.name == "sample":
        yield miss(
            host,
            "members one by one",
            "Cargo.toml",
            {
                "Cargo.toml": host.files["Cargo.toml"].replace(
                    '["crates/*"]', '["crates/moon", "crates/moond", "crates/moonphase"]'
                )
            },
        )
    yield miss(
        host,
        "lock file with CRLF",
        "Cargo.lock",
        {"Cargo.lock": host.files["Cargo.lock"].replace("\n", "\r\n")},
    )


def job_moves(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(WORKFLOWS):
        lines = host.files[path].split("\n")
        found = list(blocks(host, path))
        if len(found) > 1 and "&" not in host.files[path]:
            head = lines[: found[0][1] - 1]
            parts = ["\n".join(lines[a - 1 : b]) for _, a, b in found]
            yield miss(
                host,
                "jobs in another order",
                path,
                {path: "\n".join(head) + "\n" + "\n\n".join(reversed(parts)) + "\n"},
            )
        for job, _, _ in found:
            body = host.files[path]
            new = f"{job}-x"
            made = re.sub(rf"^  {job}:$", f"  {new}:", body, flags=re.MULTILINE)
            made = re.sub(rf"(needs: (?:\[.*?)?)\b{job}\b(?!-)", rf"\g<1>{new}", made)
            made = re.sub(rf"needs\.{job}\.", f"needs.{new}.", made)
            made = re.sub(rf"jobs\.{job}\.", f"jobs.{new}.", made)
            yield miss(host, "job renamed on every side", f"{path}: {job}", {path: made})
        ids = set(re.findall(r"^\s+(?:- )?id: (\w+)$", host.files[path], re.MULTILINE))
        for i in sorted(ids):
            made = re.sub(rf"\bid: {i}$", f"id: {i}_x", host.files[path], flags=re.MULTILINE)
            made = re.sub(rf"steps\.{i}\.", f"steps.{i}_x.", made)
            yield miss(host, "step id renamed on every side", f"{path}: {i}", {path: made})
        if host.files[path].count("persist-credentials: false") > 1 and "&" not in host.files[path]:
            co = [x for x in steps(host, esc(path)) if "actions/checkout" in x.body and len(x.text) == 3]
            if len(co) > 1:
                ls = list(lines)
                for x in reversed(co[1:]):
                    ls[x.start - 1 : x.end] = [
                        " " * (len(x.text[0]) - len(x.text[0].lstrip())) + "- *checkout"
                    ]
                ls[co[0].start - 1] = co[0].text[0].replace("- uses", "- &checkout\n        uses")
                yield miss(host, "anchors", path, {path: "\n".join(ls)})
        for x in steps(host, esc(path)):
            envs = re.search(r"^        env:\n((?:          \w+: .*\n?)+)$", x.body, re.MULTILINE)
            if (
                envs
                and "steps." not in envs[0]
                and "image" not in path
                and "    env:" not in "\n".join(t for t in lines if t == "    env:")
            ):
                job_start = next(a for j, a, _ in blocks(host, path) if j == x.job)
                kept = x.body.replace(envs[0], "").rstrip("\n").split("\n")
                ls = [*lines[: x.start - 1], *kept, *lines[x.end :]]
                env = ["    env:", *["  " + "    " + t.strip() for t in envs[1].rstrip("\n").split("\n")]]
                ls = [*ls[:job_start], *env, *ls[job_start:]]
                yield miss(
                    host,
                    "environment moved to the job",
                    f"{path}: {x.text[0].strip()}",
                    {path: "\n".join(ls)},
                )


def added(host: Sample) -> Iterator[Mutation]:
    given = host.github or OnGitHub()
    yield miss(
        host,
        "a document more",
        "docs/NOTES.md",
        {"docs/NOTES.md": "# Notes\n\nThe moon is far away. Nothing here is a command.\n"},
    )
    yield miss(
        host, "a script more", "tools/count.sh", {"tools/count.sh": "#!/bin/sh\nset -eu\nls | wc -l\n"}
    )
    yield miss(host, "files read in another order", "every file", dict(reversed(list(host.files.items()))))
    yield miss(
        host,
        "environment in capitals",
        "GitHub ignores the case",
        {},
        replace(given, environments={key.capitalize(): own for key, own in given.environments.items()}),
    )


OPERATORS = [secrets, words_everywhere, yaml_forms, *SUBS, policies, terraform, manifests, job_moves, added]
