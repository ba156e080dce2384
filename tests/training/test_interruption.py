"""Ctrl-C keeps what was learned."""

import signal
import threading

import numpy as np
import pytest

from pellucid import Dense, Network, TrainingInterruptedWarning

X = np.linspace(-1, 1, 20)[:, None]
y = X[:, 0]


def network():
    return Network([Dense(1, 3, "tanh"), Dense(3, 1)], "squared_error").initialize(random_state=0)


def interrupt_at(epoch):
    def callback(run):
        if run.epoch == epoch:
            signal.raise_signal(signal.SIGINT)

    return callback


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_ctrl_c_ends_the_run_and_keeps_what_was_learned(optimizer):
    net, handler = network(), signal.getsignal(signal.SIGINT)
    before = net.loss_value(X, y)
    with pytest.warns(TrainingInterruptedWarning, match="interrupted after 4 of 1000 epochs; what was learned"):
        history = net.fit(X, y, optimizer=optimizer, epochs=1000, callbacks=[interrupt_at(3)])
    assert history.stopped == history.ending == "interrupted"
    assert len(history) == 4
    assert net.loss_value(X, y) < before
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_second_ctrl_c_breaks_off():
    def twice(run):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        network().fit(X, y, epochs=10, callbacks=[twice])
    assert signal.getsignal(signal.SIGINT) is handler


def test_in_another_thread_signals_are_left_alone():
    histories = []
    thread = threading.Thread(target=lambda: histories.append(network().fit(X, y, epochs=3)))
    thread.start()
    thread.join()
    assert histories[0].stopped == "completed"
