from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.journal import START, Entry, entry_of, line_of, open_intents, verify


def chain(*entries: tuple[str, str, dict[str, str]]) -> list[str]:
    lines, previous = [], START
    for number, (kind, id_, fields) in enumerate(entries, start=1):
        line, previous = line_of(
            Entry(number=number, at="2026-11-22", kind=kind, id=id_, fields=fields), previous
        )
        lines.append(line)
    return lines


LINES = chain(
    ("intent", "a", {"step": "tag", "verb": "create", "target": "refs/tags/v1"}),
    ("read-back", "a", {"seen": "v1 at 0123"}),
    ("intent", "b", {"step": "rollout", "verb": "dispatch", "target": "staging"}),
)


def test_a_whole_chain_verifies() -> None:
    assert verify(LINES) is None


def test_an_empty_journal_verifies() -> None:
    assert verify([]) is None


@given(line=st.integers(0, 2), data=st.data())
def test_any_flipped_bit_is_found_in_its_line(line: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(LINES[line]) - 1))
    bit = data.draw(st.integers(0, 6))
    changed = chr(ord(LINES[line][position]) ^ (1 << bit))
    text = LINES[line][:position] + changed + LINES[line][position + 1 :]
    bad = verify([*LINES[:line], text, *LINES[line + 1 :]])
    assert bad is not None
    assert bad.line == line + 1


def test_a_removed_line_is_found_where_it_is_missing() -> None:
    bad = verify([LINES[0], LINES[2]])
    assert bad is not None
    assert bad.line == 2


def test_a_line_rewritten_with_a_new_hash_breaks_the_next_one() -> None:
    body = json.loads(LINES[0])
    line, _ = line_of(
        Entry(number=1, at="2026-11-22", kind="intent", id="a", fields={"step": "other"}), START
    )
    bad = verify([line, *LINES[1:]])
    assert body["step"] == "tag"
    assert bad is not None
    assert bad.line == 2


def test_an_intent_without_what_was_read_back_is_open() -> None:
    assert [entry.id for entry in open_intents(map(entry_of, LINES))] == ["b"]
