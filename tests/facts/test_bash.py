from tasks.domain.lane import Lane
from tasks.domain.script import Command
from tasks.facts.bash import read_shell


def commands(text: str, **more: object) -> list[Command]:
    return list(read_shell(text, **more).commands)  # type: ignore[arg-type]


def only(text: str, program: str, **more: object) -> Command:
    found = [one for one in commands(text, **more) if one.program == program]
    assert len(found) == 1
    return found[0]


def test_words_lose_their_quotes_and_know_their_line() -> None:
    made = only("set -e\ncp 'a b' \"c\" d\\ e\n", "cp")
    assert (made.literals, made.line) == (("a b", "c", "d e"), 2)


def test_a_variable_is_followed_as_long_as_it_is_certain() -> None:
    made = only("A=x\nB=$(date)\ncp $A $B ${C} ${A:-y} x-$A-$B\n", "cp")
    assert made.literals == ("x", None, None, "x", None)
    assert made.arguments[4].parts == ("x-", "x", "-", None)


def test_white_space_between_what_is_filled_into_a_string_stays() -> None:
    made = only('A=x; B=y\ncp "$A $B" " ${A:-1}  ${B} " "$(ls) $A \\" $B " "\t${A}"\n', "cp")
    assert made.literals == ("x y", " x  y ", None, "\tx")
    assert made.arguments[2].parts == (None, " ", "x", ' " ', "y", " ")


def test_a_loop_runs_over_its_words() -> None:
    assert only("for f in a b; do tar $f.tgz; done", "tar").arguments[0].values == ("a.tgz", "b.tgz")
    assert only("for f in $LIST; do tar $f; done", "tar").arguments[0].values is None


def test_braces_make_more_words() -> None:
    assert only("cp a/{b,c} d", "cp").literals == ("a/b", "a/c", "d")


def test_cd_is_followed_and_a_subshell_keeps_it_to_itself() -> None:
    text = "(cd sub; one)\ncd crates && two\nthree\ncd $X\nfour\n"
    assert {c.program: c.cwd for c in commands(text) if c.program != "cd"} == {
        "one": "sub",
        "two": "crates",
        "three": "crates",
        "four": None,
    }


def test_a_directory_changed_in_one_branch_is_no_longer_certain() -> None:
    assert only("if x; then cd a; fi\nmake\n", "make").cwd is None


def test_a_failure_is_masked_by_true_but_not_by_exit() -> None:
    assert only("make || true", "make").masked
    assert only("make || echo sorry", "make").masked
    assert not only("make || exit 1", "make").masked
    assert not only("make || { echo no; exit 1; }", "make").masked
    assert not only("make && true", "make").masked


def test_a_pipe_loses_the_failure_of_its_left_side_without_pipefail() -> None:
    assert not only("make | tee log", "make").fatal
    assert only("set -o pipefail\nmake | tee log", "make").fatal


def test_expressions_are_replaced_per_lane_and_told_as_written() -> None:
    made = only(
        "cp ${{ matrix.a }}-${{ github.sha }} ${{ matrix.a }}",
        "cp",
        lanes=[Lane(matrix={"a": "x"}), Lane(matrix={"a": "y"})],
    )
    assert made.arguments[0].values is None
    assert made.arguments[0].text == "${{ matrix.a }}-${{ github.sha }}"
    assert made.arguments[1].values == ("x", "y")


def test_an_expression_over_two_lines_does_not_shift_later_lines() -> None:
    assert only("echo ${{ a ||\n b }}\nmake\n", "make").line == 3


def test_wrappers_are_peeled() -> None:
    made = only("sudo -E env A=b timeout -k 5 60 ./go.sh --name=x -p y", "go.sh")
    assert made.option("--name") is not None
    assert [word.text for word in made.options("-p")] == ["y"]


def test_heredocs_and_group_redirects_reach_their_commands() -> None:
    made = only("cat <<EOF > out.txt\nhello\nEOF\n", "cat")
    assert [(r.writes, r.target and r.target.literal, r.heredoc) for r in made.redirects] == [
        (True, "out.txt", "hello\n")
    ]
    grouped = only("{ echo a=1; } >> $GITHUB_OUTPUT", "echo")
    assert [r.target and r.target.text for r in grouped.redirects] == ["$GITHUB_OUTPUT"]


def test_commands_inside_substitutions_are_seen() -> None:
    assert only("X=$(cargo metadata)", "cargo").substituted


def test_nothing_is_certain_inside_a_function() -> None:
    made = only("A=x\nf() { cp $A $1; }\n", "cp")
    assert (made.function, made.literals, made.cwd) == ("f", (None, None), None)


def test_what_bash_cannot_read_is_a_problem_and_has_no_commands() -> None:
    read = read_shell("echo a\nif then fi )\n")
    assert read.problems
    assert [one.program for one in read.commands] == []


def test_blanks_at_the_ends_of_a_quoted_text_belong_to_it() -> None:
    (command,) = commands('echo "  a " "b" "" "c')
    assert [word.literal for word in command.arguments] == ["  a ", "b", "", "c"]


