#!/bin/bash
# usage: ci/package.sh TARGET VERSION
set -euo pipefail

target=$1
version=$2
stage="reel-$version-$target"
mkdir -p "dist/$stage"
cp "target/$target/dist/reel" "dist/$stage/"
cp LICENSE README.md "dist/$stage/"
tar -C dist -czf "dist/$stage.tar.gz" "$stage"
rm -r "dist/$stage"
