import numpy as np
import pytest

from pellucid import plots
from pellucid.activations import ACTIVATIONS


class Tanh:
    name = "tanh"
    formula = r"\tanh z"

    def value(self, Z):
        return np.tanh(Z)

    def derivative(self, Z, A):
        return 1 - A**2


def curve(ax, label):
    (line,) = (line for line in ax.lines if line.get_label() == label)
    return line


def test_the_function_and_its_derivative_are_drawn():
    ax = plots.activation(Tanh(), span=(-2, 2))
    z = curve(ax, "value").get_xdata()
    assert (z[0], z[-1]) == (-2, 2)
    np.testing.assert_allclose(curve(ax, "value").get_ydata(), np.tanh(z))
    np.testing.assert_allclose(curve(ax, "derivative").get_ydata(), 1 / np.cosh(z) ** 2)
    assert curve(ax, "value").get_linestyle() != curve(ax, "derivative").get_linestyle()


def test_the_title_is_the_name_with_the_formula():
    assert plots.activation(Tanh()).get_title() == r"tanh   $\tanh z$"
    assert plots.activation(Tanh(), title="Mine").get_title() == "Mine"


def test_a_formula_that_cannot_be_typeset_is_left_out():
    class Cases(Tanh):
        formula = r"\begin{cases} z \\ 0 \end{cases}"

    ax = plots.activation(Cases())
    assert ax.get_title() == "tanh"
    ax.figure.draw_without_rendering()


def test_a_nameless_function_is_called_by_its_class():
    class Cube:
        def value(self, Z):
            return Z**3

        def derivative(self, Z, A):
            return 3 * Z**2

    assert plots.activation(Cube()).get_title() == "Cube"


def test_a_function_that_is_not_elementwise_is_refused():
    class Softmax(Tanh):
        name = "softmax"
        elementwise = False

    with pytest.raises(ValueError, match="softmax is not elementwise"):
        plots.activation(Softmax())


def test_the_sheet_holds_every_elementwise_activation():
    axes = plots.activations()
    names = {ax.get_title().split("   ")[0] for ax in axes}
    assert names == {name for name, cls in ACTIVATIONS.items() if cls.elementwise}
    assert axes[0].get_legend() is not None
    assert axes[1].get_legend() is None


def test_a_sheet_of_ones_own():
    assert [ax.get_title() for ax in plots.activations([Tanh(), Tanh()], columns=1)] == [r"tanh   $\tanh z$"] * 2
    with pytest.raises(ValueError, match="functions is empty"):
        plots.activations([])
    with pytest.raises(ValueError, match="columns=0"):
        plots.activations([Tanh()], columns=0)


def test_a_name_is_enough():
    assert plots.activation("tanh").get_title().startswith("tanh")
    assert len(plots.activations(["tanh", "relu"])) == 2


def test_a_space_stands_between_a_letter_and_a_function():
    assert r"z\,\tanh" in plots.activation("mish").get_title()
