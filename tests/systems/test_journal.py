from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

from tasks.systems.journal import FileJournal


def journal(path: Path) -> FileJournal:
    return FileJournal(path / "state" / "journal.jsonl", lambda: datetime(2026, 11, 22, tzinfo=UTC))


def test_an_intent_is_on_disk_before_anything_is_read_back(tmp_path: Path) -> None:
    written = journal(tmp_path)
    intent = written.intend("tag", "create", "refs/tags/v1")
    assert [entry.id for entry in journal(tmp_path).open_intents()] == [intent]
    written.read_back(intent, "v1")
    assert journal(tmp_path).open_intents() == ()
    assert journal(tmp_path).verify() is None


def test_threads_that_write_at_once_leave_one_whole_chain(tmp_path: Path) -> None:
    def write() -> None:
        for _ in range(10):
            journal(tmp_path).note("n", word="\u2028 é")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal(tmp_path).entries()) == 40
    assert journal(tmp_path).verify() is None


def test_a_line_that_a_crash_cut_short_is_cut_off_by_the_next_one(tmp_path: Path) -> None:
    written = journal(tmp_path)
    written.note("start")
    with written.path.open("ab") as file:
        file.write(b'{"number": 2, "at"')
    bad = written.verify()
    assert bad is not None
    assert bad.line == 2
    written.note("start")
    assert written.verify() is None
    assert len(written.entries()) == 2


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    written = journal(tmp_path)
    written.note("start")
    assert written.path.stat().st_mode & 0o777 == 0o600


def test_a_flipped_byte_anywhere_in_the_file_is_found(tmp_path: Path) -> None:
    written = journal(tmp_path)
    written.note("start", word="é")
    written.note("end")
    whole = written.path.read_bytes()
    for position in range(len(whole)):
        written.path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x80]) + whole[position + 1 :])
        assert written.verify() is not None, position
