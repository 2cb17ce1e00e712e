"""The issuer of identity tokens: its description, its keys, and the endpoint that a job asks."""

import json
import re
from typing import Any

from werkzeug import Request, Response

from deployments.embedded.github.actions.identity import ISSUER, claims
from deployments.embedded.github.credentials import digest
from deployments.embedded.github.forge import Forge
from deployments.embedded.github.web.access import shown_token

_JOB = re.compile(r"/_oidc/(\d+)")


class Issuer:
    """Answers below `/.well-known/` and `/_oidc/`."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def __call__(self, request: Request) -> Response | None:
        """Answer a request to the issuer; None for any other path."""
        if request.path == "/.well-known/openid-configuration":
            return _json(self._description())
        if request.path == "/.well-known/jwks":
            return _json(self._forge.vault.jwks())
        found = _JOB.fullmatch(request.path)
        return self._token(request, int(found.group(1))) if found else None

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "jwks_uri": f"{self._forge.urls.api}/.well-known/jwks",
            "subject_types_supported": ["public", "pairwise"],
            "response_types_supported": ["id_token"],
            "claims_supported": [
                *("sub", "aud", "exp", "iat", "iss", "jti", "nbf", "ref", "sha", "repository"),
                *("repository_id", "repository_owner", "repository_owner_id", "repository_visibility"),
                *("run_id", "run_number", "run_attempt", "actor", "actor_id", "workflow", "workflow_ref"),
                *("workflow_sha", "job_workflow_ref", "job_workflow_sha", "event_name", "ref_type"),
                *("environment", "runner_environment", "head_ref", "base_ref", "ref_protected"),
            ],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
        }

    def _token(self, request: Request, job_id: int) -> Response:
        store = self._forge.store
        shown = shown_token(request.headers.get("Authorization", ""))
        token = store.tokens.get(digest(shown)) if shown else None
        if token is None or token.job_id != job_id or token.permissions.get("id_token") != "write":
            return _json({"message": "The token does not belong to this job."}, status=401)
        job = store.jobs.get(job_id)
        run = store.runs.get(job.run_id) if job else None
        repository = store.repositories.get(job.repository_id) if job else None
        if job is None or run is None or repository is None:
            return _json({"message": "Not Found"}, status=404)
        said = claims(repository, run, job, self._forge.user(run.actor), request.args.get("audience"))
        signed = self._forge.vault.sign(said)
        return _json({"count": len(signed), "value": signed})


def _json(body: dict[str, Any], *, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json; charset=utf-8")
