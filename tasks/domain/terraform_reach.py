"""Which of a repository's Terraform the workflows really run."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace

from tasks.domain.crate import is_fixture
from tasks.domain.document import Documents
from tasks.domain.fact import Snapshot
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_run import terraform_runs

_ON_NO_MODULE = frozenset({"version", "fmt"})
_EXAMPLES = frozenset({"example", "examples", "demo", "demos", "sample", "samples", "tutorial", "tutorials"})
_OVERLAYS = frozenset({"overlay", "overlays"})  # parts of what something else puts together
_TESTS = re.compile(
    r"(?:^|/)(?:[\w.-]*[-_])?(?:tests|fixtures?|testdata)(?:[-_][\w.-]*)?(?:/|$)", re.IGNORECASE
)
_FIXTURES = frozenset({"fixture", "fixtures", "testdata"})
_OF_STATE = frozenset({"plan", "apply", "destroy", "import", "refresh"})


def reached(scripts: Scripts, terraform: Terraform) -> frozenset[str] | None:
    """Return the directories whose files a workflow plans or applies, those of called modules included.

    None when no workflow does so, or when it is not certain where one does.
    """
    runs = [
        one
        for one in terraform_runs(scripts, terraform)
        if one.action in _OF_STATE and one.script.workflow is not None
    ]
    left = [one.directory for one in runs if one.directory is not None]
    if not left or len(left) < len(runs):
        return None
    return _with_called(terraform, left)


def without_test_data(terraform: Terraform, scripts: Scripts) -> Terraform:
    """Leave out the modules among the data of tests and documents, where no script runs terraform on them.

    They may be broken on purpose: files that a highlighter colours, a formatter writes or a parser refuses,
    or two versions of one file that a document shows side by side.
    Where it is not certain where terraform is run, those of tests are kept unless they are fixtures, and
    always what others call.
    """
    shown = {one for one in terraform.modules if {"doc", "docs"} & set(one.split("/"))}
    data = {one for one in terraform.modules if is_test_data(one)} | shown
    runs = [one for one in terraform_runs(scripts, terraform) if one.action not in _ON_NO_MODULE]
    if any(one.directory is None for one in runs):
        # The documents' own are run by those who read them, and fixtures at most by a test.
        data = shown | {one for one in data if not _FIXTURES.isdisjoint(one.lower().split("/"))}
    if not data:
        return terraform
    left = [one.directory for one in runs if one.directory is not None]
    left += [one.directory for one in terraform if one.directory not in data]
    used = _with_called(terraform, left)
    kept = {place: module for place, module in terraform.modules.items() if place not in data - used}
    return replace(terraform, modules=kept)


def is_example(directory: str) -> bool:
    """Tell whether a directory shows people how something is done."""
    return not _EXAMPLES.isdisjoint(directory.lower().split("/"))


def is_test_data(directory: str) -> bool:
    """Tell whether Terraform lies among what tests read or templates, as in `integration-tests/x`."""
    return is_fixture(directory) or _TESTS.search(directory) is not None


def _with_called(terraform: Terraform, directories: list[str]) -> frozenset[str]:
    left, found = list(directories), set[str]()
    while left:
        directory = left.pop()
        if directory in found:
            continue
        found.add(directory)
        module = terraform.modules.get(directory)
        left += list(terraform.calls(module)) if module is not None else []
    return frozenset(found)


def weighed(finding: Finding, snapshot: Snapshot) -> Finding:
    """Make less of a blocker that lies in Terraform which no workflow runs while others are run.

    Where a script or a document does run it there, it is a warning, else a note. Examples, overlays and data
    of tests are notes wherever no workflow is known to run them.
    """
    if finding.weight is not Weight.BLOCKER or finding.phase is not Phase.PROVISIONING:
        return finding
    files = {one.file for one in finding.evidence if one.file is not None}
    if finding.verdict is not Verdict.BROKEN or not files or not all(_is_terraform(one) for one in files):
        return finding
    scripts, terraform = snapshot.get(Scripts), snapshot.get(Terraform)
    if not isinstance(scripts, Scripts) or not isinstance(terraform, Terraform):
        return finding
    run = reached(scripts, terraform)
    # The first place is where the fault is; others may be what it is compared with.
    first = next(one.file for one in finding.evidence if one.file is not None)
    directory = posixpath.dirname(first)
    if run is not None and directory in run:
        return finding
    if is_test_data(directory):
        return _note(finding, "it may be data of tests")
    if run is None and (is_example(directory) or not _OVERLAYS.isdisjoint(directory.lower().split("/"))):
        return _note(finding, "it is an example or a part, which no workflow runs")
    if run is None:
        return finding
    if _by_hand(directory, snapshot, scripts, terraform):
        told = f"{finding.message}; no workflow runs Terraform there"
        return replace(finding, weight=Weight.WARNING, message=told)
    return _note(finding, "nothing of the repository runs Terraform there")


def _note(finding: Finding, why: str) -> Finding:
    return replace(finding, weight=Weight.NOTE, message=f"{finding.message}; {why}")


def _by_hand(directory: str, snapshot: Snapshot, scripts: Scripts, terraform: Terraform) -> bool:
    """Tell whether a script may plan or apply the directory, or a document tells people to do so."""
    runs = [one.directory for one in terraform_runs(scripts, terraform) if one.action in _OF_STATE]
    if None in runs or directory in _with_called(terraform, [one for one in runs if one is not None]):
        return True
    documents = snapshot.get(Documents)
    told = (
        followed(documents, "terraform ", "tofu ") if isinstance(documents, Documents) and directory else ()
    )
    return any(directory in one.source.text for one in told)


def _is_terraform(path: str) -> bool:
    return path.endswith((".tf", ".tfvars", ".tf.json", ".tfvars.json"))
