from typing import Any

import pytest

from tasks.facts.configuration import from_environment, from_text, layer

GOOD = """
[repository]
owner = "acme"

[release]
assets = ["moond", "SHA256SUMS"]

[deployment]
workflow = "deploy.yml"
[[deployment.environments]]
name = "staging"
[[deployment.environments]]
name = "production"
approval = true

[secrets.AWS_ROLE_TO_ASSUME]
source = "role-arn"

[budget]
daily_usd = 5
alert_percent = [80, 100]

[thresholds]
build_minutes = { target = 30, alert = 40 }
daily_usd = 60

[[waive]]
check = "git-clean"
subject = "*"
reason = "generated files"
owner = "ann"
expires = 2027-01-31
"""


def test_every_value_carries_the_line_it_came_from() -> None:
    read = from_text(GOOD)
    assert read.mistakes == ()
    assert read.values["repository.owner"] == "acme"
    assert read.origins["repository.owner"].line == 3
    assert read.values["deployment.environments.1.approval"] is True
    assert read.origins["deployment.environments.1.approval"].line == 14
    assert read.values["waive.0.expires"] == "2027-01-31"
    assert read.values["thresholds.build_minutes"] == {"target": 30.0, "alert": 40.0}
    assert read.values["thresholds.daily_usd"] == {"target": 60.0, "alert": 60.0}


def test_all_mistakes_are_named_at_once_each_with_its_line() -> None:
    read = from_text(
        '[repositry]\nowner = "a"\n[aws]\nregoin = "x"\nartifact_days = "seven"\n'
        '[[deployment.environments]]\nhealth = "healthz"\n[secrets.A]\nsource = "vault"\n'
        "[budget]\ndaily_usd = -1\n"
    )
    assert [(m.line, m.message) for m in read.mistakes] == [
        (1, "unknown table repositry"),
        (4, "unknown key aws.regoin"),
        (5, "aws.artifact_days is 'seven'"),
        (7, "deployment.environments.0.health is 'healthz'"),
        (9, "secrets.A.source is 'vault'"),
        (11, "budget.daily_usd is -1"),
        (6, "deployment.environments.0 lacks name"),
    ]
    assert read.mistakes[0].expected == "repository"
    assert read.mistakes[1].expected == "aws.region"


@pytest.mark.parametrize(
    ("text", "line"), [("[a\n", 1), ('a = 1\nb = "x\n', 2), ("[aws]\n\nregion = ", 3), ("a = 1\na = 2\n", 2)]
)
def test_a_syntax_error_is_one_mistake_with_its_line(text: Any, line: Any) -> None:
    (mistake,) = from_text(text).mistakes
    assert mistake.line == line
    assert "not valid TOML" in mistake.message


def test_a_table_that_nobody_knows_is_told_once_where_it_begins() -> None:
    read = from_text('[asw]\nregion = "x"\ndeploy_role = "y"\n[other.inner]\na = 1\n')
    assert [(m.line, m.message) for m in read.mistakes] == [
        (1, "unknown table asw"),
        (4, "unknown table other"),
    ]
    assert read.mistakes[0].expected == "aws"
    assert [m.message for m in from_text("asw = 1\n").mistakes] == ["unknown key asw"]


def test_a_table_beside_the_processes_is_told_how_they_are_written() -> None:
    (mistake,) = from_text('[supervision.x]\nlog = "x.log"\n').mistakes
    assert mistake.expected is not None
    assert mistake.expected.startswith("[[supervision.processes]] with name, command")


def test_a_section_that_is_no_table_is_a_mistake_not_a_crash() -> None:
    read = from_text(
        'aws = 3\nwaive = "x"\nsecrets = { A = 1 }\nnonsense = 1\n[deployment]\nenvironments = ["a"]\n'
    )
    assert [m.message for m in read.mistakes] == [
        "aws is 3",
        "waive is 'x'",
        "secrets.A is 1",
        "unknown key nonsense",
        "deployment.environments.0 is 'a'",
    ]


@pytest.mark.parametrize("value", ["true", "0", "nan", "inf", "[]", '"x"'])
def test_an_amount_is_a_number_above_zero(value: Any) -> None:
    assert len(from_text(f"[budget]\ndaily_usd = {value}\n").mistakes) == 1


