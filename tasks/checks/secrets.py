"""Whether credentials are where everybody who reads the repository can read them; values are never shown."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.answers import MOST_PLACES
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.credential import (
    PASSWORD,
    SECRET_KEY,
    Credential,
    Credentials,
    PastCredentials,
    for_tests,
)
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.given_secret import GIVEN
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.tree import Tree
from tasks.domain.work_tree import WorkTree

_PRIVATE = re.compile(
    r"(?:^|/)(?:\.netrc|\.pypirc|id_(?:rsa|dsa|ecdsa|ed25519)"
    r"|\.aws/credentials|\.cargo/credentials(?:\.toml)?|[^/]+\.tfstate(?:\.backup)?|[^/]+\.(?:pfx|p12|keystore|jks))$"
)
_OF_INIT = re.compile(r"(?:^|/)\.terraform/terraform\.tfstate$")
"""What init keeps of the backend: no state, and no credentials unless somebody gave them there."""
_KEYS = (".pem", ".key", ".ppk", ".asc", ".gpg")
_AUTHORITY = re.compile(
    r"(?:^|/)(?:root[-_]?)?ca(?:[-_.](?:key|private|priv|root))*\.(?:key|pem)$", re.IGNORECASE
)
"""How the private key of a certificate authority of one's own is called: ``ca.key``, ``rootCA-key.pem``."""
_TERRAFORM = re.compile(r"\.tf(?:vars)?$|^\.github/workflows/")
_REVOKE = Remedy(
    summary="Revoke the credential where it was issued, then take it out; who read it keeps it",
    minutes=30,
)
_REVOKE_PAST = Remedy(
    summary="Revoke the credential where it was issued: taking it out of the newest commit does not help",
    minutes=30,
)
_LOOK_BACK = Remedy(
    summary="If one was real, revoke it where it was issued; what only tests took opens nothing", minutes=10
)
_LOOK = Remedy(
    summary="If it is real, revoke it where it was issued and take it out; if only tests take it, leave it",
    minutes=10,
)
_OPENS = Remedy(
    summary="If it opens anything that is not for everybody, revoke it where it was issued and take it out",
    minutes=10,
)
_LOOK_AT_BUILT = Remedy(
    summary="If it opens anything that is not for everybody, revoke it and have the build take another one",
    minutes=10,
)
_HAND_IN = Remedy(
    summary="If it opens anything, change it where it is in use; give Terraform the new one as a sensitive "
    "variable whose value comes as TF_VAR_NAME from a secret, not from a file",
    minutes=20,
)
_TAKE_FROM_STORE = Remedy(
    summary="If it opens anything, change it where it is in use, and take the new one from a secret of "
    "GitHub or a store when it is deployed: base64 hides nothing",
    minutes=20,
)
_PERHAPS = frozenset({SECRET_KEY, PASSWORD, GIVEN})
"""Nobody can tell from a key without its id, or a password, whose it is and whether it opens anything."""
_OF_OTHERS = frozenset({"vendor", "vendored", "node_modules", "third_party", "third-party"})


_DEPLOYS = re.compile(
    r"(?:^|[-_/.])(?:deploy\w*|infra\w*|ops|prod\w*|terraform|ansible|k8s|kubernetes|helm|charts?)(?:[-_/.]|$)",
    re.IGNORECASE,
)


def _is_key(one: Credential) -> bool:
    return one.kind == "private key" and one.path.endswith(_KEYS)


def _own_authorities(credentials: Credentials) -> Iterator[str]:
    """Go through the directories with the key of an authority and keys it signed: made to try things out."""
    keys = {one.path for one in credentials.found if _is_key(one)}
    for path in keys:
        beside = sum(posixpath.dirname(one) == posixpath.dirname(path) for one in keys)
        if _AUTHORITY.search(path) and beside > 1:
            yield posixpath.dirname(path)


def _opens_machines(path: str) -> bool:
    """Tell whether a key is what people log in with, or lies where things are put to work."""
    return _DEPLOYS.search(path) is not None or posixpath.basename(path).startswith("id_")


def _tries_out(path: str, tree: Tree) -> bool:
    """Tell whether a key belongs to the sources of one crate of several, as what examples need does."""
    above = posixpath.dirname(path)
    if _DEPLOYS.search(above):
        return False
    while above:
        if tree.file(posixpath.join(above, "Cargo.toml")) is not None:
            return True
        above = posixpath.dirname(above)
    return False


