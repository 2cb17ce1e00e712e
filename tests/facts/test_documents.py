from tasks.domain.document import CodeBlock, Document
from tasks.domain.followed import followed
from tasks.domain.script import Script
from tasks.domain.source import Source, source
from tasks.facts.documents import is_document, read_documents

TEXT = """\
# Title

Run `./x.sh` and see [guide](docs/g.md "t").

```bash
# build
cargo build -p app
```

```console
$ cargo test
test result: ok
```

```
plain `not a span`
```
"""


def document() -> Document:
    (made,) = read_documents([source("README.md", TEXT.encode()), source("a.txt", b"x")])
    return made


def test_blocks_spans_links_and_headings_have_lines() -> None:
    made = document()
    assert [(b.language, b.line) for b in made.blocks] == [("bash", 6), ("console", 11), ("", 16)]
    assert [(s, s.line) for s in made.spans] == [("./x.sh", 3)]
    assert [(s, s.line) for s in made.links] == [("docs/g.md", 3)]
    assert list(made.headings) == ["Title"]


def test_commands_of_shell_blocks_are_read_without_prompts_and_output() -> None:
    found = [(c.program, c.line) for script in document().scripts for c in script.commands]
    assert found == [("cargo", 7), ("cargo", 11)]


def test_only_blocks_in_which_a_word_stands_are_read() -> None:
    read: list[int] = []

    def reads(source: Source, block: CodeBlock) -> Script:
        read.append(block.line)
        return Script(source=source, text=str(block.text), line=block.line)

    text = "```sh\ncargo build\n```\n```sh\nmake\n```\n~~~sh\n```\ncargo test\n~~~\n```rust\ncargo\n```\n"
    document = Document(source=Source(path="README.md", text=text), read=reads)
    for _ in range(2):
        assert [one.line for one in document.scripts_with("cargo")] == [2, 8]
    assert read == [2, 8]
    assert [one.line for one in document.scripts] == [2, 5, 8]


def test_a_document_that_was_copied_from_somebody_else_is_not_the_repositorys() -> None:
    assert is_document("docs/vendor.md")
    assert is_document("README.MD")
    assert not is_document("vendor/other/README.md")
    assert not is_document("benches/regex-1.5.5/README.md")
    assert is_document("docs/v1.5.5/README.md")
    assert not is_document("web/node_modules/x/README.md")


def test_what_tools_and_agents_keep_for_themselves_is_no_document() -> None:
    for path in (
        ".agents/skills/rust/SKILL.md",
        "web/.claude/commands/x.md",
        ".cursor/a.md",
        ".changesets/b.md",
    ):
        assert not is_document(path)
    for path in (".github/CONTRIBUTING.md", ".config/nextest.md", "a.b/README.md", ".devcontainer/README.md"):
        assert is_document(path)


def test_lines_count_on_behind_blocks_of_every_kind() -> None:
    text = (
        "a\r\n\r\n  ~~~ sh\r\n  make `x`\r\n  ```\r\n  ~~~\r\n````\n# no\n```\n````\n`b c`\n# Yes\n```\nopen"
    )
    (made,) = read_documents([source("README.md", text.encode())])
    assert [(b.language, b.line, str(b.text)) for b in made.blocks] == [
        ("sh", 4, "make `x`\n```"),
        ("", 8, "# no\n```"),
        ("", 14, "open"),
    ]
    assert [(s, s.line, s.column) for s in made.spans] == [("b c", 11, 1)]
    assert [(s, s.line) for s in made.headings] == [("Yes", 12)]
    assert list(made.prose) == [(1, "a"), (2, ""), (11, "`b c`"), (12, "# Yes")]
    assert made.instructs


def test_documents_with_a_word_are_told_in_their_order_without_those_that_nobody_follows() -> None:
    texts = {"b.md": "make", "a.md": "cargo", "c.md": "cargo make", "d.md": "x", "CHANGELOG.md": "make"}
    made = read_documents([source(path, text.encode()) for path, text in texts.items()])
    for _ in range(2):
        assert [one.path for one in followed(made, "make", "cargo")] == ["a.md", "b.md", "c.md"]
    assert [one.path for one in followed(made, "make")] == ["b.md", "c.md"]
    assert not list(followed(made, "just"))
    assert [one.path for one in followed(made)] == ["a.md", "b.md", "c.md", "d.md"]


def test_a_command_outside_of_blocks_is_read_once_for_all_who_ask() -> None:
    (made,) = read_documents([source("README.md", b"Run `cargo test -q`, then `make all`.\n")])
    first, again = list(made.spoken_with("cargo")), list(made.spoken_with("make", "cargo"))
    assert [one.text for one in again] == ["cargo test -q", "make all"]
    assert again[0] is first[0]
