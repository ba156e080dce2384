"""`LayerStack`: layers over one flat θ, with a loss: everything about a network except training."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from pellucid.maths.initializers import INITIALIZERS, Initializer
from pellucid.maths.losses import Loss
from pellucid.maths.metrics import metric_for
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array, RandomState
from pellucid.network.checks import check_inputs, check_same_length, check_sample_weight
from pellucid.network.forward import Forward, Masks, forward
from pellucid.network.layers import Layer, Spec, check_layers, written
from pellucid.network.objective import Objective, Reduction
from pellucid.network.other_libraries import unknown_attribute
from pellucid.network.parameters import Group, by_layer, layout
from pellucid.network.shorthand import layers_and_loss
from pellucid.network.summary import Summary


class NotInitializedError(ValueError, AttributeError):
    """The network has no weights yet: call `initialize` or `fit` first."""


@dataclass(frozen=True)
class Gradient:
    """∂J/∂θ, flat and by layers, with the δ that it was computed from.

    Attributes
    ----------
    theta : array
        Flat, in the order of the network's θ.
    layers : list of (dW, db)
        Views of `theta`; for layers other than `Dense`, one per parameter.
    deltas : list of arrays (n, h)
        ∂J/∂Z of each layer.
    """

    theta: Array
    layers: list[tuple[Array, ...]]
    deltas: list[Array]

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        # Flat numbers and shapes, so that `layers` are views again after unpickling.
        shapes = [tuple(array.shape for array in arrays) for arrays in self.layers]
        return _gradient_again, (self.theta, shapes, self.deltas)


def _gradient_again(theta: Array, shapes: list[tuple[tuple[int, ...], ...]], deltas: list[Array]) -> Gradient:
    """A gradient from a pickle."""
    layers, start = [], 0
    for of_layer in shapes:
        arrays = []
        for shape in of_layer:
            stop = start + math.prod(shape)
            arrays.append(theta[start:stop].reshape(shape))
            start = stop
        layers.append(tuple(arrays))
    return Gradient(theta, layers, deltas)


class LayerStack:
    """A sequence of layers, their parameters θ, and a loss. `pellucid.Network` adds `fit`."""

    def __init__(
        self,
        layers: Iterable[Spec] | Sequence[int],
        loss: str | Loss | type[Loss] | None = None,
        dtype: str | np.dtype[np.floating] | type[np.floating] = "float64",
        *,
        activation: Any = None,
    ) -> None:
        layers, self.loss = layers_and_loss(layers, loss, activation)
        self.specs: tuple[Spec, ...] = check_layers(layers)
        self.loss.check_output(self.specs[-1].activation)
        if self.loss.name == "cross_entropy" and self.specs[-1].units < 2:
            raise ValueError(
                "loss 'cross_entropy' needs one output a class, at least 2, got units=1: "
                "for one yes or no take activation 'sigmoid' and loss 'binary_cross_entropy'"
            )
        self.dtype: np.dtype[np.floating] = np.dtype(dtype)
        if self.dtype not in (np.dtype("float32"), np.dtype("float64")):
            raise ValueError(f"dtype must be 'float32' or 'float64', got {dtype!r}")
        self.groups: tuple[Group, ...] = layout(self.specs)
        self._bind(np.zeros(self.groups[-1].stop, dtype=self.dtype))
        self._initialized = False

    # ---------------------------------------------------------------- copies

    def __getstate__(self) -> dict[str, Any]:
        """The state without the layers, which are views of θ and are rebuilt."""
        return {name: value for name, value in self.__dict__.items() if name != "layers"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore from a pickle or a deep copy, with the layers as views of its θ.

        A read-only θ, as from a memory-mapped file, is copied.
        """
        self.__dict__.update((name, value) for name, value in state.items() if name != "layers")
        theta = state["_theta"]
        self._bind(theta if theta.flags.writeable and theta.flags.c_contiguous else np.array(theta))

    def __copy__(self) -> Self:
        """A shallow copy, which shares θ. `copy` makes an independent network."""
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def __eq__(self, other: object) -> bool:
        """Whether layers, loss, dtype and all parameters are equal."""
        if not isinstance(other, LayerStack):
            return NotImplemented
        return self._kind == other._kind and np.array_equal(self._theta, other._theta, equal_nan=True)

    def __hash__(self) -> int:
        """Hash of the parts that do not change: layers, loss and dtype."""
        return hash(self._kind)

    @property
    def _kind(self) -> tuple[object, ...]:
        return type(self), self.specs, self.loss, self.dtype

    def _bind(self, theta: Array) -> None:
        self._theta = theta
        self.layers: tuple[Layer, ...] = tuple(
            Layer(spec, parameters) for spec, parameters in zip(self.specs, self.by_layer(theta), strict=True)
        )

    # ---------------------------------------------------------------- parameters

    @property
    def n_inputs(self) -> int:
        """p, the columns of X."""
        return self.specs[0].n_inputs

    @property
    def n_outputs(self) -> int:
        """k, the units of the last layer."""
        return self.specs[-1].units

    @property
    def theta(self) -> Array:
        """All parameters as one flat vector; the W and b of `layers` are views of it. Assignment copies into it."""
        return self._theta

    @theta.setter
    def theta(self, values: Array) -> None:
        new = np.asarray(values)
        if new.shape != self._theta.shape:
            raise ValueError(f"theta must have shape {self._theta.shape}, got {new.shape}")
        self._theta[...] = new
        self._initialized = True

    def by_layer(self, vector: Array) -> list[tuple[Array, ...]]:
        """The parameters of each layer, (W, b) of a `Dense`, as views of a vector like θ."""
        return by_layer(vector, self.groups, len(self.specs))

    @property
    def initialized(self) -> bool:
        """Whether θ has values: from `initialize`, from `fit`, or assigned by the user."""
        return self._initialized or bool(self._theta.any())

    def initialize(
        self,
        weights: str | Initializer | type[Initializer] = "xavier_uniform",
        *,
        biases: str | Initializer | type[Initializer] = "zeros",
        random_state: RandomState = None,
    ) -> Self:
        """Draw new parameters, layer by layer: the weights of a layer, then its biases.

        Parameters with their own initializer use that: the factors of a `Scale` start at 1.

        Parameters
        ----------
        weights, biases : str or Initializer
            By name ("he_normal") or as an object (`Normal(scale=0.1)`).
        random_state : int, SeedSequence, Generator, RandomState or None
            An int or a SeedSequence seeds a new `numpy.random.default_rng`; a generator continues its stream.

        Returns
        -------
        The network itself.

        Examples
        --------
        >>> from pellucid import Dense, Network
        >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize("normal", random_state=0)
        >>> net.layers[0].W.round(3)
        array([[ 0.126, -0.132,  0.64 ],
               [ 0.105, -0.536,  0.362]])
        """
        random = as_generator(random_state)
        draw_weights, draw_biases = INITIALIZERS.resolve(weights), INITIALIZERS.resolve(biases)
        for layer in self.layers:
            sizes = {"n_inputs": layer.n_inputs, "n_units": layer.units}
            for parameter, array in zip(layer.spec.parameters(), layer.parameters, strict=True):
                draw = parameter.initializer or (draw_weights if array.ndim == 2 else draw_biases)
                shape = array.shape if array.ndim == 2 else (1, len(array))
                array[...] = draw.sample(random, shape, **sizes).reshape(array.shape)
        self._initialized = True
        return self

    def copy(self, dtype: str | np.dtype[np.floating] | None = None) -> Self:
        """An independent network with the same layers and parameters, in another `dtype` if one is given."""
        twin = copy.copy(self)
        twin.dtype = self.dtype if dtype is None else np.dtype(dtype)
        twin._bind(self._theta.astype(twin.dtype))
        return twin

    # ---------------------------------------------------------------- one batch

    def objective(self, penalty: Penalty | None = None, reduction: Reduction = "mean") -> Objective:
        """The objective: this network's loss with a penalty and a reduction."""
        return Objective(self.loss, reduction, penalty)

    def forward(self, X: object, masks: Masks | None = None) -> Forward:
        """The forward pass: every Z and A for the rows of X; see `Forward`."""
        if not self.initialized:
            raise NotInitializedError("this network has no weights yet: call initialize() or fit() first")
        return forward(self.layers, check_inputs(X, self.n_inputs, self.dtype), masks)

    def backward(
        self,
        forward: Forward,
        y: object,
        sample_weight: object = None,
        *,
        penalty: Penalty | None = None,
        reduction: Reduction = "mean",
    ) -> Gradient:
        """∂J/∂θ after `forward`, by back-propagation; see `Gradient`.

        >>> from pellucid import Dense, Network
        >>> net = Network([Dense(1, 1)], loss="squared_error")
        >>> net.layers[0].W = [[2.0]]
        >>> net.backward(net.forward([[3.0]]), [5.0]).layers  # a = 6, δ = 1, dW = 3 · 1
        [(array([[3.]]), array([1.]))]
        """
        Y = self.encode(y)
        check_same_length(forward.X, Y)
        weight = check_sample_weight(sample_weight, len(Y), self.dtype, relative=reduction == "mean")
        flat = np.empty_like(self._theta)
        layers = self.by_layer(flat)
        deltas = self.objective(penalty, reduction).gradient(self.layers, forward, Y, layers, weight)
        return Gradient(flat, layers, deltas)

    def loss_value(
        self,
        X: object,
        y: object,
        sample_weight: object = None,
        *,
        penalty: Penalty | None = None,
        reduction: Reduction = "mean",
    ) -> float:
        """J(θ) on X and y, without dropout."""
        forward, Y = self.forward(X), self.encode(y)
        check_same_length(forward.X, Y)
        weight = check_sample_weight(sample_weight, len(Y), self.dtype, relative=reduction == "mean")
        return self.objective(penalty, reduction).value(self.layers, forward, Y, weight)

    def encode(self, y: object) -> Array:
        """Encode targets as the matrix Y (n, k) that the loss takes."""
        return self.loss.encode(y, self.n_outputs, self.dtype)

    # ---------------------------------------------------------------- predictions

    def outputs(self, X: object) -> Array:
        """A of the last layer (n, k), without the rest of `forward`."""
        return self.forward(X).output

    @property
    def predict_proba(self) -> Callable[[object], Array]:
        """X → probabilities: (n, k) of k classes after softmax; (n, 2), of 0 and 1, for one sigmoid.

        A network for regression does not have this method (`hasattr` is False).
        """
        if self.loss.task != "classification":
            raise AttributeError  # Python then calls `__getattr__`, which has the message
        return self._probabilities

    def _probabilities(self, X: object) -> Array:
        A = self.outputs(X)
        return np.column_stack([1 - A, A]) if self.n_outputs == 1 else A

    def predict(self, X: object) -> Array:
        """Class numbers (n,), or 0/1 labels (n, k) for k sigmoids, or numbers (n,) or (n, k) for regression."""
        return self.decide(self.outputs(X))

    def decide(self, outputs: Array) -> Array:
        """Predictions from outputs A (n, k): the most probable class, 1 for a ≥ 0.5, or the numbers themselves."""
        if self.loss.task == "regression":
            return outputs[:, 0] if self.n_outputs == 1 else outputs
        if self.loss.canonical == "softmax":
            return outputs.argmax(axis=1)
        labels = (outputs >= 0.5).astype(np.int64)
        return labels[:, 0] if self.n_outputs == 1 else labels

    def score(self, X: object, y: object, sample_weight: object = None) -> float:
        """Accuracy for classification, R² for regression, of the predictions for X: the history's "metric".

        >>> from pellucid import Network
        >>> net = Network([1, 1])
        >>> net.layers[0].W = [[2.0]]
        >>> net.score([[1.0], [2.0]], [2.0, 4.0])
        1.0
        """
        A, Y = self.outputs(X), self.encode(y)
        check_same_length(A, Y)
        metric = metric_for(self.loss, Y, check_sample_weight(sample_weight, len(Y), self.dtype))
        return metric.value(metric.tally(A))

    def summary(self) -> Summary:
        """The layers as a table, with their numbers of parameters.

        >>> from pellucid import Network
        >>> Network([2, 3, 2], "tanh").summary()
        layer  activation  inputs  units  weights  biases  dropout
        1      tanh             2      3        6       3
        2      softmax          3      2        6       2
        17 parameters, loss cross_entropy, float64; no weights yet: initialize() or fit() draws them
        """
        return Summary.of(self)

    def __getattr__(self, name: str) -> Any:
        """Called for missing attributes only: the error says what to write instead."""
        if name == "predict_proba":
            raise AttributeError(f"predict_proba is for classification, this network's loss is {self.loss.name!r}")
        known = () if name.startswith("_") else (public for public in dir(type(self)) if not public.startswith("_"))
        raise AttributeError(unknown_attribute(type(self).__name__, name, known))

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def __repr__(self) -> str:
        layers = ", ".join(map(written, self.specs))
        return f"{type(self).__name__}([{layers}], loss={self.loss!r}, dtype={self.dtype.name!r})"


def as_generator(random_state: RandomState) -> np.random.Generator | np.random.RandomState:
    """A generator from a seed, a generator, or None."""
    if isinstance(random_state, (np.random.Generator, np.random.RandomState)):
        return random_state
    if isinstance(random_state, np.random.SeedSequence):
        return np.random.default_rng(random_state)
    if random_state is None or (isinstance(random_state, (int, np.integer)) and random_state >= 0):
        return np.random.default_rng(random_state)
    raise ValueError(
        f"random_state must be a whole number >= 0, a SeedSequence, a generator or None, got {random_state!r}"
    )
