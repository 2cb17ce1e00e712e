"""Each renderer says what the report says, escapes what comes from outside, and invents nothing."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from tasks.domain.critical_path import in_order
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.report import Deployment, Metric, Report
from tasks.domain.step import PhaseResult, StepResult, StepState
from tasks.reports import html_report, json_report, markdown, terminal
from tasks.reports.summary import Standing, duration, figure, printable, standing, summarize
from tests.reports.examples import ALL, BLOCKED, EMPTY, FINDINGS, LIVE, PREFLIGHT, WAITING, finding

ANSI = re.compile(r"\x1b(\[[0-9;]*m|\]8;[^\x1b]*\x1b\\)")
NASTY = '<script>alert("x")</script>`` ``` | [a](javascript:alert(1)) \x1b[31m{{ 7 * 7 }}'


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize("report", ALL.values(), ids=list(ALL))
def test_painted_text_says_letter_for_letter_what_plain_text_says(report: Report) -> None:
    painted = terminal.render(report, colour=True)
    assert [line.rstrip() for line in ANSI.sub("", painted).splitlines()] == terminal.render(
        report
    ).splitlines()


def test_the_bottom_line_comes_first() -> None:
    assert terminal.render(LIVE).startswith("acme/moonphase is live\n")
    assert terminal.render(BLOCKED).startswith("acme/moonphase is not live yet: 3 things to put right\n")
    assert WAITING.plan
    assert terminal.render(WAITING).startswith(
        f"acme/moonphase waits for approval of plan {WAITING.plan.digest}\n"
    )
    assert terminal.render(PREFLIGHT).startswith("acme/moonphase: 3 things block the way to live\n")
    assert terminal.render(EMPTY).startswith("a/b: nothing blocks the way to live\n")


def test_the_screen_names_what_is_live_where_and_what_to_type_next() -> None:
    text = terminal.render(LIVE)
    for said in (
        "http://127.0.0.1:42001",
        "http://127.0.0.1:42002",
        "v0.1.0",
        "journal.jsonl",
        "report.html",
    ):
        assert said in text
    assert "\n  python -m flows.deactivate\n" in text


def test_a_blocker_shows_place_proof_remedy_owner_and_minutes() -> None:
    text = terminal.render(BLOCKED)
    assert ".github/workflows/release.yml:46" in text
    assert "| SIGNING_KEY: ${{ secrets.SIGNING_KEY }}" in text
    assert "github-admin, 5 min; blocks release" in text


def test_what_the_report_knows_of_a_place_counts_more_than_what_the_step_knew_before() -> None:
    seen, met = (finding(evidence=(Evidence(file="a.yml", line=1, committed=one),)) for one in (True, None))
    phase = PhaseResult(
        phase=Phase.PREFLIGHT,
        state=StepState.BLOCKED,
        steps=(StepResult(step="x", phase=Phase.PREFLIGHT, state=StepState.BLOCKED, findings=(met,)),),
    )
    (told,) = summarize(replace(EMPTY, findings=(seen,), phases=(phase,))).findings
    assert told.evidence[0].committed is True


def test_a_message_that_is_too_long_for_two_lines_ends_in_dots() -> None:
    for words, cut in ((5, False), (50, True)):
        note = finding(weight=Weight.NOTE, message="a note " + "of many words " * words)
        text = terminal.render(replace(EMPTY, findings=(note,)))
        assert (" ...\n" in text) is cut


@pytest.mark.parametrize("width", [20, 40, 80, 300])
def test_a_command_is_never_wrapped_and_nothing_but_blanks_stands_around_it(width: int) -> None:
    command = (
        "gh api --method PUT repos/acme/moonphase/actions/permissions " + "-f key=value " * 20 + "-f last=1"
    )
    report = replace(
        EMPTY, exit=3, findings=(finding(remedy=Remedy(summary="Allow it", commands=(command,))),)
    )
    assert command in [line.strip() for line in terminal.render(report, width=width).splitlines()]
    assert command in [
        line.strip() for line in ANSI.sub("", terminal.render(report, width=width, colour=True)).splitlines()
    ]


def test_prose_keeps_to_the_width() -> None:
    long = finding(message="word " * 100, remedy=Remedy(summary="thing " * 40), evidence=())
    lines = terminal.render(replace(EMPTY, exit=3, findings=(long,)), width=60).splitlines()
    assert max(len(line) for line in lines if "word" in line or "thing" in line) <= 60


def test_control_characters_from_outside_do_not_reach_the_terminal() -> None:
    evil = finding(message="a\x1b[2Jb", evidence=(Evidence(file="f\x1b]0;x\x07", excerpt="\x1b[31mred\x07"),))
    report = replace(EMPTY, exit=3, findings=(evil,))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", terminal.render(report))
    assert "\x1b[2J" not in terminal.render(report, colour=True)
    assert "\x07" not in terminal.render(report, colour=True)


def test_colours_of_a_log_are_dropped_and_other_controls_made_visible() -> None:
    assert printable("\x1b[1;31merror\x1b[0m\tx\x1b[2J\u202e") == "error   x\\x1b[2J\\u202e"


def test_a_step_points_to_the_blocker_that_is_told_below() -> None:
    phase = BLOCKED.phases[2]
    steps = (
        replace(phase.steps[0], findings=(FINDINGS[1],)),
        replace(phase.steps[1], state=StepState.BLOCKED),
        replace(phase.steps[2], state=StepState.FAILED, why="GitHub did not answer"),
    )
    text = terminal.render(replace(BLOCKED, phases=(replace(phase, steps=steps),)))
    assert "blocked workflows-pushed: see 1\n" in text
    assert "blocked in turn: runs-green\n" in text
    assert "failed metrics: GitHub did not answer\n" in text


def test_an_excerpt_that_the_message_quotes_is_not_said_twice() -> None:
    quoted = finding(message="git said: no  way", evidence=(Evidence(source="git", excerpt="no way"),))
    assert terminal.render(replace(EMPTY, exit=3, findings=(quoted,))).count("way\n") == 1


def test_places_that_are_not_shown_are_counted() -> None:
    def shown(*places: Evidence) -> str:
        return terminal.render(replace(EMPTY, exit=3, findings=(finding(evidence=places),)))

    files = [Evidence(source="git", file=f"{name}.yml") for name in "abcde"]
    assert "        c.yml\n        and 2 more places\n        check" in shown(*files)
    assert "        d.yml" not in shown(*files)
    assert "        and 1 more place\n" in shown(*files[:4])
    assert "more place" not in shown(*files[:3], Evidence(source="git"))


def test_a_plan_says_how_many_changes_it_has() -> None:
    text = terminal.render(replace(WAITING, exit=0))
    assert text.startswith("acme/moonphase: 2 changes planned\n")
    assert "create refs/tags/v0.1.0  cannot be undone" in text


def test_colour_is_for_terminals_that_want_it() -> None:
    assert terminal.wants_colour(Terminal(), {"TERM": "xterm"})
    assert not terminal.wants_colour(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"})
    assert not terminal.wants_colour(Terminal(), {"TERM": "dumb"})
    assert not terminal.wants_colour(io.StringIO(), {"TERM": "xterm"})


def test_what_a_pipe_gets_is_plain() -> None:
    pipe = io.StringIO()
    terminal.show(LIVE, pipe, {"TERM": "xterm"})
    assert pipe.getvalue() == terminal.render(LIVE)


def test_findings_with_one_remedy_are_one_thing_to_do() -> None:
    summary = summarize(BLOCKED)
    assert [len(cause.findings) for cause in summary.blocking] == [2, 1, 1]
    assert len(summary.waived) == 1


def test_json_is_schema_1_with_every_field_of_the_design() -> None:
    document = json.loads(json_report.render(BLOCKED))
    assert list(document)[:8] == [
        "schema",
        "command",
        "repo",
        "commit",
        "world",
        "exit",
        "seconds",
        "static_seconds",
    ]
    assert document["schema"] == 1
    checks = [finding["check"] for finding in document["findings"]]
    assert checks == [finding.check for finding in in_order(BLOCKED.findings)]
    first = next(one for one in document["findings"] if one["evidence"] and one["evidence"][0]["line"] == 46)
    assert first["evidence"][0] | {"source": "file", "url": None} == {
        "source": "file",
        "file": ".github/workflows/release.yml",
        "line": 46,
        "excerpt": "          SIGNING_KEY: ${{ secrets.SIGNING_KEY }}",
        "url": None,
        "committed": None,
    }
    assert set(first) >= {
        "check",
        "phase",
        "subject",
        "verdict",
        "weight",
        "message",
        "evidence",
        "remedy",
        "seconds",
    }
    assert set(first["remedy"]) >= {"summary", "commands", "url", "owner", "minutes"}
    assert [phase["state"] for phase in document["phases"]] == [
        "done",
        "done",
        "blocked",
        "skipped",
        "skipped",
    ]
    assert set(document["phases"][2]["steps"][0]) >= {"step", "state", "changed", "why", "seconds"}
    assert document["critical_path_minutes"] == 10
    assert document["release"] is None
    assert document["deployments"] == []


def test_json_of_a_live_repository_names_release_and_deployments() -> None:
    document = json.loads(json_report.render(LIVE))
    assert set(document["release"]["assets"][0]) >= {"name", "sha256", "target"}
    assert [set(one) for one in document["deployments"]] == [{"environment", "url", "version", "sha256"}] * 2


def test_json_is_the_same_text_every_time() -> None:
    assert json_report.render(BLOCKED) == json_report.render(replace(BLOCKED))


def test_what_could_not_be_seen_for_one_lack_is_one_entry_in_json() -> None:
    fetch = Remedy(summary="Get what this machine lacks", commands=("cargo fetch",), owner="operator")
    unseen = [
        finding(check=f"cargo-{name}", verdict=Verdict.UNKNOWN, weight=weight, remedy=fetch)
        for name, weight in (("syntax", Weight.NOTE), ("build", Weight.WARNING), ("test", Weight.WARNING))
    ]
    amiss = finding(check="other", weight=Weight.WARNING)
    stopped = finding(check="stopped", verdict=Verdict.UNKNOWN, weight=Weight.BLOCKER, remedy=fetch)
    given = json_report.as_json(replace(EMPTY, findings=(*unseen, amiss)))["findings"]
    told = {one["check"]: one for one in given}
    assert set(told) == {"cargo-build", "other"}
    assert [one["check"] for one in told["cargo-build"]["likewise"]] == ["cargo-test", "cargo-syntax"]
    assert told["other"]["likewise"] == []
    assert told["other"]["cause"] != told["cargo-build"]["cause"]
    given = json_report.as_json(replace(EMPTY, findings=(*unseen, stopped)))["findings"]
    assert {one["check"] for one in given} == {"cargo-build", "stopped"}
    assert len({one["cause"] for one in given}) == 1


def test_json_of_preflight_has_no_release() -> None:
    assert not {"release", "deployments"} & set(json.loads(json_report.render(EMPTY)))


class Page(HTMLParser):
    """Collects what an HTML page asks for and how it is built."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.asked: list[str] = []
        self.ids: list[str] = []
        self.labelled: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag, of what it would fetch, and of what it refers to."""
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)
        for name, value in attrs:
            if name in {"src", "srcset", "href"} and tag != "a":
                self.asked.append(f"{tag} {value}")
            if name == "href" and tag == "a" and not (value or "").startswith(("http://", "https://", "#")):
                self.asked.append(f"{tag} {value}")
            if name == "id":
                self.ids.append(value or "")
            if name == "aria-labelledby":
                self.labelled.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Hold that tags are closed in the order in which they were opened."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.text += data


def page(report: Report) -> Page:
    """Read a report's page."""
    read = Page()
    read.feed(html_report.render(report))
    return read