def test_what_stands_behind_a_deed_runs_and_what_stands_behind_a_question_may_not() -> None:
    assert not only("cd crates && make", "make").conditional
    assert not only("cd crates && cp a b && make\nls", "make").conditional
    assert only("[ -f a ] && make", "make").conditional
    assert only("[ -f a ] && cd b && make", "make").conditional
    assert only("grep -q x y && make", "make").conditional


def test_the_last_list_of_a_script_ends_it_with_the_code_of_what_failed() -> None:
    assert only("ls\ncd gone && ls -l # look", "cd").fatal
    assert not only("cd gone && ls\ntrue", "cd").fatal
    assert not only("cd gone && ls || true", "cd").fatal
    assert not only("if x; then cd gone && ls; fi", "cd").fatal
    assert not only("f() { cd gone && ls; }", "cd").fatal
    assert not only("x=$(cd gone && pwd)", "cd").fatal


def test_a_short_option_loses_its_equals_sign_only_where_the_program_takes_it_away() -> None:
    assert [word.text for word in only("docker run -p=80:80 -p 81:81 -p82:82", "docker").options("-p")] == [
        "80:80",
        "81:81",
        "82:82",
    ]
    assert [word.text for word in only("make -f=x", "make").options("-f")] == ["=x"]


def texts(text: str, program: str, **more: object) -> list[str | None]:
    return [word.literal for word in only(text, program, **more).arguments]


def test_a_variable_without_quotes_is_split_at_blanks() -> None:
    made = only('ARGS="--release -p x"\ncargo build $ARGS', "cargo")
    assert made.literals == ("build", "--release", "-p", "x")
    assert made.has("--release")
    assert texts('for p in $(ls); do :; done; X=" a\tb "; cp ${X} c', "cp") == ["a", "b", "c"]


def test_a_variable_in_quotes_stays_one_word() -> None:
    assert texts('X="a b"; cp "$X" \'$X\' "${X}" d', "cp") == ["a b", "$X", "a b", "d"]
    assert texts('X="a b"; Y=$X; cp "$Y" d', "cp") == ["a b", "d"]


def test_a_loop_runs_over_the_words_of_a_variable() -> None:
    made = only('L="a b c"\nfor p in $L d; do tar "$p"; done', "tar")
    assert (made.arguments[0].values, made.conditional) == (("a", "b", "c", "d"), False)
    assert only('L="a b"\nfor p in "$L"; do tar "$p"; done', "tar").arguments[0].values == ("a b",)
    made = only('L=""\nfor p in $L; do tar "$p"; done', "tar")
    assert (made.arguments[0].values, made.conditional) == (None, True)


def test_an_empty_variable_without_quotes_is_no_word() -> None:
    assert only("SUDO=\n$SUDO apt-get $SUDO update", "apt-get").literals == ("update",)
    assert texts('X=; cp "$X" a ${X:-b}', "cp") == ["", "a", None]


def test_a_word_of_which_a_variable_with_blanks_is_a_part_is_not_certain() -> None:
    made = only('X="a b"; cp --to=$X "--to=$X"', "cp")
    assert made.literals == (None, "--to=a b")
    assert made.arguments[0].beginning == "--to="


def test_a_pattern_in_a_variable_without_quotes_stands_for_files() -> None:
    assert texts("X='*.c'; cp $X \"$X\" d", "cp") == [None, "*.c", "d"]
    assert only("X='*.c e'\nfor f in $X; do tar $f; done", "tar").arguments[0].values is None


def test_where_a_script_sets_what_splits_words_they_are_not_certain() -> None:
    assert texts("IFS=,\nX='a b'\ncp $X d", "cp") == [None, "d"]


def test_a_test_and_a_redirect_keep_what_bash_would_split() -> None:
    (made,) = (one for one in commands('X="a b"\n[[ $X == c ]]') if one.program == "[")
    assert made.literals[0] == "a b"


def test_an_expression_is_split_as_the_text_that_stands_in_its_place() -> None:
    lane = Lane(matrix={"a": '--features "x y" -q', "b": "$(date) z"})
    made = only('cargo build ${{ matrix.a }} ${{ matrix.b }} "${{ matrix.a }}"', "cargo", lanes=[lane])
    assert made.literals == ("build", "--features", "x y", "-q", None, '--features "x y" -q')


def test_lanes_with_the_same_number_of_words_fill_each_and_others_leave_them_uncertain() -> None:
    lanes = [Lane(matrix={"a": "-p x", "b": "", "c": "1"}), Lane(matrix={"a": "-p y", "b": "-p z", "c": ""})]
    made = only("cargo build ${{ matrix.a }} ${{ matrix.b }} ${{ matrix.c }}", "cargo", lanes=lanes)
    assert [word.values for word in made.arguments] == [("build",), ("-p",), ("x", "y"), None, ("1", "")]
    assert [word.values for word in made.options("-p")] == [("x", "y")]
    text = "for p in ${{ matrix.b }}; do tar $p; done"
    assert only(text, "tar", lanes=lanes).arguments[0].values == ("-p", "z")