def test_the_environment_speaks_for_plain_keys_only_and_typing_errors_are_told() -> None:
    read = from_environment(
        {
            "ACTIVATION_AWS_REGION": "eu-west-1",
            "ACTIVATION_RELEASE_ASSETS": "a, b",
            "ACTIVATION_BUDGET_DAILY_USD": "lots",
            "ACTIVATION_AWS_REGON": "x",
            "ACTIVATION_STATE_DIR": "/somewhere",
            "HOME": "/",
        }
    )
    assert read.values == {"aws.region": "eu-west-1", "release.assets": ("a", "b")}
    assert read.origins["aws.region"].source == "environment ACTIVATION_AWS_REGION"
    assert [str(m) for m in read.mistakes] == [
        "environment ACTIVATION_AWS_REGON: sets nothing; expected ACTIVATION_AWS_REGION",
        "environment ACTIVATION_BUDGET_DAILY_USD: is 'lots'; expected a number above 0",
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws.region", "us-west"),
        ("aws.region", "US-WEST-2"),
        ("aws.region", "us-west-2a"),
        ("aws.state_bucket", "Acme-State"),
        ("aws.state_bucket", "ab"),
        ("aws.state_bucket", "acme_state"),
        ("aws.artifact_bucket", "192.168.5.4"),
        ("aws.artifact_bucket", "acme..artifacts"),
        ("aws.artifact_bucket", "s3://acme"),
        ("aws.artifact_bucket", "a" * 64),
        ("aws.artifact_bucket", "acme-s3alias"),
        ("repository.owner", "acme/moon"),
        ("repository.owner", "-acme"),
        ("repository.owner", "a" * 40),
        ("repository.name", "acme/moon"),
        ("repository.name", "moon phase"),
        ("repository.name", "moon.git"),
        ("repository.name", ".."),
    ],
)
def test_a_name_that_would_be_refused_later_is_a_mistake_where_it_is_written(key: str, value: str) -> None:
    section, name = key.split(".")
    (mistake,) = from_text(f'\n[{section}]\n{name} = "{value}"\n').mistakes
    assert (mistake.line, mistake.message) == (3, f"{key} is {value!r}")
    variable = f"ACTIVATION_{section}_{name}".upper()
    (mistake,) = from_environment({variable: value}).mistakes
    assert str(mistake).startswith(f"environment {variable}: is {value!r}; expected ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws.region", "us-gov-west-1"),
        ("aws.region", "eusc-de-east-1"),
        ("aws.state_bucket", "a1.b-2.c"),
        ("repository.owner", "ann_acme"),
        ("repository.owner", "4cme"),
        ("repository.name", ".github"),
        ("repository.name", "Moon_Phase-2.0"),
    ],
)
def test_unusual_names_that_are_allowed_are_no_mistakes(key: str, value: str) -> None:
    section, name = key.split(".")
    read = from_text(f'[{section}]\n{name} = "{value}"\n')
    assert (read.mistakes, read.values) == ((), {key: value})


def test_a_variable_of_ours_that_nobody_reads_is_a_mistake() -> None:
    read = from_environment(
        {
            "ACTIVATION_REGION": "us-west-2",
            "ACTIVATION_STATE_DRI": "/somewhere",
            "ACTIVATION_ZZZ": "1",
            **dict.fromkeys(
                ("ACTIVATION_STATE_DIR", "ACTIVATION_WORLD", "ACTIVATION_NODE", "ACTIVATION_PYTHON"), "x"
            ),
        }
    )
    assert [str(m) for m in read.mistakes] == [
        "environment ACTIVATION_REGION: sets nothing; expected ACTIVATION_AWS_REGION",
        "environment ACTIVATION_STATE_DRI: sets nothing; expected ACTIVATION_STATE_DIR",
        "environment ACTIVATION_ZZZ: sets nothing",
    ]


def test_a_higher_layer_wins_and_says_so() -> None:
    low = layer("default", {"aws.region": "us-east-1", "release.tag": None})
    high = layer("argument", {"aws.region": "eu-west-1"})
    both = high.over(low)
    assert both.values == {"aws.region": "eu-west-1"}
    assert both.origins["aws.region"].source == "argument"
