"""Reads shell text into commands with tree-sitter's grammar of bash; nothing is ever run.

``${{ }}`` stands in no grammar: each is replaced by a mark before parsing and told as it was written.
Loops run over their literal words, variables are followed as long as they are certain, ``cd`` too.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tasks.domain.lane import WORKSPACE, Lane
from tasks.domain.located import Problem, Text
from tasks.domain.script import Assignment, Command, ReadShell, Redirect, Word
from tasks.facts.bash_marks import Marked, marked
from tasks.facts.bash_state import Circumstances, State
from tasks.facts.bash_tree import acts, assigned, fails, moved, text_of
from tasks.facts.bash_words import (
    BLANK,
    PATTERN,
    Expression,
    Piece,
    Values,
    Variable,
    braces,
    fill,
    pieces,
    split,
)

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_WORDS = frozenset(
    {
        "word", "number", "string", "raw_string", "ansi_c_string", "translated_string", "concatenation",
        "simple_expansion", "expansion", "command_substitution", "process_substitution",
        "arithmetic_expansion", "brace_expression", "regex", "extglob_pattern", "test_operator",
    }
)  # fmt: skip
UNREADABLE = "bash cannot read what begins here"
TOO_DEEP = "nested deeper than can be read"
_LEAVES = frozenset({"word", "number", "string_content", "test_operator"})
_SPECIAL = re.compile("[*?\\[\\]{}~\\\\\ue000]")
_CHANGES_SHELL = frozenset(
    {
        "cd", "pushd", "popd", "set", "read", "mapfile", "readarray", "getopts", "printf", "eval", "source",
        ".",
    }
)  # fmt: skip
_OPENED = frozenset({"program", "do_group", "compound_statement", "else_clause"})


def read_shell(
    text: str,
    *,
    line: Callable[[int], int] = lambda row: row + 1,
    lanes: Sequence[Lane] = (Lane(),),
    cwd: str | None = "",
    errexit: bool = True,
    pipefail: bool = False,
) -> ReadShell:
    """Read a text; ``line`` gives the file's line for a row of the text that counts from 0."""
    marks = marked(text)
    tree = _parser().parse(marks.text.encode())
    state = State(
        cwd=cwd,
        variables=[_variables(lane) for lane in lanes],
        errexit=errexit,
        pipefail=pipefail,
    )
    expressions = [[lane.text(one) for one in marks.expressions] for lane in lanes]
    place = (lambda row: line(row + marks.added(row))) if marks.breaks else line
    reader = _Reader(place, marks, expressions)
    try:
        reader.visit(tree.root_node, state, Circumstances(final=True))
    except RecursionError:
        return ReadShell(problems=(Problem(message=TOO_DEEP, line=line(0)),))
    return ReadShell(commands=tuple(reader.commands), problems=tuple(reader.problems))


@functools.cache
def _parser() -> Parser:
    """Load the grammar when the first text is read: a repository without shell must not pay for it."""
    import tree_sitter_bash  # noqa: PLC0415
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_bash.language()))


def _variables(lane: Lane) -> dict[str, Values]:
    known: dict[str, Values] = {name: None if value is None else (value,) for name, value in lane.env.items()}
    return {"GITHUB_WORKSPACE": (WORKSPACE,) if lane.rooted else None, **known}


