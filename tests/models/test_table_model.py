"""A fitted model predicts for later tables what its network says, in the words of the training table."""

import pickle

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import balanced_accuracy_score, log_loss, mean_squared_error, r2_score

from pellucid import Network
from pellucid.models.encoded_table import encode_table
from pellucid.models.table_model import TableModel
from pellucid.tables.errors import UserError


def fitted(table: pl.DataFrame, target: str, **options) -> TableModel:
    settings = {"task": "auto", "ignored": [], "test_size": 0.25, "seed": 0, **options}
    encoded = encode_table(table, target, **settings)
    rows = encoded.parts.train_valid
    network = Network([encoded.X.shape[1], 8, len(encoded.task.classes) or 1])
    network.fit(encoded.X[rows], encoded.y[rows], epochs=200, random_state=0)
    return TableModel(encoded.encoder, network)


@pytest.fixture
def classifier(table) -> TableModel:
    return fitted(table.drop("age"), "species")


@pytest.fixture
def regressor(table) -> TableModel:
    return fitted(table, "age")


def test_classes_are_predicted_as_they_stand_in_the_table(table, classifier):
    predicted = classifier.predict(table)
    assert np.mean(predicted == table["species"].to_numpy()) > 0.95
    P = classifier.predict_proba(table)
    assert P.shape == (160, 2)
    np.testing.assert_allclose(P.sum(axis=1), 1)
    np.testing.assert_array_equal(predicted, np.array(classifier.classes)[P.argmax(axis=1)])


def test_classes_that_are_numbers_are_predicted_as_numbers(table):
    numbered = table.drop("age").with_columns(species=pl.when(pl.col("species") == "owl").then(3.0).otherwise(7.0))
    model = fitted(numbered, "species")
    assert model.classes == ("3", "7")
    assert set(model.predict(numbered)) == {3.0, 7.0}


def test_values_are_predicted_in_the_unit_of_the_table(table, regressor):
    predicted = regressor.predict(table)
    assert predicted.shape == (160,)
    assert r2_score(table["age"], predicted) > 0.95


def test_a_later_table_needs_no_target_and_no_order(table, classifier):
    later = table.drop("species", "age").select("colour", "noise", "size").with_columns(more=1)
    np.testing.assert_array_equal(classifier.predict(later), classifier.predict(table))


def test_a_pickled_model_predicts_the_same(table, regressor):
    again = pickle.loads(pickle.dumps(regressor))
    np.testing.assert_array_equal(again.predict(table), regressor.predict(table))


def test_scores_of_classes_are_those_of_scikit_learn(table, classifier):
    scores = classifier.evaluate(table)
    predicted, P = classifier.predict(table), classifier.predict_proba(table)
    assert scores == pytest.approx(
        {
            "accuracy": np.mean(predicted == table["species"].to_numpy()),
            "balanced accuracy": balanced_accuracy_score(table["species"], predicted),
            "log loss": log_loss(table["species"], P),
        }
    )


def test_scores_of_values_are_in_the_unit_of_the_table(table, regressor):
    predicted = regressor.predict(table)
    assert regressor.evaluate(table) == pytest.approx(
        {"R²": r2_score(table["age"], predicted), "RMSE": np.sqrt(mean_squared_error(table["age"], predicted))}
    )


def test_rows_without_a_target_are_not_evaluated(table, classifier):
    gaps = table.with_row_index().with_columns(
        pl.when(pl.col("index") < 7).then(None).otherwise("species").alias("species")
    )
    assert classifier.evaluate(gaps) == classifier.evaluate(table[7:])
    with pytest.raises(UserError, match='rows with a value of "species" to evaluate, got none'):
        classifier.evaluate(gaps[:7])


def test_what_cannot_be_evaluated_is_refused(table, classifier, regressor):
    with pytest.raises(UserError, match='none called "species"'):
        classifier.evaluate(table.drop("species"))
    with pytest.raises(UserError, match='"age" is a number'):
        regressor.predict_proba(table)
    with pytest.raises(ValueError, match="encoder must have a target"):
        TableModel(classifier.encoder.with_target(None), classifier.network).predict(table)
