"""The classic ways to be stuck, each prepared in a world of its own, and what a person does about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SCOPES = ("repo", "workflow", "read:org")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One text of a file replaced by another; an empty ``before`` makes a new file."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Commit:
    """What is committed in the clone."""

    message: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What a person does so that the next run goes on; ``does`` says it in one sentence."""

    does: str
    commit: Commit | None = None
    scopes: tuple[str, ...] | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One way to be stuck: how its world differs from the plain rehearsal, and the remedy."""

    name: str
    story: str
    remedy: Remedy
    commit: Commit | None = None
    scopes: tuple[str, ...] = SCOPES
    daily_costs: tuple[
        tuple[str, str], ...
    ] = ()  # service and US dollars, for each day of the last fortnight

    @property
    def command(self) -> str:
        """What to type for the remedy."""
        return f"python -m deployments.embedded remedy {self.name}"


_SIGN = '''\
"""Adds an HMAC-SHA256 of a file, keyed with SIGNING_KEY, beside it."""

import hashlib
import hmac
import os
import sys
from pathlib import Path

key = os.environ.get("SIGNING_KEY", "")
if not key:
    sys.exit("::error::SIGNING_KEY is empty: the secret is not set in this repository")
file = Path(sys.argv[1])
signature = hmac.new(key.encode(), file.read_bytes(), hashlib.sha256).hexdigest()
file.with_name(file.name + ".hmac").write_text(f"{signature}  {file.name}\\n")
'''

_PACKAGE_STEP = """\
        run: deploy/package.sh "$GITHUB_REF_NAME"
"""
_SIGN_STEP = (
    _PACKAGE_STEP
    + """\
      - name: Sign the sums
        run: python3 deploy/sign.py dist/SHA256SUMS
        env:
          SIGNING_KEY: ${{ secrets.SIGNING_KEY }}
"""
)
_RELEASE_ASSETS = '    "SHA256SUMS",\n]\n'
_SIGNED_ASSETS = '    "SHA256SUMS",\n    "SHA256SUMS.hmac",\n]\n'
_BUCKET_ENTRY = '[secrets.ARTIFACT_BUCKET]\nsource = "artifact-bucket"\n'
_KEY_ENTRY = _BUCKET_ENTRY + '\n[secrets.SIGNING_KEY]\nsource = "env:SIGNING_KEY"\n'

_LISTEN = 'export MOOND_LISTEN="127.0.0.1:$port"\n'
_NAMES = _LISTEN + 'export MOOND_NAMES="$root/current/names.de.txt"\n'
_LOCKED = 'name = "{crate}"\nversion = "0.1.0"\n'
_NEXT_VERSION = (
    Edit(file="Cargo.toml", before='version = "0.1.0"', after='version = "0.1.1"'),
    *(
        Edit(
            file="Cargo.lock",
            before=_LOCKED.format(crate=crate),
            after=_LOCKED.format(crate=crate).replace("0.1.0", "0.1.1"),
        )
        for crate in ("moon", "moond", "moonphase")
    ),
)

_TOKEN = Scenario(
    name="token-without-workflow-scope",
    story="The token may push code, but not the workflow files that are about to be pushed.",
    scopes=tuple(scope for scope in SCOPES if scope != "workflow"),
    remedy=Remedy(does="gives the token the scope `workflow`", scopes=SCOPES),
)
_BUILD = Scenario(
    name="broken-build",
    story="The last commit does not compile.",
    commit=Commit(
        message="Bound the answer that the health check reads",
        edits=(
            Edit(
                file="crates/moond/src/check.rs",
                before="const ANSWER_LIMIT: u64 = 64 * 1024;",
                after='const ANSWER_LIMIT: u64 = "64 KiB";',
            ),
        ),
    ),
    remedy=Remedy(
        does="commits the limit as a number",
        commit=Commit(
            message="Write the limit as a number",
            edits=(
                Edit(
                    file="crates/moond/src/check.rs",
                    before='const ANSWER_LIMIT: u64 = "64 KiB";',
                    after="const ANSWER_LIMIT: u64 = 64 * 1024;",
                ),
            ),
        ),
    ),
)
_TESTS = Scenario(
    name="red-tests",
    story="It builds, but the last commit moved the moon by ten days.",
    commit=Commit(
        message="Take the new moon from another table",
        edits=(
            Edit(
                file="crates/moonphase/src/phase.rs",
                before="2_451_550.259_722;",
                after="2_451_540.259_722;",
            ),
        ),
    ),
    remedy=Remedy(
        does="commits the right new moon again",
        commit=Commit(
            message="Mend the new moon that the count begins with",
            edits=(
                Edit(
                    file="crates/moonphase/src/phase.rs",
                    before="2_451_540.259_722;",
                    after="2_451_550.259_722;",
                ),
            ),
        ),
    ),
)
_SECRET = Scenario(
    name="missing-secret",
    story="The release is signed with a key that nobody has put into the repository's secrets.",
    commit=Commit(
        message="Sign the sums of a release",
        edits=(
            Edit(file="deploy/sign.py", before="", after=_SIGN),
            Edit(file=".github/workflows/release.yml", before=_PACKAGE_STEP, after=_SIGN_STEP),
            Edit(file="activation.toml", before=_RELEASE_ASSETS, after=_SIGNED_ASSETS),
            Edit(file="activation.toml", before=_BUCKET_ENTRY, after=_KEY_ENTRY),
        ),
    ),
    remedy=Remedy(
        does="sets the repository secret SIGNING_KEY to a new random key", secrets=("SIGNING_KEY",)
    ),
)
_BUDGET = Scenario(
    name="over-budget",
    story="The account already costs more a day than the budget allows.",
    daily_costs=(
        ("Amazon Elastic Compute Cloud - Compute", "121.40"),
        ("Amazon Simple Storage Service", "6.35"),
    ),
    remedy=Remedy(
        does="commits version 0.1.1 with a daily budget that covers what runs in the account",
        commit=Commit(
            # 0.1.0 was released while the budget held the deployment back; a released version never changes.
            message="Version 0.1.1: raise the daily budget to what was agreed",
            edits=(
                Edit(file="activation.toml", before="daily_usd = 20\n", after="daily_usd = 200\n"),
                *_NEXT_VERSION,
            ),
        ),
    ),
)
_UNHEALTHY = Scenario(
    name="unhealthy-release",
    story="Everything is green, but where it is deployed the service lacks a file that no release carries.",
    commit=Commit(
        message="Speak German on the nodes",
        edits=(Edit(file="deploy/install.sh", before=_LISTEN, after=_NAMES),),
    ),
    remedy=Remedy(
        does="commits version 0.1.1, which does not ask for the file",
        commit=Commit(
            message="Version 0.1.1: speak English again until the names are part of a release",
            edits=(
                Edit(file="deploy/install.sh", before=_NAMES, after=_LISTEN),
                *_NEXT_VERSION,
            ),
        ),
    ),
)

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario for scenario in (_TOKEN, _BUILD, _SECRET, _BUDGET, _TESTS, _UNHEALTHY)
}
