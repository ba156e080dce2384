"""A run as a Python program that ends at the same θ, bit for bit; and the weights as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pellucid.maths.penalties import Penalty
from pellucid.network.layers import Dense, Spec
from pellucid.playground.rows.rows import Rows
from pellucid.playground.runs.run import Call, Edit, Run
from pellucid.playground.runs.stepper import engine_name
from pellucid.playground.settings import Settings


def program(run: Run, rows: Rows) -> str:
    """Python source on Pellucid's public names: the data, the network, and each call of `fit` that was made."""
    first = run.calls[0].settings if run.calls else run.settings
    title = f'"""The network of the playground after {run.epoch:g} epochs ({run.clock.updates} updates)."""'
    body = "\n".join([rows.code().strip(), "", *_network(run, first), *_training(run), *_end(), ""])
    return f"{title}\n\n{_imports_first(body)}"


def _imports_first(body: str) -> str:
    """The imports of all parts at the top, each once; Pellucid's are read off what is used."""
    lines = body.splitlines()
    imports = {line for line in lines if line.startswith(("import ", "from "))}
    rest = "\n".join(line for line in lines if line not in imports)
    used = [name for name in ("datasets", "operations", "optimizers", "penalties") if f"{name}." in rest]
    standard = sorted(line for line in imports if "numpy" not in line and "pellucid" not in line)
    ours = f"from pellucid import {', '.join(['Dense', 'Network', *used])}"
    parts = ["\n".join(standard), "import numpy as np", ours, rest.strip()]
    return "\n\n".join(filter(None, parts)) + "\n"


def _network(run: Run, settings: Settings) -> Iterator[str]:
    yield "# One source of random numbers, for the first weights, dropout and the order of the rows."
    yield f"random = np.random.default_rng({settings['seed']})"
    yield f"net = {_constructor(run, settings)}"
    if run.given is not None:
        yield f"net.theta = np.array({run.first_theta.tolist()})"
    else:
        yield f'net.initialize("{settings["initializer"]}", random_state=random)'


def _constructor(run: Run, settings: Settings) -> str:
    network = settings.network(run.network.n_inputs, run.n_classes)
    layers = ",\n".join(f"        {layer_as_code(spec)}" for spec in network.specs)
    return f'Network(\n    [\n{layers},\n    ],\n    loss="{network.loss.name}",\n)'


def layer_as_code(spec: Spec) -> str:
    """A layer as code on the public names."""
    if not isinstance(spec, Dense):
        return f"operations.{spec!r}"
    dropout = f", dropout={spec.dropout!r}" if spec.dropout else ""
    return f'Dense({spec.n_inputs}, {spec.units}, "{spec.activation.name}"{dropout})'


def _training(run: Run) -> Iterator[str]:
    calls = [call for call in run.calls if call.updates]
    before = calls[0].settings if calls else run.settings
    for call in calls:
        settings = call.settings
        yield ""
        if before.remakes_network(settings):
            yield from _rebuilt(run, settings)
        yield from map(_edit, call.edits)
        if call.optimizer_state is None and settings.optimizer.needs == "gradient":
            yield f"state = {{}}  # of {settings['optimizer']}"
        yield _fit(run, call)
        before = settings
    if before.remakes_network(run.settings):
        yield from _rebuilt(run, run.settings)
    if run.pending_edits:
        yield ""
        yield from map(_edit, run.pending_edits)


def _rebuilt(run: Run, settings: Settings) -> Iterator[str]:
    """Other activations or dropout, the same weights."""
    yield "theta = net.theta"
    yield f"net = {_constructor(run, settings)}"
    yield "net.theta = theta"


def _edit(edit: Edit) -> str:
    place = f"b[{edit.unit}]" if edit.input is None else f"W[{edit.input}, {edit.unit}]"
    return f"net.layers[{edit.layer}].{place} = {edit.value!r}"


def _fit(run: Run, call: Call) -> str:
    """The call; its plan is given where a schedule depends on it, or it was left in the midst of an epoch."""
    settings, n = call.settings, len(run.data)
    epochs, rest = divmod(call.updates, call.updates_per_epoch)
    arguments = [f"optimizer={_optimizer(settings)}"]
    if settings.optimizer.full_batch:
        arguments.append(f"epochs={epochs}")
    else:
        planned = rest or settings["schedule"] not in ("constant", "reduce_on_plateau")
        arguments += [f"epochs={settings['epochs'] if planned else epochs}"]
        if planned:
            arguments.append(f"max_updates={call.updates}")
        arguments.append(f"batch_size={call.batch_size if call.batch_size < n else None}")
        if settings["schedule"] != "constant":
            arguments.append(f'schedule="{settings["schedule"]}"')
        arguments.append("optimizer_state=state")
    if settings.penalty is not None:
        arguments.append(f"penalty={_penalty(settings.penalty)}")
    engine = engine_name(settings.network(run.network.n_inputs, run.n_classes), settings)
    arguments += ["random_state=random", f'engine="{engine}"']
    inside = "".join(f"    {argument},\n" for argument in arguments)
    return f"net.fit(\n    X_train,\n    y_train,\n{inside})"


def _optimizer(settings: Settings) -> str:
    name = type(settings.optimizer).__name__
    if not settings.optimizer.uses_rate:
        return f"optimizers.{name}()"
    return f"optimizers.{name}(learning_rate={settings['learning_rate']!r})"


def _penalty(penalty: Penalty) -> str:
    return f"penalties.{type(penalty).__name__}({penalty.strength!r})"


def _end() -> Iterator[str]:
    yield ""
    yield 'print(f"training loss {net.loss_value(X_train, y_train):.6f}")'
    yield 'print(f"test loss     {net.loss_value(X_test, y_test):.6f}")'


def weights(run: Run, rows: Rows) -> str:
    """θ by layers, with the names that the numbers belong to, as JSON."""
    network = run.network
    return json.dumps(
        {
            "made_by": "pellucid playground",
            "epoch": run.epoch,
            "loss": network.loss.name,
            "inputs": list(rows.features_on),
            "classes": list(rows.classes),
            "layers": [
                {"activation": layer.title, "dropout": layer.dropout}
                | {group.name: group.of(network.theta).tolist() for group in network.groups if group.layer == i}
                for i, layer in enumerate(network.layers)
            ],
            "settings": run.settings.as_json(),
        },
        indent=1,
    )  # fmt: skip
