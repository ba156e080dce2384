"""The page's modules in Chromium: Python's bytes, pictures, texts. What needs no browser is tested in tests/page."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.playground.hosts.bundle import PAGE
from pellucid.playground.hosts.wire import envelope, to_bytes


@pytest.fixture
def run(hosted, tab):
    """`run(module, body, argument)`: what a function of (module or modules, argument) with this body returns."""
    page = tab()
    page.route("**/favicon.ico", lambda asked: asked.fulfill(status=204))
    page.goto(f"http://127.0.0.1:{hosted.port}/playground.css")  # of the server's origin, but not the page

    def evaluate(modules, body, argument=None):
        names = [modules] if isinstance(modules, str) else modules
        imports = ", ".join(f'import("/{name}.js")' for name in names)
        shown = "modules[0]" if isinstance(modules, str) else "modules"
        return page.evaluate(
            f"async (given) => {{ const modules = await Promise.all([{imports}]); "
            f"return ((m, given) => {{ {body} }})({shown}, given); }}",
            argument,
        )

    return evaluate


# The bytes and the weights


@pytest.fixture
def message():
    rng = np.random.default_rng(0)
    arrays = {
        "theta": rng.normal(size=5), "curve": rng.normal(size=(2, 3)).astype("f4"),
        "maps": rng.integers(-127, 128, (3, 2, 2)).astype("i1"), "boundary": rng.integers(0, 256, 7).astype("u1"),
        "none": np.zeros((0, 3), "f4"),
    }  # fmt: skip
    described = [
        {"name": name, "dtype": array.dtype.str.lstrip("|"), "shape": list(array.shape)}
        for name, array in arrays.items()
    ]
    return {"t": "frame", "buffers": described}, arrays


DECODED = """
    const told = ([name, array]) => [name, [array.constructor.name, ...array]];
    const plain = (arrays) => arrays && Object.fromEntries(Object.entries(arrays).map(told));
