"""How many tests a document says there are, of the workspace or of one package.

Only what a living document says of today is a claim: what was added, what is planned, what a session
ended with and what a dated report found are left out.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tasks.domain.crate import Manifests, Package
from tasks.domain.document import Document

_COUNT = re.compile(
    r"(?P<about>~|≈|\babout |\baround |\bapprox\w*\.? |\broughly |\bsome |\bnearly |\balmost )?"
    r"(?P<least>>=? ?|≥ ?|\bover |\bmore than |\bat least )?"
    r"(?<![\w./-])(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?P<plus>\+)?"
    r" (?P<kind>(?:(?:unit|passing|automated|total|Rust) ){0,2})tests\b(?!-)",
    re.IGNORECASE,
)
_BADGE = re.compile(
    r"img\.shields\.io/badge/tests-(?P<number>\d+)(?P<plus>%2B|\+)?(?:%20| |_)passing", re.IGNORECASE
)
_NOT_TODAY = re.compile(
    r"\b(?:add\w*|new|grew|grow\w*|was|were|had|previous\w*|before|after|initial\w*|from|until|since|history|"
    r"goal|target\w*|expect\w*|plan\w*|will|should|would|aim|roadmap|session|phase|block|sprint|milestone|"
    r"week|day|commit|as of|fail\w*|skip\w*|ignor\w*|flaky|per|every|example|e\.g|if|up to|first|another|"
    r"each|more|module|removed?|wrote|written|creat\w+|implement\w+|min|minutes?|sample|subset|suite|category|complet\w+|report|"
    r"change-?log|release notes?|baseline|status|\d{4}-\d{2})\b|→|->|\d ?/ ?\d|\bv\d|✅",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"^\W*(?:date|created|generated|as of|report\w*|audit\w*|status|period)\b[^:]{0,20}:", re.IGNORECASE
)
_EVERYWHERE = re.compile(
    r"\b(?:across|in) (?:all (?:of the )?(?:crates|packages|members)|"
    r"the (?:entire |whole )?(?:workspace|codebase)|entire workspace)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"\ball [~\d,+]+ (?:\w+ ){0,2}tests\b|\btests (?:pass|are passing)|^\W*total\b", re.IGNORECASE
)
_CALLED = re.compile(r"`cargo (?:test|nextest run)(?: (?:--workspace|--all|--locked|--release))*`")
_HAS = re.compile(
    r"\b(?:workspace|repository|project) has (?:about |over |~)?[\d,]+ (?:\w+ )?tests\b", re.IGNORECASE
)
_IN_ROW = re.compile(
    r"^\s*\|\s*(?:total |all )?tests(?: in total)?\s*\|\s*(?P<number>\d[\d,]*)(?P<plus>\+)?\s*\|\s*$",
    re.IGNORECASE,
)
_COVERED = re.compile(
    r"\b(?:covered|backed|tested|verified) by (?:about |over |~)?[\d,]+\+? (?:\w+ ){0,2}tests\b|"
    r"\btest suite (?:has|contains|of|with|consists of|includes) "
    r"(?:about |over |~)?[\d,]+\+? (?:\w+ ){0,2}tests\b",
    re.IGNORECASE,
)
_SUITE = re.compile(
    r"\b(?:the|our|whole|full|entire) suite (?:has|contains|consists of|includes) "
    r"(?:about |over |~)?[\d,]+\+? (?:\w+ )?tests\b",
    re.IGNORECASE,
)
"""Of the whole only in a document at the root: deeper ones have suites of their own."""
_MUST = re.compile(
    r"\ball (?:about |over |~)?[\d,]+\+? (?:\w+ )?tests (?:must|should|have to|need to) (?:pass|be green)\b"
    r"(?: (?:before|after) [^.;]*)?",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"\byou (?:should|will|'ll) see (?:all )?[\d,]+ tests (?:pass|passing|passed)\b", re.IGNORECASE
)
_CALL = re.compile(
    r"^\s*(?:\$ )?cargo (?:test|nextest run)(?: (?:--workspace|--all|--locked|--release))*\s*$"
)
_NEAR = 5  # lines from what one should see to the call that shows it
_STATUS = re.compile(r"^\W*(?:(?:project|current|build|test) )?status\W*$", re.IGNORECASE)
_ALONE = re.compile(
    r"^(?! {2}|\t) ?(?:[-*+] +|> *)?(?:\[x\] +)?[^\w~≈>≥]*"
    r"(?:(?:(?:total|number of|rust) )?(?P<label>(?:unit |integration )?tests?(?: count)?(?: total)?)"
    r"\W{0,3}[:\u2013\u2014]\W{0,4}?)?"
    r"(?P<about>~|≈|about |around |approx\w*\.? |roughly |nearly |almost )?"
    r"(?P<least>>=? ?|≥ ?|over |more than |at least )?"
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?P<plus>\+)?"
    r"(?: (?P<kind>(?:(?:unit|integration|passing|automated|total|rust|green) ){0,2}tests\b))?"
    r"(?:,? *(?:all |and )?(?P<state>passing|passed|pass|green|in total|total))*\W*$",
    re.IGNORECASE,
)
"""A line that says nothing but a number of tests: `- **250 unit tests**`, `Tests: 250+`, `250 passing`."""
_PART = re.compile(r"\b(?:unit|integration)\b", re.IGNORECASE)
_OF_ALL = re.compile(
    r"\b(?:test\w*|quality|features?|highlights?|stat(?:s|istics)|metrics|numbers|facts|development|developing|"
    r"overview|about|why|how|building|contributing|project|ci|verification|live|usage|getting started)\b",
    re.IGNORECASE,
)
"""What headings speak of under which such a line is about the whole project, not about a part of it."""
_PEOPLES = re.compile(r"(?:readme|contributing|development|developing|testing|tests)\.\w+", re.IGNORECASE)
_HEADING = re.compile(r"^ {0,3}(?P<depth>#{1,6}) +(?P<text>.+)$")
STATING = (" tests", "badge/tests-", "|tests", "Tests", "tests:", "tests**", " passing", " passed")
"""Of which one stands in every document that states a number."""
_WORDS = ("tests", "Tests", "Test", "TEST", "test:", "passing", "passed", "Passing", "Passed")
HEAD = 15  # lines of a document in which a report says of which day it is


@dataclass(frozen=True, kw_only=True)
class StatedTests:
    """One number of tests that a document states; ``package`` is None for the whole workspace.

    ``least`` tells that it says "at least", ``about`` that it rounds, ``part`` that it leaves out tests of
    another kind, and ``alone`` that it says nothing of the language they are written in.
    """

    document: Document = field(repr=False)
    line: int
    number: int
    package: str | None = None
    least: bool = False
    about: bool = False
    part: bool = False
    alone: bool = False


def stated_tests(document: Document, manifests: Manifests) -> Iterator[StatedTests]:
    """Go through what a document says of today's tests, where it is certain which ones are meant."""
    text = document.source.text
    if not any(word in text for word in STATING):
        return
    if any(_DATED.match(line) for line in document.source.lines[:HEAD]):
        return
    headings: dict[int, str] = {}
    alone: list[StatedTests] = []
    for number, line in document.prose:
        if line.lstrip().startswith("#") and (found := _HEADING.match(line)):
            headings = {depth: one for depth, one in headings.items() if depth < len(found["depth"])}
            headings[len(found["depth"])] = found["text"]
            continue
        if not any(word in line for word in _WORDS):
            continue
        if stated := _alone(document, manifests, number, line, headings):
            alone.append(stated)
            continue
        counts = [*_COUNT.finditer(line), *_BADGE.finditer(line), *_IN_ROW.finditer(line)]
        rest = line
        for sentence in (_COVERED, _SUITE, _MUST, _SEEN, _COUNT):
            rest = sentence.sub(" ", rest)
        if len(counts) != 1 or _NOT_TODAY.search(rest):
            continue
        if any(_NOT_TODAY.search(one) for one in headings.values()):
            continue
        yield from _claim(document, manifests, number, line, counts[0])
    # Numbers one beside the other are those of parts that only the text around them names.
    if len({one.number for one in alone if not one.part}) < 2 and len({one.part for one in alone}) < 2:
        yield from alone


