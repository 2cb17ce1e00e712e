from datetime import date

import pytest

from tasks.domain.rust_release import newest_minor, no_release

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "minor"), [(date(2024, 2, 8), 76), (date(2025, 2, 20), 85), (date(2026, 4, 16), 95)]
)
def test_a_release_comes_every_six_weeks(day: date, minor: int) -> None:
    assert newest_minor(day) == minor


@pytest.mark.parametrize(
    "channel",
    [
        "stable",
        "nightly",
        "1.80",
        "1.80.1",
        "1.101.0",
        "1.95.0-beta.2",
        "nightly-2026-11-20",
        "esp",
        "1.75-beta",
        "stable-x86_64-pc-windows-msvc",
        "1.80.0-x86_64-unknown-linux-gnu",
        "solana",
        "nightly-2026-11-20-x86_64-apple-darwin",
    ],
)
def test_a_name_that_may_be_there_is_left_alone(channel: str) -> None:
    assert no_release(channel, DAY) is None


@pytest.mark.parametrize(
    "channel",
    ["1.999.0", "1.104", "1.8x", "1,80", "180", "nighty", "nightly-2026-13-01", "nightly-2027-01-01"],
)
def test_a_name_that_no_release_can_have_is_told(channel: str) -> None:
    assert no_release(channel, DAY)


def test_without_a_day_only_the_form_is_judged() -> None:
    assert no_release("1.999.0", None) is None
    assert no_release("nightly-2027-01-01", None) is None
    assert no_release("1.8x", None)
