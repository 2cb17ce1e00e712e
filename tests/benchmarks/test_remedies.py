"""What every finding of a broken sample shows: the file's own line, and for a blocker something to type."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from flows.rehearsed import Desk, remedy_at
from tasks.domain.credential import masked
from tasks.domain.finding import Finding
from tasks.domain.settings import WorldKind
from tasks.domain.source import LONGEST_EXCERPT
from tests.benchmarks.benchmark import checks, findings, mutations, spread
from tests.benchmarks.mutation import Sample, sample

PARTS = 6
NUMBER = 40  # breakages in each part
TRIED = 25  # commands that are typed
DESK = Desk(
    world=WorldKind.OFFLINE,
    python="python",
    cwd=Path("/here"),
    directory=Path("/here"),
    repository="acme/moonphase",
)


def test_a_place_whose_excerpt_is_a_sentence_of_our_own_is_noticed() -> None:
    whole = sample()
    found = _found(whole, 0)
    assert any(place.excerpt for _, finding in found for place in finding.evidence)
    assert _is_line("a b", "it says a b") is False
    assert _is_line("role arn:aws:iam::...4299:role/x", "  role arn:aws:iam::111122224299:role/x") is True


@pytest.mark.parametrize("part", range(PARTS))
def test_every_excerpt_is_the_line_of_the_file_and_every_blocker_has_a_command(part: int) -> None:
    for broken, finding in _found(sample(), part):
        told = f"{finding.check}: {finding.message}"
        for place in finding.evidence:
            if place.source == "file" and place.line is not None:
                lines = broken.files[str(place.file)].split("\n")
                assert 0 < place.line <= len(lines), told
                assert _is_line(place.excerpt, lines[place.line - 1]), (told, place)
        if finding.blocks:
            assert finding.remedy is not None, told
            assert remedy_at(DESK, finding).commands, told


def _found(whole: Sample, part: int) -> list[tuple[Sample, Finding]]:
    every = checks()
    chosen = spread(mutations(whole), PARTS * NUMBER)[part::PARTS]
    each = [one.broken(whole) for one in chosen]
    return [(one, finding) for one in each for finding in findings(one, every) if finding.check != "settings"]


def _is_line(excerpt: str | None, line: str) -> bool:
    """Tell whether an excerpt is a line, or one of which a secret or an account's number was taken out."""
    whole = line.strip()[:LONGEST_EXCERPT]
    if excerpt in (whole, masked(whole)):
        return True
    parts = (excerpt or "").replace("***", "...").split("...")
    return len(parts) > 1 and all(part in whole for part in parts)


@pytest.mark.processes
def test_what_an_edit_is_known_for_is_gone_once_the_command_was_typed_and_nothing_new_is_broken(
    tmp_path: Path,
) -> None:
    every, tried = checks(), 0
    for broken, finding in (one for part in range(PARTS) for one in _found(sample(), part)):
        typed = finding.remedy.commands if finding.remedy is not None and finding.remedy.in_place else ()
        if not typed or tried == TRIED:
            continue
        tried += 1
        files = dict(broken.files)
        for path in {str(place.file) for place in finding.evidence}:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(files[path])
        for command in typed:
            subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
        files |= {str(one.file): (tmp_path / str(one.file)).read_text() for one in finding.evidence}
        known = {one.key for one in findings(broken, every)}
        after = {one.key for one in findings(replace(broken, files=files), every)}
        assert finding.key not in after, (finding.message, typed)
        assert after <= known, (finding.message, typed, after - known)
    assert tried == TRIED
