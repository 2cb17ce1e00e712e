# ruff: noqa: E501 - patterns and files stand on one line
"""Steps, files and variables without which, or before which, others cannot work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tests.benchmarks.held_out.building import (
    DOCS,
    WORKFLOWS,
    Operate,
    blocks,
    changed,
    esc,
    line,
    places,
    span,
    steps,
    swapped,
    typo,
)
from tests.benchmarks.mutation import Mutation, Sample

S = "workflows x repository"
RUNS = r"^\.github/(workflows|actions)/|\.sh$|^Makefile$|^justfile$|^Dockerfile$"
MANIFEST = r"Cargo\.toml$"


def files_gone(host: Sample) -> Iterator[Mutation]:
    """A file that is moved away although something names it."""
    for path in host.files:
        base = path.rpartition("/")[2]
        if path == "activation.toml" or (path.startswith(".github/workflows/") and "image" not in path):
            continue
        if re.search(
            r"\.(sh|py)$|Dockerfile$|justfile$|Makefile$|action\.yml$|image\.yml$|Cargo\.lock$|LICENSE$|\.json$|tfvars$|\.hcl$|labeler|kited\.toml|build|tests/\w+\.rs$|(examples|benches|bin)/\w+\.rs$|crates/\w+/Cargo\.toml|RUNBOOK|OPERATIONS|setup\.md|book/\w+\.md|book\.toml|units|tftpl|rust-toolchain",
            path,
        ):
            stem = base.rpartition(".")[0] or base
            names = {esc(base), esc(path)}
            if path.endswith(".rs"):
                names = {rf"--(test|bench|example|bin) {esc(stem)}\b", rf'name = "{esc(stem)}"'}
            if base == "Cargo.lock":
                names = {"--locked", "Cargo.lock"}
            if base == "justfile":
                names = {r"just "}
            if base == "Makefile":
                names = {"make "}
            if base == "Cargo.toml":
                d = path.rpartition("/")[0]
                names = {esc(d), "members"}
            if base == "action.yml":
                names = {r"actions/rust"}
            if base == "book.toml":
                names = {"mdbook build"}
            if base == "tallyd.service":
                names = {"deploy/units"}
            if base == ".terraform.lock.hcl":
                if host.name != "kite":
                    continue
                names = {r"terraform (init|plan|apply)"}
            if base == "test_deploy.py":
                names = {"--start-directory"}
            if base == "install.sh":
                names = {"install.sh"}
            if base == "rust-toolchain.toml":
                names = {"rust-toolchain", "rustup toolchain install"}
            where = [(r".", "|".join(sorted(names)))]
            one = changed(
                host, S, "file moved away", "it is named here", f"{path} is gone", {path: None}, (), where
            )
            if one.expected and base not in ("test_deploy.py", "staging.tfvars"):
                yield one


def not_executable(host: Sample) -> Iterator[Mutation]:
    for path in sorted(host.executable):
        called = [
            (p, n)
            for p, n, t in host.lines(RUNS)
            if re.search(rf"(?:run: |^\s*|\./){esc(path)}\b", t)
            and not re.search(rf"(bash|sh|python3)( -n)? \S*{esc(path)}|usage|#", t)
        ]
        if called:
            yield changed(
                host,
                S,
                "not executable",
                "it is called by its path",
                f"{path} is not executable",
                {},
                called,
                [(DOCS, esc(path))],
                (path,),
            )


def step_sequences(host: Sample) -> Iterator[Mutation]:
    """Steps without which, or before which, others cannot work."""
    needs = [
        (
            "build removed",
            "what it builds is used below",
            r"cargo build .*(--release|--profile)|cross build|cargo llvm-cov",
            r"package\.sh|bundle\.sh|upload-artifact|lcov|cp target|target/release",
        ),
        (
            "packaging removed",
            "what it makes is used below",
            r"package\.sh|bundle\.sh|mkdir -p artifacts|just book|terraform plan",
            r"upload-artifact|upload-pages|sha256sum|path:|action-gh-release|artifacts|out/|dist",
        ),
        (
            "download removed",
            "what it brings is used below",
            r"download-artifact",
            r"sha256sum|files: |dist|artifacts|assets|tfplan",
        ),
        (
            "upload removed",
            "another job downloads it",
            r"upload-artifact",
            r"download-artifact|pattern|name: (release|plan|tally)",
        ),
        (
            "checkout removed",
            "the files of the repository are used below",
            r"actions/checkout@|\*checkout",
            r"cargo|deploy/|scripts/|ci/|make |just |terraform|uses: \./|gh issue|build-push|git |shellcheck|jq|bash|cross",
        ),
        (
            "tool not installed",
            "the runner does not have it",
            r"setup-terraform|tool: just|tool: just,mdbook|tool: cross|cargo-audit|cargo-llvm-cov",
            r"terraform |just |cross |cargo audit|cargo llvm-cov",
        ),
        (
            "toolchain not installed",
            "the target's standard library is not there",
            r"target: \$\{\{ matrix.target|targets: \$",
            r"--target",
        ),
        (
            "credentials not taken",
            "there are none for what follows",
            r"configure-aws-credentials",
            r"aws |terraform |rollout\.py|push\.sh",
        ),
        ("login removed", "nothing may be pushed without it", r"docker/login-action", r"push: |build-push"),
        ("apt-get removed", "the runner does not have it", r"\0", r"\0"),
    ]
    every = list(steps(host))
    for s in every:
        for name, why, is_it, used in needs:
            if not re.search(is_it, s.body):
                continue
            if name == "packaging removed" and "upload" in s.body:
                continue
            later = [
                o
                for o in every
                if o.path == s.path and o.job == s.job and o.start > s.end and re.search(used, o.body)
            ]
            if name == "upload removed":
                later = [
                    o for o in every if o.path == s.path and o.job != s.job and "download-artifact" in o.body
                ]
            if name == "checkout removed" and not later:
                continue
            if not later:
                continue
            shift = s.end - s.start + 1
            at = [(o.path, n - shift if n > s.end else n) for o in later for n in range(o.start, o.end + 1)]
            job_line = (
                next(a for j, a, b in blocks(host, s.path) if j == s.job) if "workflows" in s.path else 1
            )
            files = span(host, s.path, s.start, s.end, [])
            broken_alias = "&checkout" in s.body
            yield changed(
                host,
                S,
                name,
                why,
                f"{s.path}:{s.start}: without {s.text[0].strip()!r}" + (" (anchor)" if broken_alias else ""),
                files,
                [*at, (s.path, job_line)],
                [(s.path, r"\*checkout")] if broken_alias else (),
            )
            o = later[0]
            if (
                name
                in (
                    "build removed",
                    "packaging removed",
                    "download removed",
                    "checkout removed",
                    "credentials not taken",
                    "tool not installed",
                )
                and not broken_alias
            ):
                body_lines = [
                    *range(s.start, s.start + (o.end - o.start) + 1),
                    *range(o.end - (s.end - s.start), o.end + 1),
                ]
                yield (
                    swapped(
                        host,
                        S,
                        name.replace("removed", "too late")
                        .replace("not taken", "too late")
                        .replace("not installed", "installed too late"),
                        why,
                        s,
                        o,
                        (),
                    )
                    if False
                    else replace(
                        swapped(
                            host,
                            S,
                            name.replace("removed", "too late")
                            .replace("not taken", "taken too late")
                            .replace("not installed", "installed too late"),
                            why,
                            s,
                            o,
                            (),
                        ),
                        expected=frozenset((s.path, n) for n in body_lines),
                    )
                )


def masks(host: Sample) -> Iterator[Mutation]:
    for s in steps(host):
        if not re.search(
            r"cargo (build|test|publish)|cross build|package\.sh|bundle\.sh|sha256sum|terraform (plan|apply)|smoke\.sh|check\.py|curl --fail|rollout\.py|push\.sh",
            s.body,
        ):
            continue
        for k, text in enumerate(s.text):
            if re.match(r"^(\s+)(?:- )?run: [^|]", text):
                pad = " " * (len(text) - len(text.lstrip().removeprefix("- ")))
                yield line(
                    host,
                    S,
                    "failure masked",
                    "the step is green whatever happens",
                    s.path,
                    s.start + k,
                    text + " || true",
                )
                yield line(
                    host,
                    S,
                    "failure tolerated",
                    "the job goes on as if it had worked",
                    s.path,
                    s.start + k,
                    text + f"\n{pad}continue-on-error: true",
                    [(s.path, esc(s.text[0]) + "$")],
                )
                if re.search(r"smoke\.sh|check\.py|curl --fail", text):
                    yield line(
                        host,
                        S,
                        "verification that says so",
                        "nothing is verified",
                        s.path,
                        s.start + k,
                        re.sub(r"run: .*", "run: echo verified", text),
                        [(s.path, rf"^  {esc(s.job)}:"), (s.path, esc(s.text[0]) + "$")],
                    )
                    yield line(
                        host,
                        S,
                        "verification that sleeps",
                        "nothing is verified",
                        s.path,
                        s.start + k,
                        re.sub(r"run: .*", "run: sleep 30", text),
                        [(s.path, rf"^  {esc(s.job)}:"), (s.path, esc(s.text[0]) + "$")],
                    )


def uploads(host: Sample) -> Iterator[Mutation]:
    for s in steps(host):
        if "upload-artifact" in s.body and re.search(r"target/|dist/|out/", s.body):
            for k, text in enumerate(s.text):
                if m := re.match(r"^(\s+)path:", text):
                    end = k
                    while end + 1 < len(s.text) and s.text[end + 1].startswith(m[1] + "  "):
                        end += 1
                    files = span(host, s.path, s.start + k, s.start + end, [f"{m[1]}path: target/"])
                    if "target/" in s.body or "dist/" in s.body:
                        yield changed(
                            host,
                            S,
                            "whole target uploaded",
                            "gigabytes of intermediate files",
                            f"{s.path}:{s.start + k}: path: target/",
                            files,
                            [(s.path, s.start + k)],
                            [(s.path, esc(s.text[0]) + "$")],
                        )
        if "upload-artifact" in s.body and (
            m := re.search(r"name: (kite|reel)-\$\{\{ matrix\.target \}\}", s.body)
        ):
            n = s.start + next(k for k, t in enumerate(s.text) if "name: " in t and "matrix" in t)
            yield line(
                host,
                S,
                "one artifact of many jobs",
                "the second job cannot upload under the same name",
                s.path,
                n,
                re.sub(r"-\$\{\{ matrix\.target \}\}", "-binaries", host.files[s.path].split("\n")[n - 1]),
                [(s.path, "upload-artifact"), (s.path, "pattern")],
            )


def assets(host: Sample) -> Iterator[Mutation]:
    for path, n, text in host.lines(r"(package|bundle)\.sh$"):
        if (
            (m := re.search(r"-\$(binary-\$)?target(?=[./\"])", text))
            and "tar" in text
            and host.name != "sample"
            and "stage=" not in text
        ):
            yield line(
                host,
                S,
                "one asset of many jobs",
                "the jobs of the matrix overwrite each other's asset",
                path,
                n,
                text.replace("-$target.", "."),
                [(WORKFLOWS, r"path: (out|dist)/|files: |gh release|bundle\.sh|upload-artifact")],
            )
    for path, n, text in host.lines(r"^activation\.toml$"):
        if m := re.match(r'^    "([\w.-]+)",', text):
            yield line(
                host,
                S,
                "planned asset",
                "no step makes it",
                path,
                n,
                f'    "{typo(m[1].split("-")[0].split(".")[0])}{m[1][len(m[1].split("-")[0].split(".")[0]) :]}",',
                [(r"package\.sh", r"dist/|SUMS")],
            )


def needs_gone(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(WORKFLOWS):
        lines = host.files[path].split("\n")
        for job, a, b in blocks(host, path):
            body = "\n".join(lines[a - 1 : b])
            for n in range(a, b + 1):
                m = re.match(r"^    needs: (.*)$", lines[n - 1])
                if m and ("download-artifact" in body or "needs." in body):
                    yield line(
                        host,
                        S,
                        "needs removed",
                        "it uses what another job makes, and does not wait for it",
                        path,
                        n,
                        None,
                        [
                            (path, rf"^  {esc(job)}:"),
                            (path, r"download-artifact|needs\.|pattern:|^          name: "),
                        ],
                    )


def variables(host: Sample) -> Iterator[Mutation]:
    """A variable that a step's environment gives, under another name on either side."""
    for path in host.matching(WORKFLOWS):
        lines = host.files[path].split("\n")
        for n, text in enumerate(lines, 1):
            m = re.match(r"^(\s+)([A-Z][A-Z0-9_]+): (.*)$", text)
            if not m or m[2].startswith(("CARGO", "RUST", "TF_", "AWS_REGION", "GH_", "MOONPHASE")):
                continue
            uses = [(path, rf"\$\{{?{m[2]}\b"), (path, rf"env\.{m[2]}\b")]
            if not places(host, [(esc(path), u[1]) for u in uses]) and m[2] not in (
                "GITHUB_TOKEN",
                "ARTIFACT_BUCKET",
            ):
                continue
            scripts = [(r"\.(py|sh)$", rf"\b{m[2]}\b"), (esc(path), r"deploy/(rollout|fetch_release)\.py")]
            yield line(
                host,
                S,
                "variable of a step renamed",
                "the command reads the old name, which is empty",
                path,
                n,
                f"{m[1]}{typo(m[2])}: {m[3]}",
                [*((esc(path), u[1]) for u in uses), *scripts],
            )
        for n, text in enumerate(lines, 1):
            for m in re.finditer(r"\$\{?([A-Z][A-Z0-9_]+)\b", text):
                if m[1].startswith(("GITHUB_", "HOME", "PATH", "RUNNER")) or "TF_VAR" in m[1]:
                    continue
                made = text[: m.start(1)] + typo(m[1]) + text[m.end(1) :]
                yield line(
                    host,
                    S,
                    "variable in a command",
                    "nobody sets it, so it is empty",
                    path,
                    n,
                    made,
                    [(esc(path), rf"^\s+{m[1]}:")],
                )