@pytest.mark.parametrize("report", ALL.values(), ids=list(ALL))
def test_the_page_is_one_file_that_asks_for_nothing(report: Report) -> None:
    read = page(report)
    assert read.asked == []
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert "url(" not in html_report.render(report)
    assert "@import" not in html_report.render(report)


@pytest.mark.parametrize("report", ALL.values(), ids=list(ALL))
def test_the_page_is_well_formed_and_its_landmarks_have_names(report: Report) -> None:
    read = page(report)
    assert read.open == []
    assert {"header", "main", "footer", "h1"} <= set(read.tags)
    assert len(read.ids) == len(set(read.ids))
    assert set(read.labelled) <= set(read.ids)


def test_nothing_from_outside_becomes_markup() -> None:
    evil = finding(
        message=NASTY,
        subject=NASTY,
        evidence=(Evidence(file=NASTY, line=1, excerpt=NASTY, url="javascript:alert(1)"),),
        remedy=Remedy(summary=NASTY, commands=(NASTY,), url="javascript:alert(1)", owner=NASTY),
    )
    report = replace(
        LIVE,
        exit=3,
        repo=NASTY,
        findings=(evil,),
        notes=(NASTY,),
        next_commands=(NASTY,),
        deployments=(Deployment(environment=NASTY, url="javascript:alert(1)", version=NASTY, sha256=None),),
        metrics=(Metric(name=NASTY, value=1, unit=NASTY, source=NASTY),),
    )
    read = page(report)
    assert "script" not in read.tags
    assert read.asked == []
    assert "{{ 7 * 7 }}" in read.text
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown.render(report))
    kinds = {token.type for block in tokens for token in (block, *(block.children or ()))}
    assert {"table_open", "fence", "code_inline"} <= kinds
    assert not {"html_block", "html_inline", "link_open", "image"} & kinds


