from __future__ import annotations

import pytest

from tests.checks.testing import CI, ask, job, places

INSTALL = "- run: helm plugin install https://github.com/helm-unittest/helm-unittest --version v1.0.3"


def test_a_plugin_of_a_repository_is_refused_by_helm_4() -> None:
    found = ask("helm-plugin-installs", {CI: job(INSTALL)})
    assert places(found) == [(CI, 6)]
    assert found[0].remedy is not None
    assert "--verify=false" in found[0].remedy.summary


@pytest.mark.parametrize(
    "steps",
    [
        INSTALL + " --verify=false",
        "- uses: azure/setup-helm@v4\n  with: {version: v3.18.6}\n" + INSTALL,
        "- run: curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-3 | bash\n"
        + INSTALL,
        "- run: helm plugin install ./plugin",
        INSTALL + " || true",
    ],
)
def test_what_helm_takes_is_not_told(steps: str) -> None:
    assert ask("helm-plugin-installs", {CI: job(steps)}) == []


def test_the_helm_of_an_older_machine_verifies_nothing() -> None:
    text = job(INSTALL).replace("ubuntu-latest", "ubuntu-24.04")
    assert ask("helm-plugin-installs", {CI: text}) == []
