import pytest

from tests.checks.testing import ask, places

BASE = {
    "tools/log/show-all": "#!/bin/sh\n",
    "tools/lib/data": "",
    "deploy/cluster/reset.sh": "",
    "web/a.js": "",
}
PROGRAMS = ("tools/log/show-all",)


def shell(commands: str, path: str = "README.md", before: str = "") -> dict[str, str]:
    return {**BASE, path: f"# Guide\n{before}\n```bash\n{commands}\n```\n"}


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("./tools/log/show-none", "tools/log/show-none, of which no file of the repository has the name"),
        ("./tools/certs.ps1", "tools/certs.ps1, of which no file of the repository has the name"),
        ("node tools/gen.mjs", "tools/gen.mjs, of which no file of the repository has the name"),
        ("sh deploy/mini/reset.sh", "deploy/mini/reset.sh, which is at deploy/cluster/reset.sh"),
    ],
)
def test_a_script_that_is_not_where_a_document_calls_it_is_named(call: str, told: str) -> None:
    (found,) = ask("documented-script-exists", shell(call), executable=PROGRAMS)
    assert places([found]) == [("README.md", 4)]
    assert found.message == f"tells to run {told}"


@pytest.mark.parametrize(
    "call",
    [
        "./tools/log/show-all",
        "./tools/lib/show",  # nothing there is run by its name: a build may leave it
        "./tools/log/target/show",
        "tools/log/show-none",
        "./cluster/reset.sh",
        "sh cluster/reset.sh",
        "sh deploy/cluster/reset.sh",
        "mkdir deploy/mini && cp deploy/cluster/reset.sh deploy/mini\nsh deploy/mini/reset.sh",
        "cd deploy\nsh deploy/mini/reset.sh",
        "node -e 'tools/gen.mjs'",
        "node $DIR/gen.mjs",
    ],
)
def test_a_script_that_is_there_or_made_is_not_accused(call: str) -> None:
    assert ask("documented-script-exists", shell(call), executable=PROGRAMS) == []


def test_a_script_beside_the_document_or_ignored_is_not_accused() -> None:
    beside = shell("sh mini/reset.sh", "deploy/docs/README.md")
    assert ask("documented-script-exists", {**beside, "deploy/docs/mini/reset.sh": ""}) == []
    ignored = {**shell("node tools/gen.mjs"), ".gitignore": "tools/gen.mjs\n"}
    assert ask("documented-script-exists", ignored) == []
