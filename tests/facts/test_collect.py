from functools import partial
from typing import Any

import pytest

from tasks.domain.crate import Manifests
from tasks.domain.document import Documents
from tasks.domain.fact import Unseen
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.terraform import Terraform
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows
from tasks.facts.collect import collect
from tasks.facts.tree import LiteralFiles
from tests.benchmarks.work import work

JOB = """\
  job{n}:
    runs-on: ubuntu-latest
    strategy: {{matrix: {{os: [a, b], p: [x, y]}}}}
    env: {{NAME: "${{{{ matrix.p }}}}"}}
    steps:
      - uses: actions/checkout@v4
      - run: |
          set -e
          cargo build -p $NAME --release 2>&1 | tee log
          for f in a b c; do cp target/release/$f dist/$f-${{{{ matrix.os }}}}; done
"""


def repository(workflows: int) -> LiteralFiles:
    files = {
        f".github/workflows/w{n}.yml": "on: push\njobs:\n" + "".join(JOB.format(n=job) for job in range(8))
        for n in range(workflows)
    }
    files["Cargo.toml"] = '[workspace]\nmembers = ["c*"]\n'
    files |= {f"c{n}/Cargo.toml": f'[package]\nname = "c{n}"\n' for n in range(10)}
    return LiteralFiles(files)


def test_every_static_fact_is_in_the_snapshot() -> None:
    seen = collect(LiteralFiles({"README.md": "x"}))
    kinds = (Tree, Sources, Workflows, Scripts, Manifests, Terraform, Documents)
    assert not [kind for kind in kinds if isinstance(seen.get(kind), Unseen)]


def test_hostile_files_do_not_end_the_look() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    bomb = "\n".join(["a0: &a0 [x, x, x]", *levels])
    files: dict[str, str | bytes] = {
        ".github/workflows/bytes.yml": b"\xff\xfe\x00on: push",
        ".github/workflows/bomb.yml": bomb,
        ".github/workflows/list.yml": "- a\n",
        ".github/workflows/odd.yml": "on: [1, null]\njobs: {a: 3, b: {steps: {x: 1}, needs: {y: 2}}}\n",
        ".github/workflows/crlf.yml": "on: push\r\njobs:\r\n  a:\r\n    steps: []\r\n",
        "Cargo.toml": b"\xff",
        "x/Cargo.toml": "package = 3\n[workspace]\nmembers = 4\n",
        "Cargo.lock": "",
        "main.tf": "variable {\n",
        "a.sh": b"\xff\x00",
        "README.md": "```\nnever closed",
    }
    seen = collect(LiteralFiles(files))
    assert [fact for fact in seen.seen.values() if isinstance(fact, Unseen)] == []
    workflows = seen.get(Workflows)
    assert isinstance(workflows, Workflows)
    assert [one.source.path.rpartition("/")[2] for one in workflows.unparsed] == [
        "bomb.yml",
        "bytes.yml",
        "list.yml",
    ]


def test_the_order_of_files_makes_no_difference() -> None:
    one = {"b.sh": "make\n", "a.sh": "make\n", ".github/workflows/a.yml": "on: push\njobs: {}\n"}
    two = dict(reversed(one.items()))
    found = [collect(LiteralFiles(files)).get(Scripts) for files in (one, two)]
    assert [[script.path for script in each] for each in found if isinstance(each, Scripts)] == [
        ["a.sh", "b.sh"]
    ] * 2


def test_the_work_grows_with_the_number_of_workflows_and_not_faster() -> None:
    collect(repository(40))  # patterns are compiled once
    small, large = (work(partial(collect, repository(number))) for number in (8, 40))
    assert large < 5.2 * small


def test_of_too_many_documents_those_nearest_the_root_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.facts.collect.MOST_PROSE", 10)
    files = {"README.md": "12345", "docs/a/b.md": "123456", "docs/x.sh": "echo 0123456789012345"}
    sources = collect(LiteralFiles(files)).get(Sources)
    assert isinstance(sources, Sources)
    assert {one.path for one in sources} == {"README.md", "docs/x.sh"}
    monkeypatch.setattr("tasks.facts.collect.MOST_PROSE", 11)
    sources = collect(LiteralFiles(files)).get(Sources)
    assert isinstance(sources, Sources)
    assert len(sources.files) == 3


def test_files_that_nobody_could_read_are_one_cause() -> None:
    class Unreadable(LiteralFiles):
        def read(self, paths: Any) -> Any:
            raise OSError(f"{len([*paths])} files")

    snapshot = collect(Unreadable({"README.md": "x"}))
    remedies = {one.remedy for one in snapshot.seen.values() if isinstance(one, Unseen)}
    assert len(remedies) == 1
    assert None not in remedies
