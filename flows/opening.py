"""Opens a session: what was asked and configured becomes Settings, adapters, steps, a journal and a lease."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from flows import runbook
from flows.asked import Asked
from flows.command import Terminated
from flows.interruption import on_interruption
from flows.one_check import parts_for
from flows.parts import parts_of
from flows.session import Learned, Session, opened
from flows.shared_lease import shared_lease
from flows.worlds import NoToken, Place, World, live, offline, rehearsal, shell
from tasks.domain.event import Emit, Told
from tasks.domain.fact import Snapshot
from tasks.domain.git_state import GitState
from tasks.domain.journal import Entry, open_intents
from tasks.domain.mistake import Mistake, Mistaken
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.source import Sources
from tasks.domain.tree import WORK_TREE, Tree
from tasks.domain.workflow import Workflows
from tasks.facts.collect import collect
from tasks.facts.configuration import FILE, Configured, from_environment, from_text, layer
from tasks.facts.discovery import discover
from tasks.facts.settings import DEFAULTS, settled
from tasks.systems.clock import SystemClock
from tasks.systems.git import Git
from tasks.systems.git_tree import CommittedFiles, WorkTreeFiles
from tasks.systems.journal import FileJournal
from tasks.systems.lease import file_lease
from tasks.systems.shell import Shell
from tasks.systems.state import repository_state, state_root
from tasks.systems.workshop import Workshop


class Unwritten:
    """The journal of a run that only looks: it has nothing to write, and must not act."""

    def intend(self, step: str, verb: str, target: str) -> str:
        """Refuse: an effect without a journal line must not be made."""
        raise AssertionError(f"{step} was about to {verb} {target} in a run that only looks")

    def read_back(self, intent: str, seen: str) -> None:
        """Refuse, as there was no intent."""
        raise AssertionError(f"{intent}: {seen}")

    def note(self, topic: str, **fields: str) -> None:
        """Leave no trace."""


@contextmanager
def opened_from(
    asked: Asked, *, environment: Mapping[str, str] | None = None, emit: Emit = lambda _: None
) -> Iterator[Session]:
    """Open the session of a run that acts: alone on its repository, with its journal."""
    with looking(asked, os.environ if environment is None else environment, emit) as session:
        settings = session.settings
        journal = session.journal = FileJournal(session.files.journal, session.clock.now)
        what = f"{asked.command} {settings.full_name}"
        with (
            file_lease(session.files.lease, what, session.clock.now),
            shared_lease(settings, session.tables, what, session.clock.now) as unshared,
        ):
            if unshared is not None:
                session.learned.notes.append(unshared)
            _begin(session, journal)
            with opened(session):
                try:
                    yield session
                except (KeyboardInterrupt, Terminated) as interruption:
                    if told := session.on_interruption():
                        interruption.add_note(told)
                        journal.note("interrupted", what=told)
                    raise
            ended = {phase.value: result.state.value for phase, result in session.results.items()}
            journal.note("end", **ended)


def _begin(session: Session, journal: FileJournal) -> None:
    settings = session.settings
    if interrupted := since_the_last_end(journal.entries()):
        session.learned.notes.append(
            f"an earlier run was interrupted after it announced {_listed(interrupted)}; "
            "what came of it is looked at again"
        )
    journal.note(
        "start", command=session.asked.command, repository=settings.full_name, commit=settings.commit or ""
    )
    if settings.world is WorldKind.EMBEDDED:
        journal.note("approval", who="rehearsal", what="a rehearsal approves its own changes")


@contextmanager
def looking(
    asked: Asked, environment: Mapping[str, str], emit: Emit, *, helpers: int = 0
) -> Iterator[Session]:
    """Open the session of a run without taking its lease: enough to look and to plan.

    ``helpers`` is how many processes may read and judge beside this one.
    """
    session = session_of(asked, environment, emit, helpers=helpers)
    try:
        yield session
    finally:
        session.leave()


def since_the_last_end(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the effects that were announced and never read back since a run last came to its end."""
    ends = [number for number, entry in enumerate(entries) if entry.fields.get("topic") == "end"]
    return open_intents(entries[ends[-1] + 1 :] if ends else entries)


