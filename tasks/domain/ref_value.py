"""What texts that are made of the ref of a run become when a branch starts it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.located import Map
from tasks.domain.script import Script
from tasks.domain.trigger import BRANCH
from tasks.domain.workflow import Job, Step

NAME = "main"
"""The branch that stands for any."""

_REF = BRANCH + NAME
_EXPRESSION = re.compile(r"\$\{\{\s*github\.(?P<key>ref|ref_name)\s*\}\}")
_OF_RUNNER = re.compile(
    r"\$(?:(?P<bare>GITHUB_REF(?:_NAME)?)\b|\{(?P<name>GITHUB_REF(?:_NAME)?)(?P<how>[^{}$]*)\})"
)
_CUT = re.compile(r"(?P<hash>##?)(?P<pattern>[\w./*-]+)")
_REPLACED = re.compile(r"/(?P<old>(?:[\w.-]|\\/)+)/(?P<new>[\w.-]*)")
_FROM = re.compile(r":\s*(?P<at>\d+)")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_OWN_VARIABLE = re.compile(r"\$\{(?P<name>(?!GITHUB_REF)\w+)\}|\$(?P<bare>(?!GITHUB_REF)[A-Za-z_]\w*)")
_OF_OUTPUT = re.compile(r"\$\{\{\s*(?:steps\.[\w-]+\.outputs|env)\.(?P<name>[\w-]+)(?P<bare>)\s*\}\}")
_PLAIN = re.compile(r"[^$`{}()&|;\s]+")


def on_branch(written: str) -> str | None:
    """Return what a text becomes on the branch ``main``.

    None when it is not made of the ref alone, or by somebody who thinks of branches.
    """
    made: list[str] = []
    at = 0
    found = sorted((*_EXPRESSION.finditer(written), *_OF_RUNNER.finditer(written)), key=re.Match.start)
    for one in found:
        value = _value(one)
        if value is None:
            return None
        made += [written[at : one.start()], value]
        at = one.end()
    text = "".join([*made, written[at:]])
    return text if found and _PLAIN.fullmatch(text) else None


def _value(found: re.Match[str]) -> str | None:
    given = found.groupdict()
    if "key" in given:
        return _REF if given["key"] == "ref" else NAME
    value = NAME if (given["bare"] or given["name"]).endswith("_NAME") else _REF
    how = given["how"] or ""
    if "heads" in how or how.startswith("//"):
        return None
    if not how:
        return value
    cut, replaced, start = _CUT.fullmatch(how), _REPLACED.fullmatch(how), _FROM.fullmatch(how)
    if cut is not None:
        return _without_head(value, cut["pattern"], longest=cut["hash"] == "##")
    if replaced is not None:
        return value.replace(replaced["old"].replace("\\/", "/"), replaced["new"])
    return value[int(start["at"]) :] if start is not None else None


def _without_head(value: str, pattern: str, *, longest: bool) -> str:
    """Take the shortest or longest beginning away that a pattern of the shell describes, if there is one."""
    asked = re.compile("".join(".*" if one == "*" else re.escape(one) for one in pattern), re.DOTALL)
    ends = [end for end in range(len(value) + 1) if asked.fullmatch(value[:end])]
    return value[(ends[-1] if longest else ends[0]) :] if ends else value


def meanings(
    written: str, job: Job, step: Step, envs: tuple[Map, ...], script: Script | None
) -> Iterator[str]:
    """Give what is written, and the text with the value of the variable or output that stands in it."""
    yield written
    one = _OWN_VARIABLE.search(written) or _OF_OUTPUT.search(written)
    if one is None:
        return
    name = one["name"] or one["bare"]
    texts = [env.text(name) for env in envs if name in env]
    values = [str(texts[0])] if texts and texts[0] is not None else []
    if not values:
        before = [str(other.run or "") for other in job.steps[: step.index]]
        own = "" if script is None else script.text
        values = [*_assigned(own, name), *(each for text in before for each in _handed_on(text, name))]
    if len(values) == 1:
        yield written[: one.start()] + values[0] + written[one.end() :]


def _assigned(text: str, name: str) -> list[str]:
    found = re.finditer(rf"(?:^|;)[ \t]*(?:export[ \t]+)?{name}=(?P<value>[^\n;]*)", text, re.MULTILINE)
    return [one["value"].strip().strip("\"'") for one in found]


def _handed_on(text: str, name: str) -> Iterator[str]:
    """Go through the values that a script hands on under a name, with its own variables filled in."""
    asked = rf"\becho[ \t]+[\"']?{re.escape(name)}=(?P<value>[^\n\"'>]*)[\"']?[ \t]*>>"
    for one in re.finditer(asked, text):
        value = one["value"].strip()
        variable = _VARIABLE.fullmatch(value)
        inner = _assigned(text, variable[1]) if variable is not None else []
        yield inner[0] if len(inner) == 1 else value
