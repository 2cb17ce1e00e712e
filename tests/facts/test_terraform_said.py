"""What terraform could not be asked is told in plain words."""

from __future__ import annotations

from tasks.domain.fact import Unseen
from tasks.facts.terraform_said import NOT_HERE, validated
from tasks.systems.shell import Ended, ProgramFailed
from tasks.systems.terraform import Terraform, Validation

CLOSED = """\
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider hashicorp/aws: could not connect to
registry.terraform.io: failed to request discovery document: proxyconnect tcp: dial tcp 127.0.0.1:9: connect:
connection refused.
"""


class _Refusing(Terraform):
    def __init__(self, said: str) -> None:
        self.said = said

    def validate(self, *, locked: bool = True) -> Validation:
        err = self.said.encode()
        raise ProgramFailed(Ended(argv=("terraform", "init"), exit=1, stdout=b"", stderr=err, seconds=0.1))


def _why(said: str, *, fetched: bool) -> str:
    (why,) = validated(lambda _: _Refusing(said), [""], locked=frozenset(), fetched=fetched).modules.values()
    assert isinstance(why, Unseen)
    return why.reason


def test_a_network_that_is_closed_on_purpose_is_no_error_of_a_proxy() -> None:
    assert _why(CLOSED, fetched=False) == NOT_HERE


def test_what_else_stops_terraform_is_told_as_it_says_it() -> None:
    assert "no space left on device" in _why("Error: no space left on device", fetched=False)
    assert "connection refused" in _why(CLOSED, fetched=True)
