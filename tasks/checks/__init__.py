"""Pure questions over facts, one file per subject.

``load()`` imports every file of this package, which registers its checks.
"""

from __future__ import annotations

import importlib
import pkgutil

from tasks.domain.check import Check, registered


def load() -> tuple[Check, ...]:
    """Import every file of checks and return all checks, ordered by id."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return registered()