def test_a_fence_is_longer_than_any_in_what_it_holds() -> None:
    text = markdown.render(
        replace(EMPTY, exit=3, findings=(finding(evidence=(Evidence(excerpt="a\n````\nb"),)),))
    )
    assert "`````text\n  a\n  ````\n  b\n  `````" in text


def test_every_renderer_shows_every_blocker() -> None:
    for render in (terminal.render, markdown.render, html_report.render):
        said = render(BLOCKED)
        for remedy in ("Give the token the workflow scope", "SIGNING", "Log in to AWS and look again"):
            assert remedy in said


@pytest.mark.parametrize(
    ("metric", "stands"),
    [
        (Metric(name="m", value=None, unit="min", target=30, alert=40), Standing.UNKNOWN),
        (Metric(name="m", value=30, unit="min", target=30, alert=40), Standing.ON_TARGET),
        (Metric(name="m", value=31, unit="min", target=30, alert=40), Standing.OFF_TARGET),
        (Metric(name="m", value=41, unit="min", target=30, alert=40), Standing.ALERT),
        (Metric(name="m", value=75, unit="%", target=70, alert=50), Standing.ON_TARGET),
        (Metric(name="m", value=60, unit="%", target=70, alert=50), Standing.OFF_TARGET),
        (Metric(name="m", value=40, unit="%", target=70, alert=50), Standing.ALERT),
        (Metric(name="m", value=0, unit="", target=0, alert=0), Standing.ON_TARGET),
        (Metric(name="m", value=1, unit="", target=0, alert=0), Standing.ALERT),
        (Metric(name="m", value=1, unit=""), Standing.MEASURED),
    ],
)
def test_a_metric_stands_where_its_bounds_say(metric: Metric, stands: Standing) -> None:
    assert standing(metric) is stands


