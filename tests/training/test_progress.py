"""The bar is there for long runs only, and says what matters."""

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.training import progress

X = np.linspace(-1, 1, 20)[:, None]


def fit(**options):
    net = Network([Dense(1, 3, "tanh"), Dense(3, 1)], "squared_error").initialize(random_state=0)
    return net.fit(X, X[:, 0], epochs=30, **options)


def test_a_long_run_shows_epochs_and_losses(monkeypatch, capsys):
    monkeypatch.setattr(progress, "DELAY_SECONDS", 0.0)
    fit(progress=True, validation=0.2, random_state=0)
    shown = capsys.readouterr()
    assert "30/30" in shown.err
    assert "loss" in shown.err
    assert "validation" in shown.err
    assert shown.out == ""


def test_a_short_run_shows_nothing(capsys):
    fit(progress=True)
    assert capsys.readouterr().err == ""


def test_off_means_off_and_none_means_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(progress, "DELAY_SECONDS", 0.0)
    fit(progress=False)
    fit(progress=None)  # captured standard error is no terminal
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True)
    assert progress.wants_progress(None)


def test_the_terminal_is_given_back_after_an_error(monkeypatch, capsys):
    monkeypatch.setattr(progress, "DELAY_SECONDS", 0.0)

    def fail(run):
        if run.epoch == 5:
            raise RuntimeError("from a callback")

    with pytest.raises(RuntimeError, match="from a callback"):
        fit(progress=True, callbacks=[fail])
    fit(progress=True)  # a second live display would be refused by rich if the first were still there
