"""Ports of services, ingresses and probes against those of the containers behind them."""

import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import ask

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  template:
    metadata:
      labels: {app: app, tier: web}
    spec:
      containers:
        - name: app
          image: acme/app
          ports:
            - {name: http, containerPort: 8080}
          readinessProbe:
            httpGet: {path: /, port: PROBED}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: app
spec:
  selector: {app: app}
  ports:
    - port: 80
      targetPort: TARGET
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: front
spec:
  rules:
    - http:
        paths:
          - path: /
            backend:
              service:
                name: app
                port:
                  number: ASKED
"""


def manifests(target: str = "http", asked: str = "80", probed: str = "http") -> dict[str, str]:
    written = f"{DEPLOYMENT}---\n{SERVICE}---\n{INGRESS}"
    for word, value in (("TARGET", target), ("ASKED", asked), ("PROBED", probed)):
        written = written.replace(word, value)
    return {"deploy/app.yaml": written}


@pytest.mark.parametrize(
    ("files", "line", "weight"),
    [
        (manifests(target="web"), 26, Weight.WARNING),
        (manifests(target="9090"), 26, Weight.NOTE),
        (manifests(asked="8080"), 41, Weight.WARNING),
        (manifests(probed="web"), 16, Weight.WARNING),
    ],
)
def test_a_port_that_is_not_there_is_named_with_its_line(
    files: dict[str, str], line: int, weight: Weight
) -> None:
    (found,) = ask("kubernetes-port-agrees", files)
    assert (found.evidence[0].line, found.weight) == (line, weight)


def test_files_of_one_directory_are_put_to_work_together() -> None:
    files = {
        "a/app.yaml": DEPLOYMENT.replace("PROBED", "http"),
        "a/web.yml": SERVICE.replace("TARGET", "web"),
    }
    (found,) = ask("kubernetes-port-agrees", files)
    assert [(one.file, one.line) for one in found.evidence] == [("a/web.yml", 9), ("a/app.yaml", 13)]
    assert (
        ask("kubernetes-port-agrees", {"b/app.yaml": files["a/app.yaml"], "a/web.yml": files["a/web.yml"]})
        == []
    )


@pytest.mark.parametrize("files", [manifests(), manifests(target="8080"), manifests(probed="9999")])
def test_a_port_that_is_there_or_may_be_listened_on_is_not_accused(files: dict[str, str]) -> None:
    assert ask("kubernetes-port-agrees", files) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("image: acme/app", "args: [x]"),  # only a change to a workload of a base
        ("app: app, tier", "app: other, tier"),
        ("image: acme/app", "image: acme/app\n          args: ['--listen=0.0.0.0:9090']"),
        ("image: acme/app", "image: acme/app\n          envFrom: [{configMapRef: {name: x}}]"),
        ("name: app\nspec", "name: '{{ name }}'\nspec"),
        ("- {name: http", "- {name: more, containerPort: 9400}\n            - {name: http"),
        ("targetPort: 9090", "targetPort: 9090\n    - {name: more, port: 81}"),
    ],
)
def test_a_number_that_is_said_elsewhere_or_not_certain_is_not_accused(old: str, new: str) -> None:
    files = {path: text.replace(old, new, 1) for path, text in manifests(target="9090").items()}
    assert ask("kubernetes-port-agrees", files) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("apiVersion: apps", '#@ load("@ytt:data", "data")\napiVersion: apps'),  # ytt
        ("port: web", "port: #@ app_port"),
        ("port: web", "port: (@= port @)"),
        ("port: web", 'port: "{{ .Values.port }}"'),  # Helm
        ("port: web", "port: ${PORT}"),  # envsubst
        ("port: web", "port:"),
        ("port: web", "port: null"),
    ],
)
def test_what_a_tool_fills_in_first_or_what_has_no_value_is_not_accused(old: str, new: str) -> None:
    files = manifests(probed="web")
    assert len(ask("kubernetes-port-agrees", files)) == 1
    assert ask("kubernetes-port-agrees", {path: text.replace(old, new) for path, text in files.items()}) == []


def test_an_empty_port_of_a_service_or_container_is_named_by_no_message() -> None:
    selector = {
        path: text.replace("{app: app}\n", "{app: }\n") for path, text in manifests(target="web").items()
    }
    assert ask("kubernetes-port-agrees", selector) == []
    silent = {
        path: text.replace("targetPort: web", "targetPort:") for path, text in manifests(target="web").items()
    }
    assert [one.subject for one in ask("kubernetes-port-agrees", silent)] == ["Service app: 80"]
    files = {
        path: text.replace("  name: app\n", "  name:\n", 1) for path, text in manifests(probed="web").items()
    }
    (found,) = ask("kubernetes-port-agrees", files)
    assert found.subject == "Deployment: readinessProbe: web"
