"""The edits that add a key to a mapping of a YAML file, or a job to those that another one needs.

What is added stands before what is there, and the line that is looked for has changed then: to run the
command once more changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.domain.edit_command import Edit, without
from tasks.domain.job_order import waited_for
from tasks.domain.located import Map, Seq
from tasks.domain.source import Source
from tasks.domain.workflow import Job, Workflow


def with_key(source: Source, mapping: Map, *lines: str) -> tuple[Edit, ...]:
    """Return the edit that writes lines before a mapping's first key; none where that cannot be."""
    key = next(iter(mapping), None)
    number = 0 if key is None else mapping.line_of(key)
    text = source.line(number) or ""
    begin, found, _ = text.partition(f"{key}:")
    plain = found and text.count(found) == 1 and "\t" not in begin and "\r" not in source.text
    if not plain:
        return ()
    if begin.strip() in ("", "-"):
        old, new = found, f"\n{' ' * len(begin)}".join([*lines, found])
    elif begin.rstrip().endswith("{") and len(lines) == 1:
        brace = begin[len(begin.rstrip()) - 1 :]
        old, new = brace + found, f"{brace}{lines[0]}, {found}"
    else:
        return ()
    return (Edit(file=source.path, line=number, found=old, put=new),)


def permitted(workflow: Workflow, job: Job, rights: Mapping[str, str]) -> tuple[Edit, ...]:
    """Return the edits that give one job's token rights, scope -> level, and take none from it.

    None where nobody wrote permissions, or a word stands for them: what the job has now might be lost.
    """
    own, common = job.root.get("permissions"), workflow.root.get("permissions")
    given = [f"{scope}: {level}" for scope, level in rights.items()]
    if not isinstance(own, Map):
        if own is not None or not isinstance(common, Map):
            return ()
        kept = [f"{scope}: {common.text(scope)}" for scope in common if scope not in rights]
        return with_key(workflow.source, job.root, "permissions:", *(f"  {one}" for one in (*kept, *given)))
    if not own:
        place = workflow.source.at(job.root.line_of("permissions"))
        return without("permissions: {}", place, f"permissions: {{{', '.join(given)}}}")
    each = [
        without(f"{scope}: {own.text(scope)}", workflow.source.at(own.line_of(scope)), f"{scope}: {level}")
        for scope, level in rights.items()
        if scope in own
    ]
    new = [f"{scope}: {level}" for scope, level in rights.items() if scope not in own]
    first = next(iter(own))
    if new and first in rights:
        return ()  # two edits of one line: the second would not find it as it was
    each += [with_key(workflow.source, own, *new)] if new else []
    return tuple(edit for one in each for edit in one) if all(each) else ()


def needing(workflow: Workflow, job: Job, name: str) -> tuple[Edit, ...]:
    """Return the edit by which a job waits for another one too; none where that one waits for it."""
    if str(job.id) in waited_for(workflow, name) or name == str(job.id) or name not in workflow.jobs:
        return ()
    needs = job.root.get("needs")
    if needs is None:
        return with_key(workflow.source, job.root, f"needs: {name}")
    place = workflow.source.at(job.root.line_of("needs"))
    if isinstance(needs, str):
        line = (place.excerpt or "").partition("#")[0].strip()
        return without(line, place, f"needs: [{needs}, {name}]") if line == f"needs: {needs}" else ()
    first = needs.texts()[0] if isinstance(needs, Seq) and needs.texts() else None
    if first is None or "\r" in workflow.source.text:
        return ()
    line = workflow.source.line(first.line) or ""
    if "[" in line:
        return without(f"[{first}", workflow.source.at(first), f"[{name}, {first}")
    begin = line.partition("-")[0]
    if line.strip() != f"- {first}":
        return ()
    new = f"- {name}\n{begin}- {first}"
    return (Edit(file=workflow.path, line=first.line, found=f"- {first}", put=new),)
