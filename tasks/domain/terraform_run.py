"""Calls of terraform in workflows and scripts, and the module each of them works on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.cached import cached
from tasks.domain.script import Command, Script, Scripts, Word, inside
from tasks.domain.terraform import Module, Terraform

LOCK = ".terraform.lock.hcl"
PROGRAMS = ("terraform", "tofu")
ASKS_VARIABLES = frozenset({"plan", "apply", "destroy", "refresh", "import"})


@dataclass(frozen=True, kw_only=True)
class Given:
    """An option as it was given: ``value`` is what is certain at its beginning, ``word`` where it stands."""

    value: str
    word: Word
    certain: bool = True


@dataclass(frozen=True, kw_only=True)
class TerraformRun:
    """One call; ``directory`` is None when it is not certain, ``module`` when it is no module of the tree."""

    script: Script
    command: Command
    action: str
    directory: str | None
    module: Module | None
    options: tuple[Word, ...] = ()

    def given(self, name: str) -> Iterator[Given]:
        """Go through the values of an option, as ``-name=value`` or ``-name value``; two dashes are one."""
        following = False
        for word in self.options:
            if following:
                following = False
                yield Given(value=word.beginning, word=word, certain=word.literal is not None)
                continue
            text = word.beginning
            flag = text[1:] if text.startswith("--") else text
            if flag == f"-{name}":
                following = True
            elif flag.startswith(f"-{name}="):
                value = flag[len(name) + 2 :]
                yield Given(value=value, word=word, certain=word.literal is not None)

    @cached
    def variables(self) -> dict[str, Word]:
        """The names given by ``-var``; one whose name is not certain is left out."""
        found = {}
        for one in self.given("var"):
            name, equals, _ = one.value.partition("=")
            if equals:
                found[name.strip()] = one.word
        return found

    @property
    def all_named(self) -> bool:
        """Tell whether every word could be read so far that no variable can hide in it."""
        return all(word.beginning for word in self.options) and all("=" in v.value for v in self.given("var"))

    @property
    def plan_file(self) -> str | None:
        """The saved plan that ``apply`` is given; empty when one is given whose name is not certain."""
        if self.action != "apply":
            return None
        following = False
        for word in self.options:
            text = word.beginning
            if following:
                following = False
            elif text.startswith("-"):
                following = "=" not in text and text.lstrip("-") in (
                    "var",
                    "var-file",
                    "target",
                    "lock-timeout",
                )
            else:
                return word.literal or ""
        return None


def terraform_runs(scripts: Scripts, terraform: Terraform) -> Iterator[TerraformRun]:
    """Go through every call of terraform whose action is certain."""
    for script, command in scripts.commands(*PROGRAMS):
        words = list(command.arguments)
        directory = command.cwd
        while words and words[0].beginning.startswith("-"):
            option = words.pop(0)
            if option.beginning.lstrip("-").startswith("chdir="):
                written = (option.literal or "").partition("=")[2]
                directory = inside(written, directory) if option.literal else None
        action = words.pop(0).literal if words else None
        if action is None:
            continue
        yield TerraformRun(
            script=script,
            command=command,
            action=action,
            directory=directory,
            module=None if directory is None else terraform.modules.get(directory),
            options=tuple(words),
        )
