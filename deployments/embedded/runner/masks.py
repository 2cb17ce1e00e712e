"""What must not be read in a log: secrets, in every form they are likely to appear in."""

import base64
import json
import threading
import urllib.parse
from collections.abc import Iterable

HIDDEN = "***"
# A shorter base64 fragment is too common to be a secret.
_SHORTEST_ENCODED = 6


class Masks:
    """The values to hide in one job."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._hidden: tuple[str, ...] = ()
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Hide a value from now on: the whole, each of its lines, and their usual encodings."""
        parts = {value, *value.splitlines()}
        forms = {form for part in parts if part.strip() for form in _forms(part)}
        with self._lock:
            # The longest first, or a part would be hidden and leave the rest readable.
            self._hidden = tuple(sorted({*self._hidden, *forms}, key=lambda form: (-len(form), form)))

    def hide(self, text: str) -> str:
        """Give the text with every hidden value replaced."""
        for value in self._hidden:
            if value in text:
                text = text.replace(value, HIDDEN)
        return text

    def touches(self, text: str) -> bool:
        """Say whether a text carries a hidden value."""
        return any(value in text for value in self._hidden)


def _forms(value: str) -> set[str]:
    forms = {value, value.strip(), urllib.parse.quote(value, safe=""), json.dumps(value)[1:-1]}
    raw = value.encode()
    for shift in range(3):
        # Inside a longer text the same bytes encode in three ways, by where they start.
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        stable = encoded[(0, 2, 3)[shift] :]
        cut = len(stable) - (1 if (len(raw) + shift) % 3 else 0)
        if cut >= _SHORTEST_ENCODED:
            forms.add(stable[:cut])
    return {form for form in forms if form}
