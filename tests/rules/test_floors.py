"""What import-linter can't say: who may know of the request, and of us, where imports stand, how long things are."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "marketplace"
SANDBOX = PACKAGE / "stripe_sandbox"
MODULES = sorted(PACKAGE.rglob("*.py"))
OTHER_EDGES = {
    PACKAGE / name for name in ("app.py", "cli.py", "wsgi.py", "pages.py", "navigation.py", "accounts/session.py")
}
REQUEST_NAMES = {"request", "session", "render_template", "render_template_string", "g", "stream_template"}


def name_of(module: Path) -> str:
    return str(module.relative_to(PACKAGE))


def imports(module: Path) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Each import, and whether it stands inside a function."""
    tree = ast.parse(module.read_text())
    inside = {
        id(found)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for found in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, id(node) in inside


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 50


def test_imports_stand_at_the_top() -> None:
    found = {name_of(module): [node.lineno for node, inside in imports(module) if inside] for module in MODULES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_only_edges_know_of_the_request() -> None:
    inner = [m for m in MODULES if not (is_edge(m) or SANDBOX in m.parents)]
    found = {name_of(module): names_from_flask(module) & REQUEST_NAMES for module in inner}
    assert {name: taken for name, taken in found.items() if taken} == {}


def is_edge(module: Path) -> bool:
    """A feature with many pages has `brief_views.py` and the like beside its `views.py`."""
    return module.name.endswith(("views.py", "forms.py")) or module in OTHER_EDGES


def names_from_flask(module: Path) -> set[str]:
    return {
        alias.name
        for node, _ in imports(module)
        if isinstance(node, ast.ImportFrom) and node.module in ("flask", "flask.globals", "flask.templating")
        for alias in node.names
    }


def test_the_sandbox_knows_nothing_of_us_but_the_kit() -> None:
    allowed = ("marketplace.kit", "marketplace.stripe_sandbox")
    found = {
        name_of(module): {name for name in our_modules(module) if not name.startswith(allowed)}
        for module in SANDBOX.rglob("*.py")
    }
    assert {name: taken for name, taken in found.items() if taken} == {}


def our_modules(module: Path) -> set[str]:
    named: set[str] = set()
    for node, _ in imports(module):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif not node.level:
            named.add(node.module or "")
    return {name for name in named if name.startswith("marketplace")}


def test_no_function_is_longer_than_70_lines() -> None:
    found = [
        f"{name_of(module)}: {node.name}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 70
    ]
    assert found == []


def test_no_file_is_longer_than_400_lines() -> None:
    found = {name_of(module): len(module.read_text().splitlines()) for module in MODULES}
    assert {name: lines for name, lines in found.items() if lines > 400} == {}
