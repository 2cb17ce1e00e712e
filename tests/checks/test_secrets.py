"""Credentials are made here at run time: a file that held one would be a finding of its own."""

import base64
import io
import random
import textwrap
import zipfile
import zlib
from typing import Any

import pytest

from tasks.domain.credential import Credentials, masked
from tasks.domain.finding import Finding, Weight
from tasks.domain.git_state import GitState
from tasks.domain.work_tree import WorkTree
from tasks.facts.credentials import find_credentials, past_credentials
from tasks.facts.tree import LiteralFiles
from tests.checks.testing import CI, ask, places

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def text(length: int, letters: str = LETTERS, seed: int = 7) -> str:
    return "".join(random.Random(seed).choices(letters, k=length))


def github_token(begin: str = "ghp_") -> str:
    body = text(30)
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = LETTERS[digit] + digits
    return begin + body + digits.rjust(6, "0")


def access_key() -> str:
    return "AK" + "IA" + text(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def private_key() -> str:
    return f"-----BEGIN {'RSA '}PRIVATE KEY-----\n" + "\n".join(text(64, seed=n) for n in range(4))


def ssh_key(cipher: bytes = b"none", check: bytes = b"\x07\x91\x2a\x63") -> str:
    """Return a key as `ssh-keygen -t ed25519` writes it (OpenSSH's PROTOCOL.key), of nobody."""

    def part(value: bytes) -> bytes:
        return len(value).to_bytes(4, "big") + value

    point = random.Random(3).randbytes(32)
    public = part(b"ssh-ed25519") + part(point)
    private = check * 2 + public + part(random.Random(4).randbytes(32) + point) + part(b"ci") + b"\1\2\3\4"
    derived = b"" if cipher == b"none" else part(random.Random(5).randbytes(16)) + (16).to_bytes(4, "big")
    whole = b"openssh-key-v1\0" + part(cipher) + part(b"none" if cipher == b"none" else b"bcrypt")
    whole += part(derived) + (1).to_bytes(4, "big") + part(public) + part(private)
    lines = textwrap.wrap(base64.b64encode(whole).decode(), 70)
    return "\n".join(
        [f"-----BEGIN {'OPENSSH '}PRIVATE KEY-----", *lines, "-----END OPENSSH PRIVATE KEY-----"]
    )


def pair() -> str:
    return f"aws_access_key_id = {access_key()}\naws_secret_access_key = {text(40)}\n"


def found_in(content: str, path: str = "deploy/run.sh") -> list[Finding]:
    return ask("credential-in-tracked-file", {}, find_credentials(LiteralFiles({path: content})))


@pytest.mark.parametrize(
    "secret",
    [
        github_token(),
        github_token("ghs_"),
        github_token("npm_"),
        pair(),
        private_key(),
        "github_" + "pat_" + text(22) + "_" + text(59),
        "xoxb-" + text(12, "0123456789") + "-" + text(12, "9876543210") + "-" + text(24),
        "sk_" + "live_" + text(24),
        "glpat-" + text(20),
        "SG." + text(22) + "." + text(43),
    ],
)
def test_a_credential_is_named_with_its_line_and_never_shown(secret: str) -> None:
    (found,) = found_in(f"#!/bin/sh\nexport TOKEN='{secret}'\n")
    assert found.blocks
    assert places([found]) == [("deploy/run.sh", 2)]
    value = secret.rsplit(maxsplit=1)[-1]
    assert value not in repr(found)
    assert value[8:20] not in repr(found)


@pytest.mark.parametrize(
    ("path", "weight"),
    [
        ("deploy/harbour", Weight.BLOCKER),
        ("deploy/.ssh/id_ed25519", Weight.BLOCKER),
        ("scripts/rollout.sh", Weight.WARNING),
        ("tests/fixtures/key", Weight.NOTE),
    ],
)
def test_a_key_of_openssh_without_a_passphrase_is_found_in_a_file_of_its_own_and_in_a_script(
    path: str, weight: Weight
) -> None:
    (found,) = found_in(f"#!/bin/sh\ncat > key <<KEY\n{ssh_key()}\nKEY\n", path)
    assert (found.weight, places([found])) == (weight, [(path, 3)])
    assert ssh_key().splitlines()[3][8:30] not in repr(found)


@pytest.mark.parametrize("key", [ssh_key(b"aes256-ctr"), ssh_key(check=bytes(4)), ssh_key()[:180]])
def test_a_key_of_openssh_that_is_encrypted_made_up_or_cut_short_is_not_accused(key: str) -> None:
    assert found_in(f"{key}\n", "deploy/harbour") == []


def test_a_runbook_is_no_test_for_a_token_that_carries_its_checksum() -> None:
    line = f"git clone https://x:{github_token()}@github.com/acme/tide.git"
    (found,) = ask("credential-in-tracked-file", {}, find_credentials(LiteralFiles({"docs/run.md": line})))
    assert (found.subject, found.blocks, places([found])) == (
        "docs/run.md: GitHub token",
        True,
        [("docs/run.md", 1)],
    )
    past = past_credentials(["commit c1", "+++ b/docs/run.md", f"+{line}"])
    (held,) = ask("credential-in-recent-history", {}, past, Credentials())
    assert (held.subject, held.weight) == ("docs/run.md: GitHub token", Weight.WARNING)


@pytest.mark.parametrize(
    ("path", "before"), [("docs/examples/run.md", ""), ("tests/run.sh", ""), ("docs/run.md", "An example:\n")]
)
def test_a_token_that_is_said_to_be_an_example_stays_one(path: str, before: str) -> None:
    line = f"{before}git clone https://x:{github_token()}@github.com/acme/tide.git"
    (found,) = ask("credential-in-tracked-file", {}, find_credentials(LiteralFiles({path: line})))
    assert found.weight is Weight.NOTE


def test_one_value_on_a_line_is_told_once() -> None:
    hook = f"run: curl https://hooks.slack.com/services/T{text(9, 'ABC123')}/B{text(9, 'DEF456')}/{text(24)}"
    (found,) = ask("credential-in-tracked-file", {}, find_credentials(LiteralFiles({CI: hook})))
    assert places([found]) == [(CI, 1)]
    clone = f"git clone https://x:{github_token()}@github.com/acme/tide.git"
    (token,) = ask("credential-in-tracked-file", {}, find_credentials(LiteralFiles({"a.sh": clone})))
    assert token.subject == "a.sh: GitHub token"


def lying(*files: str, committed: str = "", **state: Any) -> list[Finding]:
    """Ask of files that hold a token and are not committed as they lie there."""
    texts = {path: f"export GH_TOKEN={github_token()}\n" for path in files}
    seen = GitState(commit="a" * 40, branch="main", origin=None, **state)
    work = WorkTree(state=seen, credentials=find_credentials(LiteralFiles(texts)))
    known = find_credentials(LiteralFiles({path: texts[path] for path in files if path == committed}))
    found = ask("credential-in-tracked-file", {}, known, work)
    return [*found, *ask("work-tree-clean", {}, work)]


def test_a_credential_in_a_file_that_is_not_committed_yet_is_not_to_be_committed() -> None:
    token, clean = lying("a.sh", untracked=("a.sh", "b.sh"))
    assert (token.subject, token.weight) == ("a.sh: GitHub token, not committed", Weight.WARNING)
    assert (places([token]), token.evidence[0].committed) == ([("a.sh", 1)], False)
    assert clean.remedy is not None
    assert clean.remedy.commands == ("git status --short", "git add -- b.sh", "git commit")
    assert "Not a.sh" in clean.remedy.summary
    changed = lying("a.sh", unstaged=("a.sh",))[1].remedy
    assert changed is not None
    assert changed.commands == ("git status --short",)
    token, clean = lying("a.sh", staged=("a.sh", "b.sh"))
    assert token.remedy is not None
    assert token.remedy.commands == ("git restore --staged -- a.sh",)
    assert clean.remedy is not None
    assert clean.remedy.commands == ("git status --short", "git restore --staged -- a.sh", "git commit")


def test_a_credential_of_the_commit_or_of_a_test_is_not_told_as_one_to_be_committed() -> None:
    told = lying("a.sh", committed="a.sh", unstaged=("a.sh",))
    assert [one.subject for one in told] == ["a.sh: GitHub token", "changed"]
    (clean,) = lying("tests/a.sh", untracked=("tests/a.sh",))
    assert clean.remedy is not None
    assert clean.remedy.commands == ("git status --short", "git add -- tests/a.sh", "git commit")


def address(host: str, password: str = "") -> str:
    return "postgres" + f"://moon:{password or text(12)}@{host}:5432/moon"


@pytest.mark.parametrize(
    ("content", "path", "weight"),
    [
        (f"AWS_SECRET_ACCESS_KEY: {text(40)}", CI, Weight.WARNING),
        (f'export AWS_SECRET_ACCESS_KEY="{text(40)}"', "deploy/run.sh", Weight.WARNING),
        (f'url = "{address("db.internal")}"', "config/db.toml", Weight.WARNING),
        ("https://hooks.slack.com/" + f"services/T02ABCDEF9/B03GHIJKL7/{text(24)}", "a.sh", Weight.BLOCKER),
    ],
)
def test_what_opens_something_by_what_stands_before_it_is_named_and_hidden(
    content: str, path: str, weight: Weight
) -> None:
    (found,) = found_in(f"# settings\n{content}\n", path)
    assert (found.weight, places([found])) == (weight, [(path, 2)])
    assert text(12) not in repr(found)
    assert text(24)[4:16] not in repr(found)


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ("AWS_SECRET_ACCESS_KEY: ${{ secrets.AWS_SECRET_ACCESS_KEY }}", CI),
        ("AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", CI),
        ("AWS_SECRET_ACCESS_KEY: 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", CI),
        (f'url = "{address("localhost")}"', "config/db.toml"),
        (f'url = "{address("postgres")}"', "compose.yml"),
        (f'url = "{address("db.example.com")}"', "config/db.toml"),
        (f'url = "{address("db.internal", "postgres")}"', "config/db.toml"),
        (f'url = "{address("db.internal", "${PASSWORD}")}"', "config/db.toml"),
        (f"# url = {address('db.internal')}", "config/db.toml"),
        (address("db.internal"), "docs/setup.md"),
        ("https://hooks.slack.com/" + "services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "a.sh"),
    ],
)
def test_references_examples_and_passwords_for_ones_own_machine_are_not_accused(
    content: str, path: str
) -> None:
    assert found_in(f"{content}\n", path) == []


