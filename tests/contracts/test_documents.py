"""What the documents show runs, and what they name exists: every block of code, every command, every path and name."""

import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import typer

import pellucid
from pellucid.cli.app import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted((ROOT / "docs").glob("*.md"))
PLANS = {"plan.md"}
"""Documents of what is to come; all others say what is."""

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def fenced(document: Path) -> list[tuple[str, str]]:
    """(language, text) of each fenced block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text_of(document), flags=re.DOTALL | re.MULTILINE)


def blocks(document: Path, language: str) -> list[str]:
    return [text for name, text in fenced(document) if name == language]


def inline(document: Path) -> list[str]:
    """Code between backticks, outside of blocks."""
    prose = re.sub(r"^```.*?^```", "", text_of(document), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", prose)


def commands() -> Iterator[str]:
    """Each line that is a command, of each block without a language; and what stands in a sentence with arguments."""
    for document in DOCUMENTS:
        for block in blocks(document, ""):
            for line in block.splitlines():
                if re.match(r"(pellucid|make|pip|\.venv/bin/pytest)\b", line):
                    yield line.partition("#")[0].strip()
        if document.name not in PLANS:
            yield from (code for code in inline(document) if re.match(r"pellucid \w+ \S", code))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A folder with the table that the documents speak of."""
    rng = np.random.default_rng(0)
    rooms, area = rng.integers(1, 7, 80), rng.uniform(30, 200, 80).round(1)
    price = 1000 * area + 5000 * rooms + rng.normal(0, 500, 80).round()
    lines = ["rooms,area,price", *(f"{r},{a},{p:.0f}" for r, a, p in zip(rooms, area, price, strict=True))]
    (tmp_path / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("document", [d for d in DOCUMENTS if blocks(d, "python")], ids=lambda d: d.name)
def test_their_python_runs(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page: dict[str, object] = {}  # one for all blocks: a reader goes on where the last one ended
    for block in blocks(document, "python"):
        exec(compile(block, document.name, "exec"), page)
    if document.name == "README.md":
        assert "gradient check: passed" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("line", sorted({line for line in commands() if line.startswith("pellucid")}))
def test_their_commands_run(line: str, table: Path) -> None:
    program, *words = shlex.split(line)
    assert program == "pellucid"
    environment = os.environ | {"MPLBACKEND": "agg"}
    if words[:1] == ["playground"]:
        start = [sys.executable, "-m", "pellucid", *words, "--no-browser", "--port", "0"]
        with subprocess.Popen(
            start, cwd=table, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, encoding="utf-8"
        ) as page:
            assert page.stdout is not None
            assert any("http://127.0.0.1:" in printed for printed in page.stdout)
            page.send_signal(signal.SIGINT)
            assert page.wait(60) == 0
        return
    done = subprocess.run(
        [sys.executable, "-m", "pellucid", *words], cwd=table, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize("line", sorted({line for line in commands() if "pytest" in line}))
def test_their_lines_for_pytest_find_tests(line: str) -> None:
    _, *words = shlex.split(line)
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_the_commands_that_they_name_have_the_options_that_they_name() -> None:
    named = [*commands(), *(code for document in DOCUMENTS if document.name not in PLANS for code in inline(document))]
    seen = 0
    for code in named:
        words = code.split()
        if words[:1] != ["pellucid"] or len(words) < 2 or not re.fullmatch(r"[a-z]+", words[1]):
            continue
        seen += 1
        assert words[1] in COMMANDS, code
        options = {option for parameter in COMMANDS[words[1]].params for option in parameter.opts} | {"--help"}
        for word in words[2:]:
            if word.startswith("--"):
                assert word.partition("=")[0] in options, code
    assert seen > 5


def test_their_targets_of_make_and_extras_of_pip_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for code in [*commands(), *(code for document in DOCUMENTS for code in inline(document))]:
        if match := re.match(r"make ([\w-]+)", code):
            assert re.search(rf"^{match[1]}:", makefile, flags=re.MULTILINE), code
        if code.startswith("pip install"):
            for extra in re.findall(r"\[([\w,]+)\]", code):
                assert extra in extras, code
            # The package is on no index yet: what is shown must work in a checkout.
            assert "pellucid" not in code, code


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_their_links_and_paths_exist(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(document)):
        assert (document.parent / link).exists(), link
    if document.name in PLANS:
        return
    for code in inline(document):
        if re.fullmatch(r"(src|tests|docs|benchmarks|tools|examples)/[\w/.-]*", code):
            assert (ROOT / code).exists(), code


def test_the_house_is_as_it_is_drawn() -> None:
    house = text_of(ROOT / "docs/design.md").partition("## The house")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", house, flags=re.MULTILINE)
    drawn = {path for row in rows for path in re.findall(r"`([^`]+)`", row)}
    package = ROOT / "src/pellucid"
    for path in drawn:
        assert (package / path).exists(), path
    rooms = {f"{folder.name}/" for folder in package.iterdir() if (folder / "__init__.py").exists()}
    assert rooms <= drawn


def test_the_modules_that_the_page_on_the_playground_names_are_there() -> None:
    [tree] = [block for block in blocks(ROOT / "docs/playground.md", "text") if block.startswith("src/pellucid/")]
    files = {path.name for path in (ROOT / "src/pellucid").rglob("*")}
    named = set(re.findall(r"[\w]+\.(?:py|html|css)\b", tree))
    assert named
    assert named <= files


def test_the_public_names_are_those_of_the_package() -> None:
    names = text_of(ROOT / "docs/design.md").partition("## Public names")[2].partition("```")[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", names, flags=re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(pellucid.__all__)


def test_the_commands_are_those_of_the_program() -> None:
    line = next(line for line in text_of(ROOT / "docs/design.md").splitlines() if line.startswith("Commands: "))
    assert set(re.findall(r"`pellucid (\w+)`", line)) == set(COMMANDS)