@check("credential-in-tracked-file", phase=Phase.PREFLIGHT, remedy=_REVOKE)
def credential_in_tracked_file(
    credentials: Credentials, sources: Sources, tree: Tree, work: WorkTree | Unseen
) -> Iterator[Answer]:
    """No credential stands in a committed file."""
    if isinstance(work, WorkTree):
        yield from _about_to_go_out(credentials, tree, work)
    own = set(_own_authorities(credentials))
    builds = [one.text for one in sources if one.path.rpartition("/")[2] == "build.rs"]
    quiet: dict[str, list[Credential]] = {}
    alone: dict[str, list[Credential]] = {}
    for subject, found in _together(credentials.found).items():
        one = found[0]
        tried = one.tried_out or (_is_key(one) and _tries_out(one.path, tree))
        if tried or (_is_key(one) and posixpath.dirname(one.path) in own):
            # A copy of another project has its keys for tests in public anyway.
            if _OF_OTHERS.isdisjoint(one.path.split("/")):
                quiet.setdefault(one.kind, []).extend(found)
            continue
        told = f"holds {_article(one.kind)}"
        if _is_key(one) and any(posixpath.basename(one.path) in text for text in builds):
            told += "; a build script asks for it, so it may be meant for everybody"
            yield broken(subject, told, *_places(found), weight=Weight.WARNING, remedy=_LOOK_AT_BUILT)
        elif (
            one.sure and one.kind not in _PERHAPS and (one.kind != "private key" or _opens_machines(one.path))
        ):
            yield broken(subject, told, *_places(found), remedy=_revoke(one.path, credentials))
        elif one.sure and one.kind == GIVEN:
            remedy = _HAND_IN if _TERRAFORM.search(one.path) else _TAKE_FROM_STORE
            yield broken(subject, told, *_places(found), weight=Weight.WARNING, remedy=remedy)
        elif one.sure:
            revoke = _revoke(one.path, credentials)
            remedy = replace(revoke, summary=f"If it opens anything: {revoke.summary}")
            yield broken(subject, told, *_places(found), weight=Weight.WARNING, remedy=remedy)
        elif _OF_OTHERS.isdisjoint(one.path.split("/")):
            alone.setdefault(one.kind, []).extend(found)
    for kind, found in quiet.items():
        files = len({one.path for one in found})
        told = f"{files} files hold one" if files > 1 else f"{found[0].path} holds one"
        told += ", which may be there for tests or to try things out"
        yield broken(f"{kind}s for tests", told, *_places(found), weight=Weight.NOTE, remedy=_LOOK)
    for kind, found in alone.items():
        is_id = kind.startswith("AWS")
        told = (
            "is only the id, which opens nothing without its secret"
            if is_id
            else "may be one that everybody may see"
        )
        places = _places(found)
        yield broken(f"{kind}s", f"what is written {told}", *places, weight=Weight.NOTE, remedy=_OPENS)
    if not credentials.found:
        yield holds("the committed files", f"no credential in {credentials.files} files")


def _about_to_go_out(committed: Credentials, tree: Tree, work: WorkTree) -> Iterator[Answer]:
    """Tell of the credentials in files that the next commit may take; those of the commit are told as its."""
    known = {(one.path, one.kind, one.mark) for one in committed.found}
    new = tuple(
        one
        for one in work.credentials.found
        if one.sure and not one.tried_out and (one.path, one.kind, one.mark) not in known
        if not (_is_key(one) and _tries_out(one.path, tree))
    )
    for subject, found in _together(new).items():
        one = found[0]
        staged = one.path in work.state.staged
        there = (
            "is staged" if staged else "is not ignored" if one.path in work.state.untracked else "is changed"
        )
        told = (
            f"holds {_article(one.kind)} not yet committed: the file {there}, and a commit may take it along"
        )
        ignored = ", or have git ignore the file," if one.path in work.state.untracked else ""
        perhaps = one.kind in _PERHAPS or (one.kind == "private key" and not _opens_machines(one.path))
        remedy = Remedy(
            summary=f"Take it out of the file{ignored} before anything is committed",
            commands=(f"git restore --staged -- {shlex.quote(one.path)}",) if staged else (),
            minutes=5,
        )
        places = [replace(place, committed=False) for place in _places(found)]
        weight = Weight.NOTE if perhaps else Weight.WARNING
        yield broken(f"{subject}, not committed", told, *places, weight=weight, remedy=remedy)


