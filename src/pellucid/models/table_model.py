"""A network that was fitted to a table, with what turns tables into its inputs and its outputs into values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pellucid.models.scores import Floats, class_scores, value_scores
from pellucid.network.stack import LayerStack
from pellucid.tables.encoder import TableEncoder
from pellucid.tables.errors import UserError, quoted
from pellucid.tables.targets import ClassTarget, Target


@dataclass(frozen=True)
class TableModel:
    """Predictions for any later table that has the columns of the training table: `pellucid train` ends with one.

    Parameters
    ----------
    encoder : TableEncoder
        Fitted, with its target.
    network : Network
        Trained on the encoder's inputs and targets.

    Examples
    --------
    >>> from pellucid import Network
    >>> from pellucid.tables.columns import choose_columns
    >>> from pellucid.tables.targets import ClassTarget
    >>> table = pl.DataFrame({"size": [0.0, 0.5, 2.5, 3.0], "species": ["owl", "owl", "wren", "wren"]})
    >>> species = ClassTarget("species", ("owl", "wren"))
    >>> encoder = TableEncoder.fit(table, choose_columns(table.drop("species")), target=species)
    >>> network = Network([1, 4, 2])
    >>> history = network.fit(encoder.transform(table), encoder.transform_target(table), random_state=0)
    >>> model = TableModel(encoder, network)
    >>> model.predict(pl.DataFrame({"size": [-1.0, 4.0]})).tolist()
    ['owl', 'wren']
    >>> model.evaluate(table)["accuracy"]
    1.0
    """

    encoder: TableEncoder
    network: LayerStack

    @property
    def target(self) -> Target:
        """The column that is predicted."""
        if self.encoder.target is None:
            raise ValueError("encoder must have a target, got one without: fit it with target=")
        return self.encoder.target

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of `predict_proba`'s columns; none if values are predicted."""
        return self.target.classes

    def predict(self, table: pl.DataFrame) -> npt.NDArray[Any]:
        """The class or the value of each row (n,), in the form of the target column.

        Raises
        ------
        UserError
            If a column is missing or cannot be read, with its name.
        """
        return self.target.decode(self.network.predict(self.encoder.transform(table)))

    def predict_proba(self, table: pl.DataFrame) -> Floats:
        """The probability of each class (n, k), in the order of `classes`.

        Raises
        ------
        UserError
            If a column is missing or cannot be read, with its name; or if the target is a value, not a class.
        """
        if not isinstance(self.target, ClassTarget):
            raise UserError(f"probabilities are for classes, and {quoted(self.target.name)} is a number")
        return np.asarray(self.network.predict_proba(self.encoder.transform(table)), dtype=np.float64)

    def evaluate(self, table: pl.DataFrame) -> dict[str, float]:
        """Scores on the rows of a table that have a target.

        Accuracy, balanced accuracy and log loss of classes; R² and RMSE of values, in the column's own unit.

        Raises
        ------
        UserError
            If a column is missing or cannot be read, or no row has a target.
        """
        target = self.target
        if target.name in table.columns:
            table = table.filter(pl.col(target.name).is_not_null())
            if not table.height:
                raise UserError(f"FILE must have rows with a value of {quoted(target.name)} to evaluate, got none")
        y = self.encoder.transform_target(table)
        outputs = self.network.predict(self.encoder.transform(table))
        if isinstance(target, ClassTarget):
            return class_scores(y, outputs, self.predict_proba(table))
        return value_scores(target.decode(y), target.decode(outputs))
