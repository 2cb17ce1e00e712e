"""The words the commands share, and how mistakes in them are told: all at once.

argparse, because the whole of ``--help`` has to take less than 0.2 s and typer alone takes half of it.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from flows.asked import SCENARIOS, Asked
from tasks.domain.mistake import Mistake
from tasks.domain.phase import Phase

EXITS = """\
exit codes: 0 done, nothing wrong; 1 the program itself failed; 2 wrong usage or configuration; 3 blocked;
4 waiting for an approval; 130 and 143 interrupted."""


class _Unusable(Exception):  # noqa: N818 - the arguments are unusable
    """argparse could not go on reading."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong without ending the process, so that other mistakes are told as well."""
        raise _Unusable(message)


def parser(command: str, description: str, *, repository: bool = True) -> argparse.ArgumentParser:
    """Return a parser with the words that every command understands."""
    made = _Parser(
        prog=f"python -m flows.{command}",
        description=description,
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if repository:
        made.add_argument(
            "repository",
            nargs="?",
            metavar="REPO",
            help="a Cargo repository on this machine; without it, the bundled sample",
        )
        made.add_argument("--config", metavar="FILE", help="instead of the repository's activation.toml")
    made.add_argument("--json", action="store_true", help="print JSON and nothing else on stdout")
    made.add_argument("--report", metavar="FILE.html", help="also write the report as one HTML file")
    made.add_argument("--quiet", action="store_true", help="show no progress on stderr")
    return made


def add_world(made: argparse.ArgumentParser, *, offline: bool = False) -> None:
    """Add the choice between the rehearsal and the real thing."""
    made.add_argument(
        "--live", action="store_true", help="the real GitHub and AWS; without it nothing leaves this machine"
    )
    if offline:
        made.add_argument(
            "--offline", action="store_true", help="ask neither GitHub nor AWS, real or rehearsed"
        )
    made.add_argument(
        "--scenario", metavar="NAME", help=f"a classic way to be stuck, on the sample: {', '.join(SCENARIOS)}"
    )


def add_approval(made: argparse.ArgumentParser) -> None:
    """Add what looks at a plan and what approves it."""
    made.add_argument("--plan", action="store_true", help="show every setting and change, and change nothing")
    made.add_argument("--approve", metavar="DIGEST", help="approve exactly the plan with this digest")
    made.add_argument("--yes", action="store_true", help="approve whatever the plan is")


def read(made: argparse.ArgumentParser, command: str, argv: Sequence[str]) -> tuple[Asked, list[Mistake]]:
    """Read the arguments of a command together with everything that is wrong with them."""
    mistakes: list[Mistake] = []
    try:
        words, unknown = made.parse_known_args(argv)
    except _Unusable as error:
        return Asked(command=command), [_mistake(made, str(error), argv)]
    for word in unknown:
        if word.startswith("-"):
            near = difflib.get_close_matches(word.split("=")[0], _options(made), n=1)
            expected = near[0] if near else f"one of {', '.join(_options(made))}"
            mistakes.append(Mistake(place=f"argument {word}", message="is not known", expected=expected))
        else:
            mistakes.append(Mistake(place=f"argument {word}", message="is one too many"))
    given = vars(words)
    phases = tuple(phase.value for phase in Phase)

    def phase(option: str) -> Phase | None:
        value = given.get(option)
        if value is None or value in phases:
            return Phase(value) if value else None
        mistakes.append(_no_choice(f"--{option}", value, phases))
        return None

    repository = _directory(given.get("repository"), mistakes)
    scenario = given.get("scenario")
    if scenario is not None and scenario not in SCENARIOS:
        mistakes.append(_no_choice("--scenario", scenario, SCENARIOS))
    config = Path(given["config"]) if given.get("config") else None
    if config is not None and not config.is_file():
        mistakes.append(Mistake(place=f"argument --config {config}", message="is no file"))
    digest = given.get("approve")
    if digest is not None and not re.fullmatch(r"[0-9a-f]{12}", digest):
        mistakes.append(
            Mistake(place=f"argument --approve {digest}", message="is no digest", expected="12 hex digits")
        )
    mistakes += _conflicts(command, given, repository)
    asked = Asked(
        command=command,
        repository=repository,
        live=given.get("live", False),
        offline=given.get("offline", False),
        scenario=scenario,
        config=config,
        until=phase("until"),
        only=phase("only"),
        only_check=given.get("only_check"),
        plan=given.get("plan", False),
        approve=digest,
        yes=given.get("yes", False),
        json=given.get("json", False),
        quiet=given.get("quiet", False),
        everything=given.get("all", False),
        fix=given.get("fix", False),
        report=Path(given["report"]) if given.get("report") else None,
    )
    return asked, mistakes


def _conflicts(command: str, given: dict[str, object], repository: Path | None) -> Iterable[Mistake]:
    pairs = (
        ("live", "scenario"),
        ("live", "offline"),
        ("offline", "scenario"),
        ("until", "only"),
        ("approve", "yes"),
        ("fix", "scenario"),
    )
    for one, other in pairs:
        if given.get(one) and given.get(other):
            yield Mistake(place=f"argument --{other}", message=f"does not go with --{one}")
    if given.get("scenario") and repository is not None:
        yield Mistake(place="argument --scenario", message="is about the bundled sample, not about REPO")
    if given.get("fix") and repository is None and not given.get("offline") and not given.get("scenario"):
        yield Mistake(place="argument --fix", message="needs REPO", expected="the repository to put right")
    if given.get("live") and "repository" in given and repository is None and not given.get("repository"):
        yield Mistake(
            place="argument --live",
            message="needs REPO, the sample has no real place",
            expected=f"the path of a repository, as in `python -m flows.{command} . --live`",
        )


def _directory(given: object, mistakes: list[Mistake]) -> Path | None:
    if not given:
        return None
    path = Path(str(given)).expanduser()
    if not path.is_dir():
        mistakes.append(
            Mistake(place=f"argument {given}", message="is no directory", expected="a repository")
        )
        return None
    return path.resolve()


def _no_choice(option: str, value: str, choices: Sequence[str]) -> Mistake:
    near = difflib.get_close_matches(value, choices, n=1)
    expected = near[0] if near else f"one of {', '.join(choices)}"
    return Mistake(place=f"argument {option} {value}", message="is not known", expected=expected)


def _mistake(made: argparse.ArgumentParser, said: str, argv: Sequence[str]) -> Mistake:
    match = re.match(r"argument ([^:]+): (.*)", said)
    if match:
        return Mistake(place=f"argument {match[1]}", message=match[2])
    return Mistake(place=f"arguments of {made.prog}", message=said or " ".join(argv))


def _options(made: argparse.ArgumentParser) -> list[str]:
    return [option for action in made._actions for option in action.option_strings if option.startswith("--")]  # noqa: SLF001