class _Reader:
    """One walk over one tree."""

    def __init__(
        self, line: Callable[[int], int], marks: Marked, filled: Sequence[Sequence[str | None]]
    ) -> None:
        self._line = line
        self._marks = marks
        self._filled = filled
        self.commands: list[Command] = []
        self.problems: list[Problem] = []

    def visit(self, node: Node, state: State, around: Circumstances) -> None:
        """Read one statement."""
        kind = node.type
        if kind == "ERROR" or node.is_missing:
            self.problems.append(Problem(message=UNREADABLE, line=self._at(node)))
        elif kind == "command":
            self._command(node, state, around)
        elif kind in _OPENED:
            self._sequence(node, state, around)
        elif kind == "list":
            self._list(node, state, around)
        elif kind == "pipeline":
            self._pipeline(node, state, around)
        elif kind == "redirected_statement":
            self._redirected(node, state, around)
        elif kind == "negated_command":
            for child in node.named_children:
                self.visit(child, state, around.asked_for())
        elif kind == "subshell":
            self._sequence(node, state.copy(), around)
        elif kind == "if_statement":
            self._branches(node, state, around)
        elif kind == "case_statement":
            self._case(node, state, around)
        elif kind == "for_statement":
            self._for(node, state, around)
        elif kind in ("while_statement", "c_style_for_statement"):
            self._while(node, state, around)
        elif kind == "function_definition":
            self._function(node, around)
        elif kind in ("variable_assignment", "variable_assignments"):
            self._emit((), node, state, around, assignments=self._assign(node, state, around))
        elif kind == "declaration_command":
            self._declare(node, state, around)
        elif kind == "unset_command":
            for child in node.named_children:
                self._set(state, text_of(child), [None] * len(state.variables))
        elif kind == "test_command":
            self._test(node, state, around)

    def _sequence(self, node: Node, state: State, around: Circumstances) -> None:
        children = node.children
        last = next((one.id for one in reversed(children) if one.is_named and one.type != "comment"), None)
        for place, child in enumerate(children):
            if not child.is_named and not child.is_missing:
                continue
            behind = children[place + 1] if place + 1 < len(children) else None
            ends = child.id == last and child.type in ("list", "redirected_statement")
            inner = around if ends else around.followed()
            alone = behind is not None and behind.type == "&"
            self.visit(child, state, inner.but(background=True, final=False) if alone else inner)

    def _list(self, node: Node, state: State, around: Circumstances) -> None:
        left, operator, right = node.children[0], text_of(node.children[1]), node.children[-1]
        ends = fails(right)
        gives_up = operator == "||" and not ends
        meant = operator == "&&" and acts(left)
        # A script ends with the exit code of its last list: there what is meant to go well fails the step.
        asked = around.but(tested=True, masked=around.masked or gives_up, final=False)
        self.visit(left, state, around if meant and around.final else asked)
        before = state.copy()
        then = state.copy()
        self.visit(right, then, around if meant else around.if_at_all())
        if operator == "&&":
            # What follows runs only when all of it went well, or nothing certain is known of variables.
            state.cwd, state.stack = then.cwd, then.stack
            state.variables = then.variables
        elif not ends:
            then.joined(before)
            state.cwd, state.variables = then.cwd, then.variables
        state.errexit, state.pipefail = then.errexit, then.pipefail

    def _pipeline(self, node: Node, state: State, around: Circumstances) -> None:
        parts = node.named_children
        for place, part in enumerate(parts):
            inner = around.but(
                piped_from=around.piped_from or place > 0,
                piped_into=around.piped_into or place < len(parts) - 1,
            )
            self.visit(part, state.copy(), inner)

    def _redirected(self, node: Node, state: State, around: Circumstances) -> None:
        body = node.child_by_field_name("body")
        made = tuple(
            self._redirect(child, state, around)
            for child in node.children
            if child.type in ("file_redirect", "heredoc_redirect", "herestring_redirect")
        )
        for child in node.children:
            if child.type == "heredoc_redirect":
                self._after_heredoc(child, state, around)
        if body is not None:
            self.visit(body, state, around.but(redirects=(*around.redirects, *made)) if made else around)

    def _after_heredoc(self, node: Node, state: State, around: Circumstances) -> None:
        """Read what stands behind a ``<<EOF`` on its line: ``cat <<EOF | tee file``, ``<<EOF || true``."""
        for child in node.named_children:
            if child.type == "pipeline":
                for part in child.named_children:
                    self.visit(part, state.copy(), around.but(piped_from=True))
            elif child.type in ("command", "list", "redirected_statement"):
                self.visit(child, state, around.if_at_all())

    def _redirect(self, node: Node, state: State, around: Circumstances) -> Redirect:
        if node.type == "heredoc_redirect":
            body = next((child for child in node.children if child.type == "heredoc_body"), None)
            target = next(
                (
                    self._redirect(child, state, around)
                    for child in node.children
                    if child.type == "file_redirect"
                ),
                None,
            )
            text = Text("", line=self._at(node))
            if body is not None:
                text = Text(self._restored(text_of(body)), line=self._at(body))
            if target is not None:
                return replace(target, heredoc=text)
            return Redirect(operator="<<", heredoc=text)
        descriptor = node.child_by_field_name("descriptor")
        operator = next((text_of(child) for child in node.children if not child.is_named), "")
        targets = [child for child in node.named_children if child.type in _WORDS]
        return Redirect(
            operator=operator,
            target=self._word(targets[0], state, around) if targets else None,
            descriptor=None if descriptor is None else text_of(descriptor),
        )

    def _branches(self, node: Node, state: State, around: Circumstances) -> None:
        """Read ``if`` and its ``elif``; each body runs or does not."""
        in_condition = True
        body = state.copy()
        for child in node.children:
            kind = child.type
            if kind == "then":
                in_condition = False
                body = state.copy()
            elif kind in ("elif_clause", "else_clause"):
                branch = state.copy()
                inner = around.if_at_all()
                if kind == "elif_clause":
                    self._branches(child, branch, inner)
                else:
                    self._sequence(child, branch, inner)
                body.joined(branch)
            elif child.is_named:
                if in_condition:
                    self.visit(child, state, around.asked_for())
                else:
                    self.visit(child, body, around.if_at_all())
        state.joined(body)

    def _case(self, node: Node, state: State, around: Circumstances) -> None:
        value = node.child_by_field_name("value")
        if value is not None:
            self._inner(value, state, around)
        after = state.copy()
        for item in node.named_children:
            if item.type != "case_item":
                continue
            branch = state.copy()
            patterns = item.children_by_field_name("value")
            for child in item.named_children:
                if child not in patterns:
                    self.visit(child, branch, around.if_at_all())
            after.joined(branch)
        state.joined(after)

    def _for(self, node: Node, state: State, around: Circumstances) -> None:
        name = node.child_by_field_name("variable")
        lanes: list[list[str] | None] = [[] for _ in state.variables]
        for child in node.children_by_field_name("value"):
            for word, per_lane in self._evaluated(child, state, around):
                for place, values in enumerate(per_lane):
                    seen = lanes[place]
                    if seen is None or values is None or word.glob:
                        lanes[place] = None
                    else:
                        seen.extend(values)
        if name is not None:
            made = [None if one is None else tuple(dict.fromkeys(one)) for one in lanes]
            self._set(state, text_of(name), made if any(made) else [None] * len(made))
        certain = bool(lanes) and all(lanes)
        self._body(node, state, around.but(loop=True, conditional=around.conditional or not certain))

    def _while(self, node: Node, state: State, around: Circumstances) -> None:
        body = node.child_by_field_name("body")
        for child in node.named_children:
            if body is None or child.id != body.id:
                self.visit(child, state, around.asked_for())
        self._body(node, state, around.but(loop=True, conditional=True))

    def _body(self, node: Node, state: State, around: Circumstances) -> None:
        """Read a loop's body once; what it changes is uncertain inside and behind it."""
        body = node.child_by_field_name("body")
        if body is None:
            return
        changed = assigned(body)
        for name in changed:
            self._set(state, name, [None] * len(state.variables))
        inner = state.copy()
        self.visit(body, inner, around)
        state.joined(inner)
        for name in changed:
            self._set(state, name, [None] * len(state.variables))

    def _function(self, node: Node, around: Circumstances) -> None:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if body is not None:
            # Where and with what it is called is not followed: nothing is certain inside.
            inside_it = State(cwd=None, variables=[{} for _ in self._filled])
            label = "" if name is None else text_of(name)
            self.visit(body, inside_it, around.but(function=label, conditional=True))

    def _declare(self, node: Node, state: State, around: Circumstances) -> None:
        made: list[Assignment] = []
        exported = text_of(node.children[0]) == "export"
        for child in node.named_children:
            if child.type == "variable_assignment":
                made += self._assign(child, state, around, exported=exported)
        self._emit((), node, state, around, assignments=tuple(made))

    def _test(self, node: Node, state: State, around: Circumstances) -> None:
        words: list[Word] = [Word(text="[", line=self._at(node), parts=("[",), values=("[",))]
        stack = list(reversed(node.children[1:-1]))
        while stack:
            child = stack.pop()
            if child.type in _WORDS or not child.children:
                words.append(self._word(child, state, around))
            else:
                stack += reversed(child.children)
        self._emit(tuple(words), node, state, around)

    def _command(self, node: Node, state: State, around: Circumstances) -> None:
        words: list[Word] = []
        assignments: list[Assignment] = []
        redirects: list[Redirect] = []
        for child in node.children:
            kind = child.type
            if kind in _WORDS:
                words += self._words(child, state, around)
            elif kind == "command_name":
                for part in child.children:
                    words += self._words(part, state, around)
            elif kind == "variable_assignment":
                assignments += self._assign(child, state.copy(), around)
            elif kind in ("herestring_redirect", "file_redirect"):
                redirects.append(self._redirect(child, state, around))
            elif kind == "ERROR":
                self.problems.append(Problem(message=UNREADABLE, line=self._at(child)))
            else:
                words += self._words(child, state, around)
        made = self._emit(
            tuple(words), node, state, around, assignments=tuple(assignments), redirects=tuple(redirects)
        )
        self._effects(made, state)

    def _effects(self, command: Command, state: State) -> None:
        """Follow what a command changes in the shell itself."""
        program = command.program
        if program not in _CHANGES_SHELL:
            return
        match program:
            case "cd":
                state.cwd = moved(command)
            case "pushd":
                state.stack.append(state.cwd)
                state.cwd = moved(command)
            case "popd":
                state.cwd = state.stack.pop() if state.stack else None
            case "set":
                texts = [word.text for word in command.arguments]
                for text in texts:
                    if text[:1] in "+-" and not text.startswith("--") and "e" in text[1:]:
                        state.errexit = text[0] == "-"
                if "pipefail" in texts:
                    state.pipefail = not any(text.startswith("+") for text in texts)
            case "read" | "mapfile" | "readarray" | "getopts" | "printf":
                for word in command.arguments:
                    self._set(state, word.text, [None] * len(state.variables))
            case "eval" | "source" | ".":
                # Whatever it does to variables is not seen; a directory is rarely changed this way.
                state.variables = [dict.fromkeys(one) for one in state.variables]

    def _emit(
        self,
        words: tuple[Word, ...],
        node: Node,
        state: State,
        around: Circumstances,
        *,
        assignments: tuple[Assignment, ...] = (),
        redirects: tuple[Redirect, ...] = (),
    ) -> Command:
        made = Command(
            words,
            words[0].line if words else self._at(node),
            assignments,
            (*redirects, *around.redirects),
            state.cwd,
            around.conditional,
            around.loop,
            around.function,
            around.masked,
            around.tested,
            around.substituted,
            around.background,
            around.piped_from,
            around.piped_into,
            state.errexit,
            state.pipefail,
        )
        self.commands.append(made)
        return made

    def _assign(
        self, node: Node, state: State, around: Circumstances, *, exported: bool = False
    ) -> tuple[Assignment, ...]:
        if node.type == "variable_assignments":
            return tuple(one for child in node.named_children for one in self._assign(child, state, around))
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return ()
        appended = any(child.type == "+=" for child in node.children)
        word: Word | None = None
        lanes: list[Values] = [("",)] * len(state.variables)
        if value is not None:
            if value.type in _WORDS:
                word, lanes = self._evaluated(value, state, around, whole=True)[0]
            else:
                lanes = [None] * len(state.variables)
        self._set(state, text_of(name), [None] * len(lanes) if appended else lanes)
        return (Assignment(name=text_of(name), value=word, line=self._at(node), exported=exported),)

    def _set(self, state: State, name: str, lanes: Sequence[Values]) -> None:
        for variables, values in zip(state.variables, lanes, strict=True):
            variables[name] = values

    def _words(self, node: Node, state: State, around: Circumstances) -> list[Word]:
        plain = self._plain(node)
        return [word for word, _ in self._evaluated(node, state, around)] if plain is None else [plain]

    def _word(self, node: Node, state: State, around: Circumstances) -> Word:
        """Read a word where it stays one: a redirect's target, an operand of a test."""
        return self._plain(node) or self._evaluated(node, state, around, whole=True)[0][0]

    def _plain(self, node: Node) -> Word | None:
        """Return a word that stands for itself; None for any other."""
        if node.type not in _LEAVES or _SPECIAL.search(text := text_of(node)):
            return None
        values = (text,)
        return Word(text, self._line(node.start_point[0]), values, values)

    def _evaluated(
        self, node: Node, state: State, around: Circumstances, *, whole: bool = False
    ) -> list[tuple[Word, list[Values]]]:
        """Return what a word becomes (more or less than one without quotes) and its values in each lane."""
        if (plain := self._plain(node)) is not None:
            return [(plain, [plain.values] * len(state.variables))]
        text = text_of(node)
        line = self._at(node)
        if "(" in text or "`" in text:
            self._inner(node, state, around)
        made, glob = pieces(node, text)
        text = self._restored(text)
        if not whole and len(made) == 1 and node.type in ("word", "concatenation"):
            expanded = braces(made[0]) if isinstance(made[0], str) else ("",)
            if len(expanded) > 1:
                return [
                    (
                        Word(text=one, line=line, parts=(one,), values=(one,), glob=glob),
                        [(one,)] * len(state.variables),
                    )
                    for one in expanded
                ]
        if len(made) <= 1 and all(isinstance(one, str) for one in made):
            value = str(made[0]) if made else ""
            word = Word(text=text, line=line, parts=(value,), values=(value,), glob=glob)
            return [(word, [(value,)] * len(state.variables))]
        word, lanes = self._filled_in(made, state, text, line, glob=glob, whole=whole)
        if (
            whole
            or len(made) != 1
            or not isinstance(piece := made[0], Variable | Expression)
            or not piece.bare
        ):
            return [(word, lanes)]
        return _apart(word, lanes, piece, state)

    def _filled_in(
        self, made: Sequence[Piece], state: State, text: str, line: int, *, glob: bool, whole: bool
    ) -> tuple[Word, list[Values]]:
        if len(state.variables) == 1:
            only, values = fill(made, state.variables[0], self._filled[0], whole=whole)
            return Word(text, line, only, values, glob), [values]
        lanes: list[Values] = []
        parts: tuple[str | None, ...] | None = None
        for variables, expressions in zip(state.variables, self._filled, strict=True):
            here, values = fill(made, variables, expressions, whole=whole)
            lanes.append(values)
            if parts is None:
                parts = here
            elif parts != here:
                parts = tuple(one if one == two else None for one, two in zip(parts, here, strict=True))
        union: Values = None
        if lanes and all(values is not None for values in lanes):
            union = tuple(dict.fromkeys(value for values in lanes if values is not None for value in values))
        if parts is None:
            parts = tuple(one if isinstance(one, str) else None for one in made)
        return Word(text=text, line=line, parts=parts, values=union, glob=glob), lanes

    def _inner(self, node: Node, state: State, around: Circumstances) -> None:
        """Read the commands of ``$( )`` inside a word."""
        if node.type in _LEAVES or node.type == "raw_string":
            return
        if node.type in ("command_substitution", "process_substitution"):
            self._sequence(node, state.copy(), around.in_words())
            return
        for child in node.children:
            self._inner(child, state, around)

    def _at(self, node: Node) -> int:
        return self._line(node.start_point[0])

    def _restored(self, text: str) -> str:
        return self._marks.restored(text)


