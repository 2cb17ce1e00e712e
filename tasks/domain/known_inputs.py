"""The inputs of actions that many Rust workflows use, as their ``action.yml`` declares them (2026).

A newer version may have more: so an input that is not in here is called wrong only when it is a letter or
two away from one that is.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.domain.spelling import misspelled

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
        "docker/build-push-action": "add-hosts allow annotations attests build-args build-contexts builder "
        "cache-from cache-to call cgroup-parent context file github-token labels load network no-cache "
        "no-cache-filters outputs platforms provenance pull push sbom secrets secret-envs secret-files "
        "shm-size ssh tags target ulimit",
        "docker/login-action": "registry username password scope ecr logout registry-auth",
        "docker/setup-buildx-action": "version name driver driver-opts buildkitd-flags buildkitd-config "
        "buildkitd-config-inline config config-inline install use endpoint platforms append cache-binary "
        "keep-state cleanup",
        "taiki-e/install-action": "tool checksum fallback",
        "codecov/codecov-action": "base_sha binary codecov_yml_path commit_parent directory directories "
        "disable_file_fixes disable_safe_directory disable_search disable_telem dry_run env_vars exclude "
        "fail_ci_if_error file files flags force functionalities gcov_args gcov_executable gcov_ignore "
        "gcov_include git_service handle_no_reports_found job_code name network_filter network_prefix os "
        "override_branch override_build override_build_url override_commit override_pr plugin plugins "
        "recurse_submodules report_code report_type root_dir run_command skip_validation slug "
        "swift_project token url use_legacy_upload_endpoint use_oidc use_pypi verbose version "
        "working-directory",
        "actions/upload-pages-artifact": "name path retention-days include-hidden-files",
        "actions/labeler": "repo-token configuration-path sync-labels dot pr-number",
        "embarkstudios/cargo-deny-action": "rust-version log-level command command-arguments arguments "
        "manifest-path use-git-cli credentials",
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
    return misspelled(written.lower(), known)
