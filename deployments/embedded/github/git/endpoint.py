"""Git over HTTP at `/OWNER/NAME.git`: who may fetch and push, and what a push starts."""

import re
from collections.abc import Iterator

from werkzeug import Request, Response

from deployments.embedded.github.actions.engine import Engine
from deployments.embedded.github.forge import Forge
from deployments.embedded.github.git.smart_http import PushRights, RefRules, Service, advertise, serve
from deployments.embedded.github.records.accounts import Token
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.web import access
from deployments.embedded.github.web.answers import RefusedError
from deployments.embedded.github.web.call import Caller

_PATH = re.compile(r"/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)")
_UNKNOWN = "Repository not found."


class GitEndpoint:
    """Answers the paths of git's smart HTTP protocol."""

    def __init__(self, forge: Forge, engine: Engine) -> None:
        self._forge = forge
        self._engine = engine
        self._hooks = forge.store.folder("hooks")

    def __call__(self, request: Request) -> Response | None:
        """Answer a request of a git client; None for any other path."""
        found = _PATH.fullmatch(request.path)
        if found is None:
            return None
        owner, name, last = found.groups()
        named = request.args.get("service", "") if last == "info/refs" else last
        if named not in ("git-upload-pack", "git-receive-pack"):
            return Response("Please upgrade your git client.\n", status=403, content_type="text/plain")
        service: Service = "git-upload-pack" if named == "git-upload-pack" else "git-receive-pack"
        try:
            caller = access.authenticate(
                self._forge.store, request.headers.get("Authorization", ""), self._forge.now()
            )
        except RefusedError:
            return _ask("Invalid username or token. Password authentication is not supported.")
        repository = self._forge.store.repository(owner, name)
        refusal = self._refusal(caller, repository, service)
        if refusal is not None:
            return refusal
        assert repository is not None
        protocol = request.headers.get("Git-Protocol", "")
        headers = {"Cache-Control": "no-cache, max-age=0, must-revalidate"}
        if last == "info/refs":
            body = advertise(self._forge.git(repository), service, protocol)
            return Response(body, content_type=f"application/x-{service}-advertisement", headers=headers)
        return Response(
            self._serve(request, caller, repository, service, protocol),
            content_type=f"application/x-{service}-result",
            headers=headers,
        )

    def _serve(
        self, request: Request, caller: Caller, repository: Repository, service: Service, protocol: str
    ) -> Iterator[bytes]:
        git = self._forge.git(repository)
        pushes = service == "git-receive-pack"
        rights = None
        if pushes:
            assert caller.token is not None
            rights = self._rights(caller.token, repository)
        answer = serve(
            git,
            service,
            request.stream,
            protocol=protocol,
            zipped=request.headers.get("Content-Encoding") == "gzip",
            hooks=self._hooks,
            rights=rights,
        )
        if not pushes:
            yield from answer
            return
        # The whole answer first: the runs of a push are there when the client's push returns.
        assert caller.user is not None
        with self._forge.pushing(repository), self._engine.push(repository, caller.user, caller.token):
            chunks = list(answer)
        yield from chunks

    def _rights(self, token: Token, repository: Repository) -> PushRights:
        active = self._forge.store.rulesets.all(
            lambda item: item.repository_id == repository.id and item.enforcement == "active"
        )
        rules = []
        for ruleset in (one for one in active if token.login not in one.bypass):
            names = ruleset.conditions.get("ref_name") or {}
            rules.append(
                RefRules(
                    target=ruleset.target,
                    include=tuple(names.get("include") or ()),
                    exclude=tuple(names.get("exclude") or ()),
                    types=tuple(str(rule.get("type")) for rule in ruleset.rules),
                    parameters={
                        str(rule.get("type")): rule.get("parameters") or {} for rule in ruleset.rules
                    },
                )
            )
        return PushRights(
            kind={"oauth": "oauth", "app": "app", "actions": "app"}.get(token.kind, "classic"),  # type: ignore[arg-type]
            workflows=access.changes_workflows(token),
            default_branch=repository.default_branch,
            rulesets=tuple(rules),
        )

    def _refusal(self, caller: Caller, repository: Repository | None, service: Service) -> Response | None:
        """Return why this caller gets nothing, or None."""
        token = caller.token
        if repository is None or not access.sees(caller, repository):
            return _ask(_UNKNOWN) if token is None else _text(404, _UNKNOWN)
        if service == "git-upload-pack":
            if token is None or not repository.private or token.kind in access.BY_SCOPE:
                return None
            return (
                None
                if access.granted(token, "contents")
                else _text(403, "Write access to repository not granted.")
            )
        if token is None or caller.user is None:
            return _ask("No anonymous write access.")
        if access.role(caller, repository) == "read" or not access.writes(token, repository, "contents"):
            if token.kind in ("fine-grained", "app", "actions"):
                return _text(403, "Write access to repository not granted.")
            return _text(403, f"Permission to {repository.full_name}.git denied to {caller.user.login}.")
        return None


def _text(status: int, said: str) -> Response:
    return Response(said + "\n", status=status, content_type="text/plain; charset=utf-8")


def _ask(said: str) -> Response:
    response = _text(401, said)
    response.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
    return response
