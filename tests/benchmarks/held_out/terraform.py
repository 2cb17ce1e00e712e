# ruff: noqa: PLR0917 - an operator reads as a row: name, reason, pattern, change
"""Terraform, AWS, one name for one thing, secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.benchmarks.held_out.building import (
    DOCS,
    YAML,
    Also,
    Operate,
    When,
    Where,
    changed,
    esc,
    line,
    places,
    span,
    typo,
    words,
)
from tests.benchmarks.mutation import Mutation, Sample

S = "workflows x Terraform x AWS"
TF = r"\.tf$"


def w(
    operator: str,
    why: str,
    pattern: str,
    new: str | Callable[[str], str] = typo,
    also: Also | tuple[Where, ...] = (),
    when: When = lambda *_: True,
    files: str = TF,
    subject: str = S,
) -> Operate:
    return words(subject, operator, why, files, pattern, new, also, when)


def vardecl(_h: Sample, m: re.Match[str]) -> list[Where]:
    return [(TF, rf'variable "{m["x"]}"')]


NAMES = [
    w("variable read", "no such variable is declared", r"\bvar\.(?P<x>\w+)", typo, vardecl),
    w("local read", "no such local is declared", r"\blocal\.(?P<x>\w+)", typo),
    w("data read", "no such data source is declared", r"\bdata\.\w+\.(?P<x>\w+)", typo),
    w("data type read", "no such data source is declared", r"\bdata\.(?P<x>aws_\w+)\.", typo),
    w("resource read", "no such resource is declared", r"(?<![\w.\"])(?:aws_\w+)\.(?P<x>\w+)[.\[]", typo),
    w("resource type read", "no such resource is declared", r"(?<![\w.\"])(?P<x>aws_\w+)\.\w+[.\[]", typo),
    w(
        "resource renamed",
        "others name it as it was",
        r'^(?:resource|data) "aws_\w+" "(?P<x>\w+)"',
        typo,
        lambda h, m: [(TF, rf"aws_\w+\.{m['x']}\b")],
        lambda h, p, n, m: bool(places(h, [(TF, rf"aws_\w+\.{m['x']}\b")])),
    ),
    w(
        "resource type",
        "others name it as it was, and the provider has no such type",
        r'^(?:resource|data) "(?P<x>aws_\w+)"',
        typo,
        lambda h, m: [(TF, rf"{m['x']}\.")],
    ),
    w(
        "variable renamed",
        "others name it as it was",
        r'^variable "(?P<x>\w+)"',
        typo,
        lambda h, m: [
            (r"\.tf$|tfvars$|workflows", rf"\bvar\.{m['x']}\b|^{m['x']} +=|TF_VAR_{m['x']}|^  {m['x']} +=")
        ],
    ),
    w(
        "local renamed",
        "others name it as it was",
        r"^  (?P<x>environments|name|image) += (?=toset|\")",
        typo,
        lambda h, m: [(TF, rf"local\.{m['x']}\b")],
        lambda h, p, n, m: "locals {" in "\n".join(h.files[p].split("\n")[max(0, n - 3) : n]),
    ),
    w("module read", "no such module is called", r"\bmodule\.(?P<x>\w+)", typo),
    w(
        "module output read",
        "the module has no such output",
        r"\bmodule\.\w+\.(?P<x>\w+)",
        typo,
        ((r"modules/.*\.tf$", "^output"),),
    ),
    w("module source", "no directory has this path", r'source = "\./(?P<x>modules/service)"', typo),
    w(
        "module argument",
        "the module declares no such variable",
        r"^  (?P<x>replicas|vpc_id|subnets|image|name) +=",
        typo,
        lambda h, m: [(r"modules/.*\.tf$", rf'variable "{m["x"]}"'), (TF, '^module "')],
        lambda h, p, n, m: (
            'module "' in "\n".join(h.files[p].split("\n")[max(0, n - 10) : n])
            and p.endswith("infra/main.tf")
        ),
    ),
    w(
        "module output renamed",
        "it is read under its old name",
        r'^output "(?P<x>arn)"',
        typo,
        ((TF, r"module\.service\.arn"),),
    ),
    w(
        "provider source",
        "the registry has no such provider, and the lock has another",
        r'source += "hashicorp/(?P<x>aws)"',
        "awss",
        ((r"lock\.hcl$", "provider|constraints|version"),),
    ),
    w(
        "provider version beyond the lock",
        "init refuses: the locked version does not match",
        r'version = "(?P<x>~> 5\.\d+|>= 5\.60, < 6\.0)"',
        "~> 6.2",
        ((r"lock\.hcl$", "version|constraints"),),
    ),
    w(
        "required version beyond the pinned",
        "terraform refuses to run",
        r'required_version = "(?P<x>~> 1\.11\.0)"',
        ">= 1.12",
        ((YAML, "terraform_version"),),
    ),
    w(
        "pinned terraform below required",
        "terraform refuses to run",
        r"terraform_version: (?P<x>1\.11\.4)",
        "1.9.8",
        ((TF, "required_version"),),
        files=YAML,
    ),
    w(
        "terraform directory",
        "no directory has this path",
        r"-chdir=(?P<x>infra)",
        typo,
        files=YAML + "|" + DOCS,
    ),
    w(
        "backend configuration",
        "no file has this path",
        r"-backend-config=(?P<x>backend)/production",
        typo,
        files=YAML,
    ),
    w(
        "backend configuration on the command line",
        "no file has this path",
        r"-backend-config=backend/(?P<x>production)",
        typo,
        files=YAML,
    ),
    w("variables file", "no file has this path", r"-var-file=(?P<x>production)", typo, files=YAML),
    w(
        "value of no variable",
        "no such variable is declared, so its own has no value",
        r"^(?P<x>environment|vpc_id|subnets|replicas|office_cidr|subnet_id|key_name|nodes) +=",
        typo,
        lambda h, m: [(TF, rf'variable "{m["x"]}"')],
        files=r"(production|terraform)\.tfvars$",
    ),
    w(
        "TF_VAR",
        "no such variable is declared, so its own has no value",
        r"TF_VAR_(?P<x>\w+)",
        typo,
        lambda h, m: [(TF, rf'variable "{m["x"]}"'), (YAML, "terraform plan")],
        files=YAML,
    ),
    w("type of a default", "the default is of another type", r"^  default += (?P<x>\d+)$", '"fourteen"'),
    w("type", "there is no such type", r"^  type +?= (?P<x>string|number)$", typo),
    w(
        "default no real id",
        "nothing has this id",
        r"^  type += (?P<x>string)$",
        'string\n  default     = "subnet-xxxxxxxx"',
        (),
        lambda h, p, n, m: (
            re.search(r'variable "(subnet_id|vpc_id)"', "\n".join(h.files[p].split("\n")[max(0, n - 3) : n]))
            is not None
            and "modules" not in p
        ),
    ),
    w(
        "id in a variables file no real id",
        "nothing has this id",
        r'(?:vpc_id|subnet_id) += "(?P<x>(?:vpc|subnet)-\w+)"',
        lambda t: t.split("-")[0] + "-12345678",
        files=r"(production|terraform)\.tfvars$",
    ),
    w(
        "ami no real id",
        "nothing has this id",
        r"ami += (?P<x>data\.aws_ami\.\w+\.id)",
        '"ami-xxxxxxxxxxxxxxxxx"',
    ),
    w(
        "world-open SSH",
        "everybody may try to log in",
        r"cidr_blocks = \[(?P<x>\"203\.0\.113\.0/24\"|var\.office_cidr)\]",
        '"0.0.0.0/0"',
        ((TF, r"ingress|from_port +?= 22|to_port +?= 22"),),
    ),
    w(
        "IMDSv1",
        "whoever can make the node fetch an address gets its credentials",
        r'http_tokens +?= "(?P<x>required)"',
        "optional",
        ((TF, 'resource "aws_instance"'),),
    ),
    w(
        "tag that tools filter by",
        "the tool finds no node",
        r'^    (?P<x>Role) = "',
        typo,
        ((r"push\.sh$", "tag:Role"),),
        lambda h, p, n, m: h.name == "tally",
    ),
    w(
        "tag value that tools filter by",
        "the tool finds no node",
        r'^    Role = "(?P<x>tally-node)"',
        typo,
        ((r"push\.sh$", "tag:Role"),),
    ),
    w(
        "tag filter",
        "no node carries such a tag",
        r"tag:(?P<x>Role)",
        typo,
        ((TF, "Role ="),),
        files=r"\.sh$",
    ),
    w(
        "tag filter value",
        "no node carries such a tag",
        r"tag:Role,Values=(?P<x>tally-node)",
        typo,
        ((TF, "Role ="),),
        files=r"\.sh$",
    ),
    w(
        "login user",
        "the image has another user",
        r"ssh (?:-i tally\.pem )?(?P<x>ubuntu|ec2-user)@",
        lambda t: {"ubuntu": "ec2-user", "ec2-user": "ubuntu"}[t],
        ((TF, r"aws_ami|values += \[\"(ubuntu|al2023)"),),
        files=r"\.md$|\.tf$",
    ),
    w("image", "the documented user is another image's", r"owners += \[\"(?P<x>amazon)\"\]", 'x"', ()),
    w(
        "each without for_each",
        "each is there only with for_each",
        r"^  (?P<x>for_each) = local",
        "# for_each",
        ((TF, r"each\.key"),),
    ),
    w(
        "count without count",
        "count is there only with count",
        r"^  (?P<x>count) +?= var",
        "# count",
        ((TF, r"count\.index|aws_\w+\.\w+\[count"),),
    ),
    w(
        "unknown action of IAM",
        "IAM knows no such action",
        r'"(?:s3|logs|ssm|ecs|ec2|sts):(?P<x>[A-Z]\w+)"',
        typo,
        files=r"\.tf$|policies/.*json$",
    ),
    w(
        "unknown service of IAM",
        "IAM knows no such service",
        r'"(?P<x>logs|ssm|ecs|ec2):[A-Z]',
        typo,
        files=r"\.tf$|policies/.*json$",
    ),
    w(
        "wildcard of IAM",
        "it grants everything",
        r'"(?P<x>(?:s3|ssm|ecs|logs):\w+)"',
        "*",
        files=r"\.tf$|policies/.*json$",
    ),
    w(
        "action not granted",
        "the deploy job calls it",
        r'"(?P<x>ssm:PutParameter|ecs:UpdateService|ecs:DescribeServices|s3:PutObject|ssm:SendCommand|ec2:DescribeInstances|ssm:GetCommandInvocation)"',
        "s3:GetBucketLocation",
        ((YAML + r"|\.sh$", r"aws (ssm|ecs|s3|ec2)|instance_id|send-command|describe-instances|push\.sh"),),
        lambda h, p, n, m: "node" not in p,
        files=r"oidc\.tf$|policies/deploy\.json$",
    ),
    w(
        "resource of a policy",
        "the job writes elsewhere",
        r"arn:aws:s3:::(?P<x>abacus-tally-builds)",
        typo,
        ((YAML + r"|\.sh$|\.md$|policies", "abacus-tally-builds"),),
        files=r"policies/deploy\.json$",
    ),
    w(
        "trust: letter case",
        "the subject is compared with its letter case",
        r"repo:(?P<x>lofty|abacus)/",
        str.title,
        ((YAML, r"configure-aws|role-to-assume|environment"),),
        files=r"oidc\.tf$|trust\.json$",
    ),
    w(
        "trust: repository",
        "the subject is another",
        r"repo:\w+/(?P<x>kite|tally):",
        typo,
        ((YAML, r"configure-aws|role-to-assume|environment"),),
        files=r"oidc\.tf$|trust\.json$",
    ),
    w(
        "trust: environment",
        "the job's environment is another",
        r":environment:(?P<x>production|live|staging)",
        typo,
        ((YAML, r"configure-aws|role-to-assume|environment|- staging"),),
        files=r"oidc\.tf$|trust\.json$",
    ),
    w(
        "trust: branch instead of environment",
        "a job with an environment has no ref in its subject",
        r":(?P<x>environment:(?:live|production))",
        "ref:refs/heads/main",
        ((YAML, r"configure-aws|role-to-assume|environment"),),
        files=r"oidc\.tf$|trust\.json$",
    ),
    w(
        "trust: audience",
        "the action asks for sts.amazonaws.com",
        r"(?:aud\": \"|values   = \[\"|client_id_list = \[\")(?P<x>sts\.amazonaws\.com)",
        "https://github.com",
        ((YAML, r"configure-aws"),),
        files=r"oidc\.tf$|trust\.json$",
    ),
    w(
        "trust: action",
        "a web identity assumes with AssumeRoleWithWebIdentity",
        r"sts:(?P<x>AssumeRoleWithWebIdentity)",
        "AssumeRole",
        (),
        files=r"oidc\.tf$|trust\.json$",
    ),
    w(
        "role renamed in Terraform",
        "the workflow assumes the old one",
        r'^  name +?= "(?P<x>kite-deploy)"',
        typo,
        ((YAML, r"kite-deploy"),),
    ),
    w(
        "role renamed in a workflow",
        "Terraform makes another",
        r"role/(?P<x>kite-deploy)",
        typo,
        ((TF, r"kite-deploy"),),
        files=YAML,
    ),
    w(
        "policy file",
        "no file has this path",
        r"policies/(?P<x>node|trust|deploy)\.json",
        typo,
        files=r"\.tf$|\.sh$",
    ),
    w("template file", "no file has this path", r"module\}/(?P<x>node)\.sh\.tftpl", typo),
    w(
        "template variable",
        "the template's variable has another name",
        r"^    (?P<x>device|mount) += ",
        typo,
        ((r"tftpl$", r"\$\{"), (TF, "templatefile")),
    ),
    w(
        "variable in a template",
        "nobody passes it",
        r"\$\{(?P<x>device|mount)\}",
        typo,
        ((TF, "templatefile|device|mount"),),
        files=r"tftpl$",
    ),
]
NAMES = [o for o in NAMES if o.__name__ != "image"]


def structure(host: Sample) -> Iterator[Mutation]:
    for path in host.matching(TF):
        lines = host.files[path].split("\n")
        done = set()
        for n, text in enumerate(lines, 1):
            if text == "}" and "brace" not in done:
                done.add("brace")
                yield line(host, S, "brace lost", "the file is no HCL", path, n, None, [(esc(path), ".")])
            if (m := re.match(r'^(\s+\w+ += "[^"$]*)"$', text)) and "quote" not in done:
                done.add("quote")
                yield line(host, S, "quote left open", "the file is no HCL", path, n, m[1])
            if (m := re.match(r"^(?:resource|variable|output|data) .*\{", text)) and "twice" not in done:
                done.add("twice")
                end = next(k for k in range(n, len(lines)) if lines[k] == "}")
                block = lines[n - 1 : end + 1]
                made = [*lines, *block, ""]
                yield changed(
                    host,
                    S,
                    "declared twice",
                    "a name is declared once",
                    f"{path}:{n}: {text} twice",
                    {path: "\n".join(made)},
                    [(path, n), (path, len(lines) + 1)],
                )
            if (m := re.match(r'^variable "(\w+)"', text)) and "modules" not in path:
                end = next(k for k in range(n, len(lines)) if lines[k] == "}")
                block = lines[n - 1 : end + 1]
                default = [k for k, t in enumerate(block) if re.match(r"\s+default", t)]
                given = any(
                    re.search(rf"^{m[1]} +=", t, re.MULTILINE)
                    for p, t in host.files.items()
                    if p.endswith(("production.tfvars", "terraform.tfvars"))
                )
                if default and not given:
                    files = span(host, path, n + default[0], n + default[0], [])
                    yield changed(
                        host,
                        S,
                        "default lost",
                        "nobody passes a value",
                        f"{path}:{n}: {m[1]} without a default",
                        files,
                        [(path, n)],
                        [(YAML + "|" + DOCS, r"terraform.* (plan|apply)"), (TF, rf'variable "{m[1]}"')],
                    )
                yield changed(
                    host,
                    S,
                    "declaration lost",
                    "it is read",
                    f"{path}: without variable {m[1]}",
                    span(host, path, n, end + 1, []),
                    (),
                    [(r"\.tf$|tfvars$|workflows", rf"var\.{m[1]}\b|^{m[1]} +=|TF_VAR_{m[1]}")],
                )
                if "unused" not in done:
                    yield changed(
                        host,
                        S,
                        "unused variable",
                        "a value that is passed has no effect",
                        f"{path}: variable spare",
                        {
                            path: host.files[path]
                            + '\nvariable "spare" {\n  type    = string\n  default = "x"\n}\n'
                        },
                        [(path, len(lines) + k) for k in range(5)],
                    )
                done.add("unused")
            if re.match(r'^  backend "s3"', text):
                end = n if "{}" in text else next(k for k in range(n, len(lines)) if lines[k] == "  }") + 1
                if "{}" in text:
                    yield changed(
                        host,
                        S,
                        "backend lost",
                        "the command line configures one",
                        f"{path}:{n}: no backend",
                        span(host, path, n, end, []),
                        (),
                        [(YAML + "|" + DOCS, "backend-config"), (esc(path), "^terraform")],
                    )
            if re.match(r'^resource "aws_volume_attachment"', text):
                end = next(k for k in range(n, len(lines)) if lines[k] == "}")
                yield changed(
                    host,
                    S,
                    "volume never attached",
                    "nobody can use the volume",
                    f"{path}: without {text}",
                    span(host, path, n, end + 1, []),
                    (),
                    [(TF, "aws_ebs_volume")],
                )
            if re.match(r"^  metadata_options", text):
                end = next(k for k in range(n, len(lines)) if lines[k] == "  }")
                yield changed(
                    host,
                    S,
                    "no metadata options",
                    "IMDSv1 is open",
                    f"{path}: without metadata_options",
                    span(host, path, n, end + 1, []),
                    (),
                    [(TF, 'resource "aws_instance"')],
                )
            if re.match(r"^  required_providers", text):
                pass
    for path in host.matching(r"(production|terraform)\.tfvars$"):
        for n, text in enumerate(host.files[path].split("\n"), 1):
            m = re.match(r"^(\w+) +=", text)
            if m and m[1] not in ("replicas", "nodes"):
                yield line(
                    host,
                    S,
                    "value lost",
                    "the variable has no default",
                    path,
                    n,
                    None,
                    [(TF, rf'variable "{m[1]}"'), (YAML + "|" + DOCS, "terraform.* (plan|apply)")],
                )
    for path, n, text in host.lines(YAML):
        if m := re.match(r"^(\s+- run: terraform plan.*) -var-file=\S+(.*)", text):
            yield line(
                host,
                S,
                "variables file not passed",
                "variables have no default",
                path,
                n,
                m[1] + m[2],
                [(TF, r'variable "(environment|vpc_id|subnets|office_cidr)"')],
            )
            yield line(
                host,
                S,
                "value on the command line",
                "no such variable is declared",
                path,
                n,
                text + " -var=size=3",
            )
    for path in host.matching(r"^policies/deploy\.json$|oidc\.tf$"):
        for n, text in enumerate(host.files[path].split("\n"), 1):
            if path.endswith("json") and '"ssm:GetCommandInvocation"' in text:
                yield line(
                    host,
                    S,
                    "PassRole for every role",
                    "it may give a machine any role",
                    path,
                    n,
                    text.replace('"ssm:Get', '"iam:PassRole", "ssm:Get'),
                    [(esc(path), r'"Resource": "\*"')],
                )
            if path.endswith("oidc.tf") and '"ssm:PutParameter"' in text:
                yield (
                    line(
                        host,
                        S,
                        "PassRole for every role",
                        "it may give a machine any role",
                        path,
                        n,
                        text.replace('"ssm:Put', '"iam:PassRole", "ssm:Put') + "\n    # any",
                        [(esc(path), "resources")],
                    )
                    if False
                    else changed(
                        host,
                        S,
                        "PassRole for every role",
                        "it may give a machine any role",
                        f"{path}:{n}",
                        span(
                            host,
                            path,
                            n,
                            n + 1,
                            [text.replace('"ssm:Put', '"iam:PassRole", "ssm:Put'), '    resources = ["*"]'],
                        ),
                        [(path, n), (path, n + 1)],
                    )
                )
    for path in host.matching(r"policies/trust\.json$"):
        for n, text in enumerate(host.files[path].split("\n"), 1):
            if ":aud" in text:
                files = span(host, path, n, n + 1, [text.rstrip(",")])
                yield changed(
                    host,
                    S,
                    "trust without a subject",
                    "every repository on GitHub may assume the role",
                    f"{path}:{n + 1}: no sub",
                    files,
                    [(path, k) for k in range(n - 10, n + 2) if k > 0],
                )


OPERATORS: list[Operate] = [*NAMES, structure]
