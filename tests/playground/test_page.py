"""The page in Chromium shows what the engine computes, and does what is asked of it."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from sklearn.datasets import load_iris

from pellucid.optimizers import OPTIMIZERS
from pellucid.playground.presets import PRESETS
from pellucid.playground.schema import SCHEMA
from pellucid.playground.session import Session
from pellucid.playground.views.pictures import GRID, draw

ROOT = ".pellucid-playground"
SMALL = {"samples": 60, "hidden": [3, 2], "batch_size": 7, "learning_rate": 0.05}


@pytest.fixture
def open_page(host, tab):
    """`open_page(**settings)`: a page on a session with these settings, and the session."""
    hosts = []

    def opened(*, address="", tab_options=None, **settings):
        hosts.append(host(lambda: Session(settings={**SMALL, **settings})))
        hosted = hosts[-1].__enter__()
        page = tab(**(tab_options or {}))
        page.goto(hosted.address + address)
        page.wait_for_selector(f"{ROOT}[data-ready=true][data-frames]")
        return page, hosted.sessions[0]

    yield opened
    for one in hosts:
        one.__exit__(None, None, None)


def data(page, name):
    return page.get_attribute(ROOT, f"data-{name}")


def wait_for(page, condition):
    page.wait_for_function(f"() => {{ const data = document.querySelector('{ROOT}').dataset; return {condition}; }}")


def press(page, action):
    page.click(f"[data-action={action}]")


def step(page, by="epoch"):
    """One step, and the frame that shows it."""
    select(page, page.get_by_label("Step by"), by)
    before = int(data(page, "updates"))
    press(page, "step")
    wait_for(page, f"Number(data.updates) > {before}")


def select(page, box, value):
    box.select_option(json.dumps(value))


def field(page, name):
    return page.locator(f"[data-field={name}]").locator("input, select").first


def built(page, action):
    """Do something after which the page is built anew; wait for it."""
    before = int(data(page, "generation"))
    action()
    wait_for(page, f"Number(data.generation) > {before}")


def numbers(page):
    """What the maths panel tells a test."""
    return json.loads(page.locator("section.maths").get_attribute("data-numbers"))


def theta_of(session):
    return session._state.run.network.theta


def counts(page):
    units = page.eval_on_selector_all(".tile.unit", "tiles => tiles.map(tile => +tile.dataset.layer)")
    return [units.count(layer) for layer in range(max(units) + 1)], page.locator("path.edge").count()


# ---------------------------------------------------------------- training (2, 9)


def test_play_raises_the_epoch_pause_stops_it_and_step_adds_one(open_page):
    page, _ = open_page()
    press(page, "play")
    wait_for(page, "Number(data.epoch) > 3 && data.playing === 'true'")
    press(page, "play")
    wait_for(page, "data.playing === 'false'")
    page.wait_for_timeout(200)  # a frame may have been on its way
    epoch = float(data(page, "epoch"))
    page.wait_for_timeout(500)
    assert float(data(page, "epoch")) == epoch
    step(page)
    assert float(data(page, "epoch")) == pytest.approx(epoch + 1)
    press(page, "back")
    wait_for(page, f"Math.abs(Number(data.epoch) - {epoch}) < 1e-9")
    press(page, "reset")
    wait_for(page, "data.epoch === '0'")


def test_every_epoch_has_its_point_in_the_curve(open_page):
    page, session = open_page(speed=1000)
    page.evaluate("() => { const wait = window.requestAnimationFrame; "
                  "window.requestAnimationFrame = (f) => wait(() => setTimeout(f, 300)); }")  # fmt: skip
    press(page, "play")
    wait_for(page, "Number(data.epoch) > 500")
    press(page, "play")
    wait_for(page, "data.playing === 'false'")
    run = session._state.run
    wait_for(page, f"data.curvePoints === '{run.clock.finished}' && data.epoch === data.curvePoints")
    assert len(run.curve.rows) == run.clock.finished


# ---------------------------------------------------------------- building (4, 5)


def test_units_layers_and_features_are_added_and_taken_away(open_page):
    page, _ = open_page()
    assert counts(page) == ([3, 2, 2], 2 * 3 + 3 * 2 + 2 * 2)
    built(page, lambda: page.get_by_label("Add a unit to hidden layer 1").click())
    assert counts(page) == ([4, 2, 2], 2 * 4 + 4 * 2 + 2 * 2)
    built(page, lambda: page.get_by_label("Remove a unit from hidden layer 2").click())
    assert counts(page) == ([4, 1, 2], 2 * 4 + 4 * 1 + 1 * 2)
    built(page, lambda: page.get_by_label("Add a hidden layer").click())
    assert len(counts(page)[0]) == 4
    for _ in range(3):
        built(page, lambda: page.get_by_label("Remove the last hidden layer").click())
    assert counts(page) == ([2], 4)
    built(page, lambda: page.locator("[data-feature='x1^2']").click())
    assert counts(page) == ([2], 6)
    built(page, lambda: page.locator("[data-feature=x2]").click())
    assert counts(page) == ([2], 4)


def test_the_largest_network_fits_and_learns(open_page):
    page, _ = open_page(hidden=[16] * 8, activations=["relu"] * 8)
    assert counts(page) == ([16] * 8 + [2], 2 * 16 + 7 * 256 + 32)
    step(page)
    tiles = page.eval_on_selector_all(
        ".tile", "tiles => tiles.map(tile => { const b = tile.getBoundingClientRect(); return [b.left, b.right]; })"
    )
    pane = page.locator(".diagram").first.bounding_box()
    assert min(left for left, _ in tiles) >= pane["x"] - 1
    assert max(right for _, right in tiles) <= pane["x"] + pane["width"] + 1


@pytest.mark.parametrize("name", [value for value, _ in SCHEMA["data"].choices if value != "own"])
def test_each_data_set_can_be_chosen(open_page, name):
    page, session = open_page(data="plane" if name == "circles" else "circles")
    built(page, lambda: page.locator(f"[data-part=data] [data-name={name}]").click())
    assert session._state.settings["data"] == name
    step(page)
    assert data(page, "epoch") == "1"


# ---------------------------------------------------------------- the maths (6)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_the_announced_weight_is_there_after_the_step(open_page, optimizer):
    page, session = open_page(penalty="l1" if optimizer == "adam" else "l2", penalty_rate=0.01)
    if optimizer != "gradient_descent":
        select(page, field(page, "optimizer"), optimizer)
    step(page)
    page.locator(".tile.unit[data-layer='1'][data-unit='0']").click()
    page.get_by_label("the next batch").check()
    page.wait_for_selector("section.maths[data-numbers*='\"z\"']")
    of_unit = numbers(page)
    assert of_unit["z"] == pytest.approx(np.dot(of_unit["weights"], of_unit["inputs"]) + of_unit["bias"], rel=1e-9)
    for _ in range(2):
        pick_edge(page, layer=0, unit=2, source=1)
        told = numbers(page)
        network = session._state.run.network
        assert told["value"] == network.layers[0].W[1, 2]
        pull = 0.01 * (np.sign(told["value"]) if optimizer == "adam" else told["value"])
        assert told["gradient"] == pytest.approx(np.dot(told["input"], told["delta"]) + pull, rel=1e-9)
        step(page, by="batch")
        assert session._state.run.network.layers[0].W[1, 2] == pytest.approx(told["after"], rel=1e-9)


def pick_edge(page, *, layer, unit, source):
    """Click an edge at a point of it that no other one covers."""
    box = page.evaluate(
        """([layer, unit, source]) => {
            const path = document.querySelector(
                `path.edge-hit[data-layer="${layer}"][data-unit="${unit}"][data-input="${source}"]`);
            const matrix = path.getScreenCTM();
            for (let i = 1; i < 40; i++) {
                const at = path.getPointAtLength(path.getTotalLength() * i / 40).matrixTransform(matrix);
                if (document.elementFromPoint(at.x, at.y) === path) return [at.x, at.y];
            }
        }""",
        [layer, unit, source],
    )
    page.mouse.click(*box)
    page.wait_for_function("() => (document.querySelector('section.maths').dataset.numbers || '').includes('gradient')")
    page.wait_for_timeout(300)  # the numbers of now, where the same edge was picked before
    page.keyboard.press("Escape")  # the card that would edit it


# ---------------------------------------------------------------- pixels (7, 8)


def test_pixels_of_a_tile_are_the_engines_values_through_the_colour_table(open_page):
    page, session = open_page(hidden=[3])
    for _ in range(3):
        step(page)
    maps = draw(theta_network(session), session._state.rows.grid(GRID).astype(np.float32), None).maps
    table = np.array(page.evaluate("async () => Array.from((await import('/colours.js')).valueTable('light'))"))
    colours = np.column_stack([table & 255, table >> 8 & 255, table >> 16 & 255])
    for unit in range(3):
        pixels = np.array(
            page.eval_on_selector(
                f".tile.unit[data-layer='0'][data-unit='{unit}'] canvas",
                "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)",
            )
        ).reshape(GRID // 2, GRID // 2, 4)
        expected = colours[maps[unit].astype(int) + 128]
        np.testing.assert_array_equal(pixels[..., :3], expected)


def theta_network(session):
    return session._state.run.network.copy("float32")


def test_an_edge_follows_a_weight_set_by_hand(open_page):
    page, session = open_page()
    path = "path.edge[data-layer='0'][data-unit='1'][data-input='0']"
    widths = {}
    for value in (0.1, -3.0):
        page.evaluate("() => document.activeElement.blur()")
        pick_edge_and_edit(page, value)
        page.wait_for_function(
            f"() => document.querySelector(\"{path}\").dataset.sign === '{'less' if value < 0 else 'more'}'"
        )
        assert session._state.run.network.layers[0].W[0, 1] == value
        widths[value] = float(page.locator(path).get_attribute("stroke-width"))
    assert widths[-3.0] > 2 * widths[0.1]


def pick_edge_and_edit(page, value):
    hit = page.locator("path.edge-hit[data-layer='0'][data-unit='1'][data-input='0']")
    hit.focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Value", exact=True)
    box.fill(str(value))
    box.press("Enter")
    box.press("Escape")


# ---------------------------------------------------------------- own data (14)


def drop(page, name, text):
    """Drop a file on the page."""
    transfer = page.evaluate_handle(
        """([name, text]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([text], name, {type: "text/csv"}));
            return transfer;
        }""",
        [name, text],
    )
    page.dispatch_event(ROOT, "drop", {"dataTransfer": transfer})


def iris():
    X, y = load_iris(return_X_y=True)
    rows = [",".join([*map(str, row), ["setosa", "versicolor", "virginica"][k]]) for row, k in zip(X, y, strict=True)]
    return "\n".join(["sepal length,sepal width,petal length,petal width,species", *rows])


def test_an_own_table_is_learned(open_page):
    page, session = open_page(hidden=[4])
    built(page, lambda: drop(page, "iris.csv", iris()))
    assert session._state.rows.classes == ("setosa", "versicolor", "virginica")
    assert counts(page)[0] == [4, 3]
    for _ in range(5):
        step(page)
    built(page, lambda: select(page, page.locator(".columns select").first, "petal width"))
    assert session._state.rows.task == "regression"
    assert counts(page)[0] == [4, 1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "10 rows"),
        ("a,b\n" + "\n".join(f"text {i},other {i}" for i in range(40)), ""),
        ("a,a\n1,2\n3,4\n", "different name"),
        ("\0\0\0", "not text"),
        ("x" * 8_000_001, "too large"),
    ],
)
def test_a_table_that_cannot_be_learned_is_told(open_page, text, told):
    page, session = open_page()
    generation = data(page, "generation")
    drop(page, "mine.csv", text)
    message = page.locator(".status .message.error")
    message.wait_for()
    assert told in message.inner_text()
    assert data(page, "generation") == generation
    assert session._state.settings["data"] == "circles"
    step(page)


# ---------------------------------------------------------------- keyboard, sizes, themes, accessibility (15)


def test_the_keyboard_alone_builds_trains_and_opens_the_maths(open_page):
    page, session = open_page(hidden=[])

    def tab_to(label):
        for _ in range(200):
            page.keyboard.press("Tab")
            name = page.evaluate(
                "() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
            )
            if label in name:
                return
        pytest.fail(f"Tab never comes to {label!r}")

    page.evaluate("() => document.activeElement.blur()")
    for layers in (1, 2):
        tab_to("Add a hidden layer")
        built(page, lambda: page.keyboard.press("Enter"))
        assert len(session._state.settings["hidden"]) == layers
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Space")
    wait_for(page, "Number(data.epoch) > 2")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Space")
    wait_for(page, "data.playing === 'false'")
    page.keyboard.press("s")
    tab_to("hidden layer 1, unit")
    page.keyboard.press("ArrowRight")
    assert "hidden layer 2, unit" in page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_selector("section.maths[data-numbers]")
    assert "z" in numbers(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [700, 1440])
def test_axe_finds_nothing_serious(open_page, scheme, width):
    page, _ = open_page(
        data="spirals", classes=3, tab_options={"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    )
    for _ in range(2):
        step(page)
    page.locator(".tile.unit[data-layer='0'][data-unit='0']").click()
    page.wait_for_selector("section.maths[data-numbers]")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [
        (one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in ("serious", "critical")
    ] == []


@pytest.mark.parametrize("width", [700, 1000, 1440, 2200])
def test_nothing_is_cut_off_at_the_side(open_page, width):
    page, _ = open_page(tab_options={"viewport": {"width": width, "height": 900}})
    step(page)
    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= width
    outside = page.eval_on_selector_all(
        "button, input, select, canvas",
        f"all => all.filter(e => e.offsetParent && e.getBoundingClientRect().right > {width + 1})"
        ".map(e => e.outerHTML)",
    )
    assert outside == []


# ---------------------------------------------------------------- the program (19), presets, the address


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"data": "spirals", "classes": 4, "hidden": [8, 6], "activations": ["relu", "silu"], "optimizer": "adam"},
        {"data": "waves", "optimizer": "lbfgs", "loss": "huber"},
        {"data": "moons", "output": "sigmoid", "optimizer": "nadam", "dropout": 0.2, "schedule": "one_cycle",
         "epochs": 60},
        {"data": "clouds", "classes": 8, "batch_size": 1, "optimizer": "momentum", "penalty": "elastic_net"},
    ],
)  # fmt: skip
def test_the_program_of_the_page_ends_at_the_weights_of_the_page(open_page, settings):
    page, session = open_page(**settings)
    press(page, "play")
    wait_for(page, "Number(data.epoch) > 4")
    page.keyboard.press("Escape")
    press(page, "play")
    wait_for(page, "data.playing === 'false'")
    if settings.get("optimizer") != "lbfgs":
        step(page, by="batch")
    press(page, "export")
    press(page, "export-code")
    text = page.locator("dialog[open] pre, dialog[open] textarea").first
    program = text.input_value() if text.evaluate("e => e.tagName") == "TEXTAREA" else text.inner_text()
    names = {}
    with redirect_stdout(io.StringIO()):
        exec(compile(program, "playground.py", "exec"), names)
    np.testing.assert_array_equal(names["net"].theta, theta_of(session))


def test_a_lesson_is_chosen_and_says_what_to_notice(open_page):
    page, session = open_page()
    preset = PRESETS["symmetry"]
    built(page, lambda: page.locator("[data-part=lessons] select").select_option(json.dumps(preset.name)))
    assert preset.notice[:40] in page.locator(ROOT).inner_text()
    assert session._state.preset is preset


def test_the_address_brings_back_what_was_set(open_page):
    page, _ = open_page()
    built(page, lambda: page.locator("[data-part=data] [data-name=xor]").click())
    select(page, field(page, "optimizer"), "adam")
    page.wait_for_function("() => location.hash.includes('adam')")
    hash_ = page.evaluate("() => location.hash")
    other, session = open_page(address=hash_, samples=400)
    assert session._state.settings["data"] == "xor"
    assert session._state.settings["optimizer"] == "adam"
    assert other.evaluate("() => location.hash") == hash_


def test_parts_can_be_hidden_for_teaching(open_page):
    page, _ = open_page(address="#hide=(noise,maths)")
    assert not page.locator("section.maths").is_visible()
    assert not page.locator("[data-field=noise]").is_visible()
    assert page.locator("[data-field=samples]").is_visible()


# ---------------------------------------------------------------- much at once (20)


def test_a_pointer_over_all_edges_while_it_trains(open_page):
    page, session = open_page(hidden=[8, 8], speed=200)
    press(page, "play")
    wait_for(page, "Number(data.epoch) > 5")
    boxes = page.eval_on_selector_all(
        "path.edge-hit",
        """paths => paths.map(path => {
            const at = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
            return [at.x, at.y];
        })""",
    )
    before = int(data(page, "frames"))
    for x, y in boxes:
        page.mouse.move(x, y)
    wait_for(page, f"Number(data.frames) > {before} && data.playing === 'true'")
    press(page, "play")
    wait_for(page, "data.playing === 'false' && data.queue === '0'")
    assert session._inbox.empty()
