"""The benchmarks as tests: counts and proportions, never seconds. `make bench` looks at every breakage."""

from __future__ import annotations

from functools import partial
from xml.etree import ElementTree as ET

from tasks.domain.check import evaluate
from tasks.domain.document import Documents
from tasks.domain.fact import Unseen
from tasks.domain.finding import Verdict
from tasks.domain.followed import followed
from tasks.domain.script import Scripts
from tasks.domain.terraform import Terraform
from tasks.facts.collect import collect
from tests.benchmarks.benchmark import checks, findings, judged, mutations, spread, table
from tests.benchmarks.generated import executable, repository
from tests.benchmarks.linearity import Made, Measured, generated, lived_in, look, measured, svg
from tests.benchmarks.mutation import Sample, sample
from tests.benchmarks.work import work

NUMBER = 100
LEAST = 95


def test_at_least_95_of_100_breakages_are_told_at_their_place_and_nothing_of_the_whole_sample() -> None:
    whole, every = sample(), checks()
    assert findings(whole, every) == []
    outcomes = [judged(whole, one, every) for one in spread(mutations(whole), NUMBER)]
    caught = sum(bool(one.caught) for one in outcomes)
    assert len(outcomes) == NUMBER
    assert caught >= LEAST, "\n".join(table(outcomes))


def test_every_breakage_says_where_it_is_to_be_found_and_differs_from_the_sample() -> None:
    whole = sample()
    for one in mutations(whole):
        assert one.expected, one.name
        assert one.not_executable or any(whole.files.get(path) != text for path, text in one.files.items())


def test_the_generated_repository_is_sound_but_for_what_it_is_asked_to_be() -> None:
    files = {**repository(4, 2), "activation.toml": ""}
    found = findings(Sample(files=files, executable=frozenset(executable(4))), checks())
    assert {one.check for one in found} <= {"input-is-read", "jobs-fit-the-plan", "trigger-paths-match"}


def test_five_times_the_workflows_and_crates_are_five_times_the_work() -> None:
    small, large = _work(generated, 12, 60)
    assert large < 5.2 * small


def test_work_grows_as_slowly_with_scripts_terraform_and_documents() -> None:
    small, large = _work(lived_in, 4, 12)
    assert large < 3.3 * small


def _work(made: Made, *sizes: int) -> list[int]:
    every = checks()
    look(made(sizes[-1]), every)  # patterns are compiled once
    return [work(partial(look, made(size), every)) for size in sizes]


def test_a_lived_in_repository_is_sound_and_read_in_full() -> None:
    seen = collect(lived_in(4))
    assert not [fact for fact in seen.seen.values() if isinstance(fact, Unseen)]
    scripts, terraform, documents = (seen.get(kind) for kind in (Scripts, Terraform, Documents))
    assert isinstance(scripts, Scripts)
    assert isinstance(terraform, Terraform)
    assert isinstance(documents, Documents)
    assert len([one for one in scripts.files if len(one.commands) > 100]) == 8
    assert all(one.understood for one in scripts.files)
    assert len(terraform.modules) == 2
    assert (len(list(followed(documents))), len(documents.files)) == (9, 49)
    told = [one for one in evaluate(checks(), seen) if one.verdict is not Verdict.HOLDS]
    assert {one.check for one in told} == {"input-is-read"}


def test_a_time_is_the_best_of_several() -> None:
    (one,) = measured([], sizes=(2,), times=1)
    assert one.workflows == 2
    assert one.crates == 1
    assert one.seconds > 0


def test_the_picture_is_one() -> None:
    points = [
        Measured(workflows=20, crates=10, seconds=0.2),
        Measured(workflows=200, crates=100, seconds=1.5),
    ]
    assert ET.fromstring(svg(points)).tag.endswith("svg")
