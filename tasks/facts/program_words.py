"""Looks in the repository's programs for what completes Terraform's backends and passes its variables.

Only where a backend lacks something, or a variable is read by nothing, is any source read for this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.evidence import Evidence
from tasks.domain.program_words import COMPLETES, ProgramWords
from tasks.domain.source import Sources, source
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_unread import unread
from tasks.domain.terraform_values import callers
from tasks.facts.tree import Files

LARGEST = 16 * 1024 * 1024
"""Bytes of programs that are read for a backend; above it nothing is."""
MOST_FOR_NAMES = 4 * 1024 * 1024
"""The same for variables alone, where only a remedy hangs on it."""

_PROGRAMS = (".rs", ".py", ".go", ".ts", ".js", ".mjs", ".cjs", ".rb", ".java", ".kt", ".cs", ".php", ".nu")
_OF_TESTS = re.compile(r"(?:^|[/_.-])(?:tests?|spec|benches|examples?|fixtures?)(?:[/_.-]|$)")
_PASSES = (b'-var"', b"-var'", b"-var=", b"-var ", b"TF_VAR_")
"""How a program passes variables: the names may stand in another of its files."""


def read_program_words(files: Files, terraform: Terraform, sources: Sources) -> ProgramWords:
    """Search the programs for the words that are needed; without any no file is read."""
    wanted = list(_wanted(terraform, sources))
    if not wanted:
        return ProgramWords()
    entries = [one for one in files.tree if one.path.endswith(_PROGRAMS) and not _OF_TESTS.search(one.path)]
    if sum(one.size or 0 for one in entries) > (LARGEST if COMPLETES[0] in wanted else MOST_FOR_NAMES):
        return ProgramWords(complete=False)
    contents = files.read([one.path for one in entries])
    if not any(said in content for content in contents.values() for said in _PASSES):
        wanted = [word for word in wanted if word in COMPLETES]
    patterns = {word: _pattern(word) for word in wanted}
    found: dict[str, list[Evidence]] = {}
    for path, content in contents.items():
        for word in [one for one in wanted if one.encode() in content]:
            text = source(path, content)
            numbers = (n for n, line in enumerate(text.lines, 1) if patterns[word].search(line))
            found.setdefault(word, []).extend(text.at(number) for number in numbers)
    return ProgramWords(places={word: tuple(places) for word, places in found.items() if places})


def _pattern(word: str) -> re.Pattern[str]:
    """Return how a program says a word; a variable as a text of its own, or as what begins one.

    Such are "name", "name=1" and "-var=name=1". What completes a backend counts wherever it stands.
    """
    if word in COMPLETES:
        return re.compile(re.escape(word))
    return re.compile(rf"[\"'`](?:-?-var[= ])?{re.escape(word)}[\"'`=]")


def _wanted(terraform: Terraform, sources: Sources) -> Iterator[str]:
    for module in terraform:
        backend = module.backend
        if (
            backend is not None
            and backend.labels == ("s3",)
            and not {"bucket", "key"} <= {*backend.attributes}
        ):
            yield from COMPLETES
            break
    roots = [one for one in terraform if one.variables and not any(callers(terraform, one))]
    names = {one.name for module in roots for one in unread(module, sources)}
    # A name of one word may stand for anything in a program.
    yield from sorted(name for name in names if "_" in name)
