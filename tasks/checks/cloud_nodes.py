"""Whether the tools that look for machines and sign in to them find what Terraform makes."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.machine_tags import tag_values
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Source, Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_values import calls, keys, nested, possible, shown

_FILTER = re.compile(r"Name=tag:(?P<key>[\w.:/+@-]+),(?:Values=(?P<values>[^\s\"']+))?")
_SET = re.compile(r"""\b['"]?Key['"]?\s*[=:]\s*['"]?(?P<key>[\w.:/+@-]+)""")
_COMPUTED = re.compile(r"""\bKey=(?:"?\$)""")


@check(
    "tag-keys-match",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Use one spelling of key and value everywhere: AWS minds letter case", minutes=10),
)
def tag_keys_match(scripts: Scripts, terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every tag that a command looks for machines by is set, key and value, by the repository."""
    made = {key for module in terraform for key in _tags(terraform, module)}
    if not made:
        return  # whoever makes the machines is not in this repository
    yield from merged(_filters(scripts, terraform, made, sources))


def _filters(scripts: Scripts, terraform: Terraform, made: set[str], sources: Sources) -> Iterator[Answer]:
    texts = [one.text for one in sources.saying("Key", told=False) if not _is_told(one)]
    by_hand = {key for text in texts for key in _SET.findall(_without_queries(text))}
    computed = any(_COMPUTED.search(text) for text in texts)
    spelled = {key.lower(): key for key in sorted(made | by_hand)}
    given: Mapping[str, frozenset[str]] | None = None
    for script, command in scripts.commands("aws", spelling="Name=tag:"):
        if given is None:
            given = {} if computed else tag_values(terraform, scripts, sources) or {}
        for word in command.arguments:
            for key, values in _FILTER.findall(word.text):
                subject = f"{script.path}: tag:{key}"
                if key in made or key in by_hand or key.startswith("aws:"):
                    known = given.get(key, frozenset()) if key not in by_hand else frozenset()
                    if not known or _may_be(values, known):
                        yield holds(subject, "is set")
                        continue
                    told = f"looks for machines whose tag {key} is {values}, and Terraform gives it only"
                    sets = listed(sorted(known))
                    place = script.source.at(word)
                    yield broken(f"{subject}={values}", f"{script.path} {told} {sets}: it finds none", place)
                    continue
                alike = spelled.get(key.lower())
                if alike is None and computed:
                    continue  # a script sets tags whose keys only a run can tell
                why = f"what is set is {alike}" if alike else "nothing in the repository sets it"
                told = f"{script.path} looks for machines by the tag {key}, and {why}: it finds none"
                yield broken(subject, told, script.source.at(word))


def _may_be(values: str, known: frozenset[str]) -> bool:
    """Tell whether one of the values that are asked for is one of those given, or only a run can tell."""
    if not values or re.search(r"[$`{<\\]", values):
        return True
    return any(fnmatch.fnmatchcase(one, asked) for asked in values.split(",") for one in known)


def _is_told(source: Source) -> bool:
    return source.path.endswith((".md", ".txt"))


def _without_queries(text: str) -> str:
    """Leave out ``Tags[?Key==`x`]``, which reads a tag, and ``Type=TAG,Key=x``, which groups costs by one."""
    return re.sub(r"\?Key\s*==|Type=\w+,Key=", "", text)


def _tags(terraform: Terraform, module: Module) -> Iterator[str]:
    for block in (*module.of("resource"), *module.of("provider")):
        for inner in nested(block):
            if inner.type in ("tag", "tag_specifications", "default_tags") or inner is block:
                key = inner.get("key") if inner.type == "tag" else None
                if isinstance(key, str):
                    yield key
            for name in ("tags", "tags_all"):
                attribute = inner.attributes.get(name)
                if attribute is None:
                    continue
                yield from keys(attribute.value)
                yield from _merged(terraform, module, attribute.value)


def _merged(terraform: Terraform, module: Module, value: Value) -> Iterator[str]:
    """Go through the keys of variables and local values that tags are made of."""
    texts = [value.text] if isinstance(value, Expression) else []
    texts += [a.text for c in calls(value) for a in c.arguments if isinstance(a, Expression)]
    for name in {found for text in texts for found in re.findall(r"\blocal\.(\w+)", text)}:
        if name in module.locals:
            yield from keys(module.locals[name].value)
    for name in {found for text in texts for found in re.findall(r"\bvar\.(\w+)", text)}:
        declared = module.variables.get(name)
        default = declared.attributes.get("default") if declared is not None else None
        if declared is not None and default is not None:
            for one in possible(terraform, module, declared, default):
                yield from keys(one.value)


# What the name of an image begins with, and the user whom its first key lets in.
_USERS = {"ubuntu/": "ubuntu", "debian-": "admin", "al2023-": "ec2-user", "amzn2-": "ec2-user"}
_PUBLIC = {
    "/aws/service/ami-amazon-linux-latest/": "ec2-user",
    "/aws/service/canonical/ubuntu/": "ubuntu",
    "/aws/service/debian/": "admin",
}
"""What AWS's public parameters begin with that hold the newest image, and its user."""
_OTHER_MACHINES = re.compile(
    r"launch_template|launch_configuration|spot_|lightsail|fleet|autoscaling|eks|ecs|emr|compute_instance"
    r"|virtual_machine|droplet|hcloud|linode|vultr|server"
)
_TO_MACHINE = re.compile(
    r"(?<![\w.-])(?P<user>ubuntu|ec2-user)@(?=[\"']?(?:\$|<|\{|[A-Z][A-Z_0-9]*\b(?!\.)))"
)
_TYPED = re.compile(r"^\s*(?:[$>]\s+)?(?:ssh|scp)\s|`(?:ssh|scp)\s")
_LOGIN = re.compile(r"\b(?P<user>ubuntu|ec2-user|admin|centos|fedora|root)@")


@check(
    "login-user-fits-image",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Sign in as the user that the image has", minutes=5),
)
def login_user_fits_image(terraform: Terraform, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    """Every `user@` before the address of an instance, also in commands, is the user of its image."""
    yield from merged(answer for module in terraform for answer in _logins(module))
    user = _only_user(terraform)
    if user is not None and not any(one.text.count(f"{user}@") for one in sources.saying(f"{user}@")):
        yield from merged(_signing_in(user, terraform, scripts, sources))


def _only_user(terraform: Terraform) -> str | None:
    """Return the user of all machines that the repository makes; None when one of them is not known."""
    if any(module.in_part for module in terraform):
        return None
    users: set[str | None] = set()
    for module in terraform:
        for block in module.of("resource"):
            if block.labels[:1] == ("aws_instance",):
                users.add(_user(module, block))
            elif _OTHER_MACHINES.search(block.labels[0] if block.labels else ""):
                return None
    return users.pop() if len(users) == 1 else None


def _signing_in(user: str, terraform: Terraform, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    """Judge the commands of steps, scripts and documents that sign in to a machine by a filled-in name."""
    found: list[tuple[str, Evidence, bool]] = []
    for script, command in scripts.commands("ssh", "scp", spelling="@"):
        for word in command.arguments:
            match = _TO_MACHINE.search(word.text)
            if match is not None:
                sure = "terraform" in word.text or _is_output(word.text[match.end() :], script.text)
                found.append((match["user"], script.source.at(word), sure))
    for source in sources.saying("@"):
        if source.path.endswith(".md"):
            for number, line in enumerate(source.text.split("\n"), 1):
                match = _TO_MACHINE.search(line) if _TYPED.search(line) else None
                if match is not None:
                    found.append((match["user"], source.at(number), "terraform" in line))
    for name, place, sure in dict.fromkeys(found):
        if name == user or any(name in file.text for module in terraform for file in module.files):
            continue
        told = f"a command signs in as {name}, and every machine of Terraform here lets in {user}"
        yield broken(f"{name}@", told, place, weight=None if sure else Weight.NOTE)


_NAMED = re.compile(r"[\"']?\$\{?(\w+)")


def _is_output(address: str, text: str) -> bool:
    """Tell whether an address is a variable that a script fills with an output of terraform."""
    named = _NAMED.match(address)
    filled = (
        rf"(?<![\w$]){named[1]}=[\"']?\$\((?:terraform|tofu)\b[^)\n]*\boutput\b" if named is not None else ""
    )
    return bool(filled) and re.search(filled, text) is not None


def _logins(module: Module) -> Iterator[Answer]:
    users = {
        block.address: user
        for block in module.of("resource", "aws_instance")
        if (user := _user(module, block))
    }
    for output in module.of("output"):
        value = output.attributes.get("value")
        if value is None:
            continue
        wrong: dict[str, list[Evidence]] = defaultdict(list)
        for reference in value.references:
            user = users.get(".".join(reference.path[:2]))
            line = output.source.line(reference.line) or ""
            if user is None or ".".join(reference.path[:2]) not in line:
                continue
            for found in _LOGIN.finditer(line):
                if found["user"] != user:
                    wrong[f"{found['user']}, and the image's user is {user}"].append(
                        output.source.at(reference)
                    )
        subject = f"{shown(module.directory)}: {output.address}"
        for told, places in wrong.items():
            yield broken(subject, f"{output.address} signs in as {told}", *places)
        if not wrong:
            yield holds(subject, "fits")


def _user(module: Module, instance: Block) -> str | None:
    attribute = instance.attributes.get("ami")
    for reference in attribute.references if attribute is not None else ():
        if reference.path[:2] == ("data", "aws_ssm_parameter") and len(reference.path) > 2:
            for parameter in module.of("data", "aws_ssm_parameter", reference.path[2]):
                path = parameter.get("name")
                for begin, user in _PUBLIC.items():
                    if isinstance(path, str) and path.startswith(begin):
                        return user
        if reference.path[:2] != ("data", "aws_ami") or len(reference.path) < 3:
            continue
        for image in module.of("data", "aws_ami", reference.path[2]):
            for one in image.inner("filter"):
                names = one.get("values") if one.get("name") == "name" else None
                for name in names if isinstance(names, tuple) else ():
                    for begin, user in _USERS.items():
                        if isinstance(name, str) and name.startswith(begin):
                            return user
    return None
