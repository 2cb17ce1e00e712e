"""The resources that a command of the AWS CLI is about, as patterns of ARNs, and whether two patterns meet.

Only what is written is in here: a name that a run fills in is about nothing that is certain. In a pattern
``*`` stands for any text and ``?`` for one letter, as in IAM's policies.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.domain.script import Word

_NAMED: Mapping[tuple[str, str], str] = {
    ("dynamodb", "--table-name"): "arn:*:dynamodb:*:*:table/{}",
    ("ecr", "--repository-name"): "arn:*:ecr:*:*:repository/{}",
    ("lambda", "--function-name"): "arn:*:lambda:*:*:function:{}*",
    ("secretsmanager", "--secret-id"): "arn:*:secretsmanager:*:*:secret:{}*",
    ("sns", "--topic-arn"): "{}",
    ("ssm", "--name"): "arn:*:ssm:*:*:parameter/{}",
    ("stepfunctions", "--state-machine-arn"): "{}",
}
"""Service and option -> the ARN of what the option names, after the Service Authorization Reference."""
_ROLES = ("--role", "--role-arn", "--execution-role-arn", "--task-role-arn")
"""Options that hand a role on."""
_OF_PARAMETERS = ("get-parameter", "put-parameter", "delete-parameter")
_OBJECTS = (
    "s3:abortmultipartupload",
    "s3:deleteobject",
    "s3:getobject",
    "s3:listmultipartuploadparts",
    "s3:putobject",
)
_BUCKETS = ("s3:createbucket", "s3:deletebucket", "s3:listbucket")


def bucket_arn(bucket: str) -> str:
    """Return the ARN of a bucket: what is listed and configured, not what lies in it."""
    return f"arn:*:s3:::{bucket}"


def object_arn(bucket: str, key: str, *, whole: bool) -> str:
    """Return the pattern of an object, or of all that begin with a key that is not the ``whole``."""
    return f"arn:*:s3:::{bucket}/{_literal(key)}{'' if whole else '*'}"


def at_s3(word: Word) -> tuple[str, str, bool] | None:
    """Return bucket, certain beginning of the key, and whether that is all; None for a bucket in doubt."""
    begin = word.beginning
    if not begin.startswith("s3://") or begin.startswith("s3://arn:"):
        return None
    bucket, slash, key = begin.removeprefix("s3://").partition("/")
    whole = word.literal is not None
    return (bucket, key, whole) if bucket and (slash or whole) else None


def named(service: str, operation: str, rest: tuple[Word, ...], actions: tuple[str, ...]) -> dict[str, str]:
    """Return the resource of each action of a command that names it: action in small letters -> pattern."""
    if not actions:
        return {}
    if service == "s3api":
        return _of_bucket(rest, actions)
    found = {}
    roles = [value for option in _ROLES if (value := _given(rest, option)) is not None]
    if "iam:PassRole" in actions and len(roles) == 1 and roles[0].startswith("arn:"):
        found["iam:passrole"] = _literal(roles[0])
    for (owner, option), arn in _NAMED.items():
        value = _given(rest, option)
        if owner != service or value is None or (owner == "ssm" and operation not in _OF_PARAMETERS):
            continue
        if value.startswith("arn:"):
            found[actions[0].lower()] = _literal(value) + "*"
        elif ":" not in value and arn != "{}" and not any(w.text.startswith("--index-name") for w in rest):
            found[actions[0].lower()] = arn.format(_literal(value.removeprefix("/")))
    return found


def _of_bucket(rest: tuple[Word, ...], actions: tuple[str, ...]) -> dict[str, str]:
    bucket, key = _given(rest, "--bucket"), _given(rest, "--key")
    if bucket is None or ":" in bucket or any(word.text.startswith("--copy-source") for word in rest):
        return {}
    found = {}
    for action in map(str.lower, actions):
        if action in _OBJECTS:
            found[action] = object_arn(bucket, key or "", whole=key is not None)
        elif action in _BUCKETS:
            found[action] = bucket_arn(bucket)
    return found


def _given(rest: tuple[Word, ...], option: str) -> str | None:
    """Return the value of an option when it is certain."""
    for word, after in zip(rest, (*rest[1:], None), strict=False):
        if word.text == option:
            return after.literal if after is not None else None
        if word.text.startswith(f"{option}="):
            return word.literal.partition("=")[2] if word.literal is not None else None
    return None


def _literal(text: str) -> str:
    """Return a text for a pattern; a star in it stays one, which asks for less."""
    return text.replace("?", "*")


_FIELDS = 6  # of an ARN: arn, partition, service, region, account, and what it is called


def meet(one: str, other: str) -> bool:
    """Tell whether there is an ARN that both patterns are about; letter case counts, as in ARNs.

    Patterns with all fields of an ARN are compared field by field: no star stands for a colon between them.
    """
    fields, theirs = one.split(":", _FIELDS - 1), other.split(":", _FIELDS - 1)
    if len(fields) == len(theirs) == _FIELDS:
        return all(_meet(a, b) for a, b in zip(fields, theirs, strict=True))
    return _meet(one, other)


def _meet(one: str, other: str) -> bool:
    reach = _free(one, {0})
    # After each letter of `other`: the places of `one` that a common text can have come to.
    for letter in other:
        after = set()
        for place in reach:
            if letter == "*":
                after |= set(range(place, len(one) + 1))
            elif place < len(one):
                wanted = one[place]
                if wanted == "*":
                    after.add(place)
                elif wanted in (letter, "?") or letter == "?":
                    after.add(place + 1)
        reach = _free(one, after)
        if not reach:
            return False
    return len(one) in reach


def _free(pattern: str, places: set[int]) -> set[int]:
    """Add the places behind stars, which may stand for nothing."""
    found = set(places)
    for place in places:
        while place < len(pattern) and pattern[place] == "*":
            place += 1  # noqa: PLW2901 - it walks along the stars
            found.add(place)
    return found