def test_a_file_that_is_only_a_key_is_taken_out_and_a_source_is_mended() -> None:
    (key,) = found_in(private_key(), "deploy/host.pem")
    (source,) = found_in(private_key(), "src/constants.rs")
    assert key.remedy is not None
    assert source.remedy is not None
    assert key.remedy.commands[0] == "git rm --cached 'deploy/host.pem'"
    assert source.remedy.commands == ()
    assert "replace that line" in source.remedy.summary


@pytest.mark.parametrize(
    "harmless",
    [
        "ghp_" + text(36),  # the checksum is wrong
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "AK" + "IA" + "IOSFODNN7EXAMPLE",
        "AK" + "IA" + "A" * 16,
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        'assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----"));',
        "secrets.GITHUB_TOKEN",
        "SG.short",
        "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
    ],
)
def test_what_only_looks_like_a_credential_is_not_accused(harmless: str) -> None:
    assert found_in(f"TOKEN={harmless}\n") == []


def test_access_keys_without_their_secret_are_one_note() -> None:
    files = dict.fromkeys(("a.yml", "b/c.yml"), f"key: {access_key()}")
    (found,) = ask("credential-in-tracked-file", {}, find_credentials(LiteralFiles(files)))
    assert (found.weight, len(found.evidence)) == (Weight.NOTE, 2)
    assert "only the id, which opens nothing without its secret" in found.message
    assert "not there" not in found.message  # a sealed file beside it may hold the secret