def script_options(host: Sample) -> Iterator[Mutation]:
    for path, n, text in host.lines(WORKFLOWS):
        if "rollout.py" in text:
            for option in ("environment", "version", "archive", "sha256"):
                yield line(
                    host,
                    S,
                    "option of a script",
                    "the script knows no such option",
                    path,
                    n,
                    text.replace(f"--{option} ", f"--{typo(option)} "),
                    [(r"rollout\.py$", "for name in")],
                )
    for path, n, text in host.lines(r"rollout\.py$"):
        if "for name in" in text:
            for option in ("environment", "version", "archive", "sha256"):
                yield line(
                    host,
                    S,
                    "option of a script renamed",
                    "the workflow passes the old one",
                    path,
                    n,
                    text.replace(f'"{option}"', f'"{typo(option)}"'),
                    [(WORKFLOWS, r"rollout\.py")],
                )
    for path, n, text in host.lines(r"deploy/(fetch_release|rollout)\.py$"):
        if "output.write" in text:
            for name in ("archive", "sha256", "url"):
                if f"{name}=" in text:
                    yield line(
                        host,
                        S,
                        "output of a script renamed",
                        "the workflow reads the old one",
                        path,
                        n,
                        text.replace(f"{name}=", f"{typo(name)}=", 1),
                        [(WORKFLOWS, rf"outputs\.{name}\b|fetch_release\.py|rollout\.py")],
                    )
    for path, n, text in host.lines(r"\.sh$"):
        if re.match(r"^(fi|done)$", text.strip()):
            yield line(
                host, S, "shell left open", "the shell cannot read it", path, n, None, [(esc(path), r".")]
            )


