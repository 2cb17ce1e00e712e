# ruff: noqa: E501 - patterns and files stand on one line
"""Credentials where whoever reads the files has them; none of them is real."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from tests.benchmarks.held_out.building import (
    Operate,
    changed,
    span,
)
from tests.benchmarks.mutation import Mutation, Sample

_KEYS = {
    "AWS access key": ("AKIA" + "Q7ZPD2XNV4LKJ5WM", "r8Kp2vXq/Zt0LmWc5YhB9nDsFj3Ga+eU7oTi4NyR"),
    "GitHub token": ("ghp_" + "kV2xQ9mZrT7wLpB4cYnD8sFhJ1gA5e3eXuQK",),
    "Slack webhook": ("https://hooks.slack.com/services/" + "T8K2PQ4ZN/B7M3XW9LD/q2Zr8VtYk5LmWc0HnDs7FjGa",),
    "private key": ("-----BEGIN " + "RSA PRIVATE KEY-----",),
}


def leaked(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(r"workflows/|\.sh$|tfvars$|main\.tf$|\.md$"):
        "<!-- {} -->" if path.endswith(".md") else None
        lines = host.files[path].split("\n")
        n = len(lines)
        if path.endswith((".yml",)):
            if not re.search(r"^env:", host.files[path], re.MULTILINE):
                at = next(k for k, t in enumerate(lines, 1) if t.startswith("jobs:"))
                a, b = _KEYS["AWS access key"]
                yield changed(
                    host,
                    "secrets",
                    "AWS keys in a file",
                    "whoever reads the file has the account",
                    f"{path}:{at}",
                    span(
                        host,
                        path,
                        at,
                        at,
                        [
                            "env:",
                            f"  AWS_ACCESS_KEY_ID: {a}",
                            f"  AWS_SECRET_ACCESS_KEY: {b}",
                            "",
                            lines[at - 1],
                        ],
                    ),
                    [(path, at + 1), (path, at + 2)],
                )
        elif path.endswith(".sh"):
            a, b = _KEYS["AWS access key"]
            yield changed(
                host,
                "secrets",
                "AWS keys in a file",
                "whoever reads the file has the account",
                f"{path}:{n}",
                {
                    path: host.files[path]
                    + f"export AWS_ACCESS_KEY_ID={a}\nexport AWS_SECRET_ACCESS_KEY={b}\n"
                },
                [(path, n), (path, n + 1)],
            )
            yield changed(
                host,
                "secrets",
                "webhook in a file",
                "whoever reads the file can write there",
                f"{path}:{n}",
                {path: host.files[path] + f'curl -d \'{{"text": "done"}}\' {_KEYS["Slack webhook"][0]}\n'},
                [(path, n)],
            )
        elif path.endswith(".md"):
            yield changed(
                host,
                "secrets",
                "GitHub token in a file",
                "whoever reads the file is that person",
                f"{path}:{n}",
                {
                    path: host.files[path]
                    + f"    git clone https://{github_token()}@github.com/{host.slug}.git\n"
                },
                [(path, n)],
            )
        elif path.endswith("main.tf"):
            a, b = _KEYS["AWS access key"]
            for at in (k for k, t in enumerate(lines, 1) if t.startswith('provider "aws"')):
                yield changed(
                    host,
                    "secrets",
                    "AWS keys in a file",
                    "whoever reads the file has the account",
                    f"{path}:{at}",
                    span(
                        host, path, at, at, [lines[at - 1], f'  access_key = "{a}"', f'  secret_key = "{b}"']
                    ),
                    [(path, at + 1), (path, at + 2)],
                )
    key = "\n".join(
        [
            "-----BEGIN " + "RSA PRIVATE KEY-----",
            *[
                "MIIEpAIBAAKCAQEA" + "".join("kZ8vQ2mXr7TwLpB4cYnD"[(k * 7 + j * 3) % 20] for j in range(48))
                for k in range(24)
            ],
            "-----END " + "RSA PRIVATE KEY-----",
            "",
        ]
    )
    yield changed(
        host,
        "secrets",
        "private key in a file",
        "whoever reads the file can log in",
        "deploy.pem is tracked",
        {"deploy.pem": key},
        [("deploy.pem", 1)],
    )
    yield changed(
        host,
        "secrets",
        "Terraform state in a file",
        "state holds secrets in clear",
        "terraform.tfstate is tracked",
        {
            "infra/terraform.tfstate": '{\n  "version": 4,\n  "terraform_version": "1.11.4",\n  "serial": 3,\n  "lineage": "5a0c7a43",\n  "outputs": {},\n  "resources": []\n}\n'
        },
        [("infra/terraform.tfstate", 1), ("infra/terraform.tfstate", 0), (".gitignore", 1)],
    )


def github_token() -> str:
    """Return a text that has the checksum of a token, and is none."""
    body = "kV2xQ9mZrT7wLpB4cYnD8sFhJ1gA5e"
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    n, out = zlib.crc32(body.encode()), ""
    while n > 0:
        n, rest = divmod(n, 62)
        out = digits[rest] + out
    return "ghp_" + body + out.rjust(6, "0")


OPERATORS: list[Operate] = [leaked]