def test_the_id_of_a_session_that_ended_long_ago_is_told_with_its_secret_only() -> None:
    session = access_key().replace("AK", "AS", 1)
    assert found_in(f'"accessKeyId": "{session}"\n', "src/log.rs") == []
    (found,) = found_in(f"AWS_ACCESS_KEY_ID={session}\nAWS_SECRET_ACCESS_KEY={text(40)}\n")
    assert found.weight is Weight.BLOCKER


@pytest.mark.parametrize("between", ["=", " = ", ": ", '="', "\t"])
def test_an_access_key_with_its_secret_blocks_and_the_secret_is_hidden(between: str) -> None:
    secret = text(40, LETTERS + "+/")
    line = f"AWS_SECRET_ACCESS_KEY{between}{secret}" + ('"' if '"' in between else "")
    found = found_in(f"AWS_ACCESS_KEY_ID={access_key()}\n{line}\n")
    assert [one.weight for one in found] == [Weight.BLOCKER]
    assert secret not in masked(line)
    assert secret not in str(found)


def test_a_key_among_the_tests_is_a_note() -> None:
    assert [one.weight for one in found_in(private_key(), "crates/a/tests/data/key.pem")] == [Weight.NOTE]


def test_all_keys_for_tests_are_one_note_with_their_places() -> None:
    files = {path: private_key() for path in ("tests/a.key", "b/fixtures/b.pem", "fuzz/c.key")}
    (found,) = ask("credential-in-tracked-file", {}, find_credentials(LiteralFiles(files)))
    assert (found.subject, found.message[:18]) == ("private keys for tests", "3 files hold one, ")
    assert sorted(str(one.file) for one in found.evidence) == [
        "b/fixtures/b.pem",
        "fuzz/c.key",
        "tests/a.key",
    ]


