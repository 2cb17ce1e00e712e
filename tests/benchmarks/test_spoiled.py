"""Files in which parts have the wrong kind: every check answers, none fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pytest

from tasks.domain.check import Check, evaluate
from tasks.domain.fact import Unseen
from tasks.facts.collect import collect
from tasks.facts.tree import LiteralFiles
from tests.benchmarks.benchmark import checks, set_up
from tests.benchmarks.mutation import sample
from tests.benchmarks.spoiled import spoiled

NUMBER = 40

CI = ".github/workflows/ci.yml"
ONCE = {
    "a step that is none": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - null\n      - run\n"
    "      - run: echo ${{ hashFiles('nothing') }}\n",
    "inputs that are a text": "on:\n  workflow_dispatch:\n    inputs: environment\njobs: {}\n",
    "options that are a number": "on:\n  workflow_dispatch:\n    inputs: {environment: {options: 5}}\n"
    "jobs: {}\n",
    "a pattern of nothing": "on: {push: {branches: ['[]']}}\njobs: {a: {steps: [run: ls]}}\n",
    "a range that goes backwards": "on:\n  push:\n    paths: ['[z-a]']\njobs: {a: {steps: [run: ls]}}\n",
    "branches that are a number": "on: {push: {branches: 5}}\njobs: {a: {steps: [run: ls]}}\n",
}


N = 3000
DEEP = {
    "infra/lists.tf": f"locals {{ a = {'[' * N}{']' * N} }}\n",
    "infra/blocks.tf": "a {\n" * N + "}\n" * N,
    "infra/x.tfvars": f"a = {'[' * N}{']' * N}\n",
    "Cargo.toml": f"a = {'[' * N}{']' * N}\n",
    "iam/policy.json": f'{{"Statement": {"[" * N}{"]" * N}}}',
    "a.sh": f"cargo build; aws s3 ls; {'$(' * N}terraform init{')' * N}\n",
    "b.sh": " && ".join(["cargo build"] * N),
    CI: "on: push\njobs:\n  a:\n    steps:\n      - run: " + " && ".join(["cargo build"] * N) + "\n",
    ".github/workflows/many.yml": "on: push\njobs:\n  a:\n    strategy:\n      matrix:\n"
    + "".join(f"        {name}: [{', '.join(map(str, range(20)))}]\n" for name in "abcdefgh")
    + "    steps: [run: echo]\n",
    ".github/workflows/asks.yml": "on:\n  workflow_dispatch:\n    inputs:\n"
    + "".join(
        f"      {name}: {{type: choice, options: [{', '.join('abcdefghij')}]}}\n" for name in "abcdefgh"
    )
    + "jobs:\n  a:\n    steps: [run: echo]\n",
    "README.md": f"```sh\ncargo build; ./a.sh; {'$(' * N}{')' * N}\n```\n",
}


def failures(files: Mapping[str, str], every: Iterable[Check], configuration: str = "") -> Iterator[str]:
    """Go through what says of itself that it is a bug."""
    snapshot = set_up(collect(LiteralFiles(files)), configuration)
    for kind, fact in snapshot.seen.items():
        if isinstance(fact, Unseen) and "bug" in fact.reason:
            yield f"{kind.__name__}: {fact.reason}"
    yield from (one.message for one in evaluate(every, snapshot) if "this is a bug" in one.message)


@pytest.mark.parametrize("text", ONCE.values(), ids=ONCE.keys())
def test_what_once_failed_a_check_or_the_look_does_not(text: str) -> None:
    assert list(failures({CI: text}, checks())) == []


@pytest.mark.parametrize("path", DEEP)
def test_what_is_nested_too_deep_or_stands_for_too_much_is_told_and_the_rest_is_read(path: str) -> None:
    files = {path: DEEP[path], "infra/v.tf": 'variable "x" {}\n', "k.sh": "cargo build\n"}
    assert list(failures(files, checks())) == []


def test_no_check_fails_over_parts_of_the_wrong_kind() -> None:
    whole, every = sample().files, checks()
    for seed in range(NUMBER):
        path, text = spoiled(whole, seed)
        found = list(failures({**whole, path: text}, every, whole["activation.toml"]))
        assert found == [], f"seed {seed}: {path}\n{text}"


def test_a_seed_spoils_the_same_every_time_and_never_nothing() -> None:
    whole = sample().files
    for seed in range(20):
        path, text = spoiled(whole, seed)
        assert (path, text) == spoiled(whole, seed)
        assert text != whole[path]
