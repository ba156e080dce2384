"""`import pellucid` is light, and every public name is there."""

import subprocess
import sys

import pytest

import pellucid

HEAVY = ("sklearn", "matplotlib", "numba", "polars", "typer", "rich", "scipy")


def modules_after(statement):
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_pellucid_loads_nothing_heavy():
    assert modules_after("import pellucid").isdisjoint(HEAVY)


def test_a_network_needs_neither_scikit_learn_nor_anything_that_draws():
    loaded = modules_after(
        "from pellucid import Dense, Network; Network([Dense(1, 1)], 'squared_error').fit([[1]], [1])"
    )
    assert loaded.isdisjoint(set(HEAVY) - {"scipy"})


@pytest.mark.parametrize("name", pellucid.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(pellucid, name).__doc__
