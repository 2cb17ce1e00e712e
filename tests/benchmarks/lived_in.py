"""A repository after years of work: scripts, Terraform, policies and many documents beside the workflows.

With 20 workflows it has as many files of each kind, and as much text, as the first one that this was made
for; nothing of it is anybody's text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.benchmarks.generated import executable as checked
from tests.benchmarks.generated import repository as bare

SCRIPTS, DOCUMENTS, RECORDS, MODULES = 2, 2, 10, 0.5
"""Files for each workflow; records are documents of what was done, which nobody follows."""
_STEPS, _SECTIONS = 12, 8  # of one script, of one document

_STEP = """\
# Part {s} of what node {n} is watched for.
part_{s}() {{
  local limit="$1" found
  found=$(aws ec2 describe-instances --region "$REGION" \\
    --filters "Name=tag:Role,Values=node-{m}" "Name=instance-state-name,Values=running" \\
    --query 'Reservations[].Instances[].InstanceId' --output text 2>/dev/null || echo "")
  for id in $found; do
    if [[ "$id" == i-* ]] && (( limit > {s} )); then
      log "stopping $id (limit $limit)"
      aws ec2 stop-instances --instance-ids "$id" --region "$REGION" >>"$LOG" 2>&1 || true
    else
      echo "$id is kept" | tee -a "$LOG"
    fi
  done
}}
part_{s} "${{LIMIT_{s}:-{s}}}"
"""
_SCRIPT = """\
#!/usr/bin/env bash
set -euo pipefail
REGION="us-west-2"
LOG="/var/log/node-{n}.log"
log() {{ echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $*" >> "$LOG"; }}

"""
_SECTION = """\
## Part {s} of crate-{a}

The crate `crate-{a}` keeps what `scripts/check-{n}.sh` has counted: see
[its manifest](../crates/crate-{a}/Cargo.toml) and `crates/crate-{a}/src/lib.rs`. The nodes of
`node-{n}` have the role `role-{m}`, which `terraform/part-{m}` makes; they write
to the bucket that is told to `aws s3 cp`, and *nothing* else.

| what | where | since |
|------|-------|-------|
| counts | `crate-{a}` | part {s} |
| limits | `LIMIT_{s}` | part {n} |

```bash
cd crates/crate-{a}
cargo build --release -p crate-{a}
cargo test -p crate-{a} -- --nocapture
cd ../..
scripts/node-{n}-0.sh
```

1. Look at the log of the workflow `part-{n}.yml`, which `gh run list` shows.
2. Tell what was found; a number that grew is no news by itself.

```rust
fn part_{s}() -> usize {{
    {s}
}}
```

"""
_MODULE = """\
terraform {{
  required_version = ">= 1.5"
}}

variable "size_{m}" {{
  type    = string
  default = "t3.medium"
}}

resource "aws_iam_role" "role" {{
  name               = "role-{m}"
  assume_role_policy = file("${{path.module}}/trust.json")
}}

resource "aws_iam_role_policy" "policy" {{
  name   = "policy-{m}"
  role   = aws_iam_role.role.id
  policy = file("${{path.module}}/policy.json")
}}

resource "aws_iam_instance_profile" "profile" {{
  name = "profile-{m}"
  role = aws_iam_role.role.name
}}
"""
_NODE = """\

resource "aws_instance" "node_{s}" {{
  ami                  = data.aws_ami.image.id
  instance_type        = var.size_{m}
  iam_instance_profile = aws_iam_instance_profile.profile.name

  root_block_device {{
    volume_type = "gp3"
    volume_size = 50
    encrypted   = true
  }}

  metadata_options {{
    http_tokens = "required"
  }}

  tags = {{
    Name = "node-{m}-{s}"
    Role = "node-{m}"
  }}
}}
"""
_IMAGE = """\

data "aws_ami" "image" {
  most_recent = true
  owners      = ["099720109477"]
}
"""


def repository(workflows: int, crates: int) -> dict[str, str]:
    """Return the files."""
    files = bare(workflows, crates)
    for n in range(workflows):
        for one in range(SCRIPTS):
            parts = (_STEP.format(n=n, s=s, m=n % _modules(workflows)) for s in range(_STEPS))
            files[f"scripts/node-{n}-{one}.sh"] = _SCRIPT.format(n=n) + "\n".join(parts)
        for one in range(DOCUMENTS):
            files[f"docs/guide-{n}-{one}.md"] = _document(n, n % crates, _modules(workflows))
        for one in range(RECORDS):
            files[f"docs/session-{n}-{one}.md"] = _document(n, n % crates, _modules(workflows))
    for m in range(_modules(workflows)):
        nodes = "".join(_NODE.format(m=m, s=s) for s in range(8))
        files[f"terraform/part-{m}/main.tf"] = _MODULE.format(m=m) + nodes + _IMAGE
        files[f"terraform/part-{m}/trust.json"] = json.dumps(_TRUST, indent=2)
        files[f"terraform/part-{m}/policy.json"] = json.dumps(_RIGHTS, indent=2)
    return files


def executable(workflows: int) -> list[str]:
    """Return the paths that may be executed."""
    own = [f"scripts/node-{n}-{one}.sh" for n in range(workflows) for one in range(SCRIPTS)]
    return [*checked(workflows), *own]


def _modules(workflows: int) -> int:
    return max(1, int(workflows * MODULES))


def _document(n: int, crate: int, modules: int) -> str:
    parts = (_SECTION.format(n=n, a=crate, m=n % modules, s=s) for s in range(_SECTIONS))
    return f"# Node {n}\n\n" + "".join(parts)


_TRUST: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
_RIGHTS: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["ec2:DescribeInstances", "ec2:StopInstances"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "us-west-2"}},
        }
    ],
}
