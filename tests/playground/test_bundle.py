"""The page's modules as one."""

import re

import pytest

from pellucid.playground.hosts import bundle

MODULES = {
    "main.js": """import { twice, ONE } from "./numbers.js";
import { text } from "./words.js";

export default { render: () => text(twice(ONE)) };
""",
    "numbers.js": "export const ONE = 1;\n\nexport function twice(x) {\n  return 2 * x;\n}\n",
    "words.js": """import { twice } from "./numbers.js"; // both use it
const half = (x) => x / 2;
export const text = (x) => `n = ${half(twice(x))}`;
""",
}


@pytest.fixture
def page(tmp_path):
    """Write the modules above, some of them replaced."""

    def write(**replaced):
        for name, text in {**MODULES, **{f"{name}.js": text for name, text in replaced.items()}}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def evaluated(script, expression, tab):
    """Something of a module's default export, by Chromium."""
    return tab().evaluate(
        f"""async (script) => {{
              const module = new Blob([script], {{ type: "text/javascript" }});
              const {{ default: whole }} = await import(URL.createObjectURL(module));
              return {expression};
            }}""",
        script,
    )


def test_modules_run_as_one(page, tab):
    script = bundle.script(page())
    assert evaluated(script, "whole.render()", tab) == "n = 2"
    assert script.index("// numbers.js") < script.index("// words.js") < script.index("// main.js")
    assert script.count("function twice") == 1


@pytest.mark.parametrize(
    ("replaced", "why"),
    [
        ({"words": "export const text = 1;\nconst twice = 2;"}, "words.js, line 2: twice is declared in numbers.js"),
        ({"words": "const text = 1;"}, "main.js, line 2: words.js does not export text"),
        ({"words": 'import { text } from "./main.js";'}, "in a circle, got main.js → words.js → main.js"),
        ({"words": 'import all from "./numbers.js";'}, "words.js, line 1: must be written as"),
        ({"words": 'import { twice as two } from "./numbers.js";'}, "words.js, line 1: must be written as"),
        ({"words": 'import {\n  twice,\n} from "./numbers.js";'}, "words.js, line 1: must be written as"),
        ({"words": "const text = 1;\nexport { text };"}, "words.js, line 2: must be written as"),
        ({"words": "export default 3;"}, "words.js, line 1: must be written as"),
        ({"words": "export const [text, other] = [1, 2];"}, "words.js, line 1: must be written as"),
    ],
)  # fmt: skip
def test_what_cannot_be_bundled_is_an_error(page, replaced, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        bundle.script(page(**replaced))


def test_our_own_page(tab):
    script = bundle.script()
    assert evaluated(script, "typeof whole.render", tab) == "function"
    assert not re.search(r"^(import|export (?!default))", script, flags=re.MULTILINE)
    assert "socket_host" not in script  # a notebook brings its own line to Python
    assert bundle.style().strip()
