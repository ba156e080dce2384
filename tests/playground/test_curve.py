"""The loss curve keeps every point until there are many, and then every second one, in step with the epochs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pellucid.playground.runs import curve as module
from pellucid.playground.runs.curve import Curve

CHUNKS = st.lists(st.one_of(st.integers(1, 9000), st.just(1), st.just("cut"), st.just("told")), max_size=12)


@given(CHUNKS, st.floats(0, 1))
def test_rows_are_every_strideth_epoch_and_what_is_told_adds_up(chunks, share):
    curve, finished, told = Curve(), 0, np.empty((0, 3))
    for chunk in [*chunks, "told"]:
        if chunk == "cut":
            finished = int(finished * share)
            curve.cut(finished)
        elif chunk == "told":
            start, rows = curve.changes()
            told = np.concatenate([told[:start], rows])
            np.testing.assert_array_equal(told, curve.rows)
        else:
            epochs = np.arange(finished + 1, finished + chunk + 1)
            curve.extend(finished + 1, epochs.astype(float), -epochs.astype(float))
            finished += chunk
            curve.set_test(finished, 7.0)
        assert len(curve.rows) <= module.MAX_POINTS
        expected = np.arange(1, finished // curve.stride + 1) * curve.stride
        np.testing.assert_array_equal(curve.rows[:, 0], expected)
        np.testing.assert_array_equal(curve.rows[:, 1], -expected)
