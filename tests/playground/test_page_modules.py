"""The page's modules one by one, in Chromium: what they make of values, bytes and texts."""

from __future__ import annotations

import re
from itertools import pairwise

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


# The address


def test_settings_are_read_from_an_address(run):
    examples = {
        "#data=moons&learning_rate=0.03": {"data": "moons", "learning_rate": 0.03},
        "#hidden=(8,8)&features=(x1,x1%5E2)": {"hidden": [8, 8], "features": ["x1", "x1^2"]},
        "#hidden=(4)": {"hidden": [4]},
        "#hidden=4,2": {"hidden": [4, 2]},
        "#hidden=()": {"hidden": []},
        "#nonsense&data=xor": {"data": "xor"},
        "": {},
    }
    assert run("address", "return given.map((hash) => m.readAddress(hash).settings)", list(examples)) == list(
        examples.values()
    )


def test_an_address_holds_what_differs_from_the_defaults_and_nothing_else(run):
    schema = [
        {"name": "data", "default": "circles"},
        {"name": "hidden", "default": [4, 2]},
        {"name": "features", "default": ["x1", "x2"]},
        {"name": "learning_rate", "default": 0.1},
    ]
    settings = {"data": "circles", "hidden": [3], "features": ["x1*x2", "sin(pi*x1)"], "learning_rate": 1e-5}
    view = {"show_test": True, "hide": ["maths", "doctor"], "theme": "auto"}
    body = """
        const [schema, settings, view] = given;
        const written = m.writeAddress(schema, settings, { ...m.SWITCHES, ...view });
        return [written, m.readAddress("#" + written)];
    """
    written, read = run("address", body, [schema, settings, view])
    assert "data" not in written
    assert "theme" not in written
    assert read["settings"] == {name: settings[name] for name in ("hidden", "features", "learning_rate")}
    assert read["view"] == {"show_test": True, "hide": ["maths", "doctor"]}


def test_a_lesson_is_no_setting(run):
    assert run("address", "return m.readAddress(given)", "#lesson=moons&sharp=1") == {
        "settings": {}, "view": {"sharp": True}, "lesson": "moons",
    }  # fmt: skip


def test_all_and_nothing_are_said_only_where_they_are_exact(run):
    shares = [1, 0.9996, 0.5, 0.0004, 0, None]
    written = run("format", "return given.map((share) => m.metricText('accuracy', share))", shares)
    assert written == ["100.0 %", ">99.9 %", "50.0 %", "<0.1 %", "0.0 %", "–"]
    assert run("format", "return given.map((r2) => m.metricText('r2', r2))", [1, 0.9999, -0.5]) == [
        "1.000",
        "0.999+",
        "−0.500",
    ]


# Numbers that are nudged, dragged and written


def test_a_number_is_nudged_along_its_scale(run):
    rate = {"kind": "number", "least": 1e-5, "most": 10, "log": True}
    count = {"kind": "integer", "least": 0, "most": 20_000, "name": "batch_size"}
    share = {"kind": "number", "least": 0, "most": 0.9, "step": 0.05}
    seed = {"kind": "integer", "least": 0, "most": 2**31 - 1, "name": "seed"}
    paths = [
        (rate, 0.1, 1, [0.3, 1, 3, 10, 10]),
        (rate, 0.05, -1, [0.03, 0.01, 0.003]),
        (rate | {"least": 0}, 3e-5, -1, [1e-5, 0, 0]),
        (rate | {"least": 0}, 0, 1, [1e-5, 3e-5]),
        (share, 0.8, 1, [0.85, 0.9, 0.9]),
        (count, 10, 1, [30, 100, 300]),
        (count, 3, -1, [1, 0, 0]),
        (count, 0, 1, [1, 3]),
        (seed, 0, 1, [1, 2, 3]),
    ]
    body = """
        return given.map(([field, start, way, path]) => {
          let value = start;
          return path.map(() => (value = m.nudged(field, value, way)));
        });
    """
    assert run("steps", body, paths) == [path for *_, path in paths]


def test_a_slider_gives_back_the_value_that_it_was_set_to(run):
    examples = [
        ({"kind": "integer", "least": 20, "most": 2000, "step": 20}, [20, 400, 1980, 2000]),
        ({"kind": "number", "least": 0, "most": 50, "step": 1}, [0, 7, 50]),
        ({"kind": "number", "least": 1e-5, "most": 10, "log": True}, [1e-5, 0.01, 10]),
    ]
    body = """
        const again = (field, value) => m.sliderValue(field, m.sliderPosition(field, value));
        return given.map(([field, values]) => values.map((value) => again(field, value)));
    """
    for (_, values), found in zip(examples, run("steps", body, examples), strict=True):
        assert found == pytest.approx(values)


