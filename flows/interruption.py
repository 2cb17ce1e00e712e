"""What becomes of the workflow runs that an interrupted activation was waiting for.

The embedded GitHub runs them as processes of this machine, which an interruption has to end; at GitHub they
are GitHub's, and somebody else may need them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tasks.domain.run import Run
from tasks.domain.settings import Settings, WorldKind
from tasks.systems.github import GitHub, GithubFailure
from tasks.systems.github.errors import Rejected

SECONDS = 5.0  # how long a person who pressed Ctrl-C is kept
LOOK_AGAIN = 0.2


def on_interruption(settings: Settings, github: Callable[[], GitHub]) -> str:
    """End the runs of an interrupted activation in a rehearsal; says in a line what became of them."""
    if settings.world is not WorldKind.EMBEDDED:
        page = f"{github().git_url.removesuffix('.git')}/actions"
        return f"workflow runs that were started go on at GitHub: {page}"
    told: list[str] = []
    # In a thread, as the adapter is patient with a GitHub that does not answer and a person is not.
    ending = threading.Thread(target=lambda: told.append(_ended(settings, github())), daemon=True)
    ending.start()
    ending.join(SECONDS + 1)
    return told[0] if told else f"the embedded GitHub did not end its runs within {SECONDS:.0f} s"


def _ended(settings: Settings, github: GitHub) -> str:
    deadline = time.monotonic() + SECONDS
    cancelled: dict[int, Run] = {}
    try:
        while (left := open_runs(settings, github)) and time.monotonic() < deadline:
            for run in left:
                if run.id not in cancelled and _cancelled(run, github):
                    cancelled[run.id] = run
            time.sleep(LOOK_AGAIN)
    except GithubFailure as error:
        return f"the runs of the embedded GitHub could not all be cancelled: {error}"
    if not cancelled:
        return "no run of the embedded GitHub was going on"
    named = ", ".join(f"{run.name} (run {run.id})" for run in cancelled.values())
    still = f"; still ending: {', '.join(run.name for run in left)}" if left else ""
    return f"cancelled in the embedded GitHub: {named}{still}"


def _cancelled(run: Run, github: GitHub) -> bool:
    """Cancel a run; False when it came to its end before."""
    try:
        github.runs.cancel(run.id)
    except Rejected:
        return False
    return True


def open_runs(settings: Settings, github: GitHub) -> tuple[Run, ...]:
    """Return what is going on at the activated commit and the released one; not what waits for a person."""
    tagged = github.repository.tag_commit(settings.tag) if settings.tag else None
    commits = [commit for commit in dict.fromkeys((settings.commit, tagged)) if commit]
    runs = {run.id: run for commit in commits for run in github.runs.of_commit(commit)}
    return tuple(run for run in runs.values() if not run.completed and run.status != "waiting")
