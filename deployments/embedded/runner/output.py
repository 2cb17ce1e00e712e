"""A step's output on its way into the log: commands are obeyed, everything else is kept."""

import re
import threading
from collections import deque
from collections.abc import Callable

from deployments.embedded.runner.commands import Command, annotation, parse_command
from deployments.embedded.runner.interface import Annotation
from deployments.embedded.runner.log import JobLog

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LAST_LINES = 12  # in which a program says why it ends
_SHOWN = ("error", "warning", "notice")
# Commands that GitHub's runner knows and that change nothing here.
_SILENT = ("add-matcher", "remove-matcher", "save-state", "echo")
_DISABLED = {"set-env": "GITHUB_ENV", "add-path": "GITHUB_PATH"}


class StepOutput:
    """The output of one step; `line` takes what the process writes."""

    def __init__(self, log: JobLog, annotate: Callable[[Annotation], None], *, debug: bool = False) -> None:
        self._log = log
        self._annotate = annotate
        self._debug = debug
        self._stopped_by: str | None = None
        self._lock = threading.Lock()
        self.outputs: dict[str, str] = {}
        self.refused: list[str] = []
        self.last: deque[str] = deque(maxlen=LAST_LINES)

    def line(self, text: str) -> None:
        """Take one line of output."""
        with self._lock:
            if text.strip():
                self.last.append(_COLOUR.sub("", text))
            command = parse_command(text)
            if self._stopped_by is not None:
                if command is not None and command.name == self._stopped_by:
                    self._stopped_by = None
                self._log.write(text)
            elif command is None or not self._obey(command):
                self._log.write(text)

    def _obey(self, command: Command) -> bool:
        """Do what a command says; False when it is not one."""
        match command.name:
            case "error" | "warning" | "notice":
                self.remark(command)
            case "group":
                self._log.write(f"##[group]{command.message}")
            case "endgroup":
                self._log.write("##[endgroup]")
            case "debug":
                if self._debug:
                    self._log.write(f"##[debug]{command.message}")
            case "add-mask":
                self._log.masks.add(command.message)
                self._log.write("::add-mask::***")
            case "stop-commands":
                self._stopped_by = command.message.lower()
                self._log.write(f"::stop-commands::{command.message}")
            case "set-output":
                self.outputs[command.properties.get("name", "")] = command.message
                self._warn("The `set-output` command is deprecated and will be disabled soon.")
            case "set-env" | "add-path":
                use = _DISABLED[command.name]
                self.refused.append(
                    f"The `{command.name}` command is disabled. Please use the {use} file instead."
                )
            case name:
                return name in _SILENT
        return True

    def remark(self, command: Command) -> None:
        """Show an error, a warning or a notice in the log and on the check run."""
        remark = annotation(command)
        assert remark is not None
        assert command.name in _SHOWN
        self._log.write(f"##[{command.name}]{command.message}")
        masked = self._log.masks.hide(remark.message)
        self._annotate(_replaced(remark, masked))

    def error(self, message: str) -> None:
        """Say that something went wrong."""
        self.remark(Command(name="error", message=message))

    def _warn(self, message: str) -> None:
        self.remark(Command(name="warning", message=message))

    def warning(self, message: str) -> None:
        """Say that something is doubtful."""
        with self._lock:
            self._warn(message)

    def notice(self, message: str, title: str = "") -> None:
        """Say something people should see beside the result."""
        self.remark(Command(name="notice", message=message, properties={"title": title}))

    def write(self, text: str) -> None:
        """Add a text to the log as it is."""
        self._log.write(text)


def _replaced(remark: Annotation, message: str) -> Annotation:
    return Annotation(
        level=remark.level,
        message=message,
        title=remark.title,
        path=remark.path,
        details=remark.details,
        start_line=remark.start_line,
        end_line=remark.end_line,
        start_column=remark.start_column,
        end_column=remark.end_column,
    )
