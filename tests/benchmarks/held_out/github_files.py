# ruff: noqa: E501 - patterns and files stand on one line
"""Keys, jobs, permissions, inputs, triggers, caches and groups of workflow files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tests.benchmarks.held_out.building import (
    DOCS,
    WORKFLOWS,
    YAML,
    Operate,
    blocks,
    changed,
    esc,
    line,
    span,
    steps,
    typo,
)
from tests.benchmarks.mutation import Mutation, OnGitHub, Sample

S = "workflows x GitHub"


def context_not_there(host: Sample) -> Iterator[Mutation]:
    """A context where GitHub does not offer it."""
    for path, n, text in host.lines(WORKFLOWS):
        if re.match(r"^    runs-on: ", text):
            yield line(
                host,
                S,
                "context not available",
                "runs-on knows no env",
                path,
                n,
                "    runs-on: ${{ env.RUNNER }}",
            )
            yield line(
                host,
                S,
                "context not available",
                "a job's if knows no secrets",
                path,
                n,
                text + "\n    if: secrets.DEPLOY != ''",
            )


KEY_FREE = re.compile(r"^(with|env|secrets|outputs|inputs|jobs|matrix|include|exclude)$")


_KEYS = frozenset(
    {
        "on",
        "jobs",
        "runs-on",
        "steps",
        "uses",
        "run",
        "with",
        "env",
        "if",
        "id",
        "name",
        "needs",
        "permissions",
        "timeout-minutes",
        "strategy",
        "matrix",
        "fail-fast",
        "environment",
        "concurrency",
        "group",
        "cancel-in-progress",
        "working-directory",
        "shell",
        "defaults",
        "outputs",
        "value",
        "branches",
        "tags",
        "paths",
        "paths-ignore",
        "types",
        "inputs",
        "type",
        "options",
        "required",
        "default",
        "description",
        "include",
        "exclude",
        "workflow_dispatch",
        "workflow_call",
        "push",
        "pull_request",
        "schedule",
        "cron",
        "contents",
        "id-token",
        "packages",
        "pages",
        "issues",
        "pull-requests",
        "using",
        "runs",
        "continue-on-error",
    }
)


def keys(host: Sample) -> Iterator[Mutation]:
    """Every key that GitHub knows, with a typo; once a file, its first place."""
    known = _KEYS
    for path in host.matching(YAML):
        seen = set()
        stack: list[tuple[int, str]] = []
        for n, text in enumerate(host.files[path].split("\n"), 1):
            m = re.match(r"^(\s*(?:- )?)([\w-]+):(\s|$)", text)
            if not m or text.lstrip().startswith("#"):
                continue
            indent = len(m[1])
            while stack and stack[-1][0] >= indent:
                stack.pop()
            parents = [k for _, k in stack]
            stack.append((indent, m[2]))
            key = m[2]
            in_run = any(k == "run" and i < indent for i, k in stack[:-1])
            parent = parents[-1] if parents else ""
            if (
                key not in known
                or key in seen
                or in_run
                or KEY_FREE.match(parent)
                or (parent == "on" and key not in known)
            ):
                continue
            if "defaults" in parents[-1:]:
                pass
            seen.add(key)
            put = typo(key) if len(key) > 3 else key + key[-1]
            yield line(
                host,
                S,
                "workflow key",
                f"GitHub knows no key {put} here",
                path,
                n,
                m[1] + put + text[len(m[1]) + len(key) :],
            )


def jobs(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(WORKFLOWS):
        lines = host.files[path].split("\n")
        found = list(blocks(host, path))
        for job, a, b in found:
            body = lines[a - 1 : b]
            needed = any(re.search(rf"needs:.*\b{esc(job)}\b", x) for x in lines)
            if needed:
                yield line(
                    host,
                    S,
                    "job renamed",
                    "others need it under its old name",
                    path,
                    a,
                    f"  {job}-all:",
                    [(esc(path), rf"needs.*\b{esc(job)}\b")],
                )
            yield line(host, S, "job id", "an id has letters, digits, - and _", path, a, f"  1 {job}:")
            for k, text in enumerate(body):
                n = a + k
                if re.match(r"^    runs-on:", text):
                    yield line(
                        host,
                        S,
                        "no runs-on",
                        "a job needs a runner",
                        path,
                        n,
                        None,
                        [(esc(path), rf"^  {esc(job)}:")],
                    )
                if re.match(r"^    timeout-minutes:", text):
                    yield line(
                        host,
                        S,
                        "no timeout",
                        "a job that hangs costs six hours",
                        path,
                        n,
                        None,
                        [(esc(path), rf"^  {esc(job)}:")],
                    )
                    yield line(
                        host, S, "duplicate key", "YAML has the key twice", path, n, text + "\n" + text, ()
                    )
                if re.match(r"^    needs:", text):
                    [x for x, _, _ in found]
                    yield line(
                        host,
                        S,
                        "needs a cycle",
                        "jobs that wait for themselves never start",
                        path,
                        n,
                        f"    needs: [{job}]",
                    )
                if re.match(r"^    steps:", text):
                    yield line(
                        host,
                        S,
                        "no steps",
                        "a job needs steps",
                        path,
                        n,
                        "    step:",
                        [(esc(path), rf"^  {esc(job)}:")],
                    )
                if re.match(r"^      matrix:$", text):
                    many = "[" + ", ".join(str(x) for x in range(260)) + "]"
                    yield line(
                        host,
                        S,
                        "matrix too large",
                        "a matrix makes at most 256 jobs",
                        path,
                        n,
                        text + f"\n        part: {many}",
                        [(esc(path), r"^\s+strategy:"), (esc(path), rf"^  {esc(job)}:")],
                    )


def whole_steps(host: Sample) -> Iterator[Mutation]:
    for s in steps(host):
        uses = [k for k, t in enumerate(s.text) if re.match(r"^\s*(- )?uses:", t)]
        runs = [k for k, t in enumerate(s.text) if re.match(r"^\s*(- )?run: [^|]", t)]
        if (uses or runs) and len(s.text) > 1 and "- uses" not in s.text[0] and "- run" not in s.text[0]:
            k = (uses or runs)[0]
            files = span(host, s.path, s.start + k, s.start + k, [])
            yield changed(
                host,
                S,
                "step does nothing",
                "a step needs run or uses",
                f"{s.path}:{s.start + k}: without {s.text[k].strip()!r}",
                files,
                [(s.path, n) for n in range(s.start, s.end)],
            )
        if ident := re.search(r"\bid: (\w+)", s.body):
            nexts = [o for o in steps(host) if o.path == s.path and o.job == s.job and o.start > s.end]
            if nexts:
                o = nexts[0]
                first = o.text[0]
                pad = " " * (len(first) - len(first.lstrip()))
                rest = pad + "  " + first.lstrip()[2:]
                yield changed(
                    host,
                    S,
                    "id twice",
                    "an id is unique in its job",
                    f"{o.path}:{o.start}: id {ident[1]} again",
                    span(host, o.path, o.start, o.start, [f"{pad}- id: {ident[1]}", rest]),
                    [
                        (o.path, o.start),
                        (s.path, s.start),
                        *[(s.path, n) for n in range(s.start, s.end + 1)],
                        *[(o.path, n) for n in range(o.start, o.end + 2)],
                    ],
                )


def yaml_broken(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(YAML):
        lines = host.files[path].split("\n")
        done = set()
        for n, text in enumerate(lines, 1):
            if (m := re.match(r'^(\s+.*: (?:\[)?)"([^"]*)"(\]?)$', text)) and "quote" not in done:
                done.add("quote")
                yield line(host, S, "quote left open", "the file is no YAML", path, n, f'{m[1]}"{m[2]}{m[3]}')
            if re.match(r"^    timeout-minutes", text) and "indent" not in done:
                done.add("indent")
                yield line(
                    host,
                    S,
                    "indented too far",
                    "the file is no YAML",
                    path,
                    n,
                    "  " + text,
                    [(esc(path), r".")]
                    if False
                    else [(esc(path), esc(lines[n]) + "$"), (esc(path), esc(lines[n - 2]) + "$")],
                )
                yield line(host, S, "tab", "YAML has no tabs", path, n, "\t" + text.lstrip())
            if (
                re.match(r"^      - (uses|run|name|id)", text)
                and lines[n - 2].startswith("        ")
                and "dash" not in done
            ):
                done.add("dash")
                key = text.lstrip()[2:].split(":")[0]
                prev = max(
                    (
                        k
                        for k in range(n - 2, -1, -1)
                        if re.match(rf"^      - {key}:|^        {key}:", lines[k])
                    ),
                    default=None,
                )
                if prev is not None and not any(re.match(r"^      - ", x) for x in lines[prev + 1 : n - 1]):
                    yield line(
                        host,
                        S,
                        "dash lost",
                        "two steps become one, with a key twice",
                        path,
                        n,
                        "        " + text.lstrip()[2:],
                        [(esc(path), esc(lines[prev]) + "$")],
                    )


NEEDS = {
    "contents": r"gh release|action-gh-release",
    "id-token": r"configure-aws-credentials|deploy-pages",
    "packages": r"login-action|build-push-action|image\.yml",
    "issues": r"gh issue",
    "pages": r"deploy-pages",
    "pull-requests": r"labeler",
}


def permissions(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(WORKFLOWS):
        lines = host.files[path].split("\n")
        for _job, a, b in blocks(host, path):
            for n in range(a, b + 1):
                m = re.match(r"^(      )([a-z-]+): write", lines[n - 1])
                if not m:
                    continue
                need = NEEDS[m[2]]
                also = [
                    (esc(path), need),
                    (esc(path), r"^    permissions:"),
                    (r"image\.yml$", r"packages: write|^  build:")
                    if m[2] == "packages"
                    else (esc(path), r"^\0"),
                ]
                yield line(
                    host,
                    S,
                    "permission lowered",
                    f"{m[2]}: write is needed here",
                    path,
                    n,
                    f"      {m[2]}: read",
                    also,
                )
                yield line(host, S, "permission gone", f"{m[2]}: write is needed here", path, n, None, also)


def inputs(host: Sample) -> Iterator[Mutation]:
    """Inputs of actions whose action.yml is public knowledge."""
    known = {
        "actions/checkout": "persist-credentials fetch-depth",
        "actions/upload-artifact": "name path if-no-files-found retention-days",
        "actions/download-artifact": "name path pattern merge-multiple",
        "actions/cache": "path key restore-keys",
        "aws-actions/configure-aws-credentials": "role-to-assume aws-region role-session-name",
        "hashicorp/setup-terraform": "terraform_version",
        "docker/build-push-action": "context file push tags",
        "docker/login-action": "registry username password",
        "actions-rust-lang/setup-rust-toolchain": "toolchain components cache",
        "dtolnay/rust-toolchain": "toolchain components targets",
        "Swatinem/rust-cache": "key",
        "taiki-e/install-action": "tool",
        "softprops/action-gh-release": "files fail_on_unmatched_files name",
        "codecov/codecov-action": "files token fail_ci_if_error",
        "actions/labeler": "configuration-path",
        "actions/upload-pages-artifact": "path",
        "EmbarkStudios/cargo-deny-action": "command",
        "./.github/actions/rust": "target cache-key",
    }
    required = {
        "actions/upload-artifact": "path",
        "actions/cache": "path key",
        "aws-actions/configure-aws-credentials": "aws-region",
        "./.github/actions/rust": "cache-key",
        "taiki-e/install-action": "tool",
        "actions/upload-pages-artifact": "",
    }
    done = set()
    for s in steps(host):
        u = re.search(r"uses: (\S+?)(?:@(\S+))?(?:\s|$)", s.body)
        if not u:
            continue
        for k, text in enumerate(s.text):
            m = re.match(r"^(\s+)([\w-]+):(.*)$", text)
            if not m or m[2] not in known.get(u[1], "").split():
                continue
            if (s.path, u[1], m[2]) in done:
                continue
            done.add((s.path, u[1], m[2]))
            yield line(
                host,
                S,
                "input of an action",
                "the action has no such input and ignores it",
                s.path,
                s.start + k,
                m[1] + typo(m[2]) + ":" + m[3],
            )
            if m[2] in required.get(u[1], "").split() and not m[3].strip().startswith("|"):
                yield line(
                    host,
                    S,
                    "required input of an action",
                    "the action stops without it",
                    s.path,
                    s.start + k,
                    None,
                    [(esc(s.path), rf"uses: {esc(u[1])}")],
                )
    for path, n, text in host.lines(WORKFLOWS):
        m = re.match(r"^    uses: \./(\S+)", text)
        if m:
            lines = host.files[path].split("\n")
            for k in range(n, min(n + 6, len(lines))):
                if i := re.match(r"^      (tag|push): (.*)$", lines[k]):
                    yield line(
                        host,
                        S,
                        "input of a reusable workflow",
                        "GitHub refuses an unknown input",
                        path,
                        k + 1,
                        f"      {typo(i[1])}: {i[2]}",
                        [(esc(path), esc(text) + "$")],
                    )
                    if i[1] == "tag":
                        yield line(
                            host,
                            S,
                            "required input of a reusable workflow",
                            "GitHub refuses the file without it",
                            path,
                            k + 1,
                            None,
                            [(esc(path), esc(text) + "$"), (esc(path), r"^    with:")],
                        )


def triggers(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(WORKFLOWS):
        lines = host.files[path].split("\n")
        text = host.files[path]
        for n, t in enumerate(lines, 1):
            if (
                re.match(r"^  push:$", t)
                and "tags:" in "\n".join(lines[n : n + 2])
                and "workflow_dispatch" not in text
            ):
                yield line(
                    host,
                    S,
                    "release by hand",
                    "by hand there is no tag for what asks for one",
                    path,
                    n,
                    "  workflow_dispatch:\n" + t,
                    [
                        (
                            esc(path),
                            r"GITHUB_REF_NAME|github\.ref_name|action-gh-release|gh release|version\.sh",
                        )
                    ],
                )
            if re.match(r"^  workflow_dispatch:", t) and "deploy" in path:
                called = "\n".join([*lines[: n - 1], "  workflow_call:", *lines[n:]])
                files: dict[str, str | None] = {
                    path: called.replace("type: choice", "type: string")
                    .replace("        options: [staging, production]\n", "")
                    .replace("        options:\n          - staging\n          - production\n", "")
                }
                yield changed(
                    host,
                    S,
                    "no dispatch",
                    "it is started by hand, and cannot be",
                    f"{path}:{n}: workflow_dispatch -> workflow_call",
                    files,
                    [(path, n)],
                    [
                        (DOCS, rf"{esc(path.rpartition('/')[2])}"),
                        (r"activation\.toml$", "deploy.yml"),
                        (esc(path), r"^on:"),
                    ],
                )
    tagging = [p for p in host.matching(WORKFLOWS) if re.search(r"^    tags:", host.files[p], re.MULTILINE)]
    if tagging:
        made = 'name: Tag\n\non:\n  workflow_dispatch:\n\npermissions: {}\n\njobs:\n  tag:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    permissions:\n      contents: write\n    steps:\n      - uses: actions/checkout@v6\n      - run: |\n          git tag "v$(sed -n \'s/^version = "\\(.*\\)"/\\1/p\' Cargo.toml | head -n 1)"\n          git push origin --tags\n'
        yield changed(
            host,
            S,
            "tag by GITHUB_TOKEN",
            "a tag that GITHUB_TOKEN pushes starts no release",
            ".github/workflows/tag.yml is new",
            {".github/workflows/tag.yml": made},
            (),
            [(r"workflows/tag\.yml$", r"git push|git tag|checkout|run: \|")],
        )


def caches(host: Sample) -> Iterator[Mutation]:
    for path, n, text in host.lines(YAML):
        if m := re.match(r"^(\s+)key: .*\$\{\{ hashFiles\('(.*)'\) \}\}", text):
            yield line(
                host,
                S,
                "cache key without contents",
                "the first cache is never replaced",
                path,
                n,
                re.sub(r"\$\{\{ hashFiles.*?\}\}", "v1", text),
                [(esc(path), r"actions/cache@"), (esc(path), "restore-keys")],
            )
            yield line(
                host,
                S,
                "cache key of no file",
                "the pattern finds no file",
                path,
                n,
                text.replace(m[2], typo(m[2])),
            )
        if re.match(r"^\s+restore-keys:", text):
            yield line(
                host,
                S,
                "no restore keys",
                "every change of the lock file starts from nothing",
                path,
                n,
                None,
                [(esc(path), r"actions/cache@|^\s+key:")],
            )
        if m := re.match(r"^(\s+)- uses: Swatinem/rust-cache", text):
            add = f"{m[1]}- uses: actions/cache@v5\n{m[1]}  with:\n{m[1]}    path: target\n{m[1]}    key: target-${{{{ hashFiles('Cargo.lock') }}}}\n{m[1]}    restore-keys: target-\n"
            yield line(
                host, S, "cached twice", "two caches restore and save one directory", path, n, add + text
            )
        if re.match(r"^\s+cache: false", text):
            pad = text[: len(text) - len(text.lstrip()) - 4]
            yield line(
                host,
                S,
                "cached twice",
                "two caches restore and save one directory",
                path,
                n,
                text.replace("false", "true") + f"\n{pad}- uses: Swatinem/rust-cache@v2",
                [(esc(path), r"setup-rust-toolchain|rust-cache")],
            )


def groups(host: Sample) -> Iterator[Mutation]:
    for path, _n, text in host.lines(WORKFLOWS):
        if (m := re.match(r"^  group: (\S+)$", text)) and "${{" not in text:
            others = [
                p
                for p in host.matching(WORKFLOWS)
                if p != path and re.search(r"^  group: \S+$", host.files[p], re.MULTILINE)
            ]
            for other in others[:2]:
                k = next(
                    i for i, t in enumerate(host.files[other].split("\n"), 1) if re.match(r"^  group: ", t)
                )
                yield line(
                    host,
                    S,
                    "one group for two workflows",
                    "each cancels what waits of the other",
                    other,
                    k,
                    f"  group: {m[1]}",
                    [(esc(path), esc(text) + "$")],
                )


def unset(host: Sample) -> Iterator[Mutation]:
    given = host.github or OnGitHub()
    every = {*given.secrets, *given.variables, *(name for own in given.environments.values() for name in own)}
    for name in sorted(every):
        less = OnGitHub(
            secrets=given.secrets - {name},
            variables=given.variables - {name},
            environments={key: own - {name} for key, own in given.environments.items()},
        )
        where = [(WORKFLOWS, rf"(?:secrets|vars)\.{name}\b"), (r"activation\.toml", name)]
        about = f"{name} is not set on GitHub"
        yield changed(
            replace(host, github=less), S, "secret not set", "the workflow reads it", about, {}, (), where
        )
    for name in given.environments:
        left = {key: own for key, own in given.environments.items() if key != name}
        where = [(WORKFLOWS, rf"environment|name: {name}|\b{name}\b"), (r"activation\.toml", name)]
        less = replace(given, environments=left)
        why = "a run would make it without protection"
        about = f"{name} does not exist on GitHub"
        yield changed(replace(host, github=less), S, "environment not there", why, about, {}, (), where)


OPERATORS: list[Operate] = [
    context_not_there,
    keys,
    jobs,
    whole_steps,
    yaml_broken,
    permissions,
    inputs,
    triggers,
    caches,
    groups,
    unset,
]
