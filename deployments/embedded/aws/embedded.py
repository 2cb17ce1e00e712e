"""The embedded AWS: one account on loopback, with two managed nodes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from deployments.embedded.aws.budgets import Budgets
from deployments.embedded.aws.calls import CallJournal
from deployments.embedded.aws.catalog import Catalog
from deployments.embedded.aws.commands import Commands
from deployments.embedded.aws.costs import Costs
from deployments.embedded.aws.faults import Faults
from deployments.embedded.aws.keys import AccessKey, Keys
from deployments.embedded.aws.layer import Layer
from deployments.embedded.aws.moto_backend import MotoBackend
from deployments.embedded.aws.node import ManagedNode, tools_directory
from deployments.embedded.aws.permissions import Permissions
from deployments.embedded.aws.principals import Principals
from deployments.embedded.aws.recording import Recording
from deployments.embedded.aws.sts import Sts

NODE_NAMES = ("staging", "production")


class _QuietHandler(MotoRequestHandler):  # type: ignore[misc]
    """Serves without a line on stderr for every request."""

    def log(self, type: str, message: str, *arguments: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing: the journal of calls is the log."""


class _Server:
    """A threaded server on a free port of loopback."""

    def __init__(self, port: int) -> None:
        self._layer: Layer | None = None
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, self._serve, threaded=True, request_handler=_QuietHandler
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def serve(self, layer: Layer) -> None:
        self._layer = layer
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def _serve(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        assert self._layer is not None  # the thread starts only after the layer is there
        return self._layer(environ, start)


@dataclass(frozen=True, kw_only=True)
class _Running:
    """What exists only between start and stop."""

    server: _Server
    layer: Layer
    moto: MotoBackend
    commands: Commands
    nodes: Mapping[str, ManagedNode]
    sts: Sts


class EmbeddedAws:
    """Starts and stops the account; what it holds lies in the state directory and survives a restart.

    Does not survive: times of creation, commands that were under way, instance states between two moments.
    One at a time in a process, because moto's state is global to it.
    """

    def __init__(
        self,
        state: Path,
        *,
        world_id: str,
        issuer_url: str | None,
        account: str = "123456789012",
        region: str = "us-west-2",
    ) -> None:
        self.state = state
        self.world_id = world_id
        self.account = account
        self.region = region
        self.faults = Faults()
        self.journal = CallJournal()
        self._issuer_url = issuer_url
        self._recording = Recording(state / "recording")
        self._keys = Keys(state / "keys.json")
        self.costs = Costs(state / "costs.json")
        self._running: _Running | None = None

    @property
    def endpoint_url(self) -> str:
        """Where clients send their requests."""
        return self._now.server.url

    @property
    def credentials(self) -> AccessKey:
        """The engineer's own key pair."""
        return self._keys.permanent(f"arn:aws:iam::{self.account}:user/engineer")

    @property
    def nodes(self) -> Mapping[str, ManagedNode]:
        """The managed nodes by name."""
        return self._now.nodes

    @property
    def issuer_url(self) -> str | None:
        """The base URL of whoever signs web identity tokens in this world."""
        return self._issuer_url

    @issuer_url.setter
    def issuer_url(self, url: str | None) -> None:
        self._issuer_url = url
        if self._running is not None:
            self._running.sts.issuer_url = url

    def start(self, *, port: int = 0) -> None:
        """Make the recorded state again, bring the nodes up, and serve."""
        assert self._running is None
        self.state.mkdir(parents=True, exist_ok=True)
        server = _Server(port)
        moto = MotoBackend(self.account)
        moto.reset()
        principals = Principals(self.account)
        sts = Sts(account=self.account, keys=self._keys, principals=principals, issuer_url=self._issuer_url)
        nodes = self._make_nodes(server.url)
        permissions = Permissions(
            account=self.account,
            principals=principals,
            nodes={node.instance_id: node.name for node in nodes.values()},
        )
        budgets = Budgets(self.account, self.costs, lambda: datetime.now(UTC).date())
        commands = Commands(directory=self.state / "commands", nodes=nodes.values())
        answering = (sts, permissions, budgets, self.costs, Catalog(self.account), commands)
        layer = Layer(
            moto=moto,
            own={key: own for part in answering for key, own in part.answers().items()},
            keys=self._keys,
            permissions=permissions,
            recording=self._recording,
            faults=self.faults,
            journal=self.journal,
        )
        self._recording.repair()
        layer.replay()
        server.serve(layer)
        for node in nodes.values():
            node.start()
        self._running = _Running(
            server=server, layer=layer, moto=moto, commands=commands, nodes=nodes, sts=sts
        )

    def stop(self) -> None:
        """Stop serving and end every process of the nodes; their services come back at the next start."""
        running = self._now
        for node in running.nodes.values():
            node.remember()
            node.stop()
        running.commands.wait(5)
        running.server.stop()
        self._running = None

    def reset(self) -> None:
        """Empty the account: resources, recording, costs, commands, faults, journal and node services.

        The engineer's key stays good.
        """
        running = self._now
        for node in running.nodes.values():
            node.stop()
            node.forget()
        running.commands.clear()
        running.moto.reset()
        self._recording.clear()
        self.costs.seed(())
        self.faults.clear()
        self.journal.clear()

    @property
    def _now(self) -> _Running:
        if self._running is None:
            raise RuntimeError("the embedded AWS is not started")
        return self._running

    def _make_nodes(self, endpoint: str) -> Mapping[str, ManagedNode]:
        tools = tools_directory(self.state / "tools")
        nodes = {}
        for name in NODE_NAMES:
            key = self._keys.permanent(f"arn:aws:sts::{self.account}:assumed-role/managed-node/{name}")
            nodes[name] = ManagedNode(
                name=name,
                world_id=self.world_id,
                directory=self.state / "nodes" / name,
                tools=tools,
                environment={
                    "AWS_ENDPOINT_URL": endpoint,
                    "AWS_REGION": self.region,
                    "AWS_DEFAULT_REGION": self.region,
                    "AWS_ACCESS_KEY_ID": key.access_key_id,
                    "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
                    "AWS_EC2_METADATA_DISABLED": "true",
                },
            )
        return MappingProxyType(nodes)
