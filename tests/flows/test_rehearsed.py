from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flows.rehearsed import Desk, remedy_at, shown
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import WorldKind

HERE = Path("/here")
DESK = Desk(
    world=WorldKind.EMBEDDED,
    python=".venv/bin/python",
    cwd=HERE,
    directory=HERE,
    repository="acme/moon",
)
OWN = replace(DESK, directory=Path("/r"), named=Path("/r"), repository="local/r")
WORLD = ".venv/bin/python -m deployments.embedded"


def a_finding(*commands: str, check: str = "a", url: str | None = None) -> Finding:
    return Finding(
        check=check,
        phase=Phase.FIRST_RUN,
        subject="s",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message="m",
        remedy=Remedy(summary="Do it", commands=commands, url=url),
    )


@pytest.mark.parametrize(
    ("command", "does", "live"),
    [
        (
            "gh secret set KEY --repo acme/moon",
            f"{WORLD} secret KEY --random --repository acme/moon",
            "gh secret set KEY",
        ),
        (
            "gh secret set KEY --repo acme/moon --env staging",
            f"{WORLD} secret KEY --random --repository acme/moon --environment staging",
            "gh secret set KEY --env staging",
        ),
        (
            "gh variable set HOST",
            f"{WORLD} variable HOST --repository acme/moon",
            "gh variable set HOST",
        ),
        (
            "gh variable set HOST --repo acme/moon --env staging",
            f"{WORLD} variable HOST --repository acme/moon --environment staging",
            "gh variable set HOST --env staging",
        ),
        (
            "gh api --method PUT repos/{owner}/{repo}/environments/infra%2Fthe%20one",
            f"{WORLD} environment 'infra/the one' --repository acme/moon",
            "gh api --method PUT repos/{owner}/{repo}/environments/infra%2Fthe%20one",
        ),
        (
            "gh auth refresh --hostname github.com --scopes workflow",
            f"{WORLD} token workflow,repo,read:org",
            "gh auth refresh --hostname github.com --scopes workflow",
        ),
        (
            "gh run view --job 17 --log-failed --repo acme/moon",
            f"{WORLD} log 17",
            "gh run view --log-failed",
        ),
        (
            "gh run rerun 1003 --failed --repo acme/moon",
            f"{WORLD} rerun 1003 --repository acme/moon",
            "gh run rerun --failed",
        ),
        ("aws ce get-cost --x '1 2'", f"{WORLD} aws ce get-cost --x '1 2'", "aws ce get-cost --x '1 2'"),
    ],
)
def test_in_a_rehearsal_a_command_for_github_acts_on_the_embedded_one(
    command: str, does: str, live: str
) -> None:
    remedy = remedy_at(DESK, a_finding(command))
    assert (remedy.commands, remedy.live) == ((does,), live)


def test_what_the_embedded_world_cannot_do_is_only_said_for_live() -> None:
    remedy = remedy_at(DESK, a_finding("gh workflow enable ci.yml --repo acme/moon"))
    assert (remedy.commands, remedy.live) == ((), "gh workflow enable ci.yml")
    policy = "gh api --method POST repos/acme/moon/environments/a/deployment-branch-policies -f name=v1"
    assert remedy_at(DESK, a_finding(policy)).commands == ()


def test_in_a_scenario_the_commands_act_on_its_world_and_the_commit_is_the_scenarios() -> None:
    desk = replace(DESK, scenario="broken-build", commits=True, directory=Path("/clone"))
    remedy = remedy_at(desk, a_finding("git commit --all", "cargo build", "gh secret set K"))
    assert remedy.commands == (
        "(cd /clone && cargo build)",
        f"{WORLD} secret K --random --repository acme/moon --scenario broken-build",
        f"{WORLD} remedy broken-build",
    )


def test_live_the_commands_stay_but_the_commit_comes_last() -> None:
    desk = replace(DESK, world=WorldKind.LIVE)
    remedy = remedy_at(desk, a_finding("git commit --all", "gh run view 3", url="https://github.com/x"))
    assert remedy.commands == ("gh run view 3", "git commit --all")
    assert (remedy.url, remedy.live) == ("https://github.com/x", None)


def test_a_page_is_no_command_and_a_rehearsal_shows_only_pages_of_this_machine() -> None:
    here = remedy_at(DESK, a_finding("http://127.0.0.1:5/acme/moon/actions/runs/3"))
    assert (here.commands, here.url) == ((), "http://127.0.0.1:5/acme/moon/actions/runs/3")
    assert remedy_at(DESK, a_finding(url="https://github.com/settings/tokens")).url is None


