import pytest

from tasks.domain.ref_value import on_branch


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("${{ github.ref_name }}", "main"),
        ("v${GITHUB_REF#refs/tags/v}", "vrefs/heads/main"),
        ("${GITHUB_REF##*/}", "main"),
        ("${GITHUB_REF#refs/*/}", "main"),
        ("${GITHUB_REF/refs\\/tags\\//}", "refs/heads/main"),
        ("${GITHUB_REF:11}", "main"),
        ("${GITHUB_REF_NAME#v}", "main"),
        ("$GITHUB_REF_NAME-x", "main-x"),
        ("$GITHUB_REF_TYPE", None),
        ("${GITHUB_REF_NAME//\\//-}", None),
        ("${GITHUB_REF#refs/heads/}", None),
        ("${GITHUB_REF_NAME:-x}", None),
        ("$OTHER-$GITHUB_REF_NAME", None),
        ("1.0", None),
    ],
)
def test_a_text_made_of_the_ref_has_its_value_on_main(written: str, made: str | None) -> None:
    assert on_branch(written) == made