@pytest.mark.parametrize(
    ("path", "beside", "weight"),
    [
        ("apps/src/bin/cert.key", "apps/Cargo.toml", Weight.NOTE),
        ("client/data/key.pem", "client/Cargo.toml", Weight.NOTE),
        ("apps/src/bin/cert.key", "Cargo.toml", Weight.WARNING),
        ("server/deploy/cert.key", "server/Cargo.toml", Weight.BLOCKER),
    ],
)
def test_a_key_among_the_sources_of_a_crate_is_there_to_try_things_out(
    path: str, beside: str, weight: Weight
) -> None:
    found = find_credentials(LiteralFiles({path: private_key()}))
    assert [one.weight for one in ask("credential-in-tracked-file", {path: "", beside: ""}, found)] == [
        weight
    ]


@pytest.mark.parametrize(
    "path",
    [
        "test-ca/rsa-2048/ca.key",
        "testing/web3signer/key.key",
        "crates/a/src/test_keys.rs",
        "deploy/example-do-not-use-in-prod-key.pem",
        "certs/localhost/key.pem",
        "src/TestKeys.java",
    ],
)
def test_a_key_whose_name_says_that_it_is_for_tests_is_a_note(path: str) -> None:
    assert [one.weight for one in found_in(private_key(), path)] == [Weight.NOTE]


@pytest.mark.parametrize("path", ["contest/ca.key", "src/latest.rs", "keys/attestation.pem", "Docker/key"])
def test_a_name_that_only_holds_the_letters_of_test_excuses_nothing(path: str) -> None:
    assert [one.weight for one in found_in(private_key(), path)] == [Weight.WARNING]


@pytest.mark.parametrize("path", ["keys/id_rsa", "deploy/host.pem", "infra/tls.key", "charts/x/values.yaml"])
def test_a_key_that_opens_machines_stops_everything(path: str) -> None:
    assert [one.weight for one in found_in(private_key(), path)] == [Weight.BLOCKER]


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("chart/ci/values.yaml", "# Sample key for chart testing\nkey: |-\n"),
        ("src/keys.rs", 'const TEST_KEY: &str = r#"\n'),
        ("src/fcm.rs", "#[cfg(test)]\nmod unit {\n" + "    let x = 1;\n" * 20),
    ],
)
def test_a_key_that_the_text_above_gives_to_tests_is_a_note(path: str, above: str) -> None:
    assert [one.weight for one in found_in(above + private_key(), path)] == [Weight.NOTE]


def test_a_token_that_the_text_above_gives_to_tests_is_a_note() -> None:
    text = f'("GitHub PAT", "ghp_",\n  TestValue::Single("{github_token()}"))\n'
    assert [one.weight for one in found_in(text, "src/secrets.rs")] == [Weight.NOTE]
    text = f"# see the docs of the demo on localhost\nexport T={github_token()}\n"
    assert [one.weight for one in found_in(text)] == [Weight.BLOCKER]


def test_keys_beside_that_of_their_own_authority_may_be_there_to_try_things_out() -> None:
    files = dict.fromkeys(("tls/ca.key", "tls/server.key", "deploy/host.key"), private_key())
    files["tls/token.sh"] = f"T={github_token()}"
    found = ask("credential-in-tracked-file", {}, find_credentials(LiteralFiles(files)))
    assert {one.subject.partition(":")[0]: one.weight for one in found} == {
        "private keys for tests": "note",
        "deploy/host.key": "blocker",
        "tls/token.sh": "blocker",
    }


def test_a_key_with_its_middle_left_out_is_shown_and_not_lost() -> None:
    lines = private_key().split("\n")
    end = lines[0].replace("BEGIN", "END")
    shown = "\n".join(f"/// {line}" for line in (*lines, "...", end))
    assert found_in(shown, "src/tls.rs") == []
    assert len(found_in("\n".join((*lines, end, "...")), "src/tls.rs")) == 1


def test_a_key_before_the_test_module_of_a_source_is_none_of_the_tests() -> None:
    text = private_key() + "\nlet x = 1;\n" * 4 + "#[cfg(test)]\nmod unit {}\n"
    assert [one.weight for one in found_in(text, "src/fcm.rs")] == [Weight.WARNING]


