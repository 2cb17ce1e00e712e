#!/bin/sh
# Runs on a node: installs one release of the service, restarts it, and goes back when it is not healthy.
# Reads VERSION, SOURCE (s3://...) and SHA256. Its last line is url=... on success, the reason on failure.
# The node's own settings, PUBLIC_URL for one, may stand in $HOME/moonphase/node.env.
set -eu

root=$HOME/moonphase
mkdir -p "$root/releases"
[ ! -f "$root/node.env" ] || . "$root/node.env"
port=${NODE_PORT:-8080}
url=${PUBLIC_URL:-http://127.0.0.1:$port}
release=$root/releases/$VERSION-$(printf %.12s "$SHA256")
export MOOND_LISTEN="127.0.0.1:$port"

running() {
    [ -s "$root/pid" ] && kill -0 "$(cat "$root/pid")" 2>/dev/null
}

stop() {
    if running; then
        kill -TERM "$(cat "$root/pid")"
        tries=150
        while running && [ "$tries" -gt 0 ]; do
            sleep 0.1
            tries=$((tries - 1))
        done
        ! running || kill -KILL "$(cat "$root/pid")"
    fi
    rm -f "$root/pid"
}

start() {
    MOOND_ARTIFACT_SHA256=$(cat "$root/current/sha256") \
        setsid nohup "$root/current/moond" </dev/null >>"$root/moond.log" 2>&1 &
    echo $! >"$root/pid"
}

# Prints why the service is not healthy, nothing when it is.
illness() {
    tries=100
    while [ "$tries" -gt 0 ]; do
        running || break
        if said=$("$root/current/moond" --check 2>&1); then
            return
        fi
        # An answer is final; a refused connection may only mean that it has not begun to listen.
        case $said in *'"unhealthy"'*) break ;; esac
        sleep 0.1
        tries=$((tries - 1))
    done
    if running; then echo "${said:-no answer}"; else tail -n 1 "$root/moond.log"; fi
}

# A symbolic link is replaced in one step, so that there is always a current release.
point() {
    ln -sfn "$2" "$root/$1.new"
    mv -T "$root/$1.new" "$root/$1"
}

if [ ! -d "$release" ]; then
    incoming=$(mktemp -d "$root/releases/.incoming.XXXXXX")
    trap 'rm -rf "$incoming"' EXIT
    aws s3 cp "$SOURCE" "$incoming/archive.tar.gz" --only-show-errors
    echo "$SHA256  $incoming/archive.tar.gz" | sha256sum --check --strict --quiet -
    tar -xzf "$incoming/archive.tar.gz" -C "$incoming"
    rm "$incoming/archive.tar.gz"
    echo "$SHA256" >"$incoming/sha256"
    chmod 755 "$incoming"
    mv -T "$incoming" "$release"
fi

before=$(readlink "$root/current" || true)
if [ "$before" = "$release" ] && running && [ -z "$(illness)" ]; then
    echo "$VERSION is installed and healthy: nothing to do"
    echo "url=$url"
    exit 0
fi

stop
point current "$release"
start
reason=$(illness)
if [ -n "$reason" ]; then
    stop
    if [ -n "$before" ] && [ "$before" != "$release" ]; then
        point current "$before"
        start
        echo "went back to ${before##*/}"
    else
        rm "$root/current"
    fi
    echo "$VERSION is not healthy: $reason"
    exit 1
fi
[ -z "$before" ] || [ "$before" = "$release" ] || point previous "$before"
echo "$VERSION is installed and healthy"
echo "url=$url"
