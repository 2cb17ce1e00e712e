"""The parts of the preflight in which a program reads the repository's texts and runs nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

from flows.looking import CHECKOUT, TEXTS, Part
from flows.worlds import World
from tasks.domain.counted_tests import CountedTests
from tasks.domain.crate import Manifests
from tasks.domain.document import Documents
from tasks.domain.fact import Snapshot
from tasks.domain.script import Scripts
from tasks.domain.search import Search, Searches, searches
from tasks.domain.shell_syntax import ShellSyntax
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows


def text_parts(world: World) -> Iterator[Part]:
    """Return what is looked at in a repository with shell."""
    scripts = world.static.get(Scripts)
    if isinstance(scripts, Scripts) and any(True for _ in scripts):
        yield Part(
            name="shell-syntax",
            title="Shell as bash reads it",
            kinds=(ShellSyntax,),
            strand=TEXTS,
            look=lambda seen: _shell(world, scripts, seen),
            timeout=320,
        )
    if asked := _asked(world):
        yield Part(
            name="searches",
            title="What steps search the committed files for",
            kinds=(Searches,),
            strand=CHECKOUT,
            look=lambda seen: _searches(world, asked, seen),
        )
    if world.static_has("Cargo.toml"):
        yield Part(
            name="counted-tests",
            title="The tests that documents count",
            kinds=(CountedTests,),
            strand=TEXTS,
            look=lambda seen: _tests(world, seen),
        )


def _shell(world: World, scripts: Scripts, seen: Snapshot) -> Snapshot:
    from tasks.facts.shell_syntax import shell_syntax  # noqa: PLC0415 - --help must not pay for it
    from tasks.systems.bash import Bash  # noqa: PLC0415 - as above

    return seen.with_facts(shell_syntax(Bash(world.shell), scripts, world.workshop.directory / "shell"))


def _asked(world: World) -> tuple[Search, ...]:
    workflows, scripts, tree = (world.static.get(kind) for kind in (Workflows, Scripts, Tree))
    if not (isinstance(workflows, Workflows) and isinstance(scripts, Scripts) and isinstance(tree, Tree)):
        return ()
    return () if world.settings.commit is None else tuple(searches(workflows, scripts, tree))


def _searches(world: World, asked: tuple[Search, ...], seen: Snapshot) -> Snapshot:
    from tasks.facts.searches import searched  # noqa: PLC0415 - as above
    from tasks.systems.checkout import clean_checkout  # noqa: PLC0415 - as above
    from tasks.systems.grep import Grep  # noqa: PLC0415 - as above

    checkout = world.workshop.directory / "checkout"
    clean_checkout(world.shell, world.place.repository, str(world.settings.commit), checkout)
    return seen.with_facts(searched(Grep(world.shell, checkout), asked))


def _tests(world: World, seen: Snapshot) -> Snapshot:
    from tasks.domain.followed import followed  # noqa: PLC0415 - as above
    from tasks.domain.stated_tests import stated_tests  # noqa: PLC0415 - as above
    from tasks.facts.counted_tests import counted_tests  # noqa: PLC0415 - as above
    from tasks.systems.git_tree import CommittedFiles, WorkTreeFiles  # noqa: PLC0415 - as above

    manifests, documents = world.static.get(Manifests), world.static.get(Documents)
    if not isinstance(manifests, Manifests) or not isinstance(documents, Documents):
        return seen
    place, commit = world.place.repository, world.settings.commit
    files = (
        WorkTreeFiles(world.shell, place) if commit is None else CommittedFiles(world.shell, place, commit)
    )
    claims = [claim for one in followed(documents) for claim in stated_tests(one, manifests)]
    return seen.with_facts(counted_tests(files, manifests, claims))
