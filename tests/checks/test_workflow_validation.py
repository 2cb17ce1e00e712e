from tasks.domain.schema_error import SchemaError, SchemaErrors
from tests.checks.testing import CI, ask, job, places


def errors(*found: SchemaError) -> SchemaErrors:
    return SchemaErrors(tool="check-jsonschema 1", found=found)


def test_what_the_schema_refuses_is_told_at_the_line_its_path_leads_to() -> None:
    error = SchemaError(file=CI, path="$.jobs['build'].steps[0].run", message="is no text")
    (found,) = ask("workflow-validates", {CI: job("- run: true\n  env: {}")}, errors(error))
    assert places([found]) == [(CI, 6)]
    assert "is no text" in found.message


def test_a_path_that_leads_nowhere_is_followed_as_far_as_it_goes() -> None:
    error = SchemaError(file=CI, path="$.jobs.build.services.db", message="is required")
    assert places(ask("workflow-validates", {CI: job("- run: true")}, errors(error))) == [(CI, 3)]


def test_what_is_accepted_has_no_finding() -> None:
    assert ask("workflow-validates", {CI: job("- run: true")}, errors()) == []


def test_what_only_the_schema_is_strict_about_is_left_out() -> None:
    lenient = (
        SchemaError(file=CI, path="$.jobs.build.env.FLAGS", message="None is not of type 'string'"),
        SchemaError(file=CI, path="$.jobs.build.steps[0].run", message="True is not of type 'string'"),
        SchemaError(file=CI, path="$.on.push.branches", message="'main' is not of type 'array'"),
        SchemaError(file=CI, path="$.jobs.build.strategy", message="'matrix' is a required property"),
    )
    assert ask("workflow-validates", {CI: job("- run: true")}, errors(*lenient)) == []


def test_a_filter_that_another_check_tells_of_is_not_told_again() -> None:
    refused = SchemaError(file=CI, path="$.on.push", message="{'path': ['a']} is not of type 'null'")
    assert ask("workflow-validates", {CI: job("- run: x", on="{push: {path: [a]}}")}, errors(refused)) == []
    assert ask("workflow-validates", {CI: job("- run: x", on="{push: {paths: 1}}")}, errors(refused)) != []
