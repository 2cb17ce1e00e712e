"""Keys that stop nobody: what every program has built in, and what came with a copy of another project."""

from tasks.domain.finding import Finding, Weight
from tasks.facts.credentials import find_credentials
from tasks.facts.tree import LiteralFiles
from tests.checks.test_secrets import private_key
from tests.checks.testing import ask


def told(path: str, **build: str) -> list[Finding]:
    found = find_credentials(LiteralFiles({path: private_key()}))
    return ask(
        "credential-in-tracked-file", {f"{name}/build.rs": text for name, text in build.items()}, found
    )


def test_a_key_that_the_build_puts_into_the_program_is_a_question() -> None:
    (found,) = told("tls/nobody-key.pem", client='let key = format!("{}/tls/nobody-key.pem", dir);')
    assert (found.weight, found.blocks) == (Weight.WARNING, False)
    assert found.remedy is not None
    assert found.remedy.commands == ()


def test_a_key_that_no_build_asks_for_stops_everything() -> None:
    (found,) = told("deploy/nobody-key.pem", client='println!("cargo:rerun-if-changed=tls/ca.pem");')
    assert found.blocks


def test_the_test_keys_of_a_copied_project_are_not_told_but_its_other_keys_are() -> None:
    assert told("vendor/ruby/test/host.key") == []
    (found,) = told("vendor/ruby/host.key")
    assert found.weight is Weight.WARNING
