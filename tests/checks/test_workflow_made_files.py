import pytest

from tests.checks.testing import CI, ask, job, places


@pytest.mark.parametrize(
    ("made", "taken"),
    [
        ("sha256sum a b > SUMS", "sha256sum --check SUSM"),
        ("sha256sum -- *.tgz | tee SHA256SUMS", "sha256sum --check --strict SHA25S6UMS"),
        ("terraform plan -input=false -out=live.tfplan", "terraform apply live.tfpaln"),
        ("terraform plan -out live.tfplan", "terraform show -json lvie.tfplan"),
    ],
)
def test_a_file_taken_with_a_slip_in_its_name_is_named_with_both_places(made: str, taken: str) -> None:
    (found,) = ask("made-file-spelled", {CI: job(f"- run: {made}\n- run: {taken}")})
    assert [one.line for one in found.evidence] == [7, 6]
    assert found.blocks


@pytest.mark.parametrize(
    ("made", "taken"),
    [
        ("sha256sum a b > SUMS", "sha256sum --check SUMS"),
        ("sha256sum a b > SUMS", "sha256sum --check OTHER"),
        ("sha256sum a b > SUMS", "curl -O https://example.com/SUSM && sha256sum --check SUSM"),
        ("sha256sum a b > SUMS", "sha256sum --check $FILE"),
        ("sha256sum a b > SUMS", "sha256sum SUSM"),
        ("echo > SUMS", "sha256sum --check SUSM"),
        ("terraform plan -out=a.tfplan", "terraform apply -auto-approve"),
    ],
)
def test_another_file_is_no_slip(made: str, taken: str) -> None:
    assert ask("made-file-spelled", {CI: job(f"- run: {made}\n- run: {taken}")}) == []


def test_a_file_of_the_repository_is_there() -> None:
    files = {"SUSM": "", CI: job("- run: sha256sum a > SUMS\n- run: sha256sum --check SUSM")}
    assert places(ask("made-file-spelled", files)) == []
