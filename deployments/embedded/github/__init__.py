"""The embedded GitHub: REST, git over HTTP, a log host and an issuer of identity tokens, all on loopback.

records/  what it remembers, as frozen values; store.py keeps them in one SQLite file
web/      requests and answers: routing, who may ask, limits, faults, the sockets
git/      the bare repositories and git's smart HTTP protocol
shapes/   records as GitHub's JSON
routes/   one file a noun; each ends with its table of routes
actions/  from an event to finished runs: what starts, environment gates, concurrency, the executor's host
embedded.py  `EmbeddedGitHub`, the one thing that other rooms use
"""

from deployments.embedded.github.embedded import EmbeddedGitHub

__all__ = ["EmbeddedGitHub"]