def test_numbers_are_written_short(run):
    texts = {
        "numberText(0.0123456)": "0.0123",
        "numberText(-2.5)": "\u22122.50",
        "numberText(1234567)": "1.2e6",
        "numberText(null)": "\u2013",
        "numberText(Infinity)": "\u221e",
        "lossText(0.6931)": "0.6931",
        "lossText(0.00012345)": "1.2e\u22124",
        "lossText(0)": "0.0000",
        "lossText(123.456)": "123.5",
        "epochText(123)": "000,123",
        "epochText(2.4)": "000,002.40",
        "epochText(2.9999)": "000,002.99",
        "compactText(215300)": "215 k",
        "secondsText(61)": "1:01 min",
        "metricText('accuracy', 0.9876)": "98.8 %",
        "metricText('r2', -0.25)": "\u22120.250",
    }
    assert run("format", f"return [{', '.join(f'm.{call}' for call in texts)}]") == list(texts.values())


# The curve, the bytes, the weights


def test_rows_of_the_curve_replace_those_from_their_start_on(run):
    body = """
        const rows = new m.LossRows();
        const changes = [[0, 1, [0, 9, 8, 1, 7, 6]], [2, 1, [2, 5, 4]], [1, 2, [2, 5, NaN]]];
        const whole = changes.map((change) => rows.replace(...change));
        return [whole, [...rows.epochs], [...rows.train], rows.replace(7, 1, [9, 1, 1]), new m.LossRows().nearest(3)];
    """
    whole, epochs, train, after_a_hole, nowhere = run("losses", body)
    assert whole == [True, True, True]
    assert (epochs, train) == ([0, 2], [9, 5])
    assert after_a_hole is False
    assert nowhere == -1


def test_the_nearest_row_and_the_table_of_the_curve(run):
    body = """
        const rows = new m.LossRows();
        rows.replace(0, 10, [0, 1, 2, 10, 0.5, NaN, 20, 0.25, 0.3]);
        return [[-5, 4, 6, 15.5, 99].map((epoch) => rows.nearest(epoch)), rows.csv()];
    """
    nearest, text = run("losses", body)
    assert nearest == [0, 0, 1, 2, 2]
    assert text == "epoch,training_loss,test_loss\n0,1,2\n10,0.5,\n20,0.25,0.3\n"


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


def test_a_buffer_may_start_anywhere_in_its_block(run):
    body = (
        DECODED
        + """
        const block = new Uint8Array([1, ...new Uint8Array(new Float64Array([0.5, -2]).buffer)]);
        const message = { buffers: [{ name: "theta", dtype: "<f8", shape: [2] }] };
        return plain(m.arraysOf(message, [new DataView(block.buffer, 1)]));
    """
    )
    assert run("decode", body) == {"theta": ["Float64Array", 0.5, -2]}


def test_lost_bytes_are_noticed(run):
    body = """
        const message = { buffers: [{ name: "theta", dtype: "<f8", shape: [2] }] };
        return [[], undefined, [new DataView(new ArrayBuffer(0))]].map((buffers) => m.arraysOf(message, buffers));
    """
    assert run("decode", body) == [None, None, None]


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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_blue_is_more_and_orange_is_less_and_every_step_is_a_step_away_from_neutral(run, theme):
    table = np.array(run("colours", "return Array.from(m.valueTable(given))", theme), dtype=np.uint32)
    red, blue = (table & 255).astype(int), (table >> 16 & 255).astype(int)
    warmth = (red - blue)[1:]
    assert np.all(np.diff(warmth) <= 0)
    assert warmth[0] > 100 > -100 > warmth[-1]
    assert table[0] == 0xFF808080


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


def test_tiles_of_eight_layers_neither_touch_nor_leave_the_picture(run):
    labels = {"features": [{"label": f"x{k}"} for k in range(7)], "outputs": ["setosa", "versicolor"]}
    cases = [
        (labels | {"layers": [{"units": units}] * 8 + [{"units": 2}]}, width)
        for units in (1, 4, 16)
        for width in (668, 760, 1100)
    ]
    body = "return given.map(([build, width]) => m.geometryOf(build, width, m.leastHeight(build)))"
    for (_, width), placed in zip(cases, run("geometry", body, cases), strict=True):
        tile = placed["tile"]
        for left, right in pairwise(placed["columns"]):
            assert right["x"] - left["x"] > tile * 1.3
        for column in placed["columns"]:
            assert tile / 2 <= column["x"] <= width - tile / 2
            assert np.all(np.diff(column["ys"]) >= tile + 1)
            assert column["ys"][0] - tile / 2 >= 85
            assert column["ys"][-1] + tile / 2 <= placed["height"]


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
