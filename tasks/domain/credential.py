"""What credentials look like, and which texts of their shape are none; a value never leaves this file.

The shapes are those that their issuers publish. A text of the shape is only called a credential when it also
carries the issuer's checksum, or is as random as one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tasks.domain.evidence import Evidence

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PLACEHOLDER = re.compile(
    r"example|placeholder|changeme|dummy|fake|sample|redacted|your[-_]?|test|x{4}|0{6}|1234567|abcdef|(.)\1{4}",
    re.IGNORECASE,
)
_SECRET_KEY = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_SECRET_WORD = re.compile(r"secret", re.IGNORECASE)
_SSH_MAGIC = "b3BlbnNzaC1rZXktdjEA"  # "openssh-key-v1" and a zero
_PART_HEAD = 64  # bytes: no private part is shorter
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=]{48,}")
_TEST_WORDS = frozenset(
    {
        "test", "tests", "testing", "testdata", "fixture", "fixtures", "example", "examples", "sample",
        "samples", "doc", "docs", "mock", "mocks", "fake", "dummy", "demo", "insecure", "snakeoil", "minica",
        "mkcert", "localhost", "bench", "benches", "benchmark", "benchmarks", "e2e", "fuzz", "integration",
        "devnet", "localnet", "testnet", "temporary", "sandbox",
    }
)  # fmt: skip
_DOCUMENT_WORDS = frozenset({"doc", "docs"})
_SAID_WORDS = frozenset(
    {"test", "tests", "testing", "fixture", "example", "sample", "mock", "fake", "dummy", "snakeoil"}
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_TEST_MODULE = re.compile(r"^\s*#\[cfg\((?:test|(?:all|any)\([^)]*\btest\b.*)\)\]", re.MULTILINE)
_MARK = 12  # hexadecimal digits: enough to tell the few values of one repository apart
_ABOVE = 3  # lines in which a comment or a name says what a key is for
NEAR = 4  # lines between an access key's id and its secret


@dataclass(frozen=True, kw_only=True)
class Credential:
    """One credential that was found; ``shown`` is its beginning, too short to be of use.

    ``commit`` is None for one of the tree that was looked at. ``sure``: nothing but the real thing looks so.
    ``for_tests``: the text around it says that it is there for tests. ``mark`` is the same for one value in
    two places, and nothing can be made of it.
    """

    kind: str
    path: str
    line: int | None
    shown: str
    sure: bool
    commit: str | None = None
    for_tests: bool = False
    mark: str = field(default="", repr=False)

    @property
    def tried_out(self) -> bool:
        """Tell whether it may be there for tests: what carries its issuer's checksum no document makes up."""
        return self.for_tests or for_tests(self.path, documents=self.kind not in CHECKED)

    @property
    def evidence(self) -> Evidence:
        """The place, without the value."""
        return Evidence(
            source="file" if self.commit is None else "git",
            file=self.path,
            line=self.line if self.commit is None else None,
            excerpt=f"{self.kind}: {self.shown}..."
            + (f" (commit {self.commit[:12]})" if self.commit else ""),
        )


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A name in a file of settings whose value may well be a secret; the value itself is not kept."""

    name: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The credentials in the files of a tree; ``files`` counts those that were read.

    ``settings`` has the files as `.env` in which some value may be a secret, each with the first of them;
    ``plans`` are the saved plans of Terraform, which hold variables and the state; ``blanks`` the files named
    `.env` that leave a secret blank, each with the first.
    """

    found: tuple[Credential, ...] = ()
    files: int = 0
    settings: Mapping[str, Setting] = field(default_factory=dict)
    plans: tuple[str, ...] = ()
    blanks: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PastCredentials:
    """The credentials that recent commits added, whether or not they are still there."""

    found: tuple[Credential, ...] = ()
    commits: int = 0


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One kind: ``needle`` is a text that each one holds, ``real`` tells it from what looks like it."""

    kind: str
    needle: str
    pattern: re.Pattern[str]
    real: Callable[[str], bool]
    sure: bool = True
    shown: int = 4


def _random(at_least: float) -> Callable[[str], bool]:
    def told(value: str) -> bool:
        counted = Counter(value)
        bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counted.values())
        mixed = any(one.isdigit() for one in value) and any(one.isalpha() for one in value)
        return bits >= at_least and mixed and _PLACEHOLDER.search(value) is None

    return told


def checked(value: str) -> bool:
    """Tell whether a token ends with the checksum that GitHub and npm give theirs."""
    body, checksum = value.rpartition("_")[2][:-6], value[-6:]
    number = zlib.crc32(body.encode())
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(6, "0") == checksum


def _shape(kind: str, needle: str, pattern: str, bits: float, *, sure: bool = True) -> Shape:
    bounded = re.compile(rf"(?<![A-Za-z0-9_])(?:{pattern})(?![A-Za-z0-9_])")
    return Shape(kind=kind, needle=needle, pattern=bounded, real=_random(bits), sure=sure, shown=len(needle))


def _checked(kind: str, needle: str) -> Shape:
    pattern = re.compile(rf"(?<![A-Za-z0-9_]){needle}[A-Za-z0-9]{{36}}(?![A-Za-z0-9_])")
    return Shape(kind=kind, needle=needle, pattern=pattern, real=checked, shown=len(needle))


_TEMPORARY = "AWS temporary access key"
"""Of a session that ends within 36 hours (AWS: GetSessionToken) and opens nothing without a token besides."""

SHAPES = (
    *(_checked("GitHub token", f"gh{letter}_") for letter in "pours"),
    _checked("npm token", "npm_"),
    _shape("GitHub fine-grained token", "github_pat_", "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", 4.5),
    _shape("AWS access key", "AKIA", "AKIA[A-Z2-7]{16}", 3.2, sure=False),
    _shape(_TEMPORARY, "ASIA", "ASIA[A-Z2-7]{16}", 3.2, sure=False),
    _shape("Slack token", "xox", r"xox[abprs]-\d{10,13}-\d{10,13}-[A-Za-z0-9-]{24,}", 3.5),
    _shape("Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{24}", 4.0),
    _shape("Stripe key", "sk_live_", "sk_live_[0-9a-zA-Z]{24,}", 4.0),
    _shape("PyPI token", "pypi-AgEIcHlwaS5vcmc", "pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}", 4.5),
    _shape("SendGrid key", "SG.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", 4.5),
    _shape("GitLab token", "glpat-", "glpat-[A-Za-z0-9_-]{20}", 3.8),
    _shape("Supabase token", "sbp_", "sbp_[a-f0-9]{40}", 3.2),
    _shape("Anthropic key", "sk-ant-", "sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,}", 4.5),
    _shape("OpenAI key", "sk-proj-", "sk-proj-[A-Za-z0-9_-]{60,}", 4.5),
    _shape("Google key", "AIza", "AIza[0-9A-Za-z_-]{35}", 4.2, sure=False),
)
CHECKED = frozenset(shape.kind for shape in SHAPES if shape.real is checked)
"""Kinds whose values carry a checksum of their issuer."""
_WEBHOOK = re.compile(
    r"hooks\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/(?P<value>[A-Za-z0-9]{24})\b"
)
_AWS_SECRET = re.compile(
    r"aws_secret_access_key[\"']?\s*[:=]\s*[\"']?(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?P<shown>\b[a-z][a-z0-9+.-]*://)[\w.%+-]+:(?P<value>[^/@\s:$\"'`<>{}()\[\]*]{8,64})"
    r"@(?P<host>(?:[\w-]+\.)+[a-z]{2,})(?=[:/?\"'\s,]|$)",
    re.IGNORECASE,
)
_NOBODYS_HOST = re.compile(
    r"(?:^|[.-])(?:example|localhost|localdomain|local|test|tests|testing|invalid|your|my|some|foo|bar|host|hostname|"
    r"domain|dummy|fake|sample|placeholder|docker|demo|server)(?:[.-]|$)|^(?:[\w-]+\.)*(?:host|server)\d*\.",
    re.IGNORECASE,
)
_SETTINGS = re.compile(
    r"(?:\.(?:toml|ya?ml|json|ini|conf|cfg|properties|sh|bash|tf|tfvars|service|xml)|(?:^|/)(?:Dockerfile|Makefile)[\w.-]*)$"
)
"""Files that something is run with; what documents and sources show may be made up."""
SECRET_KEY, PASSWORD, WEBHOOK = "AWS secret access key", "password in an address", "Slack webhook"
_RANDOM_KEY = _random(4.5)
LONGEST_KEY = 8192  # characters with its line breaks: one of 8,192 bits is 6,400
PRIVATE_KEY = re.compile(r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----")
NEEDLES = tuple(
    {
        *(shape.needle for shape in SHAPES),
        "PRIVATE KEY-----",
        "hooks.slack.com/services/T",
        "AWS_SECRET_ACCESS_KEY",
        "aws_secret_access_key",
    }
)
HAS_PASSWORD = re.compile(rb"://[^/@\s:]{1,64}:[^/@\s]{8,64}@")


_CUT = re.compile(
    "(?<![A-Za-z0-9_])(" + "|".join(re.escape(shape.needle) for shape in SHAPES) + r")[A-Za-z0-9_./+=-]{8,}"
)

_GIVEN = re.compile(r"(passw(?:or)?d[\"']?\s*[:=]\s*\")[^\"$]+(\")", re.IGNORECASE)


def masked(text: str) -> str:
    """Return a text that is safe to show: what has the beginning of a credential keeps only that.

    It asks for less than ``credentials``: a value that was cut short, or is perhaps none, is hidden as well.
    """
    text = _CUT.sub(r"\1***", text)
    if "assw" in text or "ASSW" in text:
        text = _GIVEN.sub(r"\1***\2", text)
    return _SECRET_KEY.sub("***", text) if _SECRET_WORD.search(text) else text


def credentials(path: str, lines: list[str]) -> Iterator[Credential]:
    """Go through the credentials of a text; the lines count from 1."""
    text = "\n".join(lines)
    whole = [*_shaped(path, text, lines)]
    yield from whole
    told = {(one.kind, one.line) for one in whole}
    yield from (one for one in _named(path, text, lines) if (one.kind, one.line) not in told)
    yield from _private_keys(path, text, lines)


def _shaped(path: str, text: str, lines: list[str]) -> Iterator[Credential]:
    """Go through the credentials that are known by their own shape."""
    for shape in SHAPES:
        if shape.needle not in text:
            continue
        for found in shape.pattern.finditer(text):
            if shape.real(found[0]):
                line = text.count("\n", 0, found.start()) + 1
                sure = shape.sure or (shape.kind.startswith("AWS") and _has_secret(lines, line))
                if shape.kind == _TEMPORARY and not sure:
                    continue
                said = said_for_tests(path, text, lines, line)
                yield Credential(
                    kind=shape.kind,
                    path=path,
                    line=line,
                    shown=found[0][: shape.shown],
                    sure=sure and not said,
                    for_tests=said,
                    mark=mark_of(found[0]),
                )


def _private_keys(path: str, text: str, lines: list[str]) -> Iterator[Credential]:
    for found in PRIVATE_KEY.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        # Of a key that a document shows the middle is left out.
        inner, end, _ = text[found.end() : found.end() + LONGEST_KEY].partition("-----END")
        shown = bool(end) and "..." in inner
        packed = re.sub(r"\\n|[\s\"',]", "", inner)
        body = _KEY_BODY.match(packed[:400])
        if body is not None and not shown and (_RANDOM_KEY(body[0]) or opens_ssh(packed)):
            said = said_for_tests(path, text, lines, line)
            yield Credential(
                kind="private key",
                path=path,
                line=line,
                shown="-----BEGIN",
                sure=not said,
                for_tests=said,
                mark=mark_of(body[0]),
            )


def opens_ssh(packed: str) -> bool:
    """Tell whether the base64 between the lines of an OpenSSH private key is one without a passphrase.

    OpenSSH's PROTOCOL.key: a magic word, the cipher, the derivation, its options, the number of keys, the
    public key, then the private part, which begins with one random number written twice.
    """
    if not packed.startswith(_SSH_MAGIC):
        return False
    try:
        rest = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)[len("openssh-key-v1") + 1 :]
    except (ValueError, binascii.Error):
        return False
    cipher, rest = _part(rest)
    _derivation, rest = _part(rest)
    _options, rest = _part(rest)
    _public, rest = _part(rest[4:])
    private, _ = _part(rest)
    return cipher == b"none" and len(private) > _PART_HEAD and private[:4] == private[4:8] != bytes(4)


def _part(packed: bytes) -> tuple[bytes, bytes]:
    """Split the first part, which its length in four bytes stands before, from the rest."""
    size = int.from_bytes(packed[:4], "big")
    return packed[4 : 4 + size], packed[4 + size :]


def mark_of(value: str) -> str:
    """Return what is the same for the same value, and tells nothing of it."""
    return hashlib.sha256(value.encode()).hexdigest()[:_MARK]


def _named(path: str, text: str, lines: list[str]) -> Iterator[Credential]:
    """Go through the credentials that are known by what stands before them."""
    kinds = [
        (SECRET_KEY, _AWS_SECRET, "AWS_SECRET_ACCESS_KEY="),
        (WEBHOOK, _WEBHOOK, "hooks.slack.com/services/"),
    ]
    if _SETTINGS.search(path):
        kinds.append((PASSWORD, _ADDRESS, ""))
    for kind, pattern, shown in kinds:
        for found in pattern.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            if not _opens(kind, found, lines, line):
                continue
            said = said_for_tests(path, text, lines, line)
            yield Credential(
                kind=kind,
                path=path,
                line=line,
                shown=shown or f"{found['shown']}***@{found['host']}",
                sure=not said,
                for_tests=said,
                mark=mark_of(found["value"]),
            )


def _opens(kind: str, found: re.Match[str], lines: list[str], line: int) -> bool:
    """Tell whether what looks like a credential is one, and no part of another one that is told."""
    if kind == PASSWORD:
        comment = lines[line - 1].lstrip().startswith(("#", "//", ";", "--"))
        of_a_shape = any(shape.pattern.search(found["value"]) for shape in SHAPES)  # and told as that
        opens = _NOBODYS_HOST.search(found["host"]) is None and made_up(found["value"])
        return opens and not comment and not of_a_shape
    if kind == SECRET_KEY:
        near = lines[max(0, line - 1 - NEAR) : line + NEAR]
        return _RANDOM_KEY(found["value"]) and not any(
            re.search(r"\bA[KS]IA[A-Z2-7]{16}\b", one) for one in near
        )
    return _random(3.8)(found["value"])


def for_tests(path: str, *, documents: bool = True) -> bool:
    """Tell whether a directory or the file says in its name that it is there for tests or as an example.

    ``documents``: what is documented counts as an example too.
    """
    said = {word.lower() for word in _WORDS.findall(path)}
    return not (_TEST_WORDS if documents else _TEST_WORDS - _DOCUMENT_WORDS).isdisjoint(said)


def said_for_tests(path: str, text: str, lines: list[str], line: int) -> bool:
    """Tell whether the lines above a key say that it is for tests, or a test module holds it."""
    said = " ".join(lines[max(0, line - 1 - _ABOVE) : line])
    if not _SAID_WORDS.isdisjoint(word.lower() for word in _WORDS.findall(said)):
        return True
    module = _TEST_MODULE.search(text) if path.endswith(".rs") else None
    return module is not None and text.count("\n", 0, module.start()) < line


_SETTING = re.compile(r"^\s*(?:export\s+)?(?P<name>\w+)\s*=\s*(?P<value>.+?)\s*$")
SECRET_NAME = re.compile(
    r"(?:secret|token|passw(?:or)?d|pass|api_?key|(?:access|private|secret|signing|encryption)_?key|"
    r"credentials?|webhook(?:_url)?|mnemonic)$",
    re.IGNORECASE,
)
_FOR_EVERYBODY = re.compile(
    r"^(?:VITE|NEXT_PUBLIC|REACT_APP|PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY)_|public|site_key|publishable",
    re.IGNORECASE,
)
"""Names of what a site hands to every browser."""
_NAMES_USER = re.compile(
    r"://[^/@\s:]*:(?P<secret>[^/@\s$]+)@(?P<host>[\w-]+\.[\w.-]*[a-z])[:/]", re.IGNORECASE
)
_PICKED = re.compile(r"passw|secret|admin|user|local|default|foo|root|minio|postgres", re.IGNORECASE)
_TRIED_OUT = re.compile(
    r"\b(?:demo|local|localhost|devnet|docker[- ]compose|testing|tests?)\b", re.IGNORECASE
)
_LEAST_BITS = 2.5  # of a character: `hunter42` has 2.75, words that people make up for a try have less


def secret_setting(settings: str) -> Setting | None:
    """Return the first name that a file of settings gives a value that may open something of others.

    Words that people pick for a database on their own machine, references and names that are shown to
    every browser are none; nor is anything in a file that says it is for a demonstration.
    """
    lines = settings.split("\n")
    if any(_TRIED_OUT.search(line) for line in lines if line.lstrip().startswith("#")):
        return None
    for number, line in enumerate(lines, 1):
        one = _SETTING.match(line)
        if one is None or _FOR_EVERYBODY.search(one["name"]):
            continue
        value = re.sub(r"\s+#.*$", "", one["value"]).strip("'\"")
        address = _NAMES_USER.search(value)
        secret = address["secret"] if address is not None else value
        named = address is not None or ("://" not in value and SECRET_NAME.search(one["name"]) is not None)
        if named and made_up(secret):
            return Setting(name=one["name"], line=number)
    return None


_BLANK = re.compile(
    r"^(?:export\s+)?(?P<name>\w*(?:TOKEN|PASSWORD|PASSWD|SECRET|API_KEY|SECRET_KEY|SECRET_ACCESS_KEY))=[\"']{0,2}\s*$"
)


def blank_secret(settings: str) -> Setting | None:
    """Return the first name of a secret that a file of settings leaves for people to fill in."""
    for number, line in enumerate(settings.split("\n"), 1):
        found = _BLANK.match(line)
        if found is not None:
            return Setting(name=found["name"], line=number)
    return None


def made_up(value: str) -> bool:
    """Tell whether a value looks as if it had been made to keep others out."""
    if len(value) < 8 or "$" in value or _PICKED.search(value):
        return False
    return _random(_LEAST_BITS)(value)


def _has_secret(lines: list[str], line: int) -> bool:
    """Tell whether the secret of an access key stands near its id."""
    near = lines[max(0, line - 1 - NEAR) : line + NEAR]
    return any(_SECRET_WORD.search(one) and _SECRET_KEY.search(one) for one in near)
