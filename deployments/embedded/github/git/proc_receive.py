"""Git's proc-receive hook: refuses a push in GitHub's own words, for each ref by itself.

Git runs this file as a script, in the quarantine of the push; it imports only the standard library.
`EMBEDDED_PUSH` is the JSON of a `smart_http.PushRights`. A pre-receive hook could refuse too, but only with
"pre-receive hook declined"; only proc-receive sets the reason that the client prints for a ref.
"""

import fnmatch
import json
import os
import subprocess
import sys
from typing import Any, NamedTuple


class Command(NamedTuple):
    """One ref update that the client asks for."""

    old: str
    new: str
    ref: str


REFUSALS = {
    "classic": "refusing to allow a Personal Access Token to create or update workflow `%s`"
    " without `workflow` scope",
    "oauth": "refusing to allow an OAuth App to create or update workflow `%s` without `workflow` scope",
    "app": "refusing to allow a GitHub App to create or update workflow `%s` without `workflows` permission",
}
REASONS = {
    "creation": "Cannot create ref due to creations being restricted.",
    "update": "Cannot update this protected ref.",
    "deletion": "Cannot delete this protected ref.",
    "non_fast_forward": "Cannot force-push to this branch",
    "pull_request": "Changes must be made through a pull request.",
    "required_status_checks": "Required status checks are expected.",
}


LARGEST = 100 * 2**20  # bytes of a file


def read_packet() -> bytes | None:
    """Return one packet of git's line protocol; None is a flush."""
    length = int(sys.stdin.buffer.read(4), 16)
    return None if length == 0 else sys.stdin.buffer.read(length - 4)


def write_packet(text: str) -> None:
    """Send one packet."""
    body = text.encode()
    sys.stdout.buffer.write(b"%04x" % (len(body) + 4) + body)


def flush() -> None:
    """Send a flush."""
    sys.stdout.buffer.write(b"0000")
    sys.stdout.buffer.flush()


def git(*arguments: str) -> tuple[int, list[str]]:
    """Return the status and the lines of a git command."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def workflows(revision: str) -> set[tuple[str, str]]:
    """Return blob and path of each workflow file of a revision."""
    lines = git("ls-tree", "-r", revision, "--", ".github/workflows")[1]
    return {(line.split()[2], line.split("\t", 1)[1]) for line in lines}


def refused_file(kind: str, given: dict[str, Any], path: str, size: int) -> bool:
    """Say whether a rule about files refuses one that a push brings."""
    if kind == "file_path_restriction":
        return any(fnmatch.fnmatchcase(path, one) for one in given.get("restricted_file_paths") or ())
    if kind == "file_extension_restriction":
        endings = given.get("restricted_file_extensions") or ()
        return any(path.lower().endswith(one.lstrip("*").lower()) for one in endings)
    measured = {"max_file_path_length": len(path), "max_file_size": size / 2**20}.get(kind)
    return measured is not None and measured > float(given.get(kind, measured))


def brought(command: Command) -> list[tuple[str, int]]:
    """Return path and size of each file that the commits of an update have and no ref had before."""
    if not command.new.strip("0"):
        return []
    listed = "\n".join(git("rev-list", "--objects", command.new, "--not", "--all")[1])
    asked = ["git", "cat-file", "--batch-check=%(objecttype) %(objectsize) %(rest)"]
    done = subprocess.run(asked, input=listed, capture_output=True, text=True, check=False)
    rows = [line.split(" ", 2) for line in done.stdout.splitlines()]
    return [(row[2], int(row[1])) for row in rows if row[0] == "blob" and len(row) == 3]


def matches(ref: str, patterns: list[str], default: str) -> bool:
    """Say whether a ruleset's ref patterns name a ref."""
    named = {"~ALL": ref, "~DEFAULT_BRANCH": f"refs/heads/{default}"}
    return any(fnmatch.fnmatchcase(ref, named.get(pattern, pattern)) for pattern in patterns)


def broken_rules(command: Command, rights: dict[str, Any], files: list[tuple[str, int]]) -> list[str]:
    """Return the reasons of the rules that an update breaks."""
    created, deleted = not command.old.strip("0"), not command.new.strip("0")
    forced = (
        not created and not deleted and git("merge-base", "--is-ancestor", command.old, command.new)[0] != 0
    )
    broken = {
        "creation": created,
        "update": not created and not deleted,
        "deletion": deleted,
        "non_fast_forward": forced,
        "pull_request": not created and not deleted,
        "required_status_checks": not created and not deleted,
    }
    space = {"branch": "refs/heads/", "tag": "refs/tags/", "push": "refs/"}
    found = []
    for rules in rights["rulesets"]:
        if not command.ref.startswith(space[rules["target"]]):
            continue
        if rules["target"] == "push":
            found += [
                f"File {path} is restricted by the rule {kind}."
                for kind in rules["types"]
                for path, size in files
                if refused_file(kind, rules["parameters"].get(kind) or {}, path, size)
            ]
            continue
        if matches(command.ref, rules["include"], rights["default_branch"]) and not matches(
            command.ref, rules["exclude"], rights["default_branch"]
        ):
            found += [REASONS[kind] for kind in rules["types"] if broken.get(kind)]
    return found


def main() -> None:
    """Answer one push."""
    rights = json.loads(os.environ["EMBEDDED_PUSH"])
    while read_packet() is not None:
        pass
    write_packet("version=1\0")
    flush()
    commands = []
    while (packet := read_packet()) is not None:
        commands.append(Command(*packet.decode().rstrip("\n").split(" ", 2)))
    known: set[tuple[str, str]] = set()
    for branch in git("for-each-ref", "--format=%(refname)", "refs/heads")[1]:
        known |= workflows(branch)
    for command in commands:
        files = brought(command)
        fresh, large = [], [(path, size) for path, size in files if size > LARGEST]
        if not rights["workflows"] and command.new.strip("0"):
            fresh = sorted(path for _, path in workflows(command.new) - known)
        if fresh:
            write_packet(f"ng {command.ref} {REFUSALS[rights['kind']] % fresh[0]}")
        elif large:
            for path, size in large:
                told = f"File {path} is {size / 2**20:.2f} MB"
                sys.stderr.write(f"error: {told}; this exceeds GitHub's file size limit of 100.00 MB\n")
            sys.stderr.write("error: GH001: Large files detected.\n")
            write_packet(f"ng {command.ref} pre-receive hook declined")
        elif reasons := broken_rules(command, rights, files):
            said = "".join(f"\n- {reason}\n" for reason in reasons)
            sys.stderr.write(f"error: GH013: Repository rule violations found for {command.ref}.\n{said}\n")
            write_packet(f"ng {command.ref} push declined due to repository rule violations")
        else:
            write_packet(f"ok {command.ref}")
            write_packet("option fall-through")
    flush()


if __name__ == "__main__":
    main()
