"""A bench for each test, with a host and a repository of its own."""

from pathlib import Path

import pytest

from tests.embedded.runner.bench import Bench, PlainHost


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(root=tmp_path, host=PlainHost(tmp_path / "store"))
