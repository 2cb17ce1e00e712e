from __future__ import annotations

import pytest

from tests.checks.testing import ask, places

CHECK = "documented-sh-understands"
SCRIPT = "#!/usr/bin/env bash\n# curl -fsSL https://app.example.com/install.sh | sh\nset -euo pipefail\n"
README = "# App\n\n```bash\ncurl -fsSL https://app.example.com/install.sh | sh\n```\n"


def test_an_installer_that_only_bash_takes_is_told_where_people_pipe_it_into_sh() -> None:
    (found,) = ask(CHECK, {"README.md": README, "install.sh": SCRIPT})
    assert [(one.file, one.line) for one in found.evidence] == [("install.sh", 3), ("README.md", 4)]
    assert found.weight == "warning"


def test_a_script_of_the_repository_is_known_by_its_raw_address_and_by_its_path() -> None:
    manifest = '[package]\nname = "app"\nversion = "0.1.0"\nrepository = "https://github.com/me/app"\n'
    files = {"Cargo.toml": manifest, "ci/install.sh": SCRIPT.replace("curl", "get")}
    raw = "https://raw.githubusercontent.com/me/app/main/ci/install.sh"
    piped, called = f"wget -qO- {raw} | sudo sh -s -- --yes", "sh ./ci/install.sh"
    for line, weight in ((piped, "warning"), (called, "note"), (f"{called}\n{piped}", "warning")):
        (found,) = ask(CHECK, {**files, "README.md": f"```sh\n{line}\n```\n"})
        assert (places([found]), found.weight) == ([("ci/install.sh", 3)], weight)
    other = raw.replace("/app/", "/other/")
    assert ask(CHECK, {**files, "README.md": f"```sh\ncurl {other} | sh\n```\n"}) == []


@pytest.mark.parametrize(
    ("readme", "script"),
    [
        (README.replace("| sh", "| bash"), SCRIPT),
        (README, SCRIPT.replace("set -euo pipefail", "set -eu")),
        (README, SCRIPT.replace("set -euo pipefail", "(set -o pipefail 2>/dev/null) && set -o pipefail")),
        (README, SCRIPT.replace("app.example.com", "elsewhere.example.com")),
        (README.replace("| sh", "-o install.sh"), SCRIPT),
    ],
)
def test_bash_and_what_sh_takes_are_not_told(readme: str, script: str) -> None:
    assert ask(CHECK, {"README.md": readme, "install.sh": script}) == []
