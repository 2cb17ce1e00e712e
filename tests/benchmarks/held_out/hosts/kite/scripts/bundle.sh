#!/usr/bin/env bash
# usage: scripts/bundle.sh TARGET     Packs both binaries into out/kite-TARGET.tar.gz
set -euo pipefail
target=${1:?usage: scripts/bundle.sh TARGET}
mkdir -p out
for binary in kite kited; do
    test -x "target/$target/release/$binary"
done
tar -czf "out/kite-$target.tar.gz" -C "target/$target/release" kite kited
