# ruff: noqa: E501, PLR0917 - an operator reads as a row, and patterns stand on one line
"""One name for one thing: buckets, regions, ports, secrets, paths and commands in documents."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.benchmarks.held_out.building import (
    DOCS,
    WORKFLOWS,
    YAML,
    Also,
    Operate,
    When,
    Where,
    esc,
    places,
    typo,
    words,
)
from tests.benchmarks.mutation import Sample

TF = r"\.tf$"


def w(
    operator: str,
    why: str,
    pattern: str,
    new: str | Callable[[str], str] = typo,
    also: Also | tuple[Where, ...] = (),
    when: When = lambda *_: True,
    files: str = DOCS,
    subject: str = "one name, one thing",
) -> Operate:
    return words(subject, operator, why, files, pattern, new, also, when)


def both(_host: Sample, m: re.Match[str]) -> list[Where]:
    return [(".", rf"(?<![\w-]){esc(m['x'])}(?![\w-])")]


N = "one name, one thing"
DEFINED = r"\.(tf|tfvars|hcl|sh|json|toml|md)$|workflows/"
OPERATORS: list[Operate] = [
    w(
        "bucket",
        "one place means another bucket than the others",
        r"(?P<x>acme-moonphase-(?:artifacts|terraform-state)|lofty-kite-tfstate|abacus-tally-(?:builds|state))",
        lambda t: t + "-2",
        both,
        lambda h, p, n, m: len(places(h, both(h, m))) > 1 and "policies" not in p,
        files=DEFINED,
        subject=N,
    ),
    w(
        "region",
        "one place means another region than the others",
        r"(?P<x>us-west-2|eu-central-1|us-east-2)(?![a-z])",
        lambda t: {"us-west-2": "us-west-1", "eu-central-1": "eu-west-1", "us-east-2": "us-east-1"}[t],
        both,
        files=DEFINED,
        subject=N,
    ),
    w(
        "port",
        "one place means another port than the others",
        r"(?<![\d.])(?P<x>8080|7070)(?!\d)",
        lambda t: t[:-1] + "1",
        lambda h, m: [(".", rf"(?<!\d){m['x']}(?!\d)")],
        lambda h, p, n, m: not p.endswith((".rs", ".lock")),
        files=DEFINED + "|Dockerfile|Makefile",
        subject=N,
    ),
    w(
        "role",
        "one place means another role than the others",
        r"(?P<x>moonphase-deploy|tally-deploy)",
        typo,
        both,
        files=DEFINED,
        subject=N,
    ),
    w(
        "secret in a document",
        "the workflow reads another",
        r"`(?P<x>AWS_ROLE_TO_ASSUME|ARTIFACT_BUCKET|PAGER_URL|CODECOV_TOKEN|CARGO_REGISTRY_TOKEN|DEPLOY_ROLE|AWS_ACCOUNT_ID|SERVICE_HOST|AWS_REGION)`",
        typo,
        lambda h, m: [(YAML, m["x"])],
        files=DOCS,
        subject=N,
    ),
    w(
        "secret in the configuration",
        "the workflow reads another",
        r"^\[secrets\.(?P<x>\w+)\]",
        typo,
        lambda h, m: [(YAML, m["x"])],
        files=r"activation\.toml$",
        subject=N,
    ),
    w(
        "secret set by a script",
        "the workflow reads another",
        r"gh (?:secret|variable) set (?P<x>\w+)",
        typo,
        lambda h, m: [(YAML + "|" + DOCS, m["x"])],
        files=r"\.sh$",
        subject=N,
    ),
    w(
        "environment in the configuration",
        "the workflow offers another",
        r"^name = \"(?P<x>staging|production)\"",
        typo,
        lambda h, m: [(YAML, m["x"])],
        files=r"activation\.toml$",
        subject=N,
    ),
    w(
        "workflow in the configuration",
        "no file has this path",
        r"^workflow = \"(?P<x>release|deploy)\.yml",
        typo,
        files=r"activation\.toml$",
        subject=N,
    ),
    w(
        "key of the configuration",
        "it knows no such key",
        r"^(?P<x>region|state_bucket|artifact_bucket|deploy_role|workflow|assets|approval|health|source|daily_usd|alert_percent)(?= =)",
        typo,
        files=r"activation\.toml$",
        subject=N,
    ),
    w(
        "table of the configuration",
        "it knows no such table",
        r"^\[\[?(?P<x>release|deployment|aws|budget|thresholds)\]",
        typo,
        files=r"activation\.toml$",
        subject=N,
    ),
    w(
        "value of the configuration",
        "it knows no such value",
        r"^source = \"(?P<x>role-arn|artifact-bucket)\"",
        typo,
        files=r"activation\.toml$",
        subject=N,
    ),
    w(
        "workflow in a document",
        "no file has this path",
        r"gh workflow run (?P<x>deploy)\.yml",
        typo,
        files=DOCS,
        subject=N,
    ),
    w(
        "input in a document",
        "the workflow has no such input",
        r"-f (?P<x>environment|version|tag)=",
        typo,
        files=DOCS,
        subject=N,
    ),
    w(
        "choice in a document",
        "the workflow offers no such choice",
        r"-f environment=(?P<x>staging)",
        typo,
        files=DOCS,
        subject=N,
    ),
    w(
        "input missing in a document",
        "the workflow requires it",
        r"(?P<x> -f (?:version|tag)=\S+)",
        "",
        ((WORKFLOWS, r"^      (version|tag):"),),
        files=DOCS,
        subject=N,
    ),
    w(
        "link of a document",
        "no file has this path",
        r"\]\((?P<x>(?:docs|ci)/[\w/]+)\.\w+\)",
        typo,
        files=DOCS,
        subject=N,
    ),
    w(
        "path in a document",
        "no file has this path",
        r"`(?:\./)?(?P<x>crates/\w+|deploy/provision\.sh|scripts/smoke\.sh)[ `]",
        lambda t: (
            t.rpartition("/")[0]
            + "/"
            + typo(t.rpartition("/")[2].split(".")[0])
            + ("." + t.rpartition(".")[2] if "." in t else "")
        ),
        files=DOCS,
        subject=N,
    ),
    w(
        "package in a document",
        "no crate has this name",
        r"(?:--package|-p) (?P<x>[a-z-]+)",
        typo,
        files=DOCS,
        subject=N,
    ),
    w("binary in a document", "no crate builds it", r"--bin (?P<x>[a-z]+)", typo, files=DOCS, subject=N),
    w("example in a document", "no crate has it", r"--example (?P<x>[a-z]+)", typo, files=DOCS, subject=N),
    w(
        "recipe in a document",
        "there is none of this name",
        r"(?:make|just) (?P<x>test|lint)\b",
        typo,
        files=DOCS,
        subject=N,
    ),
    w(
        "directory in a document",
        "no directory has this path",
        r"cd (?P<x>terraform)\b",
        typo,
        files=DOCS,
        subject=N,
    ),
    w(
        "variables file in a document",
        "no file has this path",
        r"(?:-var-file=|-backend-config=backend/)(?P<x>production)",
        typo,
        files=DOCS,
        subject=N,
    ),
    w(
        "tag in a document",
        "the release workflow does not start for it",
        r"git tag (?P<x>v)\d",
        "release-",
        ((YAML, r"tags|- \"v"),),
        files=DOCS,
        subject=N,
    ),
    w(
        "unit in a document",
        "no unit has this name",
        r"systemctl status (?P<x>tallyd)",
        typo,
        files=DOCS,
        subject=N,
    ),
    w(
        "image name",
        "another image is deployed than pushed",
        r"(?P<x>ghcr\.io/lofty/kite)",
        "ghcr.io/lofty/kites",
        ((".", "ghcr.io/lofty/"),),
        files=r"\.tf$|workflows",
        subject=N,
    ),
    w(
        "cluster and service",
        "another service is deployed than made",
        r"--services? (?P<x>kite)\b",
        typo,
        ((TF, 'name +?= "kite"'),),
        files=YAML,
        subject=N,
    ),
    w(
        "service in Terraform",
        "another service is deployed than made",
        r'^  name +?= "(?P<x>kite)"$',
        typo,
        ((YAML, "--service"), (TF, "kite-\\*/kite")),
        files=r"modules/.*\.tf$",
        subject=N,
    ),
]
