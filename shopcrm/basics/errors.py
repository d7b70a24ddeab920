"""The error families of the shop: raised with a code and values, never with a finished sentence.

`sentence` looks the wording up in the text files, so that the window and the command line say the same.
Anything raised that is not a `ShopError` is a bug of ours.
"""

from __future__ import annotations

from shopcrm.basics.texts import t


class ShopError(Exception):
    """Something the user can understand and act on; nothing was changed when it is raised."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def sentence(self) -> str:
        """What happened and what to do, in the language in force (text id `err.<code>`)."""
        return t("err." + self.code, **self.values)

    def __str__(self) -> str:
        return self.sentence


class InputError(ShopError):
    """One field is wrong and can be mended by typing; `field` is the id of basics.fields."""

    def __init__(self, field: str, code: str, /, **values: object) -> None:
        super().__init__(code, **values)
        self.field = field


class Refusal(ShopError):
    """A whole file or action is declined; for a file the code is a reason code of the import rules."""


class RightsError(ShopError):
    """Whoever acts may not do this; `right` is an id of basics.rights."""

    def __init__(self, right: str) -> None:
        super().__init__("no_right", what=t("right." + right))
        self.right = right


class ConflictError(ShopError):
    """The data moved on, or the user has to choose; the choices are in `values`."""


class StoreError(ShopError):
    """The world is at fault: disk full, locked, read-only, damaged, newer file, second copy (exit code 4)."""


class Cancelled(Exception):
    """Raised by `Progress.step` when the user asked to stop; inside a transaction it rolls back."""