def test_what_could_not_be_run_here_can_be_run_live() -> None:
    live = ".venv/bin/python -m flows.activate /r --live --until first-run"
    lacking = remedy_at(OWN, a_finding("rustup toolchain install beta", check="run-seen"))
    assert (lacking.commands, lacking.live) == (("rustup toolchain install beta",), live)
    assert remedy_at(OWN, a_finding(check="run-seen")).commands == (live,)


def test_commands_for_somebodys_own_repository_name_its_directory() -> None:
    remedy = remedy_at(OWN, a_finding("cargo fmt --all", "git commit --all"))
    assert remedy.commands == ("(cd /r && cargo fmt --all)", "git -C /r commit --all")


def test_no_remedy_that_a_rehearsal_shows_asks_for_githubs_own_program() -> None:
    every = [
        "gh secret set A",
        "gh auth login --scopes repo,workflow",
        "gh auth setup-git",
        "gh pr create",
        "gh run view 3 --repo a/b",
        "gh release view v1 --repo a/b",
        "gh something new",
        "aws sso login",
        "aws sts get-caller-identity",
    ]
    for finding in shown([a_finding(*every), *map(a_finding, every)], DESK):
        assert finding.remedy
        assert not [
            command for command in finding.remedy.commands if "gh " in command or command.startswith("aws ")
        ]
        assert finding.remedy.live


def test_where_only_a_person_can_write_the_remedy_its_command_opens_the_places() -> None:
    places = (
        Evidence(file="ci.yml", line=37),
        Evidence(file="ci.yml", line=40),
        Evidence(file="a b.yml"),
        Evidence(source="aws", excerpt="none"),
    )
    remedy = remedy_at(OWN, replace(a_finding(), evidence=places))
    assert remedy.commands == ('"${EDITOR:-vi}" +37 /r/ci.yml', "\"${EDITOR:-vi}\" '/r/a b.yml'")
    here = remedy_at(replace(OWN, cwd=OWN.directory), replace(a_finding(), evidence=places[:1]))
    assert here.commands == ('"${EDITOR:-vi}" +37 ci.yml',)
    seen = remedy_at(OWN, replace(a_finding("cargo metadata --no-deps"), evidence=places[:1]))
    assert seen.commands == ('"${EDITOR:-vi}" +37 /r/ci.yml', "(cd /r && cargo metadata --no-deps)")
    known = remedy_at(OWN, replace(a_finding("cargo fmt --all"), evidence=places))
    assert known.commands == ("(cd /r && cargo fmt --all)",)


def test_a_check_can_be_asked_again_alone_and_a_step_cannot() -> None:
    desk = replace(OWN, checks=frozenset({"c"}))
    assert remedy_at(desk, a_finding(check="c")).again == (".venv/bin/python -m flows.preflight /r --only c")
    assert remedy_at(replace(desk, world=WorldKind.OFFLINE), a_finding(check="c")).again == (
        ".venv/bin/python -m flows.preflight /r --offline --only c"
    )
    assert remedy_at(desk, a_finding(check="run-seen")).again is None


def test_a_secret_whose_value_a_command_shows_is_typed_and_not_random() -> None:
    show = "aws iam list-roles --query 'Roles[].Arn' --output text"
    remedy = remedy_at(DESK, a_finding(show, "gh secret set ROLE --repo acme/moon"))
    assert remedy.commands == (f"{WORLD} aws {show[4:]}", f"{WORLD} secret ROLE --repository acme/moon")


def test_an_activation_that_comes_before_is_of_the_same_repository_and_world() -> None:
    wanted = "python -m flows.activate --until provisioning"
    python = ".venv/bin/python -m flows.activate"
    assert remedy_at(DESK, a_finding(wanted)).commands == (f"{python} --until provisioning",)
    assert remedy_at(OWN, a_finding(wanted)).commands == (f"{python} /r --until provisioning",)
    live = replace(OWN, world=WorldKind.LIVE)
    assert remedy_at(live, a_finding(wanted)).commands == (f"{python} /r --live --until provisioning",)
    stuck = replace(DESK, scenario="broken-build")
    assert remedy_at(stuck, a_finding(wanted)).commands == (
        f"{python} --scenario broken-build --until provisioning",
    )


def test_a_secret_is_typed_after_the_account_was_asked_for() -> None:
    show = "aws sts get-caller-identity --query Account --output text"
    remedy = remedy_at(DESK, a_finding(show, "gh secret set ROLE --repo acme/moon"))
    assert remedy.commands == (f"{WORLD} aws {show[4:]}", f"{WORLD} secret ROLE --repository acme/moon")
