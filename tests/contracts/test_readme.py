"""What the README shows runs, and what it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_python_runs(capsys):
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert blocks
    page: dict[str, object] = {}  # one for all blocks: a reader goes on where the last one ended
    for block in blocks:
        exec(compile(block, "README.md", "exec"), page)
    assert "gradient check: passed" in capsys.readouterr().out


def test_its_make_targets_and_links_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    for link in re.findall(r"\]\(([^)h#][^)]*)\)", README):
        assert (ROOT / link).exists(), link
