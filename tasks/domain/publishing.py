"""Steps and commands that give others what a job made: releases, registries, buckets, clusters."""

from __future__ import annotations

from tasks.domain.script import Command
from tasks.domain.workflow import Step

RELEASING = frozenset(
    {
        "actions/create-release",
        "actions/upload-release-asset",
        "alexellis/upload-assets",
        "helm/chart-releaser-action",
        "ncipollo/release-action",
        "shogo82148/actions-upload-release-asset",
        "softprops/action-gh-release",
        "svenstaro/upload-release-action",
        "taiki-e/create-gh-release-action",
        "taiki-e/upload-rust-binary-action",
    }
)
"""Actions that make a release or add files to one."""
_DEPLOYING = frozenset(
    {
        "actions/deploy-pages",
        "aws-actions/amazon-ecs-deploy-task-definition",
        "aws-actions/aws-cloudformation-github-deploy",
        "aws-actions/aws-lambda-deploy",
        "cloudflare/wrangler-action",
        "google-github-actions/deploy-cloudrun",
        "pypa/gh-action-pypi-publish",
    }
)
_PUSHING = "docker/build-push-action"


def published_by(step: Step) -> str | None:
    """Return the action of a step that publishes something; None for others, and where nobody can tell."""
    if step.action is None:
        return None
    name = step.action.name
    pushes = name == _PUSHING and step.inputs.get("push") in (True, "true")
    return name if pushes or name in RELEASING | _DEPLOYING else None


def publishes(command: Command) -> str | None:
    """Return what a command that publishes something is called; None for others."""
    first, second = (*(word.text for word in command.arguments[:2]), "", "")[:2]
    match command.program, first:
        case "gh", "release" if second in ("create", "upload"):
            return None if second == "create" else "gh release upload"
        case "aws", "s3" if second in ("cp", "mv", "sync"):
            places = [
                word.text.strip("\"'") for word in command.arguments[2:] if not word.text.startswith("-")
            ]
            to_bucket = (
                len(places) > 1 and places[1].startswith("s3://") and not places[0].startswith("s3://")
            )
            return f"aws s3 {second}" if to_bucket else None
        case "docker" | "podman", "push":
            return (
                None if any("cache" in word.text for word in command.arguments) else f"{command.program} push"
            )
        case "twine", "upload":
            return "twine upload"
        case "helm", "push":
            return "helm push"
        case "kubectl", "apply":
            return "kubectl apply"
        case _:
            return None
