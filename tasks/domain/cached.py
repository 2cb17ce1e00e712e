"""A property that is worked out once for each object.

``functools.cached_property`` takes a lock for it up to Python 3.11, which costs more than most of the
questions asked here; what is worked out is pure, so two threads that both do it get the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Made = TypeVar("Made")


class cached(Generic[Made]):  # noqa: N801 - used as a decorator, like property
    """Keeps what a method returns under its own name in the object's ``__dict__``."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, of: None, owner: type) -> cached[Made]: ...

    @overload
    def __get__(self, of: object, owner: type) -> Made: ...

    def __get__(self, of: object | None, owner: type) -> cached[Made] | Made:
        if of is None:
            return self
        made = vars(of)[self._name] = self._make(of)
        return made
