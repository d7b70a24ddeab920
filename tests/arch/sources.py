"""The program's own source files, parsed once for all tests about the code."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Source:
    """One module: `path` from the top, the nodes of its syntax tree, its strings but for docstrings."""

    def __init__(self, file: Path) -> None:
        self.path = file.relative_to(ROOT).as_posix()
        self.nodes = tuple(ast.walk(ast.parse(file.read_text("utf-8"))))
        documents = {
            id(node.body[0].value)
            for node in self.nodes
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        self.strings = tuple(
            node
            for node in self.nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents
        )

    def imported(self) -> list[str]:
        """What the module imports, anywhere in it, with the name taken from a module behind a dot."""
        names = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names += [f"{node.module}.{alias.name}" for alias in node.names]
        return names


_read = cache(Source)


def sources(*rooms: str) -> list[Source]:
    """Every module in these folders of the top level."""
    return [_read(file) for room in rooms for file in sorted((ROOT / room).rglob("*.py"))]


def called(node: ast.Call) -> str:
    """The last name of what is called: `t` of `t(...)`, `step` of `progress.step(...)`."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
