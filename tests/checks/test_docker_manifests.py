from __future__ import annotations

import pytest

from tests.checks.testing import CI, ask, places

TEXT = """\
    on: push
    jobs:
      build:
        strategy:
          matrix:
            include: [{runner: ubuntu-24.04, arch: amd64}, {runner: ubuntu-24.04-arm, arch: arm64}]
        runs-on: ${{ matrix.runner }}
        steps:
          - run: |
              docker build --tag "$NAME:1-${{ matrix.arch }}" .
              docker push "$NAME:1-${{ matrix.arch }}"
      manifest:
        needs: build
        runs-on: ubuntu-latest
        steps:
          - run: |
              docker manifest create "$NAME:1" "$NAME:1-amd64" "$NAME:1-arm64"
              docker manifest push "$NAME:1"
    """
BY_ACTION = """\
    on: push
    jobs:
      build:
        runs-on: ubuntu-latest
        steps:
          - uses: docker/setup-buildx-action@v3
          - uses: docker/build-push-action@v6
            with: {push: true, tags: 'me/app:amd64'}
          - run: docker manifest create me/app:1 me/app:amd64
    """


def test_images_that_were_built_with_their_provenance_are_told() -> None:
    found = ask("docker-manifest-of-images", {CI: TEXT})
    assert places(found) == [(CI, 17)]
    assert found[0].evidence[1].line == 10
    assert places(ask("docker-manifest-of-images", {CI: BY_ACTION})) == [(CI, 9)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("docker build", "docker build --provenance=false"),
        ("docker push", "echo"),  # the images come from somewhere else
        ("ubuntu-24.04-arm", "self-hosted"),
        ("docker manifest create", "docker buildx imagetools create -t"),
        ("docker build", "docker load -i image.tar; docker build"),
    ],
)
def test_images_that_may_be_without_are_not(old: str, new: str) -> None:
    assert ask("docker-manifest-of-images", {CI: TEXT.replace(old, new)}) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("push: true", "load: true"),
        ("push-action@v6", "push-action@v3"),
        ("push: true", "push: true, provenance: false"),
    ],
)
def test_what_an_action_pushes_as_images_is_not(old: str, new: str) -> None:
    assert ask("docker-manifest-of-images", {CI: BY_ACTION.replace(old, new)}) == []
