"""The places of the program, in the order of the rail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page: its id, rail icon ("" = not on the rail) and where its class is;
    it is loaded when first shown.
    """

    id: str
    icon: str
    place: str  # "module:Class"
    key: str = ""  # shortcut
    hint: str = ""  # key shown on the rail
    bottom: bool = False  # at the lower end of the rail
    under: str = ""  # the rail entry marked while it is in front, where it has none
    rights: tuple[str, ...] = ()  # one of them opens it; none: open to everybody


PAGES: tuple[PageEntry, ...] = (
    PageEntry("today", "checklist", "ui.pages.today:TodayPage", "Ctrl+1", rights=("today",)),
    PageEntry(
        "counter", "building-store", "ui.pages.counter:CounterPage", "Ctrl+2", "F2", rights=("counter",)
    ),
    PageEntry("members", "users", "ui.pages.members:MembersPage", "Ctrl+3", rights=("members",)),
    PageEntry("overview", "chart-bar", "ui.pages.overview:OverviewPage", "Ctrl+4", rights=("overview",)),
    PageEntry("effect", "", "ui.pages.overview.effect:EffectPage", under="overview", rights=("overview",)),
    PageEntry("io", "table-import", "ui.pages.io:ImportExportPage", "Ctrl+5", rights=("import", "export")),
    PageEntry("settings", "settings", "ui.pages.settings:SettingsPage", "Ctrl+,", bottom=True),
    PageEntry("wanted", "", "ui.pages.wanted:WantedPage", under="counter", rights=("counter",)),
    PageEntry("first_run", "", "ui.pages.first_run:FirstRunPage"),
)