def log(*added: str, commit: str = "c" * 40, path: str = "x.sh") -> list[str]:
    return [
        f"commit {commit}",
        f"diff --git a/{path} b/{path}",
        f"--- a/{path}",
        f"+++ b/{path}",
        "@@ -0,0 +1 @@",
        *added,
    ]


def test_a_credential_that_a_commit_added_and_another_took_out_is_told_with_the_commit() -> None:
    lines = [*log(commit="d" * 40), f"-T={github_token()}", *log(f"+T={github_token()}")]
    past = past_credentials(lines)
    (found,) = ask("credential-in-recent-history", {}, past, Credentials())
    assert found.evidence[0].file == "x.sh"
    assert "commit cccccccccccc" in str(found.evidence[0].excerpt)
    assert past.commits == 2


def test_a_credential_that_is_still_there_is_told_once() -> None:
    now = find_credentials(LiteralFiles({"x.sh": f"T={github_token()}"}))
    assert ask("credential-in-recent-history", {}, past_credentials(log(f"+T={github_token()}")), now) == []


def test_a_credential_that_was_moved_is_told_where_it_is_now() -> None:
    now = find_credentials(LiteralFiles({"new.sh": f"U={github_token()}"}))
    assert ask("credential-in-recent-history", {}, past_credentials(log(f"+T={github_token()}")), now) == []
    other = find_credentials(LiteralFiles({"new.sh": f"U={github_token('gho_')}"}))
    past = past_credentials(log(f"+T={github_token()}"))
    assert len(ask("credential-in-recent-history", {}, past, other)) == 1


def test_a_credential_that_was_in_two_files_is_one_finding() -> None:
    past = past_credentials([*log(f"+T={github_token()}"), *log(f"+T={github_token()}", path="y.sh")])
    (found,) = ask("credential-in-recent-history", {}, past, Credentials())
    assert {one.file for one in found.evidence} == {"x.sh", "y.sh"}


def test_what_only_tests_held_in_the_past_is_one_note_without_a_file_to_open() -> None:
    past = past_credentials(
        [
            *log(f"+T={github_token()}", path="server/testdata/a.pem"),
            *log(f"+T={github_token('gho_')}", path="server/testdata/snakeoil.pem"),
        ]
    )
    (found,) = ask("credential-in-recent-history", {}, past, Credentials())
    assert (found.weight, len(found.evidence)) == ("note", 2)
    assert found.remedy is not None
    assert found.remedy.summary.startswith("If one was real")
    assert found.remedy.commands[0] == f"git show --stat {'c' * 12} -- server/testdata/a.pem"


def test_a_file_that_held_several_for_tests_is_counted_and_shown_once() -> None:
    past = past_credentials(
        [
            *log(f"+T={github_token()}", path="testdata/a.pem"),
            *log(f"+T={github_token('gho_')}", path="testdata/a.pem"),
            *log(f"+T={github_token('ghs_')}", path="testdata/b.pem"),
            *log(f"+T={github_token('ghs_')}", path="moved/testdata/b.pem"),
        ]
    )
    (found,) = ask("credential-in-recent-history", {}, past, Credentials())
    assert [one.file for one in found.evidence] == ["testdata/a.pem", "testdata/b.pem"]
    assert found.message.startswith("2 files held one, ")


def test_a_credential_that_was_only_taken_out_is_not_told_again() -> None:
    past = past_credentials(log(f"-T={github_token()}"))
    assert ask("credential-in-recent-history", {}, past, Credentials()) == []


@pytest.mark.parametrize("path", ["infra/terraform.tfstate", "keys/id_rsa", "deploy/host.p12"])
def test_a_file_that_exists_to_hold_credentials_is_named(path: str) -> None:
    assert places(ask("private-file-untracked", {path: "A=b"})) == [(path, None)]


def test_what_init_keeps_of_the_backend_is_no_state() -> None:
    (found,) = ask("private-file-untracked", {"infra/.terraform/terraform.tfstate": "{}"})
    assert found.weight == "note"
    assert "hold credentials" not in found.message


@pytest.mark.parametrize("path", [".env", "app/.env.production"])
def test_settings_with_a_secret_are_named_with_the_line_and_without_the_value(path: str) -> None:
    files = {path: "LEVEL=debug\nAPI_TOKEN=f8Zq27LmPw0d\n"}
    found = ask("private-file-untracked", files, find_credentials(LiteralFiles(files)))
    assert places(found) == [(path, 2)]
    assert "API_TOKEN" in found[0].message
    assert "f8Zq27" not in repr(found)