def profile_lost(host: Sample) -> Iterator[Mutation]:
    for path, n, text in host.lines(WORKFLOWS):
        if "cargo build" in text or "cross build" in text:
            body = host.files[path]
            if "upload-artifact" in body:
                for flag, made in (
                    (" --release", ""),
                    (" --profile dist", ""),
                    (" --target ${{ matrix.target }}", ""),
                ):
                    if flag in text:
                        yield line(
                            host,
                            S,
                            "build fills another directory",
                            "the steps below look in the old one",
                            path,
                            n,
                            text.replace(flag, made),
                            [
                                (esc(path), r"package\.sh|bundle\.sh|path:|target/|upload-artifact"),
                                (r"\.sh$", r"target/"),
                            ],
                        )


def gh_tokens(host: Sample) -> Iterator[Mutation]:
    for path, n, text in host.lines(WORKFLOWS):
        if re.match(r"^\s+GH_TOKEN:", text):
            yield line(
                host,
                "workflows x GitHub",
                "gh without a token",
                "gh asks for GH_TOKEN",
                path,
                n,
                None,
                [(esc(path), r"gh (release|issue)|^    env:|^        env:")],
            )


def ignored(host: Sample) -> Iterator[Mutation]:
    lines = host.files[".gitignore"].rstrip("\n").split("\n")
    for name, why in (
        (".github/", "workflows that are ignored are never pushed"),
        ("Cargo.lock", "CI builds with --locked"),
        ("*.yml", "workflows that are ignored are never pushed"),
    ):
        n = len(lines) + 1
        yield changed(
            host,
            "git",
            "ignored",
            why,
            f".gitignore:{n}: {name}",
            {".gitignore": "\n".join([*lines, name, ""])},
            [(".gitignore", n)],
        )


