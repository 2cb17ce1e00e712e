"""Collects what a repository says about itself: everything that needs no network and no build.

    snapshot = collect(CommittedFiles(shell, path, commit))

The snapshot holds one each of ``Tree``, ``Workflows``, ``Scripts``, ``Manifests``, ``Terraform``,
``Documents`` and ``Sources``; a kind that could not be read is ``Unseen`` with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from tasks.domain.aws_call import AwsPrograms, shell_calls
from tasks.domain.build_shell import BuildShell
from tasks.domain.compose import Compose
from tasks.domain.crate import Manifests
from tasks.domain.document import Documents
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.finding import Remedy
from tasks.domain.iam_action import KnownActions
from tasks.domain.iam_policy import Policies, read_policies
from tasks.domain.kubernetes import Kubernetes
from tasks.domain.port_default import PortDefaults
from tasks.domain.program_option import UnknownOptions
from tasks.domain.program_words import ProgramWords
from tasks.domain.python_program import OutputPrograms
from tasks.domain.script import Scripts
from tasks.domain.source import Source, Sources, source
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_reach import without_test_data
from tasks.domain.tree import SUBMODULE, SYMLINK, Entry, Tree
from tasks.domain.wanted_test import WantedTests
from tasks.domain.workflow import Workflows
from tasks.facts.aws_programs import read_aws_programs
from tasks.facts.build_shell import read_build_shell
from tasks.facts.cloudformation import template_roles
from tasks.facts.compose import read_compose
from tasks.facts.documents import GENERATED, is_document, read_documents
from tasks.facts.iam_actions import known_actions, with_operations
from tasks.facts.kubernetes import read_kubernetes
from tasks.facts.manifests import is_manifest, read_manifests
from tasks.facts.output_programs import read_output_programs
from tasks.facts.port_defaults import read_port_defaults
from tasks.facts.program_options import read_unknown_options
from tasks.facts.program_words import read_program_words
from tasks.facts.run_programs import with_programs
from tasks.facts.scripts import FileReader, is_shell, read_ahead, read_scripts
from tasks.facts.terraform import is_terraform, read_terraform
from tasks.facts.tree import Files
from tasks.facts.wanted_tests import read_wanted_tests
from tasks.facts.workflows import is_action, is_workflow, read_workflows

LARGEST_SCRIPT = 256 * 1024  # bytes of an executable file that is looked at for a shell's first line

_OTHERS = (
    ".service",
    ".timer",
    ".json",
    ".yml",
    ".yaml",
    ".toml",
    ".gitignore",
    ".gitattributes",
    ".gitmodules",
    ".terraform.lock.hcl",
    "terragrunt.hcl",
    "backend.hcl",
    ".tfbackend",
    ".tftpl",
    ".tpl",
    ".dockerignore",
)
_NAMES = frozenset(
    {"build.rs", "Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", ".justfile", "CODEOWNERS"}
)
LARGEST_OTHER = 64 * 1024
_UNREADABLE = Remedy(
    summary="See that git itself can read every file of the commit, then look again",
    commands=("git fsck --connectivity-only",),
    owner="operator",
    minutes=10,
)
MOST_PROSE = 24 * 1024 * 1024  # bytes of documents: a site in many languages has more than one can hold


def collect(files: Files, *, helpers: int = 0) -> Snapshot:
    """Look at the files once and return every static fact; what cannot be read is Unseen, never a crash.

    ``helpers`` is how many processes may read shell beside this one.
    """
    try:
        tree = files.tree
        chosen = _chosen(tree)
        contents = files.read([path for path in chosen if not is_document(path)])
    except Exception as error:  # noqa: BLE001 - a failure to look is an answer: every fact of it is unseen
        return _unread(error)
    sources = {path: source(path, content) for path, content in contents.items()}
    # Git has most to do for the documents, and only two facts hang on them: they come meanwhile. The helpers
    # begin before there is a second thread.
    with read_ahead(sources.values(), helpers) as read, ThreadPoolExecutor(max_workers=1) as beside:
        prose = beside.submit(files.read, [path for path in chosen if is_document(path)])
        snapshot = _with_actions(files, _of_machines(files, sources, read))
        try:
            contents = prose.result()
        except Exception as error:  # noqa: BLE001 - as above
            return _unread(error)
    sources |= {path: source(path, content) for path, content in contents.items()}
    every = {path: sources[path] for path in chosen if path in sources}
    snapshot = snapshot.with_facts(Sources(files=every))
    snapshot = _with(snapshot, Documents, lambda: read_documents(every.values()))
    snapshot = _with_words(files, snapshot, Sources(files=every))
    scripts, manifests = snapshot.get(Scripts), snapshot.get(Manifests)
    if not (isinstance(scripts, Scripts) and isinstance(manifests, Manifests)):
        return snapshot
    snapshot = _with(snapshot, Scripts, lambda: with_programs(files, scripts, manifests))
    snapshot = _with(snapshot, OutputPrograms, lambda: read_output_programs(files, scripts))
    snapshot = _with(snapshot, WantedTests, lambda: read_wanted_tests(files, scripts, manifests))
    documents = snapshot.get(Documents)
    if not isinstance(documents, Documents):
        return snapshot
    snapshot = _with(snapshot, PortDefaults, lambda: read_port_defaults(files, documents, scripts, manifests))
    return _with(snapshot, UnknownOptions, lambda: read_unknown_options(files, documents, scripts, manifests))


def _with_words(files: Files, snapshot: Snapshot, every: Sources) -> Snapshot:
    terraform = snapshot.get(Terraform)
    if not isinstance(terraform, Terraform):
        return snapshot.with_facts(
            unseen={ProgramWords: Unseen(reason="the Terraform files could not be read")}
        )
    return _with(snapshot, ProgramWords, lambda: read_program_words(files, terraform, every))


def _unread(error: Exception) -> Snapshot:
    reason = f"the repository's files could not be read: {error}"
    return Snapshot().with_facts(
        unseen=dict.fromkeys((Tree, *_KINDS), Unseen(reason=reason, remedy=_UNREADABLE))
    )


def _of_machines(files: Files, sources: Mapping[str, Source], read: FileReader) -> Snapshot:
    """Return the facts that hang on no document."""
    given, tree = sources.values(), files.tree
    snapshot = Snapshot().with_facts(tree)
    snapshot = _with(snapshot, Workflows, lambda: read_workflows(given))
    workflows = snapshot.get(Workflows)
    if isinstance(workflows, Workflows):
        shell = [one for one in given if not is_manifest(one.path)]
        snapshot = _with(snapshot, Scripts, lambda: read_scripts(workflows, shell, read))
    else:
        snapshot = snapshot.with_facts(unseen={Scripts: Unseen(reason="the workflows could not be read")})
    snapshot = _with(snapshot, BuildShell, lambda: read_build_shell(given))
    snapshot = _with(snapshot, Manifests, lambda: read_manifests(given, tree))
    elsewhere = _terraform_elsewhere(tree)
    snapshot = _with(snapshot, Terraform, lambda: read_terraform(given, tree.entries, elsewhere))
    snapshot = _without_test_data(snapshot)
    snapshot = _with_policies(snapshot, sources)
    snapshot = _with(snapshot, Kubernetes, lambda: read_kubernetes(given))
    return _with(snapshot, Compose, lambda: read_compose(given))


def _terraform_elsewhere(tree: Tree) -> tuple[str, ...]:
    """Return the Terraform files that are links, or written in JSON: what they declare is not read."""
    return tuple(
        one.path
        for one in tree
        if one.path.endswith(".tf.json") or (one.mode == SYMLINK and is_terraform(one.path))
    )


def _without_test_data(snapshot: Snapshot) -> Snapshot:
    scripts, terraform = snapshot.get(Scripts), snapshot.get(Terraform)
    if not isinstance(scripts, Scripts) or not isinstance(terraform, Terraform):
        return snapshot
    return _with(snapshot, Terraform, lambda: without_test_data(terraform, scripts))


def _with_policies(snapshot: Snapshot, sources: Mapping[str, Source]) -> Snapshot:
    terraform = snapshot.get(Terraform)
    if not isinstance(terraform, Terraform):
        reason = Unseen(reason="the Terraform files could not be read")
        return snapshot.with_facts(unseen={Policies: reason})
    roles = template_roles(sources.values())
    return _with(
        snapshot, Policies, lambda: replace(read_policies(Sources(files=sources), terraform), roles=roles)
    )


def _with_actions(files: Files, snapshot: Snapshot) -> Snapshot:
    """Add what is asked of AWS, and the actions of the services that are asked or that policies name."""
    scripts, policies = snapshot.get(Scripts), snapshot.get(Policies)
    if isinstance(scripts, Scripts):
        snapshot = _with(snapshot, AwsPrograms, lambda: read_aws_programs(files, scripts))
    programs = snapshot.get(AwsPrograms)
    services = set(policies.services) if isinstance(policies, Policies) else set()
    calls = (
        [call for script in scripts for call in shell_calls(script)] if isinstance(scripts, Scripts) else []
    )
    calls += programs if isinstance(programs, AwsPrograms) else ()
    services |= {action.partition(":")[0] for call in calls for action in call.actions}
    named = [
        action
        for policy in (policies if isinstance(policies, Policies) else ())
        for one in policy.statements
        for action in one.actions
    ]
    return _with(snapshot, KnownActions, lambda: with_operations(known_actions(services), named))


_KINDS: tuple[type, ...] = (
    Sources,
    Workflows,
    Scripts,
    BuildShell,
    Manifests,
    Terraform,
    Policies,
    AwsPrograms,
    OutputPrograms,
    KnownActions,
    Kubernetes,
    Compose,
    Documents,
    ProgramWords,
)


def _with(snapshot: Snapshot, kind: type, read: Callable[[], Any]) -> Snapshot:
    try:
        return snapshot.with_facts(read())
    except Exception as error:  # noqa: BLE001 - one kind of fact that cannot be read must not hide the others
        reason = f"{kind.__name__} could not be read ({type(error).__name__}: {error}); this is a bug"
        return snapshot.with_facts(unseen={kind: Unseen(reason=reason)})


def _chosen(tree: Tree) -> list[str]:
    """Return the files to read: all that machines read, and documents from the root down, up to a limit."""
    wanted = [entry for entry in tree if _is_read(entry)]
    prose = [one for one in wanted if is_document(one.path)]
    left = MOST_PROSE
    kept: set[str] = set()
    for one in sorted(prose, key=lambda one: (one.path.count("/"), one.path)):
        left -= one.size or 0
        if left < 0:
            break
        kept.add(one.path)
    return [one.path for one in wanted if one.path in kept or not is_document(one.path)]


def _is_read(entry: Entry) -> bool:
    if entry.mode in (SUBMODULE, SYMLINK) or entry.size is None:
        return False
    path = entry.path
    name = path.rpartition("/")[2]
    if any(asks(path) for asks in (is_workflow, is_action, is_shell, is_manifest, is_terraform, is_document)):
        return True
    if entry.executable and entry.size <= LARGEST_SCRIPT and "." not in name:
        return True
    if name in _NAMES or name.startswith(("Dockerfile", "activation.toml")) or name.endswith("Dockerfile"):
        return True
    return entry.size <= LARGEST_OTHER and (name.endswith(_OTHERS) or path.endswith(GENERATED))