def test_what_could_not_be_read_is_unknown_and_not_zero() -> None:
    assert figure(None, "min") == "unknown"
    assert figure(0, "") == "0"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"), (102, "1 min 42 s"), (7500, "2 h 05 min")],
)
def test_durations_read_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_places_of_one_file_are_gathered_and_all_of_them_are_on_the_page() -> None:
    places = [Evidence(file="a.yml", line=line, excerpt=f"  key: {line}") for line in (3, 5, 8, 9, 11, 12)]
    page = html_report.render(replace(EMPTY, exit=3, findings=(finding(evidence=tuple(places)),)))
    assert page.count("a.yml</figcaption>") == 2  # the first places, and the rest that is folded away
    assert "and 2 more places" in page
    for place in places:
        assert f'<span class="at">{place.line}</span><code>key: {place.line}</code>' in page


def test_the_way_to_live_leads_to_each_thing_on_it() -> None:
    page = html_report.render(PREFLIGHT)
    led = re.findall(r'href="#(cause-\d+)"', page)
    assert led == ["cause-1", "cause-2", "cause-3"]
    assert all(f'id="{one}"' in page for one in led)


def test_what_one_check_says_of_several_places_in_the_same_words_is_one_entry_in_json() -> None:
    said = {"check": "output-is-read", "message": "nobody reads it"}
    alike = [finding(**said, subject=one, weight=Weight.NOTE) for one in ("a.yml", "b.yml", "c.yml")]
    other = finding(check="output-is-read", message="another", subject="d.yml", weight=Weight.NOTE)
    heavy = finding(**said, subject="e.yml", weight=Weight.WARNING)
    given = json_report.as_json(replace(EMPTY, findings=(*alike, other, heavy)))["findings"]
    shown = {one["subject"]: [more["subject"] for more in one["likewise"]] for one in given}
    assert shown == {"a.yml": ["b.yml", "c.yml"], "d.yml": [], "e.yml": []}
    stops = [finding(**said, subject=one, weight=Weight.BLOCKER) for one in ("a.yml", "b.yml")]
    given = json_report.as_json(replace(EMPTY, findings=tuple(stops)))["findings"]
    assert [one["likewise"] for one in given] == [[], []]


def test_what_holds_is_shown_where_it_was_asked_for_and_before_what_is_to_be_done() -> None:
    good = finding(check="good", message="is there", verdict=Verdict.HOLDS, subject="a: b")
    asked = replace(PREFLIGHT, findings=(*PREFLIGHT.findings, good))
    text = terminal.render(asked)
    assert text.index("\nWhat holds\n  good\n    a: b: is there\n") < text.index("What to put right")
    assert text.replace("\nWhat holds\n  good\n    a: b: is there\n", "") == terminal.render(PREFLIGHT)
    page = html_report.render(asked)
    assert '<td>good</td><th scope="row">a: b</th><td>is there</td>' in page
    assert "What holds" not in html_report.render(PREFLIGHT)