def lock(host: Sample) -> Iterator[Mutation]:
    text = host.files["Cargo.lock"]
    path = next(p for p in host.matching(MANIFEST) if "[package]" in host.files[p])
    root = host.files[path]
    made = root + ("" if "[dependencies]" in root else "\n[dependencies]\n")
    made = made.replace("[dependencies]\n", '[dependencies]\nserde_json = "1"\n', 1)
    n = next(k for k, t in enumerate(made.split("\n"), 1) if "serde_json" in t)
    yield changed(
        host,
        "cargo",
        "dependency without its lock",
        "--locked refuses the stale lock file",
        f"{path}:{n}: serde_json",
        {path: made},
        [(path, n)],
        [(RUNS, "--locked"), ("Cargo.lock", "name")],
    )
    block = re.search(
        r'\[\[package\]\]\nname = "(\S+)"\nversion = "\S+"\n(?:dependencies = \[\n(?:.*\n)*?\]\n)?\n?', text
    )
    if block and host.name not in {"tally", "reel"}:
        yield changed(
            host,
            "cargo",
            "lock without a member",
            "--locked refuses the stale lock file",
            f"Cargo.lock without {block[1]}",
            {"Cargo.lock": text.replace(block[0], "", 1)},
            (),
            [(RUNS, "--locked"), ("Cargo.lock", "."), ("Cargo.toml", rf"name = \"{block[1]}\"")],
        )
    yield changed(
        host,
        "cargo",
        "lock with a merge conflict",
        "cargo cannot read it",
        "Cargo.lock:4: <<<<<<<",
        {
            "Cargo.lock": text.replace(
                "\n\n[[package]]", "\n<<<<<<< HEAD\n=======\n>>>>>>> topic\n\n[[package]]", 1
            )
        },
        (),
        [("Cargo.lock", r"^(<<<|===|>>>)")],
    )


def conflicts(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(r"workflows/|main\.tf$|Cargo\.toml$"):
        lines = host.files[path].split("\n")
        n = max(2, len(lines) // 2)
        yield changed(
            host,
            S,
            "merge conflict",
            "the file cannot be read",
            f"{path}:{n}: <<<<<<<",
            span(host, path, n, n, ["<<<<<<< HEAD", lines[n - 1], "=======", lines[n - 1], ">>>>>>> topic"]),
            [(path, n), (path, n + 1), (path, n + 2), (path, n + 3), (path, n + 4)],
        )


OPERATORS: list[Operate] = [
    files_gone,
    not_executable,
    step_sequences,
    masks,
    uploads,
    assets,
    needs_gone,
    variables,
    script_options,
    profile_lost,
    gh_tokens,
    ignored,
    lock,
    conflicts,
]
