"""The repositories that the held-out set breaks: the bundled sample and three more, each of another make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.benchmarks.mutation import OnGitHub, Sample, read, sample

_HOSTS = Path(__file__).parent / "hosts"
_BOTH: dict[str, frozenset[str]] = {"staging": frozenset(), "production": frozenset()}


def hosts() -> tuple[Sample, ...]:
    """Read them, with what is set on GitHub for each."""
    return (
        replace(
            sample(),
            github=OnGitHub(secrets=frozenset({"AWS_ROLE_TO_ASSUME", "ARTIFACT_BUCKET"}), environments=_BOTH),
        ),
        _read(
            "kite",
            "lofty/kite",
            OnGitHub(
                secrets=frozenset({"PAGER_URL"}),
                variables=frozenset({"AWS_ACCOUNT_ID", "SERVICE_HOST"}),
                environments=_BOTH,
            ),
        ),
        _read(
            "reel",
            "spool/reel",
            OnGitHub(
                secrets=frozenset({"CODECOV_TOKEN"}),
                environments={
                    "crates-io": frozenset({"CARGO_REGISTRY_TOKEN"}),
                    "github-pages": frozenset(),
                },
            ),
        ),
        _read(
            "tally",
            "abacus/tally",
            OnGitHub(
                secrets=frozenset({"DEPLOY_ROLE"}),
                variables=frozenset({"AWS_REGION"}),
                environments={"live": frozenset()},
            ),
            branch="trunk",
        ),
    )


def _read(name: str, slug: str, github: OnGitHub, branch: str = "main") -> Sample:
    return replace(read(_HOSTS / name, name, slug, branch), github=github)
