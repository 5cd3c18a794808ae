"""The base of what the operator alone may do, or sees more of."""

from leyline import errors
from web.base import Handler


class OperatorsHandler(Handler):
    def is_operator(self) -> bool:
        """False also where too many wrong tokens came: a token that is not needed keeps nobody from the rest."""
        try:
            return self.sessions.is_operator(self)
        except errors.ClientLimit:
            return False

    def demand_operator(self) -> None:
        """Raises `OperatorOnly`, or `ClientLimit` after too many wrong tokens."""
        if not self.sessions.is_operator(self):
            raise errors.OperatorOnly
