from tasks.domain.document import Document
from tasks.domain.source import source
from tasks.facts.documents import read_documents

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