"""
KINDS = {"f8": "Float64Array", "f4": "Float32Array", "i1": "Int8Array", "u1": "Uint8Array"}


def expected(arrays):
    return {name: [KINDS[array.dtype.str[1:]], *array.ravel().tolist()] for name, array in arrays.items()}


def test_bytes_become_the_arrays_that_were_sent(run, message):
    content, arrays = message
    body = (
        DECODED
        + """
        const { message, buffers } = m.unpack(new Uint8Array(given).buffer);
        return [message.t, plain(m.arraysOf(message, buffers))];
    """
    )
    assert run("decode", body, list(to_bytes(content, list(arrays.values())))) == ["frame", expected(arrays)]


def test_base64_becomes_the_arrays_that_were_sent(run, message):
    content, arrays = message
    inline, _ = envelope(content, list(arrays.values()), inline=True)
    assert run("decode", DECODED + "return plain(m.arraysOf(given, []))", inline) == expected(arrays)


def test_weights_are_found_where_the_network_keeps_them(run):
    network = Network([Dense(3, 4, "tanh"), Dense(4, 2, "softmax")]).initialize(random_state=0)
    picks, values = [], []
    for number, layer in enumerate(network.layers):
        layer.b[:] = np.arange(len(layer.b)) + 10 * number
        for (source, unit), weight in np.ndenumerate(layer.W):
            picks.append({"what": "weight", "layer": number, "unit": unit, "input": source})
            values.append(weight)
        for unit, bias in enumerate(layer.b):
            picks.append({"what": "bias", "layer": number, "unit": unit, "input": None})
            values.append(bias)
    body = """
        const [inputs, layers, theta, picks] = given;
        const places = m.layerPlaces(inputs, layers);
        return picks.map((pick) => theta[m.weightIndex(places, pick)]);
    """
    assert run("weights", body, [3, [{"units": 4}, {"units": 2}], network.theta.tolist(), picks]) == values


# Pictures


def test_a_tile_shows_each_value_by_its_colour(run):
    values = np.arange(-128, 128, dtype="i1").reshape(16, 16)
    body = """
        const [tiles, colours] = m;
        const canvas = document.createElement("canvas");
        const table = colours.valueTable("light");
        tiles.paintMap(canvas, new Int8Array(given), 16, table);
        const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, 16, 16).data.buffer);
        return [Array.from(pixels), Array.from(table)];
    """
    pixels, table = run(["tiles", "colours"], body, values.ravel().tolist())
    assert pixels == table


def test_the_likeliest_class_has_its_colour_and_a_draw_has_none(run):
    chances = np.array([[255, 128, 0, 100], [0, 127, 255, 155]], dtype="u1")  # two outputs on 2 × 2 points
    body = """
        const [tiles, colours] = m;
        const canvas = document.createElement("canvas");
        const table = colours.classTable("light", 2);
        const pixels = (sharp) => {
          tiles.paintClasses(canvas, new Uint8Array(given), 2, 2, table, sharp);
          return Array.from(new Uint32Array(canvas.getContext("2d").getImageData(0, 0, 2, 2).data.buffer));
        };
        return [pixels(false), pixels(true), Array.from(table)];
    """
    soft, sharp, table = run(["tiles", "colours"], body, chances.ravel().tolist())
    first, second = table[:256], table[256:]
    assert soft[0] == first[255]
    assert soft[2] == second[255]
    assert soft[1] in first[:3]
    assert sharp == [first[255], first[255], second[255], second[255]]


# The maths


def test_new_numbers_come_into_the_old_texts(run):
    body = """
        const element = document.createElement("div");
        m.patchHtml(element, "<p>z = <b>1</b></p><table><tr><td>2</td></tr></table>");
        const text = element.querySelector("b").firstChild;
        m.patchHtml(element, "<p class='new'>z = <b>3</b> more</p>");
        return [text === element.querySelector("b").firstChild, element.innerHTML];
    """
    same, html = run("patch", body)
    assert same
    assert html == '<p class="new">z = <b>3</b> more</p>'


def test_no_style_and_no_script_comes_in_with_the_maths(run):
    body = """
        const element = document.createElement("div");
        m.patchHtml(element, "<style>p { color: red }</style><script>window.ran = true</script><p>1</p>");
        return [element.children.length, window.ran === undefined];
    """
    assert run("patch", body) == [1, True]


# All files: what a notebook and the content security policy demand


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_a_module_keeps_to_its_own_element_and_to_one_idea(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert text.startswith("// ")
    assert not re.search(
        r"document\.(querySelector|body|write)|\beval\(|new Function|https?://(?!www\.w3\.org/2000/svg)", text
    )
    if path.name != "boot.js":
        assert "document.getElementById" not in text
    if path.name != "patch.js":
        assert "innerHTML" not in text


def test_the_page_has_nothing_inline_and_asks_nobody_else():
    text = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\bstyle=|\bon\w+=|<script(?![^>]*\bsrc=)", text)
    assert all(not source.startswith(("http", "//")) for source in re.findall(r'(?:src|href)="([^"]+)"', text))
    style = (PAGE / "playground.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face", style)


def test_every_rule_of_the_style_sheet_stays_within_the_playground():
    style = re.sub(r"/\*.*?\*/", "", (PAGE / "playground.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    style = re.sub(r"@keyframes[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", style)
    for selectors in re.findall(r"([^{}]+)\{", style):
        if not selectors.strip().startswith("@"):
            depth = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", selectors))
            for selector in depth.split(","):
                assert selector.strip().startswith((".pellucid-playground", "body.own-page")), selector


def test_each_part_that_can_be_hidden_is_there_and_vanishes(playground, tab):
    page = tab(playground().address)
    page.wait_for_selector("[data-ready=true]")
    page.click("[data-action=parts]")
    names = page.eval_on_selector_all("[data-hide]", "boxes => boxes.map((box) => box.dataset.hide)")
    assert len(names) > 20
    for name in names:
        assert page.locator(f"[data-part={name}]").count() >= 1, name
        page.uncheck(f"[data-hide={name}]")
        assert not any(part.is_visible() for part in page.locator(f"[data-part={name}]").all()), name
    page.reload()
    page.wait_for_selector("[data-ready=true]")
    assert not any(part.is_visible() for name in names for part in page.locator(f"[data-part={name}]").all())
