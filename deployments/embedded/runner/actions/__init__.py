"""Stand-ins for the actions that Cargo repositories commonly use, by `owner/name` in lower case.

An action that is not listed fails: "action X@Y has no stand-in in the embedded world".
"""

from collections.abc import Mapping

from deployments.embedded.runner.action import Standin
from deployments.embedded.runner.actions import artifacts, aws, cache, checkout, release, rust, tools

STANDINS: Mapping[str, Standin] = {
    "actions/cache": cache.run,
    "actions/cache/restore": cache.restore,
    "actions/cache/save": cache.save,
    "actions/checkout": checkout.run,
    "actions/download-artifact": artifacts.download,
    "actions/github-script": tools.no_script,
    "actions/setup-node": tools.setup_node,
    "actions/setup-python": tools.setup_python,
    "actions/upload-artifact": artifacts.upload,
    "actions-rs/cargo": rust.cargo,
    "actions-rs/install": tools.cargo_install,
    "actions-rs/toolchain": rust.actions_rs,
    "actions-rust-lang/setup-rust-toolchain": rust.setup_rust_toolchain,
    "aws-actions/configure-aws-credentials": aws.run,
    "baptiste0928/cargo-install": tools.cargo_install,
    "codecov/codecov-action": tools.outside_upload,
    "docker/build-push-action": tools.no_engine,
    "docker/login-action": tools.no_engine,
    "docker/metadata-action": tools.no_engine,
    "docker/setup-buildx-action": tools.no_engine,
    "docker/setup-qemu-action": tools.no_engine,
    "dtolnay/rust-toolchain": rust.rust_toolchain,
    "embarkstudios/cargo-deny-action": tools.cargo_deny,
    "hashicorp/setup-terraform": tools.setup_terraform,
    "hecrj/setup-rust-action": rust.actions_rs,
    "ructions/toolchain": rust.actions_rs,
    "rustsec/audit-check": tools.cargo_audit,
    "softprops/action-gh-release": release.run,
    "swatinem/rust-cache": cache.rust,
    "taiki-e/install-action": tools.install_action,
}
