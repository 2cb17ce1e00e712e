"""Opens a session: what was asked and configured becomes Settings, adapters, steps, a journal and a lease."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flows.asked import Asked
from flows.runbook import steps_of
from flows.session import Learned, Session, opened
from flows.worlds import Place, World, live, offline, rehearsal, shell
from tasks.domain.event import Emit, Told
from tasks.domain.mistake import Mistake, Mistaken
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.source import Source, source
from tasks.domain.workflow import Workflows
from tasks.facts.configuration import FILE, Configured, from_environment, from_text, layer
from tasks.facts.discovery import discover
from tasks.facts.settings import DEFAULTS, settled
from tasks.facts.workflows import is_action, is_workflow, read_workflows
from tasks.systems.clock import SystemClock
from tasks.systems.git import Git
from tasks.systems.journal import FileJournal
from tasks.systems.lease import file_lease
from tasks.systems.state import RepositoryState, repository_state, state_root


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
    asked: Asked, place: Place, git: Git, state: Path, environment: Mapping[str, str]
) -> tuple[Settings, Workflows]:
    """Resolve every setting of a run; raises Mistaken with everything there is to correct."""
    seen = git.state()
    sources = committed(git, seen.commit) if seen.commit else {}
    workflows = read_workflows(sources.values())
    found = discover(seen, workflows, sources.get("Cargo.toml"))
    of_place = layer(
        "rehearsal",
        {"repository.owner": place.owner, "repository.name": place.name, "repository.branch": place.branch},
    )
    # The rehearsal's own names come last: its remote has the names that were discovered when it was made.
    layers = configured(asked, environment, asked.repository or place.repository).over(found.over(DEFAULTS))
    settings = settled(
        of_place.over(layers),
        world=place.kind,
        repository=place.repository,
        state=state,
        commit=seen.commit,
        until=asked.until,
        only=asked.only,
        plan_only=asked.plan,
        approve=asked.approve,
        yes=asked.yes or place.kind is WorldKind.EMBEDDED,  # a rehearsal approves its own changes
        scenario=asked.scenario,
        source_path=asked.repository,
    )
    if settings.world is not WorldKind.OFFLINE and not settings.origins.get("repository.owner"):
        expected = "an origin on GitHub, or [repository] owner and name in activation.toml"
        raise Mistaken(
            [Mistake(place=FILE, message="whose repository this is cannot be told", expected=expected)]
        )
    return settings, workflows


def committed(git: Git, commit: str) -> dict[str, Source]:
    """Return the files of a commit that discovery reads."""
    wanted = [
        blob.path
        for blob in git.tree(commit)
        if is_workflow(blob.path) or is_action(blob.path) or blob.path == "Cargo.toml"
    ]
    found = ((path, git.show(commit, path)) for path in wanted)
    return {path: source(path, content) for path, content in found if content is not None}


def placed(asked: Asked, environment: Mapping[str, str]) -> Place:
    """Return the world that was asked for; mistakes in file and environment come before anything starts."""
    early = configured(asked, environment, asked.repository)
    if early.mistakes:
        raise Mistaken(early.mistakes)
    if asked.live:
        return live(asked.repository or Path.cwd(), environment)
    if asked.offline:
        return offline(asked.repository or Path.cwd())
    return rehearsal(asked, state_root(environment))


@contextmanager
def opened_from(
    asked: Asked, *, environment: Mapping[str, str] | None = None, emit: Emit = lambda _: None
) -> Iterator[Session]:
    """Open the session of a run that acts: alone on its repository, with its journal."""
    variables = os.environ if environment is None else environment
    clock = SystemClock()
    started = clock.monotonic()
    emit(Told(text="opening the world", at=started))
    place = placed(asked, variables)
    world, workflows, state = world_of(asked, place, variables)
    settings = world.settings
    with file_lease(state.lease, f"{asked.command} {settings.full_name}", clock.now):
        journal = FileJournal(state.journal, clock.now)
        journal.note(
            "start", command=asked.command, repository=settings.full_name, commit=settings.commit or ""
        )
        if settings.world is WorldKind.EMBEDDED:
            journal.note("approval", who="rehearsal", what="a rehearsal approves its own changes")
        learned = Learned(notes=list(place.notes))
        session = Session(
            settings=settings,
            steps=steps_of(world, workflows, learned),
            learned=learned,
            journal=journal,
            clock=clock,
            emit=emit,
            files=state,
            started=started,
        )
        with opened(session):
            yield session
        journal.note("end", **{phase.value: result.state.value for phase, result in session.results.items()})


def world_of(
    asked: Asked, place: Place, environment: Mapping[str, str]
) -> tuple[World, Workflows, RepositoryState]:
    """Resolve the settings of a place and make its adapters."""
    state = state_root(environment)
    tools = shell(environment, place.kind)
    settings, workflows = settings_of(asked, place, Git(tools, place.repository), state, environment)
    of_repository = repository_state(state, place.key, settings.owner, settings.name)
    world = World(settings=settings, place=place, shell=tools, variables=environment)
    return world, workflows, of_repository
