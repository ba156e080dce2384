"""Two-dimensional toy data by name, for classification and regression.

>>> from pellucid import datasets
>>> X, y = datasets.spirals(300, classes=3, noise=0.1, random_state=0)
>>> X.shape, y.shape
((300, 2), (300,))
>>> list(datasets.DATASETS)
['moons', 'circles', 'xor', 'clouds', 'spirals', 'plane', 'hills', 'waves']
>>> list(datasets.FEATURES)
['x1', 'x2', 'x1^2', 'x2^2', 'x1*x2', 'sin(pi*x1)', 'sin(pi*x2)']

The same `random_state` gives bit-identical points.
"""

from pellucid.datasets.classes import circles, clouds, moons, spirals, xor
from pellucid.datasets.inputs import FEATURES, Feature, features
from pellucid.datasets.splitting import split, split_rows
from pellucid.datasets.toys import DATASETS, ToyData, make
from pellucid.datasets.values import hills, plane, waves

__all__ = [
    "DATASETS",
    "FEATURES",
    "Feature",
    "ToyData",
    "circles",
    "clouds",
    "features",
    "hills",
    "make",
    "moons",
    "plane",
    "spirals",
    "split",
    "split_rows",
    "waves",
    "xor",
]