def test_settings_that_nobody_could_look_into_are_not_accused() -> None:
    assert ask("private-file-untracked", {".env": "API_TOKEN=f8Zq27LmPw0d\n"}) == []


def test_a_key_that_is_told_as_a_credential_is_told_once() -> None:
    files = {"keys/id_rsa": private_key()}
    assert ask("private-file-untracked", files, find_credentials(LiteralFiles(files))) == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ("LEVEL=debug\nURL=postgres://me:pw@localhost:5432/db\n", False),
        ("# nothing but a comment on a token\n", False),
        ("URL=postgres://me:Zw8-kf2Lm@db.acme.net:5432/db\n", True),
        ("URL=postgres://me:Zw8-kf2Lm@postgres:5432/db\n", False),
        ("export SIGNING_KEY='f8Zq27LmPw0d'\n", True),
        ("API_TOKEN=\n", False),
        ("API_TOKEN=$TOKEN\n", False),
        ("MINIO_ROOT_PASSWORD=strongadminpassword1\n", False),
        ("NEXTAUTH_URL=http://app.localhost:4455\n", False),
        ("RECAPTCHA_SITE_KEY=6LejeBQsAAAAAMyeEVkJn\n", False),
        ("VITE_POSTHOG_API_KEY=phc_6kfTNEAVw7rn1LA51cO3D69\n", False),
        ("# for the local demo network\nAPI_TOKEN=f8Zq27LmPw0d\n", False),
    ],
)
def test_settings_are_only_accused_for_a_value_that_may_be_a_secret(settings: str, named: bool) -> None:
    files = {"web/.env": settings}
    found = ask("private-file-untracked", files, find_credentials(LiteralFiles(files)))
    assert [one.subject for one in found] == ["web/.env"] * named


@pytest.mark.parametrize("path", [".env.example", "src/env.rs", "tests/data/.env", "id_rsa.pub", ".envrc"])
def test_a_file_of_another_name_is_not_accused(path: str) -> None:
    assert ask("private-file-untracked", {path: "A=b"}) == []


def test_an_account_that_one_place_names_is_told_without_a_number() -> None:
    (found,) = ask("account-id-in-files", {"docs/a.md": "arn:aws:iam::" + "640283719455" + ":role/x\n"})
    assert found.message == "the number of ...9455 is written down"


def test_all_accounts_are_one_note() -> None:
    first, second = ("arn:aws:iam::" + number + ":role/x" for number in ("640283719455", "740283719466"))
    (found,) = ask("account-id-in-files", {"a.tf": f"# {first}\n# {second}\n# {first}\n"})
    assert found.message == "the numbers of ...9455 and ...9466 are written in 3 places"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/fixtures/event.json", ":role/x"),
        ("tests/data/event.json", ":role/x"),
        ("rfcs/2020-01-01-x.md", ":role/x"),
        ("infra/a.tf", ":layer:AdapterX86:25"),
    ],
)
def test_accounts_of_others_in_data_for_tests_records_and_layers_are_not_told(path: str, name: str) -> None:
    kind = "lambda:us-east-1" if "layer" in name else "iam:"
    assert ask("account-id-in-files", {path: f"arn:aws:{kind}:" + "640283719455" + name}) == []


def test_an_account_is_named_by_its_end_with_every_place() -> None:
    arn = "arn:aws:iam::" + "640283719455" + ":role/deploy"
    (found,) = ask("account-id-in-files", {"docs/a.md": f"x\n{arn}\n", "infra/a.tf": f"# {arn}\n"})
    assert sorted((one.file, one.line) for one in found.evidence) == [("docs/a.md", 2), ("infra/a.tf", 1)]
    assert found.subject == "accounts"


def test_an_account_that_one_name_shows_is_found_wherever_its_number_stands_alone() -> None:
    arn, number = "arn:aws:sns:$REGION:310029219455:alerts", "310029219455"
    files = {"a.sh": f'ACCOUNT_ID="{number}"\n', "b.sh": f"x {arn}\n", "c.sh": f"size=1{number}\n"}
    (found,) = ask("account-id-in-files", files)
    assert [(one.file, one.line) for one in found.evidence] == [("a.sh", 1), ("b.sh", 1)]
    assert ask("account-id-in-files", {"a.sh": f'ACCOUNT_ID="{number}"\n'}) == []


