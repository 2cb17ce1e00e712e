from pathlib import Path
from typing import Any

import pytest

from tasks.domain.cargo_run import CargoBuild, CargoOutcome, CargoTest, Warned
from tasks.domain.cargo_trial import CargoFurther, CargoTrials, Trial
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Snapshot
from tasks.domain.tree import Entry, Tree
from tasks.facts.cargo_further import cargo_further
from tasks.systems.cargo import Cargo, CargoEnded, cargo_ended
from tests.facts.test_cargo import ERROR, FAILS, PASSES, an_end

TREE = Tree(origin="work tree", entries={one: Entry(path=one) for one in ("src/a.rs", "sub/src/a.rs")})
CHECKOUT = Path("/c")
PLACE = Evidence(file=".github/workflows/ci.yml", line=7)


class Calls(Cargo):
    """Gives one end after the other, and keeps what time each call was given."""

    def __init__(self, *ends: Any, toolchains: tuple[str, ...] = (), targets: tuple[str, ...] = ()) -> None:
        self._checkout = CHECKOUT
        self.ends = list(ends)
        self.toolchains, self.targets = toolchains, targets
        self.timeouts: list[float] = []

    def called(self, subcommand: str, *options: str, timeout: float, env: Any = None) -> CargoEnded:
        self.timeouts.append(timeout)
        return cargo_ended(self.ends.pop(0), self._checkout)

    def installed(self) -> CargoEnded:
        return cargo_ended(an_end(0 if self._toolchain[0].removeprefix("+") in self.toolchains else 1))

    def has_target(self, target: str) -> bool:
        return target in self.targets


def a_trial(**more: Any) -> Trial:
    return Trial(**{"subcommand": "check", "options": ("-F", "x"), "place": PLACE, "of": "ci.yml: a", **more})


def further(
    cargo: Calls, *trials: Trial, seen: Snapshot | None = None, budget: float = 300.0
) -> CargoFurther:
    made = CargoTrials(trials=trials or (a_trial(),))
    return cargo_further(cargo, made, TREE, seen or Snapshot(), checkout=CHECKOUT, budget=budget)


def build(outcome: CargoOutcome) -> Snapshot:
    return Snapshot().with_facts(CargoBuild(command="cargo build", outcome=outcome, seconds=1.0))


def test_an_error_below_the_root_is_placed_as_the_repository_has_it() -> None:
    (one,) = further(Calls(an_end(101, out=ERROR)), a_trial(root="sub", directory="sub")).tried
    assert one.run is not None
    assert (one.run.outcome, one.lacks) == (CargoOutcome.FAILED, None)
    assert [(at.file, at.line) for at in one.run.places] == [("sub/src/a.rs", 8)]


@pytest.mark.parametrize(
    "end",
    [
        an_end(101, out=ERROR.replace("src/a.rs", "/t/debug/build/x/out/made.rs")),
        an_end(101, err="error: linking with `cc` failed: exit status: 1"),
        an_end(101, err="error: failed to download from `x`"),
        an_end(1, timed_out=True),
    ],
)
def test_what_names_no_file_of_the_commit_accuses_nobody(end: Any) -> None:
    (one,) = further(Calls(end)).tried
    assert one.lacks is not None


@pytest.mark.parametrize(("allowed", "fails"), [(frozenset(), True), (frozenset({"E0308"}), False)])
def test_warnings_that_are_denied_are_errors_but_for_those_that_are_let_pass(
    allowed: frozenset[str], fails: bool
) -> None:
    warns = an_end(out=ERROR.replace('"level": "error"', '"level": "warning"'))
    (one,) = further(Calls(warns), a_trial(denied=("-D", "warnings"), allowed=allowed)).tried
    assert one.run is not None
    assert (one.run.outcome is CargoOutcome.FAILED) == fails


def test_a_warning_that_the_build_gave_is_told_by_the_check_of_denied_ones_and_not_here() -> None:
    warning = Warned(place=Evidence(file="src/a.rs", line=8), lint="E0308")
    first = CargoBuild(command="x", outcome=CargoOutcome.PASSED, seconds=1.0, warnings=(warning,))
    seen = Snapshot().with_facts(first)
    warns = an_end(out=ERROR.replace('"level": "error"', '"level": "warning"'))
    outcomes = [
        one.run.outcome
        for end, trial in ((warns, a_trial(denied=("-D", "warnings"))), (an_end(101, out=ERROR), a_trial()))
        for one in further(Calls(end), trial, seen=seen).tried
        if one.run is not None
    ]
    assert outcomes == [CargoOutcome.PASSED, CargoOutcome.FAILED]
    assert ("src/a.rs", 8) not in further(Calls(an_end()), seen=seen).known


def test_a_toolchain_and_a_target_are_asked_for_before_the_call() -> None:
    asked = (a_trial(toolchain="1.70"), a_trial(target="wasm32-wasip1"))
    found = further(Calls(), *asked).tried
    assert [str(one.lacks) for one in found] == [
        "toolchain 1.70 is not on this machine",
        "target wasm32-wasip1 is not on this machine",
    ]
    here = Calls(an_end(), an_end(), toolchains=("1.70",), targets=("wasm32-wasip1",))
    assert [one.lacks for one in further(here, *asked).tried] == [None, None]


def test_all_calls_share_one_budget_and_none_begins_without_time() -> None:
    cargo = Calls(an_end(), an_end())
    found = further(cargo, a_trial(), a_trial(options=()), a_trial(options=("--lib",)), budget=2.5)
    assert cargo.timeouts == [2.5, 1.5]
    assert [one.run is None for one in found.tried] == [False, False, True]
    assert "took the" in str(found.tried[2].lacks)


def test_a_root_that_does_not_build_is_not_called_again_and_a_workspace_below_it_is() -> None:
    trials = (a_trial(), a_trial(root="sub", directory="sub"))
    found = further(Calls(an_end()), *trials, seen=build(CargoOutcome.FAILED))
    assert [one.trial.root for one in found.tried] == ["sub"]
    assert len(further(Calls(an_end(), an_end()), *trials, seen=build(CargoOutcome.PASSED)).tried) == 2


def test_the_tests_that_failed_before_are_known() -> None:
    run = CargoTest(command="cargo test", outcome=CargoOutcome.FAILED, seconds=1.0, failures=("a",))
    found = further(
        Calls(an_end(101, out=FAILS)), a_trial(subcommand="test"), seen=Snapshot().with_facts(run)
    )
    assert found.tried[0].failures == ("a",)
    assert "a" in found.known
    assert further(Calls(an_end(out=PASSES))).tried[0].failures == ()


def test_only_variables_that_rust_names_are_given(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.rs").write_text('const A: &str = env!("READ");')
    env = (("OTHER", "1"), ("READ", "2"), ("RUSTFLAGS", "--cfg x"))
    made = CargoTrials(trials=(a_trial(env=env),))
    found = cargo_further(Calls(an_end()), made, TREE, Snapshot(), checkout=tmp_path)
    assert found.tried[0].trial.env == env[1:]
