"""The kernels' parameters and the places in their arrays, against the one table of them."""

import inspect
import json
from itertools import pairwise

from pellucid.engines import abi
from pellucid.engines.kernels import plan
from pellucid.engines.kernels.train import predict, train


def parameters(kernel: object) -> list[str]:
    return list(inspect.signature(getattr(kernel, "py_func", kernel)).parameters)


def test_the_kernels_take_the_arrays_in_the_order_of_the_table() -> None:
    assert parameters(train) == [argument.name for argument in abi.TRAIN_ARRAYS] + ["worker"]
    assert parameters(predict) == [argument.name for argument in abi.PREDICT_ARRAYS] + ["worker"]


def test_the_places_in_each_array_are_counted_without_gap() -> None:
    told = json.loads(json.dumps(abi.as_json()))
    lengths = {"layers": plan.LAYER_FIELDS, "plan": plan.PLAN_FIELDS, "settings": plan.SETTINGS}
    for name, length in lengths.items():
        places = list(told[name].values())
        assert places[0] == 0
        assert len(places) == length
        assert all(b == a + 1 for a, b in pairwise(places))
