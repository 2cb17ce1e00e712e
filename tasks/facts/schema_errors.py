"""Has workflow files validated against their JSON schema, and returns what it refuses as a fact."""

from __future__ import annotations

import shutil
from pathlib import Path

from tasks.domain.schema_error import SchemaError, SchemaErrors
from tasks.domain.workflow import Workflows
from tasks.systems.check_jsonschema import CheckJsonschema


def schema_errors(tool: CheckJsonschema, workflows: Workflows, directory: Path) -> SchemaErrors:
    """Write the workflow files into a directory of their own and validate them there; raises what it raises.

    Files that are no YAML are left out: ``workflow-parses`` tells of them.
    """
    version = tool.version()
    shutil.rmtree(directory, ignore_errors=True)
    paths = tuple(workflow.path for workflow in workflows)
    if not paths:
        return SchemaErrors(tool=version)
    for workflow in workflows:
        place = directory / workflow.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(workflow.source.text.encode())
    found = []
    for one in tool.workflows(directory, paths):
        nearest = one.get("best_deep_match") or one
        found.append(
            SchemaError(
                file=str(one["filename"]).removeprefix("./"), path=nearest["path"], message=nearest["message"]
            )
        )
    return SchemaErrors(tool=version, found=tuple(found))
