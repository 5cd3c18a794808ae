"""The base of what whoever bears the operator's token may do, or sees more of. Its browser goes by `operators`."""

from leyline import errors
from web.base import Handler


class BearerHandler(Handler):
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
