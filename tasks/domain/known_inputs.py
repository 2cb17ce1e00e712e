"""The inputs of actions that many Rust workflows use, as their ``action.yml`` declares them (2026).

A newer version may have more: so an input that is not in here is called wrong only when it is a letter or
two away from one that is.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

_ALIKE = 0.88

INPUTS: Mapping[str, frozenset[str]] = {
    name: frozenset(inputs.split())
    for name, inputs in {
        "actions/checkout": "repository ref token ssh-key ssh-known-hosts ssh-strict ssh-user "
        "persist-credentials path clean filter sparse-checkout sparse-checkout-cone-mode fetch-depth "
        "fetch-tags show-progress lfs submodules set-safe-directory github-server-url reference",
        "actions/upload-artifact": "name path if-no-files-found retention-days compression-level overwrite "
        "include-hidden-files archive",
        "actions/download-artifact": "name artifact-ids path pattern merge-multiple github-token repository "
        "run-id skip-decompress digest-mismatch",
        "actions/cache": "path key restore-keys upload-chunk-size enablecrossosarchive fail-on-cache-miss "
        "lookup-only save-always",
        "aws-actions/configure-aws-credentials": "aws-region role-to-assume aws-access-key-id "
        "aws-secret-access-key aws-session-token web-identity-token-file role-chaining audience http-proxy "
        "no-proxy mask-aws-account-id role-duration-seconds role-external-id role-session-name "
        "role-skip-session-tagging inline-session-policy managed-session-policies output-credentials "
        "output-env-credentials unset-current-credentials disable-retry retry-max-attempts "
        "special-characters-workaround use-existing-credentials allowed-account-ids force-skip-oidc "
        "action-timeout-s transitive-tag-keys aws-profile",
        "hashicorp/setup-terraform": "cli_config_credentials_hostname cli_config_credentials_token "
        "terraform_version terraform_version_file terraform_wrapper",
        "softprops/action-gh-release": "body body_path name tag_name draft prerelease preserve_order files "
        "working_directory overwrite_files fail_on_unmatched_files repository token target_commitish "
        "discussion_category_name generate_release_notes previous_tag append_body make_latest",
        "actions-rust-lang/setup-rust-toolchain": "toolchain target components cache cache-directories "
        "cache-workspaces cache-on-failure cache-key cache-shared-key cache-bin cache-provider "
        "cache-all-crates cache-workspace-crates cache-save-if matcher rustflags override rust-src-dir",
        "dtolnay/rust-toolchain": "toolchain targets target components",
        "swatinem/rust-cache": "prefix-key shared-key key env-vars workspaces cache-directories "
        "cache-targets cache-on-failure cache-all-crates cache-workspace-crates save-if cache-provider "
        "cache-bin "
        "lookup-only add-job-id-key add-rust-environment-hash-key cmd-format",
    }.items()
}
"""Action -> its inputs in lower case, as GitHub compares them."""

REQUIRED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "actions/upload-artifact": {"path": ()},
    "aws-actions/configure-aws-credentials": {"aws-region": ("AWS_REGION", "AWS_DEFAULT_REGION")},
}
"""Action -> the inputs that it fails without -> variables of the environment that stand in for each."""


def meant(action: str, written: str) -> str | None:
    """Return the input that a misspelled one was meant to be; None when it is known, or may be a new one."""
    known = INPUTS.get(action, frozenset())
    name = written.lower()
    near = [] if name in known else difflib.get_close_matches(name, sorted(known), n=1, cutoff=_ALIKE)
    return near[0] if near else None