@check(
    "credential-in-recent-history",
    phase=Phase.PREFLIGHT,
    weight=Weight.WARNING,
    remedy=_REVOKE_PAST,
)
def credential_in_recent_history(past: PastCredentials, now: Credentials) -> Iterator[Answer]:
    """No credential was added by a recent commit, also when a later one took it out."""
    still = {(one.kind, one.path) for one in now.found}
    moved = {one.mark for one in now.found if one.mark}
    gone = tuple(
        one for one in past.found if (one.kind, one.path) not in still and one.mark not in moved and one.sure
    )
    tried: dict[str, Credential] = {}  # a file that was moved, or held several, is shown once
    for subject, found in _of_one_value(_together(gone)).items():
        if all(one.tried_out for one in found):
            tried.setdefault(found[0].path, found[0])
            continue
        told = f"held {_article(found[0].kind)}, and everybody can still read it in the history"
        remedy = replace(_REVOKE_PAST, commands=_shows(found))
        yield broken(subject, told, *_places(found), remedy=remedy)
    if tried:
        held = f"{len(tried)} files held one" if len(tried) > 1 else f"{next(iter(tried))} held one"
        told = f"{held}, which may have been there for tests; everybody can still read it in the history"
        remedy = replace(_LOOK_BACK, commands=_shows([*tried.values()]))
        yield broken("for tests", told, *_places([*tried.values()]), weight=Weight.NOTE, remedy=remedy)
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
    """No file that exists to hold credentials is committed: `.env` with secrets, plans and states, keys."""
    known = credentials if isinstance(credentials, Credentials) else Credentials()
    told_already = {one.path for one in known.found}
    own = set(_own_authorities(known))
    found = [
        one.path
        for one in tree
        if _PRIVATE.search(one.path) and one.size and one.path not in told_already
        if not (for_tests(one.path) or posixpath.dirname(one.path) in own or "trust" in one.path.lower())
    ]
    made = (*known.settings, *known.plans)
    found += [path for path in made if path not in told_already and not for_tests(path)]
    for path in sorted(set(found)):
        remedy = Remedy(
            summary="Take the file out of git and ignore it; replace what it holds",
            commands=(
                f"git rm --cached '{path}'",
                f"echo '{path}' >> .gitignore",
                "git add .gitignore",
                f"git commit -m 'Take out {posixpath.basename(path)}'",
            ),
            minutes=15,
        )
        given = known.settings.get(path)
        weight = None
        if _OF_INIT.search(path):
            told = "is committed: `terraform init` makes it for one machine, and on another it may stop init"
            place, weight = Evidence(file=path), Weight.NOTE
            remedy = replace(remedy, summary="Take what init has made out of git, and ignore `.terraform/`")
        elif path in known.plans:
            told = "is a saved plan of Terraform: every value of variables and state is in it, secrets too"
            place = Evidence(file=path)
        elif given is None:
            told, place = "is committed, and files of this name hold credentials", Evidence(file=path)
        else:
            told = f"is committed, and gives {given.name} a value that may be a secret"
            place = Evidence(file=path, line=given.line, excerpt=f"{given.name}=***")
        yield broken(path, told, place, remedy=remedy, weight=weight)
    if not found:
        yield holds("the committed files", "none of them is there to hold credentials")


def _together(found: tuple[Credential, ...]) -> dict[str, list[Credential]]:
    made: dict[str, list[Credential]] = {}
    for one in found:
        made.setdefault(f"{one.path}: {one.kind}", []).append(one)
    return made


def _of_one_value(found: dict[str, list[Credential]]) -> dict[str, list[Credential]]:
    """Put together what was moved or copied: one value is revoked once, whatever files held it."""
    made: dict[frozenset[str], tuple[str, list[Credential]]] = {}
    for subject, held in found.items():
        marks = frozenset(one.mark for one in held) - {""} or frozenset({subject})
        made.setdefault(marks, (subject, []))[1].extend(held)
    return dict(made.values())


_MOST_SHOWN = 3


def _shows(found: list[Credential]) -> tuple[str, ...]:
    """Return the commands that name what the commits did to the files, without their contents."""
    each = dict.fromkeys((one.commit, one.path) for one in found if one.commit is not None)
    return tuple(
        shlex.join(["git", "show", "--stat", commit[:12], "--", path])
        for commit, path in [*each][:_MOST_SHOWN]
    )


def _places(found: list[Credential]) -> list[Evidence]:
    return [*dict.fromkeys(one.evidence for one in found)][:MOST_PLACES]


def _revoke(path: str, known: Credentials) -> Remedy:
    is_settings = posixpath.basename(path).startswith(".env")
    if not (is_settings or _PRIVATE.search(path) or path.endswith(_KEYS) or path in known.plans):
        # A source or a configuration is still needed: taking the file out would break what reads it.
        return replace(_REVOKE, summary=_REVOKE.summary.replace("take it out", "replace that line"))
    commands = (f"git rm --cached '{path}'", "git commit -m 'Take a credential out'")
    return replace(_REVOKE, commands=commands)


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AO' else 'a'} {kind}"
