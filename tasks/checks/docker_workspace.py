"""Whether cargo finds the whole workspace in an image that copies parts of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Package, Target, TargetKind, Workspace, table
from tasks.domain.docker_ignore import NAME, DockerIgnore, docker_ignore
from tasks.domain.docker_stage import CargoInImage, cargo_in_image
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts, inside
from tasks.domain.source import Source, Sources
from tasks.domain.tree import Tree, matcher
from tasks.domain.workflow import Workflows


@check("docker-workspace-whole", phase=Phase.FIRST_RUN, weight=Weight.WARNING, subject="docker-files")
def docker_workspace_whole(
    sources: Sources, manifests: Manifests, tree: Tree, workflows: Workflows, scripts: Scripts
) -> Iterator[Answer]:
    """Every image that copies the manifest of the workspace also copies what cargo loads with it."""
    yield from of_one_cause(_answers(sources, manifests, tree, workflows, scripts))


def _answers(
    sources: Sources, manifests: Manifests, tree: Tree, workflows: Workflows, scripts: Scripts
) -> Iterator[Answer]:
    workspace = next((one for one in manifests.own if one.directory == ""), None)
    if workspace is None or manifests.broken or workspace.toml.problem is not None:
        return
    # Whoever speaks of the file may write it anew before an image is built.
    speaks = [one for one in sources.saying(NAME, told=False) if not one.path.endswith(NAME)]
    for source in sources:
        if "Dockerfile" not in posixpath.basename(source.path) or not source.readable:
            continue
        ignore = None if speaks else docker_ignore(source.path, "", sources, tree)
        for run in cargo_in_image(source, tree):
            lost = _lost(run, workspace, manifests, tree, ignore)
            if any(posixpath.basename(one) in run.stubs for one in lost):
                break  # somebody writes sources for a member that is not there: nothing is certain
            gone = [] if lost or run.stubs else list(_lost_targets(run, workspace, tree, ignore))
            if gone:
                out = [None if ignore is None else ignore.leaves_out(one.path, tree) for _, one in gone]
                lines = [] if ignore is None else [ignore.source.at(line) for line in out if line]
                yield _without(gone, source, run, lines, _builder(source, workflows, scripts))
                break
            if not lost:
                yield holds(source.path, "cargo finds the workspace there")
                continue
            built = _builder(source, workflows, scripts)
            names = listed(lost)
            out = [None if ignore is None else ignore.leaves_out(f"{one}/Cargo.toml", tree) for one in lost]
            told = f"`cargo {run.name}` needs {names} of the workspace, which no COPY above it brings"
            places = [source.at(run.line), source.at(run.manifest)]
            if ignore is not None and any(out):
                told += (
                    f": {ignore.source.path} leaves {'it' if len(out) == 1 else 'some'} out of the context"
                )
                places += [ignore.source.at(line) for line in out if line]
            places += [workspace.toml.at("workspace", "members", item=one) for one in lost[:MOST_PLACES]]
            places += [built] if built is not None else []
            yield broken(
                source.path,
                told,
                *dict.fromkeys(places),
                weight=Weight.WARNING if built is None else Weight.BLOCKER,
                remedy=Remedy(
                    summary=f"Copy {names} too, before cargo is run: it loads every member of a workspace",
                    commands=(f"docker build --file {source.path} .",),
                    minutes=10,
                ),
            )
            break


def _lost(
    run: CargoInImage, workspace: Workspace, manifests: Manifests, tree: Tree, ignore: DockerIgnore | None
) -> list[str]:
    """Return the directories that cargo loads from there and that the image does not have.

    They are the members that are written out, one for each pattern at least, and what packages that are
    there depend on by path.
    """
    about = table(workspace.toml.root.get("workspace"))
    members = about.get("members")
    written = members if isinstance(members, list) else []
    wanted = [posixpath.normpath(str(one)) for one in written if not any(mark in str(one) for mark in "*?[")]
    wanted += [""] if not workspace.virtual else []
    lost: list[str] = []
    for pattern in (str(one) for one in written if any(mark in str(one) for mark in "*?[")):
        found = [one for one in manifests if matcher(posixpath.normpath(pattern)).fullmatch(one.directory)]
        there = [one.directory for one in found if run.has(one.directory, tree, ignore)]
        wanted += there
        lost += [pattern] if found and not there else []  # cargo refuses a pattern that matches nothing
    for directory in wanted:
        package = manifests.at("" if directory == "." else directory)
        if package is None or tree.unseen(directory):
            continue
        if not run.has(package.directory, tree, ignore):
            lost.append(package.directory)
            continue
        for need in package.dependencies:
            if need.path is not None and need.path not in wanted and manifests.at(need.path) is not None:
                wanted.append(need.path)
    return lost


def _lost_targets(
    run: CargoInImage, workspace: Workspace, tree: Tree, ignore: DockerIgnore | None
) -> Iterator[tuple[Package, Target]]:
    """Go through the targets that manifests in the image write out, and whose files do not come there.

    A `path` of their own is not looked at before they are compiled.
    """
    for package in workspace.packages:
        if package.edition == "2015" or not run.has(package.directory, tree, ignore):
            continue
        for one in package.targets:
            written = package.toml.root.get(one.kind.value, ())
            about = next((each for each in written if table(each).get("name") == one.name), None)
            plain = one.kind is not TargetKind.LIB and "path" not in table(about) and about is not None
            if plain and tree.file(one.path) is not None and not run.brings(one.path, tree, ignore):
                yield package, one


def _without(
    gone: list[tuple[Package, Target]],
    source: Source,
    run: CargoInImage,
    ignoring: list[Evidence],
    built: Evidence | None,
) -> Answer:
    """Tell of targets without a file; ``ignoring`` are the lines that leave some out of the context."""
    files = listed([one.path for _, one in gone])
    told = f"no COPY brings {files}: `cargo {run.name}` loads no manifest with a target that has no file"
    places = [source.at(run.line), *(package.toml.source.at(one.line) for package, one in gone if one.line)]
    if ignoring:
        told += f" ({ignoring[0].file} leaves {'it' if len(gone) == 1 else 'some'} out of the context)"
    places += [*ignoring, *([built] if built is not None else [])]
    return broken(
        source.path,
        told,
        *list(dict.fromkeys(places))[:MOST_PLACES],
        weight=Weight.WARNING if built is None else Weight.BLOCKER,
        remedy=Remedy(summary=f"Copy {files} too, or write a stub there", minutes=10),
    )


def _builder(source: Source, workflows: Workflows, scripts: Scripts) -> Evidence | None:
    """Return a step that has to build the image from the repository's root, and with all of its stages."""
    for workflow in workflows:
        for job, step in workflow.steps():
            if step.may_fail or ((script := scripts.of(workflow.path, job, step)) is None and step.run):
                continue
            if step.action is not None and step.action.name == "docker/build-push-action":
                file, context = step.inputs.text("file"), step.inputs.text("context")
                of_root = context is None or context.strip() in (".", "./")
                path = "Dockerfile" if file is None else inside(str(file), "")
                if of_root and path == source.path and "target" not in step.inputs:
                    return workflow.source.at(file if file is not None else step.line)
            for command in script.running("docker", "podman") if script is not None else ():
                words = [one for one in command.literals if one not in ("buildx", "image")]
                if words[:1] != ["build"] or words[-1] not in (".", "./") or command.cwd != "":
                    continue
                named = command.option("-f", "--file")
                path = "Dockerfile" if named is None else inside(named.literal or "$", "")
                certain = command.fatal and not (command.conditional or command.function)
                if certain and path == source.path and command.option("--target") is None:
                    return workflow.source.at(command)
    return None
