import pytest

from tests.checks.testing import CI, ask, places

CHECK = "lambda-image-accepted"
PUSH = """\
on: {push: {branches: [main]}}
env: {IMAGE: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          push: true
          tags: ${{ env.IMAGE }}:${{ github.sha }}
"""
UPDATE = """\
      - run: aws lambda update-function-code --function-name f --image-uri "$IMAGE:${{ github.sha }}"
"""
MAIN = """\
resource "aws_ecr_repository" "shop" {
  name = "shop"
}
resource "aws_lambda_function" "shop" {
  package_type = "Image"
  image_uri    = "${aws_ecr_repository.shop.repository_url}:live"
}
"""


def test_an_image_with_an_attestation_that_a_function_is_given_is_named() -> None:
    (found,) = ask(CHECK, {CI: PUSH + UPDATE})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 11), (CI, 12)]
    assert found.weight == "warning"


def test_an_image_with_an_attestation_that_terraform_makes_a_function_of_is_named() -> None:
    (found,) = ask(CHECK, {CI: PUSH, "main.tf": MAIN})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 11), ("main.tf", 6)]


@pytest.mark.parametrize(
    "text",
    [
        PUSH.replace("push: true", "push: true\n          provenance: false"),
        PUSH.replace("push: true", "push: false"),
        PUSH.replace("action@v7", "action@v3"),
        PUSH.replace("buildx-action@v4", "buildx-action@v4\n        with: {driver: docker}"),
        PUSH.replace("docker/setup-buildx-action@v4", "actions/checkout@v6"),
        PUSH.replace("env: {", "env: {BUILDX_NO_DEFAULT_ATTESTATIONS: 1, "),
        PUSH.replace("/shop}", "/other}"),
    ],
)
def test_an_image_of_its_own_or_for_something_else_is_fine(text: str) -> None:
    assert ask(CHECK, {CI: text, "main.tf": MAIN}) == []


def test_a_function_that_is_given_another_image_is_fine() -> None:
    assert places(ask(CHECK, {CI: PUSH + UPDATE.replace("$IMAGE:", "$OTHER:")})) == []
