#!/usr/bin/env bash
# usage: scripts/smoke.sh URL
set -euo pipefail
url=${1:?usage: scripts/smoke.sh URL}
for try in 1 2 3 4 5; do
    if curl --fail --silent --show-error --max-time 5 "$url/healthz"; then
        exit 0
    fi
    sleep $((try * 2))
done
echo "::error::$url is not healthy"
exit 1
