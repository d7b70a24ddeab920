"""Every keyboard action of the program: what the window binds and what the keyboard help lists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """A key and what it does; `handler` is the window's method,
    "" where the page in front handles the key itself.
    """

    id: str
    keys: tuple[str, ...]
    text: str
    handler: str = ""
    shown: str = ""  # how the help names the key; a text id, or the first key
    page: str = ""  # "" = everywhere


ACTIONS: tuple[Action, ...] = (
    Action("counter", ("F2",), "keys.counter", "go_counter"),
    Action("search", ("F3", "Ctrl+F"), "keys.search", "go_search"),
    Action("new_member", ("F4",), "keys.new", "new_member"),
    Action("refresh", ("F5",), "keys.refresh", "recompute"),
    Action("pages", (), "keys.pages", shown="keys.range"),
    Action("settings", ("Ctrl+,",), "keys.settings", "go_settings"),
    Action("undo", ("Ctrl+Z",), "keys.undo", "undo"),
    Action("redo", ("Ctrl+Y", "Ctrl+Shift+Z"), "keys.redo", "redo"),
    Action("lock", ("Ctrl+L",), "keys.lock", "lock"),
    Action("help", ("F1",), "keys.help", "show_keys"),
    Action("outcome", (), "keys.outcome", shown="keys.digits", page="today"),
    Action("next", ("Enter",), "keys.next", page="today"),
    Action("copy", ("Ctrl+C",), "keys.copy", page="today"),
    Action("copy_phone", ("Ctrl+Shift+C",), "keys.copyphone", page="today"),
    Action("another", ("Ctrl+R",), "keys.another", page="today"),
    Action("give", ("Ctrl+G",), "keys.give", page="today"),
    Action("tick_to_dos", ("Space",), "keys.ticktodos", shown="keys.space", page="today"),
    Action("take_back", ("Delete",), "keys.takeback", page="today"),
    Action("save", ("Ctrl+Enter",), "keys.save", page="counter"),
    Action("return", ("-",), "keys.return", page="counter"),
    Action("details", ("Ctrl+.",), "keys.details", page="counter"),
    Action("latest", (), "keys.latest", shown="keys.down", page="counter"),
    Action("wanted", ("F8",), "keys.wanted", page="counter"),
    Action("come_in", ("F7", "Shift+F7"), "keys.comein", page="counter"),
    Action("tick", ("Space",), "keys.tick", shown="keys.space", page="members"),
    Action("tick_range", (), "keys.tickrange", shown="keys.shiftarrows", page="members"),
    Action("tick_all", ("Ctrl+A",), "keys.tickall", page="members"),
    Action("export", ("Ctrl+E",), "keys.export", page="members"),
    Action("print", ("Ctrl+P",), "keys.print", page="members"),
    Action("edit_cell", ("F2",), "keys.editcell", page="io"),
    Action("skip_row", ("Ctrl+Del",), "keys.skiprow", page="io"),
    Action("import", ("Ctrl+Enter",), "keys.import", page="io"),
    Action("paste", ("Ctrl+V",), "keys.paste", page="io"),
    Action("back", ("Esc",), "keys.back"),
)
