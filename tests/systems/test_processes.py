import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasks.domain.settings import Supervised
from tasks.systems.processes import supervision


@pytest.mark.processes
def test_a_running_process_is_found_by_its_command_line(tmp_path: Path) -> None:
    mark = f"supervised-{os.getpid()}-{tmp_path.name}"
    command = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()", mark]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seen = supervision([Supervised(name="it", command=mark)], tmp_path, now=time.time())
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
    assert seen.watched[0].pids == (process.pid,)
    assert supervision([Supervised(name="it", command=mark)], tmp_path, now=0.0).watched[0].pids == ()


def test_the_age_of_a_log_is_counted_from_its_last_line(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("x\n")
    os.utime(log, (1000, 1000))
    asked = [Supervised(name="a", log="a.log"), Supervised(name="b", log="b.log")]
    first, second = supervision(asked, tmp_path, now=1090.0).watched
    assert (first.log_exists, first.log_seconds) == (True, 90.0)
    assert (second.log_exists, second.log_seconds) == (False, None)