def _alone(
    document: Document, manifests: Manifests, number: int, line: str, headings: dict[int, str]
) -> StatedTests | None:
    """Return the number that a line states alone, where it is that of the whole or of its package."""
    if not _PEOPLES.fullmatch(posixpath.basename(document.path)) or not any(map(str.isdigit, line)):
        return None
    found = _ALONE.match(line)
    if found is None or not (found["label"] or found["kind"] or found["state"]):
        return None
    deeper = [text for depth, text in headings.items() if depth > 1]
    if any(not _STATUS.match(one) and (_NOT_TODAY.search(one) or not _OF_ALL.search(one)) for one in deeper):
        return None
    said = found["label"] or found["kind"] or ""
    if not said and not any("test" in one.lower() for one in deeper):
        return None  # 250 passing what?
    here = _around(document.path, manifests)
    whole = here is None or (here.directory == "" and len(manifests.packages) > 1)
    if whole and "/" in document.path:
        return None
    return StatedTests(
        document=document,
        line=number,
        number=int(found["number"].replace(",", "")),
        package=None if whole or here is None else here.name,
        least=bool(found["plus"] or found["least"]),
        about=bool(found["about"]),
        part=_PART.search(said) is not None,
        alone=True,
    )


def _claim(
    document: Document, manifests: Manifests, number: int, line: str, count: re.Match[str]
) -> Iterator[StatedTests]:
    groups = count.groupdict()
    made = StatedTests(
        document=document,
        line=number,
        number=int(count["number"].replace(",", "")),
        least=bool(groups["plus"] or groups.get("least")),
        about=bool(groups.get("about")),
    )
    named = [one for one in manifests if _names(line, one)]
    if len(named) == 1:
        yield replace(made, package=named[0].name)
        return
    here = _around(document.path, manifests)
    whole = "about" not in groups or _WHOLE.search(line) is not None
    everywhere = any(one.search(line) is not None for one in (_EVERYWHERE, _CALLED, _HAS, _COVERED))
    everywhere = everywhere or ("/" not in document.path and _SUITE.search(line) is not None)
    if not everywhere and _SEEN.search(line):
        near = document.source.lines[max(0, number - 1 - _NEAR) : number + _NEAR]
        everywhere = any(_CALL.match(one) for one in near)
    if named or not (whole or everywhere):
        return
    if here is None or (here.directory == "" and len(manifests.packages) > 1):
        # Deeper documents speak of the tests of their subject when they say "all" or "total".
        if everywhere or "/" not in document.path:
            yield made
    elif not everywhere:
        yield replace(made, package=here.name)


def _names(line: str, package: Package) -> bool:
    """Tell whether a line names a package: a word of everyday language only counts as code."""
    name = re.escape(package.name)
    spelled = rf"(?<![\w/-]){name}(?![\w/-])" if re.search(r"[-_]", package.name) else f"`{name}`"
    return re.search(spelled, line) is not None


def _around(path: str, manifests: Manifests) -> Package | None:
    """Return the package in whose directory a document lies, the innermost one."""
    above = posixpath.dirname(path)
    while True:
        found = manifests.at(above)
        if found is not None or not above:
            return found
        above = posixpath.dirname(above)