def _listed(intents: Sequence[Entry]) -> str:
    newest = [f"{entry.fields.get('verb')} {entry.fields.get('target')}" for entry in intents[-3:]]
    more = f" and {len(intents) - 3} more" if len(intents) > 3 else ""
    return ", ".join(newest) + more


def session_of(asked: Asked, environment: Mapping[str, str], emit: Emit, *, helpers: int = 0) -> Session:
    """Make the session of a run."""
    clock = SystemClock()
    started = clock.monotonic()
    emit(Told(text="opening the world", at=started))
    world = world_of(asked, placed(asked, environment), environment, helpers=helpers)
    learned = Learned(notes=list(world.place.notes))
    learned.static_seconds = world.static_seconds
    learned.notes += of_the_work_tree(world)
    looker = runbook.looker_of(world, learned, asked.only_check, helpers=helpers)
    if world.settings.world is WorldKind.OFFLINE or asked.only_check is not None:
        parts = parts_of(world)
        if asked.only_check is not None:
            parts = parts_for(looker.checks, parts_of(world, looker.checks))
        steps: Mapping[Phase, runbook.Steps] = {Phase.PREFLIGHT: looker.steps(parts)}
    else:
        steps = runbook.steps_of(world, looker, learned)

    def leave() -> None:
        looker.leave()
        world.workshop.leave()

    return Session(
        asked=asked,
        settings=world.settings,
        steps=steps,
        learned=learned,
        journal=Unwritten(),
        clock=clock,
        emit=emit,
        files=world.files,
        judged=runbook.JUDGED,
        tables=lambda: world.aws.tables,
        on_interruption=lambda: (
            on_interruption(world.settings, lambda: world.github) if asked.command == "activate" else None
        ),
        leave=leave,
        look_again=lambda: looker.again([part for part in parts_of(world) if part.moves]),
        started=started,
    )


def refuse_mistakes(asked: Asked, environment: Mapping[str, str]) -> None:
    """Raise Mistaken with everything in file and environment that is wrong, before anything is started."""
    early = configured(asked, environment, asked.repository)
    mistakes = [*early.mistakes, *unreadable(asked, environment)]
    if mistakes:
        raise Mistaken(mistakes)


def placed(asked: Asked, environment: Mapping[str, str]) -> Place:
    """Return the world that was asked for; mistakes come before anything starts."""
    refuse_mistakes(asked, environment)
    if asked.live:
        return _live(asked.repository or Path.cwd(), environment)
    if asked.offline:
        return offline(asked.repository or Path.cwd())
    return rehearsal(asked, state_root(environment))


def _live(repository: Path, environment: Mapping[str, str]) -> Place:
    try:
        return live(repository, environment)
    except NoToken as missing:
        expected = "GITHUB_TOKEN, or a login with `gh auth login`"
        raise Mistaken([Mistake(place="environment", message=str(missing), expected=expected)]) from missing


def unreadable(asked: Asked, environment: Mapping[str, str]) -> Iterator[Mistake]:
    """Yield why the repository that was named cannot be worked on: it is none, or it has no commit."""
    path = asked.repository or (Path.cwd() if asked.offline else None)
    if path is None:
        return
    tools = shell(environment, WorldKind.OFFLINE)
    inside = tools.run("git", "rev-parse", "--is-bare-repository", cwd=path)
    if inside.ok and inside.out.strip() == "true":
        yield Mistake(
            place=str(path),
            message="is a bare repository, which has no files to look at",
            expected="a clone with a work tree",
        )
    elif "dubious ownership" in inside.err:
        yield Mistake(
            place=str(path),
            message="belongs to another user, and git does not read such a repository unless it is told to",
            expected=f"git config --global --add safe.directory {shlex.quote(str(path.resolve()))}",
        )
    elif not inside.ok:
        yield Mistake(
            place=str(path), message="is no git repository", expected="the path of a Cargo repository"
        )
    elif not tools.run("git", "rev-parse", "--verify", "HEAD^{commit}", cwd=path).ok and not (
        asked.offline and _has_files(tools, path)
    ):
        yield Mistake(place=str(path), message="has no commit yet", expected="git add . && git commit")


