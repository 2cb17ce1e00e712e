#!/usr/bin/env bash
# Packages the release binaries into dist/: one archive each, and their SHA-256 sums.
# usage: deploy/package.sh TAG     The tag has to be "v" and the version that the binaries say.
set -euo pipefail

tag=${1:?usage: deploy/package.sh TAG}
target=$(rustc -vV | sed -n 's/^host: //p')
when=$(git log -1 --format=%ct)

rm -rf dist
mkdir dist
for binary in moond moon; do
    said=$("target/release/$binary" --version)
    if [ "$said" != "$binary ${tag#v}" ]; then
        echo "::error::the tag is $tag, but the binary says: $said"
        exit 1
    fi
    # Names, times and owners are fixed, so that the same binary makes the same archive.
    tar --create --file - --sort=name --mtime="@$when" --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w \
        --directory target/release "$binary" --directory "$PWD" LICENSE |
        gzip --no-name >"dist/$binary-$target.tar.gz"
done
cd dist
sha256sum -- *.tar.gz | tee SHA256SUMS
