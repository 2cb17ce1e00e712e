import pytest

from tests.checks.testing import CI, ask, job

LATER = "exported-variable-comes-later"
WRITES = 'echo "VERSION=${GITHUB_REF_NAME#v}" >> "$GITHUB_ENV"'


def run(*lines: str) -> str:
    return "- run: |\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    "line",
    [
        'echo "$VERSION" > dist/VERSION',
        "tar czf app-${VERSION}.tar.gz app",
        'gh release create "v$VERSION" --notes "that\'s $VERSION"',
    ],
)
def test_a_variable_that_the_step_itself_exports_is_not_set_in_it(line: str) -> None:
    (found,) = ask(LATER, {CI: job(run("mkdir -p dist", WRITES, line))})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 9), (CI, 8)]
    assert found.weight == "warning"
    assert found.message == (
        "reads $VERSION, which the step itself writes to $GITHUB_ENV: that is set in later steps only"
    )


def test_all_variables_of_a_step_are_one_finding() -> None:
    other = "echo NAME=app >> $GITHUB_ENV"
    (found,) = ask(LATER, {CI: job(run(WRITES, "touch $VERSION", other, "touch $NAME"))})
    assert [one.line for one in found.evidence] == [8, 10, 7, 9]
    assert found.message.startswith("reads $VERSION and $NAME, which")


def test_what_is_only_printed_is_a_note() -> None:
    (found,) = ask(LATER, {CI: job(run(WRITES, 'echo "version: $VERSION"'))})
    assert found.weight == "note"


@pytest.mark.parametrize(
    "text",
    [
        run(WRITES) + run("echo $VERSION > VERSION"),
        run("VERSION=1", 'echo "VERSION=$VERSION" >> $GITHUB_ENV', "tar czf $VERSION.tgz x"),
        run('VERSION=1; echo "VERSION=$VERSION" >> $GITHUB_ENV', "tar czf $VERSION.tgz x"),
        run(WRITES, "VERSION=2", "tar czf $VERSION.tgz x"),
        run(WRITES, "read -r VERSION < x", "tar czf $VERSION.tgz x"),
        run(WRITES, "for VERSION in a b; do touch $VERSION; done"),
        run(WRITES, "tar czf ${VERSION:-1}.tgz x"),
        run(WRITES, "tar czf ${VERSION_NAME}.tgz $VERSIONS"),
        run(WRITES, "sed -i 's/$VERSION/1/' x"),
        run(WRITES, r"echo \$VERSION > x"),
        run(WRITES, "# tar czf $VERSION.tgz"),
        run("source ./env.sh", WRITES, "tar czf $VERSION.tgz x"),
        run(WRITES, "cat > x <<'END'", "$VERSION", "END"),
        run("tar czf $VERSION.tgz x", WRITES),
        run(WRITES, "tar czf $VERSION.tgz x") + "  env: {VERSION: 1}\n",
        run("echo VERSION=0 >> $GITHUB_ENV") + run(WRITES, "tar czf $VERSION.tgz x"),
        "- {uses: o/version@v1, with: {export: VERSION}}\n" + run(WRITES, "tar czf $VERSION.tgz x"),
        run("echo RUSTFLAGS=-g >> $GITHUB_ENV", "echo $RUSTFLAGS > x"),
    ],
)
def test_a_variable_that_is_or_may_be_set_in_the_step_is_fine(text: str) -> None:
    assert ask(LATER, {CI: job(text)}) == []


def test_a_variable_of_the_job_is_set() -> None:
    text = run(WRITES, "tar czf $VERSION.tgz x")
    assert ask(LATER, {CI: job(text, extra="env: {VERSION: 0}")}) == []
    assert ask(LATER, {CI: job(text, extra="container: rust")}) == []