def _has_files(tools: Shell, path: Path) -> bool:
    """Tell whether there is anything to commit: offline that is enough to look at."""
    return bool(tools.run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=path).out)


def world_of(asked: Asked, place: Place, environment: Mapping[str, str], *, helpers: int = 0) -> World:
    """Resolve the settings of a place and make its adapters."""
    state = state_root(environment)
    tools = shell(environment, place.kind)
    git = Git(tools, place.repository).state()
    started = SystemClock().monotonic()
    static = looked(tools, place, git, helpers=helpers)
    seconds = SystemClock().monotonic() - started
    settings = settings_of(asked, place, git=git, static=static, environment=environment)
    files = repository_state(state, place.key, settings.owner, settings.name)
    return World(
        settings=settings,
        place=place,
        static=static,
        static_seconds=seconds,
        shell=tools,
        files=files,
        workshop=Workshop(files.workshops),
        variables=environment,
    )


def looked(tools: Shell, place: Place, git: GitState, *, helpers: int = 0) -> Snapshot:
    """Read the files of the commit, as those go out.

    Offline, what lies in the directory serves where there is no commit, or the clone lacks parts of it.
    """
    if git.commit is not None:
        seen = collect(CommittedFiles(tools, place.repository, git.commit), helpers=helpers)
        tree = seen.get(Tree)
        if place.kind is not WorldKind.OFFLINE or (isinstance(tree, Tree) and tree.whole):
            return seen
    elif place.kind is not WorldKind.OFFLINE:
        raise LookupError(f"{place.repository} has no commit")
    return collect(WorkTreeFiles(tools, place.repository), helpers=helpers)


def of_the_work_tree(world: World) -> Iterator[str]:
    """Say so when not the commit is looked at but what lies in the directory."""
    tree, commit = world.static.get(Tree), world.settings.commit
    if isinstance(tree, Tree) and tree.origin == WORK_TREE:
        why = "there is no commit yet" if commit is None else f"the clone lacks parts of {commit[:12]}"
        yield f"{why}: what lies in the directory is looked at instead"


def configured(asked: Asked, environment: Mapping[str, str], repository: Path | None) -> Configured:
    """Read the file and the environment; a file that is not there configures nothing."""
    path = asked.config or (repository / FILE if repository else None)
    file = Configured(values={}, origins={})
    if path is not None and (asked.config or path.is_file()):
        try:
            file = from_text(path.read_text(encoding="utf-8"), str(asked.config or FILE))
        except (OSError, UnicodeDecodeError) as error:
            mistake = Mistake(place=str(path), message=f"cannot be read: {error}")
            file = Configured(values={}, origins={}, mistakes=(mistake,))
    return from_environment(environment).over(file)


def settings_of(
    asked: Asked,
    place: Place,
    *,
    git: GitState,
    static: Snapshot,
    environment: Mapping[str, str],
) -> Settings:
    """Resolve every setting of a run; raises Mistaken with everything there is to correct."""
    workflows, sources = static.get(Workflows), static.get(Sources)
    found = discover(
        git,
        workflows if isinstance(workflows, Workflows) else Workflows(),
        sources.files.get("Cargo.toml") if isinstance(sources, Sources) else None,
    )
    layers = configured(asked, environment, asked.repository or place.repository).over(found.over(DEFAULTS))
    # The rehearsal's names come last: its remote bears the names that were discovered when it was made.
    of_place = layer(
        "rehearsal",
        {"repository.owner": place.owner, "repository.name": place.name, "repository.branch": place.branch},
    )
    settings = settled(
        of_place.over(layers),
        world=place.kind,
        repository=place.repository,
        state=state_root(environment),
        commit=git.commit,
        until=asked.until,
        only=asked.only,
        plan_only=asked.plan,
        approve=asked.approve,
        yes=asked.yes or place.kind is WorldKind.EMBEDDED,  # a rehearsal approves its own changes
        scenario=asked.scenario,
        source_path=asked.repository,
    )
    if settings.world is not WorldKind.OFFLINE and "repository.owner" not in settings.origins:
        expected = "an `origin` on GitHub, or owner and name below [repository] in activation.toml"
        raise Mistaken(
            [Mistake(place=FILE, message="whose repository this is cannot be told", expected=expected)]
        )
    return settings
