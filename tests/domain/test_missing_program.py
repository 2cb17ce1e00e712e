import pytest

from tasks.domain.missing_program import missing_program_remedy


@pytest.mark.parametrize(
    ("program", "word"),
    [
        ("cargo", "rustup.rs"),
        ("/home/me/.cargo/bin/cargo", "rustup.rs"),
        ("rustfmt", "rustup component add rustfmt"),
        ("git", "apt-get install --yes git"),
        ("zizmor", "make install"),
    ],
)
def test_a_program_that_is_known_comes_with_its_command(program: str, word: str) -> None:
    remedy = missing_program_remedy(program)
    assert any(word in command for command in remedy.commands)
    assert program.rpartition("/")[2] in remedy.summary


def test_another_program_is_at_least_named() -> None:
    assert missing_program_remedy("frobnicate").summary.startswith("Install frobnicate, so that")
    assert missing_program_remedy("terraform").url is not None
