"""Named settings with a note on what to watch; most are lessons of the tutorials, under the same names.

A preset sets all that its sentence depends on; what it does not name is at its default. Each sentence is tried by
training from several seeds, in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pellucid.datasets import FEATURES


@dataclass(frozen=True)
class Preset:
    """`settings` by the schema's names; `notice`: what to see, and what to try."""

    name: str
    title: str
    notice: str
    settings: Mapping[str, Any]


def _preset(name: str, title: str, notice: str, **settings: Any) -> Preset:
    """With the defaults that the notices count on."""
    common = {
        "test_share": 50.0,
        "seed": 0,
        "features": ("x1", "x2"),
        "output": "softmax",
        "initializer": "xavier_uniform",
        "optimizer": "gradient_descent",
        "schedule": "constant",
        "penalty": "none",
        "dropout": 0.0,
        "speed": 30,
    }
    return Preset(name, title, " ".join(notice.split()), common | settings)


_MOONS = {"data": "moons", "samples": 400, "noise": 16.0}  # the tutorials' moons: scikit-learn's noise of 0.2

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        _preset(
            "logistic-regression",
            "The straight line that is not enough",
            """Without a hidden layer the border is a straight line, and about one point in eight stays on its wrong
            side however long it trains. Switch sin πx₁ on and start again: the line bends, and 19 in 20 are
            right.""",
            **_MOONS,
            hidden=(),
            activations=(),
            output="sigmoid",
            learning_rate=1.0,
            batch_size=0,
            speed=200,
        ),
        _preset(
            "moons",
            "Two half moons, three hidden units",
            """Three tanh units, three steps to build the border from: watch it begin as a line and fold itself around
            the moons. Point at a unit to see which step is its own. Most seeds get there, but not all: 4 is
            stuck with one point in eight wrong, whatever the time.""",
            **_MOONS,
            hidden=(3,),
            activations=("tanh",),
            initializer="normal_fan_in",
            learning_rate=1.0,
            batch_size=10,
        ),
        _preset(
            "moons-elu",
            "ELU units and a test set",
            """The same moons with ELU units, which are straight above 0 and bend below. A quarter of the points is
            kept from training: that the test loss falls together with the training loss is what learning means.""",
            **(_MOONS | {"samples": 500}),
            test_share=25.0,
            hidden=(6,),
            activations=("elu",),
            output="sigmoid",
            initializer="he_normal",
            learning_rate=0.3,
            batch_size=20,
        ),
        _preset(
            "hidden-sizes",
            "How many hidden units",
            """One unit bends nothing: the border is a line. Add units one at a time with +. Two bend it, but seldom
            far enough; three follow the moons from most first weights, four from nearly all, and beyond that
            nothing is gained on the test points.""",
            **_MOONS,
            seed=1,
            hidden=(1,),
            activations=("tanh",),
            learning_rate=0.3,
            batch_size=10,
        ),
        _preset(
            "clouds",
            "Three clouds, and smaller batches",
            """Three classes, told apart within a few epochs in batches of 30. Set the batch size to 0, all points at
            once, and start again: one update an epoch needs some ten times as many epochs for the same loss.""",
            data="clouds",
            classes=3,
            samples=600,
            noise=30.0,
            hidden=(5,),
            activations=("sigmoid",),
            learning_rate=0.5,
            batch_size=30,
        ),
        _preset(
            "learning-rate",
            "A rate that is too high",
            """Every step lands on the other side of the valley: the loss jumps up and down and never settles. Start
            again at a rate of 0.1 and it falls in every epoch; at 0.002 it does too, but hardly gets anywhere.""",
            **_MOONS,
            seed=1,
            hidden=(4, 4),
            activations=("tanh", "tanh"),
            learning_rate=10.0,
            batch_size=0,
            speed=200,
        ),
        _preset(
            "optimizers",
            "Momentum, Nesterov, Adam",
            """Plain gradient descent has hardly begun on these spirals after 300 epochs. Start again with momentum or
            Nesterov at the same rate, or Adam at 0.005: by then all of them have nearly every point right.""",
            data="spirals",
            classes=2,
            samples=600,
            noise=5.0,
            hidden=(16, 16),
            activations=("tanh", "tanh"),
            learning_rate=0.03,
            batch_size=30,
        ),
        _preset(
            "symmetry",
            "Weights that start equal",
            """All weights start at zero: four units get the same gradient in every step, stay one and the same, and
            can only draw a line. Choose other first weights and each goes its own way. With tanh, zeros never
            move.""",
            **_MOONS,
            hidden=(4,),
            activations=("sigmoid",),
            output="sigmoid",
            initializer="zeros",
            learning_rate=1.0,
            batch_size=10,
            speed=200,
        ),
        _preset(
            "vanishing-gradients",
            "Vanishing gradients",
            """Six layers of sigmoids: each multiplies what comes back by a slope of at most ¼, the first ones hear
            next to nothing, and the loss stays at ln 2 = 0.693, a coin's. Make all six tanh, start again, and it
            learns.""",
            **_MOONS,
            hidden=(8,) * 6,
            activations=("sigmoid",) * 6,
            learning_rate=0.1,
            batch_size=10,
            speed=200,
        ),
        _preset(
            "overfitting",
            "Learning by heart",
            """Many weights, few and noisy points: the training loss goes to 0, while the test loss turns within 60
            epochs and climbs to several times its least. Start again with an L2 penalty of 0.02, and it stays
            down.""",
            data="moons",
            samples=120,
            noise=28.0,
            hidden=(16, 16),
            activations=("relu", "relu"),
            seed=2,
            initializer="he_normal",
            optimizer="adam",
            learning_rate=0.01,
            batch_size=20,
        ),
        _preset(
            "universal",
            "Three lines enclose a disc",
            """Each hidden unit draws one line, and it takes three to close a border around the inner ring. Take a
            unit away and start again: two cannot. Or none at all, with x₁² and x₂² switched on: then a ring is a
            line.""",
            data="circles",
            samples=400,
            noise=10.0,
            hidden=(3,),
            activations=("tanh",),
            learning_rate=0.1,
            batch_size=10,
        ),
        _preset(
            "xor",
            "Exclusive or",
            """Four units solve what no line can. Take the hidden layer away and it is a coin's guess; switch x₁·x₂ on
            as well, and a single weight does it: a feature that fits is worth a layer.""",
            data="xor",
            samples=400,
            noise=5.0,
            hidden=(4,),
            activations=("tanh",),
            learning_rate=0.1,
            batch_size=10,
        ),
        _preset(
            "sparse",
            "L1 switches features off",
            """Seven features, of which a ring needs two. The L1 penalty takes the weights of all but x₁² and x₂² to
            zero; set the penalty to none, start again, and the others keep a say, some more, some less.""",
            data="circles",
            samples=400,
            noise=10.0,
            features=tuple(FEATURES),
            hidden=(),
            activations=(),
            output="sigmoid",
            learning_rate=0.3,
            penalty="l1",
            penalty_rate=0.02,
            batch_size=0,
            speed=200,
        ),
        _preset(
            "spirals",
            "Two spirals",
            """Two layers and Adam unroll the spirals: the first layer's units are plain edges, the second's are
            already curved. Try a single layer of three units: it does not get there.""",
            data="spirals",
            classes=2,
            samples=600,
            noise=10.0,
            hidden=(16, 16),
            activations=("tanh", "tanh"),
            optimizer="adam",
            learning_rate=0.005,
            batch_size=30,
        ),
        _preset(
            "spirals-3",
            "Three spirals",
            """A softmax over three outputs, one an arm. ReLU units fold the plane along straight lines, and the
            border is made of their pieces. Raise the number of classes to 5: it is learned too.""",
            data="spirals",
            classes=3,
            samples=600,
            noise=10.0,
            hidden=(16, 16),
            activations=("relu", "relu"),
            initializer="he_normal",
            optimizer="adam",
            learning_rate=0.01,
            batch_size=30,
        ),
        _preset(
            "regression",
            "Hills and hollows",
            """A value instead of a class: the picture is the height that the network says. R² on the test points
            passes 0.85; about 0.94 is all there is, the rest is noise. Without hidden layers it stays near 0: on the
            whole the ground is level.""",
            data="hills",
            samples=1000,
            noise=10.0,
            hidden=(8, 8),
            activations=("tanh", "tanh"),
            loss="squared_error",
            optimizer="adam",
            learning_rate=0.01,
            batch_size=30,
        ),
    )
}
