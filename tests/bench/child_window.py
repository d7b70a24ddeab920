"""The program itself, started by main.py on the file named, watched from outside of it.

Prints when the window was first painted, when it was usable (its first list stands with rows in it), what it
holds at rest, and which of the slow libraries it has loaded by then. Nothing of the screen is loaded for the
watching before the program does it.
"""

import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from installer import bootstrap


class Arrival:
    """Sets the watch up as soon as the program has loaded its composition root."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "ui.app":
            return None
        sys.meta_path.remove(self)
        found = PathFinder.find_spec(name, path)
        assert found is not None
        assert found.loader is not None
        load = found.loader.exec_module

        def load_and_watch(module: ModuleType) -> None:
            load(module)
            from tests.bench.watch import watch_windows

            watch_windows(module)

        found.loader.exec_module = load_and_watch  # type: ignore[method-assign]
        return found


if __name__ == "__main__":
    sys.meta_path.insert(0, Arrival())  # importlib.abc would load half of what PySide needs
    # As after the set-up of an owner's computer, whatever made the environment the bench runs in.
    bootstrap._is_stamped = lambda lock: True
    bootstrap._recorded_version = bootstrap._version
    bootstrap._provide_libraries = lambda: None
    sys.argv = [str(Path(__file__).parents[2] / "main.py"), "--db", sys.argv[1]]
    runpy.run_path(sys.argv[0], run_name="__main__")
