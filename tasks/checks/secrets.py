"""Whether credentials are where everybody who reads the repository can read them; values are never shown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.answers import MOST_PLACES
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.credential import Credential, Credentials, PastCredentials, for_tests
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.tree import Tree

_PRIVATE = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?:local|production|prod|staging|development|dev))?|\.netrc|\.pypirc|id_(?:rsa|dsa|ecdsa|ed25519)"
    r"|\.aws/credentials|\.cargo/credentials(?:\.toml)?|[^/]+\.tfstate(?:\.backup)?|[^/]+\.(?:pfx|p12|keystore|jks))$"
)
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:(?:[a-z0-9-]*|\$\w+|\$\{[\w.]+\}):(\d{12}):")
_KEYS = (".pem", ".key", ".ppk", ".asc", ".gpg")
_AUTHORITY = re.compile(
    r"(?:^|/)(?:root[-_]?)?ca(?:[-_.](?:key|private|priv|root))*\.(?:key|pem)$", re.IGNORECASE
)
"""How the private key of a certificate authority of one's own is called: ``ca.key``, ``rootCA-key.pem``."""
_NOBODYS = frozenset(
    {
        "123456789012", "111122223333", "444455556666", "123456789", "000000000000", "012345678901",
        "999999999999", "210987654321", "123412341234", "111111111111", "222222222222", "333333333333",
        "099720109477", "137112412989", "602401143452", "591542846629", "136693071363",
    }
)  # fmt: skip
"""The accounts of AWS's own examples, and those that publish machine images for everybody."""

_REVOKE = Remedy(
    summary="Revoke the credential where it was issued, then take it out; who read it keeps it",
    commands=("git rm --cached FILE", "git commit -m 'Take a credential out'"),
    minutes=30,
)
_LOOK = Remedy(
    summary="If it is real, revoke it where it was issued and take it out; if only tests take it, leave it",
    minutes=10,
)
_LOOK_AT_BUILT = Remedy(
    summary="If it opens anything that is not for everybody, revoke it and have the build take another one",
    minutes=10,
)
_OF_OTHERS = frozenset({"vendor", "vendored", "node_modules", "third_party", "third-party"})


def _is_key(one: Credential) -> bool:
    return one.kind == "private key" and one.path.endswith(_KEYS)


def _own_authorities(credentials: Credentials) -> Iterator[str]:
    """Go through the directories with the key of an authority and keys it signed: made to try things out."""
    keys = {one.path for one in credentials.found if _is_key(one)}
    for path in keys:
        beside = sum(posixpath.dirname(one) == posixpath.dirname(path) for one in keys)
        if _AUTHORITY.search(path) and beside > 1:
            yield posixpath.dirname(path)


@check("credential-in-tracked-file", phase=Phase.PREFLIGHT, remedy=_REVOKE)
def credential_in_tracked_file(credentials: Credentials, sources: Sources) -> Iterator[Answer]:
    """No credential stands in a committed file."""
    own = set(_own_authorities(credentials))
    builds = [one.text for one in sources if one.path.rpartition("/")[2] == "build.rs"]
    for subject, found in _together(credentials.found).items():
        one = found[0]
        name = posixpath.basename(one.path)
        built_in = _is_key(one) and any(name in text for text in builds)
        sure = (
            one.sure and not for_tests(one.path) and not (_is_key(one) and posixpath.dirname(one.path) in own)
        )
        if not sure and not _OF_OTHERS.isdisjoint(one.path.split("/")):
            continue  # a copy of another project, which has its keys for tests in public anyway
        why = "" if sure else "; it may be there for tests"
        if sure and built_in:
            sure, why = False, "; a build script asks for it, so it may be meant for everybody"
        told = f"holds {_article(one.kind)}{why}"
        weight = Weight.BLOCKER if sure else Weight.WARNING
        remedy = _revoke(one.path) if sure else _LOOK_AT_BUILT if built_in else _LOOK
        yield broken(subject, told, *_places(found), weight=weight, remedy=remedy)
    if not credentials.found:
        yield holds("the committed files", f"no credential in {credentials.files} files")