@pytest.mark.parametrize("account", ["123456789012", "111122223333", "000000000000", "${account}"])
def test_the_accounts_of_examples_are_nobodys(account: str) -> None:
    assert ask("account-id-in-files", {"docs/a.md": f"arn:aws:iam::{account}:role/x"}) == []


def test_a_key_for_tests_is_left_where_what_reads_it_finds_it() -> None:
    (found,) = found_in(private_key(), "tests/data/host.key")
    assert not found.blocks
    assert found.remedy is not None
    assert found.remedy.commands == ()
    assert "leave it" in found.remedy.summary


def _plan(state: str) -> bytes:
    """Pack what `terraform plan -out` leaves: the plan comes first."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tfplan", b"\x08\x03\x92\x01")
        archive.writestr("tfstate", state)
        archive.writestr("tfstate-prev", state)
    return packed.getvalue()


def _asked(check: str, files: dict[str, bytes]) -> list[Finding]:
    return ask(check, files, find_credentials(LiteralFiles(files)))


def test_a_saved_plan_is_told_whatever_it_is_called() -> None:
    (found,) = _asked("private-file-untracked", {"infra/out": _plan('{"resources": []}')})
    assert (found.subject, found.weight) == ("infra/out", "warning")
    assert "saved plan" in found.message
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme", "x")
    assert _asked("private-file-untracked", {"infra/out": packed.getvalue()}) == []


def test_the_credentials_inside_a_saved_plan_are_told_without_their_values() -> None:
    value = "sbp_" + text(40, "0123456789abcdef")
    files = {"infra/tfplan": _plan(f'{{"token": "{value}"}}')}
    (found,) = _asked("credential-in-tracked-file", files)
    assert (found.subject, found.blocks) == ("infra/tfplan: Supabase token", True)
    assert value not in repr(found)
    assert found.remedy is not None
    assert found.remedy.commands[0] == "git rm --cached 'infra/tfplan'"
    assert _asked("private-file-untracked", files) == []


def test_a_damaged_plan_is_told_as_a_plan() -> None:
    assert len(_asked("private-file-untracked", {"tfplan": _plan("{}")[:60]})) == 1


@pytest.mark.parametrize(
    ("content", "path", "line"),
    [
        (f'region = "eu-west-1"\ndb_password = "{text(15)}"\n', "infra/terraform.tfvars", 2),
        (
            f'resource "aws_db_instance" "db" {{\n  username = "tides"\n  password = "{text(15)}"\n}}\n',
            "infra/main.tf",
            3,
        ),
        (f'variable "db_password" {{\n  type = string\n  default = "{text(15)}"\n}}\n', "v.tf", 3),
        (
            f'variable "hook" {{\n  sensitive = true\n  default   = "{text(20)}"\n}}\n',
            "infra/variables.tf",
            3,
        ),
        (f'hub = {{\n  api_key = "{text(32)}"\n}}\n', "infra/prod.tfvars", 2),
    ],
)
def test_a_secret_that_terraform_has_in_plain_text_is_a_warning_and_hidden(
    content: str, path: str, line: int
) -> None:
    (found,) = found_in(content, path)
    assert (found.weight, places([found])) == (Weight.WARNING, [(path, line)])
    assert text(15)[3:12] not in repr(found)
    assert text(32)[3:12] not in repr(found)


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ('db_password = ""', "a.tfvars"),
        ('db_password = "changeme123"', "a.tfvars"),
        ('db_password = "<password of 2026>"', "a.tfvars"),
        ('password = "${random_password.db.result}"', "main.tf"),
        ("password = var.db_password_2", "main.tf"),
        (f'# password = "{text(15)}"', "main.tf"),
        ('secret = "queryapi-2-mainnet-database-url-2026"', "main.tf"),
        ('secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:Db-a1B2c3"', "main.tf"),
        (f'secret_name = "prod/{text(20)}"', "main.tf"),
        ('password_length = "161616161616a"', "main.tf"),
        ('token_endpoint = "https://login.moon.dev/oauth2/v2.0/token"', "main.tf"),
        ('auth_token = "https://login.moon.dev/oauth2/v2.0/token"', "main.tf"),
        ('creation_token = "moon-efs-token-2026-01"', "main.tf"),
        ('variable "token_name" {\n  default = "Abc123Def456Ghi789"\n}', "main.tf"),
        ('variable "password" {\n  sensitive = true\n  default = ""\n}', "main.tf"),
        ('refresh_token = "days"', "main.tf"),
        ("      POSTGRES_PASSWORD: postgres", "compose.yml"),
        ("      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-a1b2c3d4e5}", "compose.yml"),
        ("      - AWS_SECRET_ACCESS_KEY=password", "docker-compose.yml"),
    ],
)
def test_names_references_and_made_up_words_in_terraform_are_not_accused(content: str, path: str) -> None:
    assert found_in(f"{content}\n", path) == []


def test_a_random_password_of_a_compose_file_or_an_example_is_a_note() -> None:
    compose = f"services:\n  db:\n    environment:\n      DB_PASSWORD: {text(15)}\n"
    (found,) = found_in(compose, "docker-compose.yml")
    assert (found.weight, places([found])) == (Weight.NOTE, [("docker-compose.yml", 4)])
    (example,) = found_in(f'db_password = "{text(15)}"\n', "examples/full/terraform.tfvars")
    assert example.weight is Weight.NOTE
    assert text(15) not in repr((found, example))


def manifest(entry: str, kind: str = "Secret") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: {kind}\ntype: Opaque\n{entry}\n"


def packed(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


@pytest.mark.parametrize(
    ("content", "path", "line"),
    [
        (manifest(f"data:\n  user: YWRh\n  smtp-password: {packed(text(15))}"), "deploy/secret.yaml", 9),
        (manifest(f'stringData:\n  API_KEY: "{text(20)}"'), "deploy/secret.yml", 8),
        (f"env:\n  TF_VAR_db_password: {text(15)}", ".github/workflows/infra.yml", 2),
        (f'{{"auths": {{"r.moon.io": {{"auth": "{packed("ada:" + text(15))}"}}}}}}', "deploy/config.json", 1),
    ],
)
def test_a_secret_of_a_manifest_a_workflow_or_a_sign_in_is_named_and_hidden(
    content: str, path: str, line: int
) -> None:
    (found,) = found_in(f"{content}\n", path)
    assert (found.weight, places([found])) == (Weight.WARNING, [(path, line)])
    assert text(15) not in repr(found)
    assert packed(text(15))[:12] not in repr(found)
    assert found.remedy is not None
    assert ("Terraform" in found.remedy.summary) == path.startswith(".github/")


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (manifest(f"data:\n  password: {packed('password')}"), "deploy/secret.yaml"),
        (manifest("stringData:\n  password: ${DB_PASSWORD}"), "deploy/secret.yaml"),
        (manifest("stringData:\n  password: {{ .Values.password }}"), "charts/x/templates/secret.yaml"),
        (manifest(f"stringData:\n  password: ENC[AES256_GCM,data:{text(20)}]"), "deploy/secret.yaml"),
        (manifest(f"data:\n  password: {packed(text(15))}", "SealedSecret"), "deploy/secret.yaml"),
        (manifest(f"data:\n  checksum: {packed(text(15))}"), "deploy/secret.yaml"),
        ("env:\n  TF_VAR_db_password: ${{ secrets.DB_PASSWORD }}", ".github/workflows/infra.yml"),
        ("env:\n  TF_VAR_db_password: postgres", ".github/workflows/infra.yml"),
        (f'{{"auths": {{"r.moon.io": {{"auth": "{packed("ada:password")}"}}}}}}', "deploy/config.json"),
        (f'{{"auth": "{packed("ada:" + text(15))}"}}', "deploy/config.json"),
    ],
)
def test_references_sealed_values_and_made_up_words_of_a_manifest_are_not_accused(
    content: str, path: str
) -> None:
    assert found_in(f"{content}\n", path) == []


def test_a_secret_for_ones_own_machine_is_a_note() -> None:
    content = manifest(f"data:\n  password: {packed(text(15))}")
    (found,) = found_in(content, "k8s/overlays/local/secret.yaml")
    assert found.weight is Weight.NOTE


def test_a_password_on_a_line_that_proves_something_else_is_hidden() -> None:
    assert masked(f'db_password = "{text(15)}"') == 'db_password = "***"'
    assert masked('password = "${random_password.db.result}"') == 'password = "${random_password.db.result}"'


def test_a_private_file_is_taken_out_of_the_commit_and_not_only_out_of_the_index() -> None:
    (found,) = ask("private-file-untracked", {"infra/terraform.tfstate": "{}"})
    assert found.remedy is not None
    assert found.remedy.commands == (
        "git rm --cached 'infra/terraform.tfstate'",
        "echo 'infra/terraform.tfstate' >> .gitignore",
        "git add .gitignore",
        "git commit -m 'Take out terraform.tfstate'",
    )
