import pytest

from tests.checks.testing import CI, ask, job, places

LOGIN = "- run: ssh -i key -p 22 ubuntu@$HOST uptime"


@pytest.mark.parametrize(
    "run",
    [
        "ssh -i ~/.ssh/id_rsa ubuntu@${HOST} 'uptime'",
        "scp -i key ubuntu@$HOST:/tmp/x ./x",
        "ssh -o ConnectTimeout=5 10.0.0.1 true",
        "ssh-keyscan -H github.com >> keys; ssh ubuntu@$HOST true",
    ],
)
def test_a_login_at_a_machine_that_nobody_knows_is_named_with_its_line(run: str) -> None:
    found = ask("ssh-host-known", {CI: job(f'- run: "{run}"')})
    assert places(found) == [(CI, 6)]


@pytest.mark.parametrize(
    "steps",
    [
        "- run: ssh -o StrictHostKeyChecking=no ubuntu@$HOST uptime",
        f"- run: ssh-keyscan -H $HOST >> file\n{LOGIN}",
        f"- run: echo ${{{{ secrets.KEYS }}}} > ~/.ssh/known_hosts\n{LOGIN}",
        f"- uses: shimataro/ssh-key-action@v2\n{LOGIN}",
        f"- run: ./prepare\n{LOGIN}",
        "- run: ssh git@github.com",
        "- run: ssh -V",
        "- run: scp a b",
    ],
)
def test_a_login_whose_key_the_job_has_or_decides_about_is_not_accused(steps: str) -> None:
    assert ask("ssh-host-known", {CI: job(steps)}) == []


def test_a_machine_of_ones_own_may_know_the_key() -> None:
    own = job(LOGIN).replace("ubuntu-latest", "self-hosted")
    assert ask("ssh-host-known", {CI: own}) == []


def test_the_remedy_is_for_the_job_and_nothing_to_type_here() -> None:
    (found,) = ask("ssh-host-known", {CI: job(LOGIN)})
    assert found.remedy is not None
    assert found.remedy.commands == ()
    assert "known_hosts" in found.remedy.summary