@check(
    "credential-in-recent-history",
    phase=Phase.PREFLIGHT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Revoke the credential where it was issued: taking it out of the newest commit does not help",
        minutes=30,
    ),
)
def credential_in_recent_history(past: PastCredentials, now: Credentials) -> Iterator[Answer]:
    """No credential was added by a recent commit, also when a later one took it out."""
    still = {(one.kind, one.path) for one in now.found}
    gone = tuple(one for one in past.found if (one.kind, one.path) not in still and one.sure)
    for subject, found in _together(gone).items():
        told = f"held {_article(found[0].kind)}, and everybody can still read it in the history"
        weight = Weight.NOTE if for_tests(found[0].path) else Weight.WARNING
        yield broken(subject, told, *_places(found), weight=weight)
    if not gone:
        yield holds("the recent history", f"no credential in {past.commits} commits that could hold one")


@check(
    "private-file-untracked",
    phase=Phase.PREFLIGHT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Take the file out of git and keep it on machines that need it; replace what it holds",
        minutes=15,
    ),
)
def private_file_untracked(tree: Tree, credentials: Credentials | Unseen) -> Iterator[Answer]:
    """No file that exists to hold credentials is committed: `.env`, Terraform's state, keys."""
    plain = credentials.plain if isinstance(credentials, Credentials) else frozenset[str]()
    found = [
        one
        for one in tree
        if _PRIVATE.search(one.path) and one.size and not for_tests(one.path) and one.path not in plain
    ]
    for entry in found:
        remedy = Remedy(
            summary="Take the file out of git and ignore it; replace what it holds",
            commands=(f"git rm --cached '{entry.path}'", f"echo '{entry.path}' >> .gitignore"),
            minutes=15,
        )
        told = "is committed, and files of this name hold credentials"
        yield broken(entry.path, told, Evidence(file=entry.path), remedy=remedy)
    if not found:
        yield holds("the committed files", "none of them is there to hold credentials")


@check(
    "account-id-in-files",
    phase=Phase.PREFLIGHT,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Read the account's number from a variable or a secret", minutes=15),
)
def account_id_in_files(sources: Sources) -> Iterator[Answer]:
    """No AWS account's number is written into a file."""
    accounts = {
        found[1]
        for source in sources
        if "arn:aws" in source.text
        for found in _ARN.finditer(source.text)
        if found[1] not in _NOBODYS
    }
    # A name of AWS shows that a number is an account's; then it is one wherever it stands alone.
    places = {account: _written(account, sources) for account in sorted(accounts)}
    for account, found_at in places.items():
        subject = f"account ...{account[-4:]}"
        told = f"is written in {len(found_at)} places" if len(found_at) > 1 else "is written down"
        yield broken(subject, told, *found_at[:MOST_PLACES])
    if not places:
        yield holds("accounts", "none is written down")


def _written(account: str, sources: Sources) -> list[Evidence]:
    alone = re.compile(rf"(?<!\d){account}(?!\d)")
    return [
        source.at(number)
        for source in sources
        if account in source.text
        for number, line in enumerate(source.lines, 1)
        if alone.search(line)
    ]


def _together(found: tuple[Credential, ...]) -> dict[str, list[Credential]]:
    made: dict[str, list[Credential]] = {}
    for one in found:
        made.setdefault(f"{one.path}: {one.kind}", []).append(one)
    return made


def _places(found: list[Credential]) -> list[Evidence]:
    return [one.evidence for one in found[:MOST_PLACES]]


def _revoke(path: str) -> Remedy:
    if not (_PRIVATE.search(path) or path.endswith(_KEYS)):
        # A source or a configuration is still needed: taking the file out would break what reads it.
        return replace(
            _REVOKE, summary=_REVOKE.summary.replace("take it out", "replace that line"), commands=()
        )
    commands = tuple(command.replace("FILE", f"'{path}'") for command in _REVOKE.commands)
    return replace(_REVOKE, commands=commands)


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AO' else 'a'} {kind}"