def _apart(
    word: Word, lanes: list[Values], piece: Variable | Expression, state: State
) -> list[tuple[Word, list[Values]]]:
    """Split a word that is one bare piece at blanks, as bash does.

    Where lanes make different numbers of words of it none is certain, but each lane's values are.
    """
    known = [lane for lane in lanes if lane is not None]
    if not known or (any(map(any, known)) and not any(BLANK.search(one) for lane in known for one in lane)):
        patterned = any(PATTERN.search(one) for lane in known for one in lane)
        filled = [None if lane is None else tuple(one for one in lane if one) for lane in lanes]
        return [(word._replace(glob=True) if patterned else word, [*filled])]
    unknown = word._replace(parts=(None,), values=None)
    if isinstance(piece, Variable) and any("IFS" in variables for variables in state.variables):
        return [(unknown, [None] * len(lanes))]
    made = [None if lane is None else [split(piece, one) for one in lane] for lane in lanes]
    flat: list[Values] = [
        None if lane is None or None in lane else tuple(one for words in lane for one in words or ())
        for lane in made
    ]
    counts = {None if words is None else len(words) for lane in made for words in lane or (None,)}
    if len(counts) != 1 or None in counts:
        return [(unknown, flat)]
    found: list[tuple[Word, list[Values]]] = []
    for place in range(counts.pop() or 0):
        here = [tuple(dict.fromkeys(words[place] for words in lane or () if words)) for lane in made]
        values = tuple(dict.fromkeys(one for lane in here for one in lane))
        sure = values[0] if len(values) == 1 else None
        patterned = any(PATTERN.search(one) for one in values)
        found.append((Word(sure or word.text, word.line, (sure,), values, patterned), [*here]))
    return found
