import pytest

from tests.checks.testing import CI, ask, job, places

CHECKOUT = "- uses: actions/checkout@v6\n"
BUILD = CHECKOUT + "- run: docker build -t app{} .\n"
FILE = "ARG BASE=debian:13\nFROM $BASE AS build\nARG VERSION EMBED-IT=0\nRUN make\n"
WITH_ACTION = """\
- uses: docker/build-push-action@v6
  with:
    context: .
    build-args: |
      VERSION=1
      COMMIT=2
"""


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("- run: docker build --build-arg VERSOIN=1 -t app .", [("warning", 7)]),
        ("- run: docker build --build-arg OTHER=1 -t app .", [("note", 7)]),
        ("- run: docker build --build-arg VERSION=1 --build-arg HTTPS_PROXY=x .", []),
        ("- run: docker build --build-arg $X .", []),
        ("- run: docker build --build-arg EMBED-IT=1 .", []),
        ("- run: docker build --build-arg OTHER=1 -f other/Dockerfile .", []),
        (WITH_ACTION, [("note", 12)]),
        (
            "- {uses: docker/build-push-action@v6, with: {context: ., build-args: '${{ inputs.args }}=1'}}",
            [],
        ),
    ],
)
def test_an_argument_that_the_dockerfile_does_not_declare_has_no_effect(
    step: str, told: list[tuple[str, int]]
) -> None:
    found = ask("docker-argument-declared", {"Dockerfile": FILE, CI: job(CHECKOUT + step)})
    assert [(one.weight, one.evidence[0].line) for one in found] == told


def test_an_argument_that_one_of_many_images_takes_is_fine() -> None:
    steps = (
        CHECKOUT
        + "- {uses: docker/build-push-action@v6, with: {file: '${{ matrix.f }}', build-args: 'VERSION=1'}}"
    )
    files = {"a.Dockerfile": FILE, "b.Dockerfile": "FROM x\n"}
    both = job(steps, extra="strategy: {matrix: {f: [a.Dockerfile, b.Dockerfile]}}")
    one = job(steps, extra="strategy: {matrix: {f: [b.Dockerfile]}}")
    assert ask("docker-argument-declared", {**files, CI: both}) == []
    assert len(ask("docker-argument-declared", {**files, CI: one})) == 1


@pytest.mark.parametrize(
    ("file", "given", "told"),
    [
        ("ARG BASE\nFROM ${BASE}\n", "", True),
        ("ARG BASE\nFROM ${BASE}\n", " --build-arg BASE=debian:13", False),
        ("ARG BASE=debian:13\nFROM $BASE\n", "", False),
        ("ARG BASE\nFROM debian:$BASE\n", "", False),
        ("ARG TARGETPLATFORM\nFROM $TARGETPLATFORM\n", "", False),
    ],
)
def test_an_argument_that_names_a_base_image_has_to_be_given(file: str, given: str, told: bool) -> None:
    found = ask("docker-argument-given", {"Dockerfile": file, CI: job(BUILD.format(given))})
    assert places(found) == [("Dockerfile", 1)] * told
    assert all(one.blocks for one in found)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("FROM rust:1.67-buster\nRUN apt-get update && apt-get -y install x\n", 2),
        ("FROM debian:10-slim AS base\nFROM base\nRUN apt update\n", 3),
        ("FROM docker.io/library/centos:7\nRUN yum -y install x\n", 2),
        ("FROM python:3.8-slim-buster@sha256:12 AS x\nRUN set -e; \\\n    apt-get -qq update\n", 2),
    ],
)
def test_a_base_whose_packages_are_gone_is_named_with_the_line_that_fails(file: str, line: int) -> None:
    (found,) = ask("docker-base-has-packages", {"Dockerfile": file, CI: job(BUILD.format(""))})
    assert (places([found]), found.blocks) == ([("Dockerfile", line)], True)
    (found,) = ask("docker-base-has-packages", {"Dockerfile": file})
    assert not found.blocks


@pytest.mark.parametrize(
    "file",
    [
        "FROM rust:1.90-bookworm\nRUN apt-get update\n",
        "FROM rust:1.67-buster\nRUN cargo build\n",
        "FROM rust:1.67-buster\nRUN sed -i s/deb/archive/ /etc/apt/sources.list && apt-get update\n",
        "FROM rust:1.67-buster\nRUN apt-get update || true\n",
        "FROM ours/rust:buster\nRUN apt-get update\n",
        "FROM rust:buster AS x\nFROM debian:13\nRUN apt-get update\n",
        "FROM rust:buster AS x\nRUN apt-get update\nFROM debian:13\n",
        "FROM quay.io/centos/centos:stream9\nRUN dnf install -y x\n",
        "FROM ubuntu:18.04\nRUN apt-get update\n",
    ],
)
def test_a_base_that_is_kept_or_asked_for_nothing_is_fine(file: str) -> None:
    assert ask("docker-base-has-packages", {"Dockerfile": file, CI: job(BUILD.format(""))}) == []
