"""The base of what the operator may do, or sees more of: by the token that is borne, or from a signed-in browser.

Danger: the browser's cookie comes to addresses below /api/admin alone, so that what it may do stands there too.
"""

from leyline import errors
from web.base import Handler
from web.parts import Parts


class BearerHandler(Handler):
    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.signed_in = parts.signed_in

    def is_operator(self) -> bool:
        """False also where too many wrong tokens came: a token that is not needed keeps nobody from the rest."""
        try:
            self.demand_operator()
        except (errors.OperatorOnly, errors.ClientLimit):
            return False
        return True

    def demand_operator(self) -> None:
        """Raises `OperatorOnly`, or `ClientLimit` after too many wrong tokens."""
        self.signed_in.check(self)
