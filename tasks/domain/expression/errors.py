"""Why an expression cannot be read or evaluated."""


class ExpressionError(Exception):
    """An expression that GitHub would refuse.

    `position` counts characters of the expression from 1, 0 is unknown.
    """

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message if not position else f"{message} (position {position})")
        self.message = message
        self.position = position
