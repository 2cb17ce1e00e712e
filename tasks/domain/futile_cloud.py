"""Futile remedies against failures of Terraform, AWS and systemd."""

from __future__ import annotations

from tasks.domain.futile import AGAIN, PLAIN_PUSH, Futile, either

CLOUD = (
    Futile(
        name="the state's lock",
        marks=(
            "locked",
            "cquiring",
            "ocking",
        ),
        failure=either(r"\bstate (?:is )?locked\b|Error (?:acquiring|locking) (?:the )?state(?: lock)?"),
        useless={
            "terraform init": "init takes no lock off",
            "tofu init": "init takes no lock off",
            "terraform validate": "validate takes no lock off",
            "terraform fmt": "fmt takes no lock off",
            "rm .terraform .terraform.lock.hcl": "these keep providers; the lock is where the state is",
            "gh run rerun": "the lock is still held when the run starts again",
        },
        beside=("terraform plan !-lock !-lock-timeout", "terraform apply !-lock !-lock-timeout"),
        instead="terraform force-unlock LOCK_ID",
        blanks="LOCK_ID is the `ID:` under `Lock Info:` in terraform's message",
    ),
    Futile(
        name="a changed backend",
        marks=("ackend configuration changed",),
        failure=either(r"Backend configuration changed"),
        useless={
            "terraform init !-reconfigure !-migrate-state": "init ends with the same error without its flag",
            "terraform plan": "it asks for init first",
            "terraform validate": "it leaves the backend as it is",
            "gh run rerun": AGAIN,
        },
        instead="terraform init -reconfigure",
        mends=True,
    ),
    Futile(
        name="a missing variable",
        marks=("o value for required",),
        failure=either(r"No value for required variable"),
        useless={
            "terraform init": "init gives no variable a value",
            "terraform validate": "validate asks for no value, and gives none",
            "terraform fmt": "fmt changes blanks",
            "gh run rerun": AGAIN,
        },
        instead="export TF_VAR_NAME=VALUE",
        blanks="NAME is the variable of the message, VALUE what it is to be",
    ),
    Futile(
        name="a changed unit",
        marks=("hanged on disk",),
        failure=either(r"(?:unit|service)\b[^\n|]{0,60}?changed on disk"),
        useless={
            "systemctl start|restart|status|stop|reload": "systemd still has the unit as it was read",
            "journalctl": "it only shows the log",
        },
        instead="sudo systemctl daemon-reload",
    ),
    Futile(
        name="drift",
        marks=(
            "drift",
            "Drift",
        ),
        failure=either(r"\bdrift(?: is| was| has been)? (?:detected|found|reported)|\b(?:has|have) drifted"),
        useless={
            "terraform plan": "plan only says what differs",
            "terraform show": "show changes nothing",
            "terraform validate": "validate reads the files alone",
            "terraform fmt": "fmt changes blanks",
            "terraform init": "init changes nothing that is there",
        },
        instead="terraform apply",
        mends=True,
    ),
    Futile(
        name="an empty entry",
        marks=(
            "mpty",
            "o value",
            "ithout a value",
        ),
        failure=either(
            r"Secrets ?Manager\b[^.\n|]{0,60}?\b(?:empty|no value|without a value)\b|"
            r"\b(?:empty|no value)\b[^.\n|]{0,60}?Secrets ?Manager\b"
        ),
        useless={
            f"aws secretsmanager {word}": "it only reads"
            for word in ("describe-secret", "list-secrets", "get-secret-value", "list-secret-version-ids")
        },
        instead="aws secretsmanager put-secret-value --secret-id ENTRY --secret-string file://VALUE",
        blanks="ENTRY is what the entry is called, VALUE a file that holds the value",
    ),
    Futile(
        name="a refused role",
        marks=("ssumeRoleWithWebIdentity",),
        failure=either(r"Not authorized to perform:? sts:AssumeRoleWithWebIdentity"),
        useless={
            "gh run rerun": "the role still does not trust the run",
            "aws sts get-caller-identity": "it only says who this machine is",
            "aws sso login": "a workflow takes its role with GitHub's token, and never sees this machine's",
        },
        beside=(PLAIN_PUSH,),
        instead="aws iam update-assume-role-policy --role-name ROLE --policy-document file://TRUST.json",
        blanks="ROLE is what the role is called, TRUST.json the policy that trusts GitHub's token",
    ),
)
