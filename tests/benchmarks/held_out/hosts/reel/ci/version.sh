#!/bin/bash
# Writes the crate's version, and fails when the tag says another.
set -euo pipefail
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
if [ "v$version" != "$GITHUB_REF_NAME" ]; then
    echo "::error::the tag is $GITHUB_REF_NAME, the crate is $version"
    exit 1
fi
echo "version=$version" >> "$GITHUB_OUTPUT"
