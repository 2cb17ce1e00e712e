import pytest

from tests.checks.testing import CI, ask, job, places

LOGIN = "- id: ecr\n  uses: aws-actions/amazon-ecr-login@v2\n"
REGISTRY = "${{ steps.ecr.outputs.registry }}"
TF = """\
resource "aws_ecr_repository" "app" {
  name = "acme-api"
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.app.repository_url}:latest"
}
"""


def pushing(*images: str) -> str:
    lines = "".join(f"    docker push {one}\n" for one in images)
    return job(f"{LOGIN}- run: |\n{lines}")


def action(*tags: str) -> str:
    lines = "".join(f"      {one}\n" for one in tags)
    return job(f"{LOGIN}- uses: docker/build-push-action@v6\n  with:\n    push: true\n    tags: |\n{lines}")


@pytest.mark.parametrize(
    "workflow",
    [
        pushing(f"{REGISTRY}/acme-api:${{{{ github.sha }}}}"),
        pushing(f"{REGISTRY}/acme-api:${{GITHUB_SHA::7}}"),
        pushing(f"{REGISTRY}/acme-api:v1.2.0"),
        action(f"{REGISTRY}/acme-api:${{{{ github.sha }}}}"),
        job(
            f"{LOGIN}- env:\n    TAG: ${{{{ github.sha }}}}\n    REPO: acme-api\n    REG: {REGISTRY}\n"
            "  run: docker push $REG/$REPO:$TAG"
        ),
        job(
            f"{LOGIN}- run: |\n    TAG=$(git rev-parse --short HEAD)\n"
            f'    docker push "{REGISTRY}/acme-api:$TAG"'
        ),
        job(f"{LOGIN}- run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme-api:$GITHUB_SHA"),
    ],
)
def test_a_tag_that_terraform_runs_and_nobody_pushes_is_told(workflow: str) -> None:
    (found,) = ask("deployed-image-pushed", {CI: workflow, "infra/main.tf": TF})
    assert found.subject == "acme-api:latest"
    assert "no new image gets live" in found.message
    assert places([found]) == [("infra/main.tf", 7)]
    assert found.evidence[1].file == CI


def test_a_container_of_a_task_and_a_default_nobody_passes_are_read() -> None:
    terraform = """\
        provider "aws" {}
        variable "tag" {
          default = "stable"
        }
        resource "aws_ecr_repository" "app" {
          name = "acme-api"
        }
        resource "aws_ecs_task_definition" "t" {
          container_definitions = jsonencode([
            { name = "a", image = "${aws_ecr_repository.app.repository_url}:${var.tag}" },
          ])
        }
    """
    workflow = pushing(f"{REGISTRY}/acme-api:$GITHUB_SHA")
    (found,) = ask("deployed-image-pushed", {CI: workflow, "main.tf": terraform})
    assert "runs acme-api:stable" in found.message
    passed = workflow + "      - run: terraform apply -var tag=$GITHUB_SHA\n"
    assert ask("deployed-image-pushed", {CI: passed, "main.tf": terraform}) == []


@pytest.mark.parametrize(
    ("workflow", "more"),
    [
        (pushing(f"{REGISTRY}/acme-api:$GITHUB_SHA", f"{REGISTRY}/acme-api:latest"), {}),
        (action(f"{REGISTRY}/acme-api:${{{{ github.sha }}}}", f"{REGISTRY}/acme-api:latest"), {}),
        (pushing(f"{REGISTRY}/acme-api"), {}),
        (pushing(f"{REGISTRY}/acme-api:$TAG"), {}),  # whatever it is
        (pushing(f"{REGISTRY}/acme-api:$GITHUB_SHA", "$IMAGE"), {}),
        (pushing(f"{REGISTRY}/acme-api:$GITHUB_SHA", f"--all-tags {REGISTRY}/acme-api"), {}),
        (pushing("ghcr.io/acme/acme-api:$GITHUB_SHA"), {}),
        (pushing(f"{REGISTRY}/other:$GITHUB_SHA"), {}),
        (
            pushing(f"{REGISTRY}/acme-api:$GITHUB_SHA"),
            {"Makefile": "push:\n\tdocker push x/acme-api:latest\n"},
        ),
        (
            pushing(f"{REGISTRY}/acme-api:$GITHUB_SHA")
            + "      - run: aws lambda update-function-code --function-name f --image-uri x\n",
            {},
        ),
        (
            pushing(f"{REGISTRY}/acme-api:$GITHUB_SHA"),
            {"infra/life.tf": "locals {\n  a = 1 # ignore_changes = [image_uri]\n}\n"},
        ),
        (pushing(f"{REGISTRY}/acme-api:$GITHUB_SHA"), {"ship.sh": "docker push $REG/acme-api:latest\n"}),
    ],
)
def test_a_tag_that_may_be_pushed_or_set_otherwise_is_not_accused(
    workflow: str, more: dict[str, str]
) -> None:
    assert ask("deployed-image-pushed", {CI: workflow, "infra/main.tf": TF, **more}) == []


def test_a_repository_that_is_pushed_under_another_name_is_told() -> None:
    workflow = pushing(f"{REGISTRY}/acme_api:$GITHUB_SHA")
    (found,) = ask("pushed-repository-named", {CI: workflow, "infra/main.tf": TF})
    assert "is acme-api" in found.message
    assert places([found]) == [(CI, 9)]


@pytest.mark.parametrize(
    "images",
    [
        (f"{REGISTRY}/acme-api:1",),
        (f"{REGISTRY}/acme-web:1",),
        (f"{REGISTRY}/acme-api-migrations:1",),
        (f"{REGISTRY}/acme_api:1", f"{REGISTRY}/acme-api:1"),
        (f"{REGISTRY}/acme_api:1", f"{REGISTRY}/$NAME:1"),
        ("ghcr.io/acme_api:1",),
    ],
)
def test_a_repository_of_its_own_is_not_accused(images: tuple[str, ...]) -> None:
    assert ask("pushed-repository-named", {CI: pushing(*images), "infra/main.tf": TF}) == []


FIXED = TF.replace('"acme-api"\n', '"acme-api"\n  image_tag_mutability = "IMMUTABLE"\n', 1)


def test_a_tag_that_is_pushed_each_time_to_an_immutable_repository_is_told() -> None:
    workflow = pushing(f"{REGISTRY}/acme-api:$GITHUB_SHA", f"{REGISTRY}/acme-api:latest")
    (found,) = ask("pushed-tag-can-change", {CI: workflow, "infra/main.tf": FIXED})
    assert "the second push is refused" in found.message
    assert places([found]) == [(CI, 10)]
    assert found.evidence[1].line == 3


@pytest.mark.parametrize(
    ("terraform", "image"),
    [
        (TF, f"{REGISTRY}/acme-api:latest"),
        (FIXED.replace('"IMMUTABLE"', '"MUTABLE"'), f"{REGISTRY}/acme-api:latest"),
        (FIXED, f"{REGISTRY}/acme-api:$GITHUB_SHA"),
        (FIXED, f"{REGISTRY}/acme-api:v1.2.0"),  # raised by hand
        (FIXED, f"{REGISTRY}/acme-web:latest"),
        (FIXED, "ghcr.io/acme-api:latest"),
    ],
)
def test_a_tag_that_is_new_or_may_change_is_not_accused(terraform: str, image: str) -> None:
    assert ask("pushed-tag-can-change", {CI: pushing(image), "infra/main.tf": terraform}) == []
