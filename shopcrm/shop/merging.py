"""Two members who are one person become one, and come apart again when they were not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shopcrm.basics.records import Done, MemberId, MergePreview, Stayed
from shopcrm.store import Rx

if TYPE_CHECKING:
    from shopcrm.shop import Shop


class Merging:
    """Merging members; nothing is deleted, and everything had before is there after."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def merge(
        self, keep: MemberId, gone: MemberId, choices: Mapping[str, str] | None = None
    ) -> Done[MemberId]:
        """Make one member of two: `keep` survives, `gone` is put away and leads to her from now on.

        `choices`: field of the preview -> keep, gone or both; the others as the preview proposes. Sales,
        visits, wishes, to-dos, contacts, numbers and whom she brought follow. Raises Refusal merge_herself,
        merge_archived, member_unknown, InputError merge_choice.
        """
        raise NotImplementedError

    def separate(self, gone: MemberId) -> Done[tuple[Stayed, ...]]:
        """Take a merge back, however long ago: `gone` gets back what she had; what came since stays with the
        survivor and is the value. Raises Refusal not_merged, member_unknown, merge_survivor_merged,
        merge_unknown.
        """
        raise NotImplementedError


def preview(rx: Rx, keep: MemberId, gone: MemberId) -> MergePreview:
    """Two members side by side: what differs, with a proposal, and what each has. Refusals as `merge`."""
    raise NotImplementedError
