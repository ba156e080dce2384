"""Floor 9: the command line. One file a command; what a command does with data knows nothing of the terminal.

==============  ===============================================================
`app`           the commands, and how a mistake is told
`outcomes`      the exit codes, and how a command ends
`streams`       standard streams as they come
`signs`         control codes, and signs that an output cannot show
`terminal`      what every command prints with
`faults`        failures that nobody foresaw
`train`         `pellucid train`: a network on a table
`explain`       `pellucid explain`: a training step, number by number
`check`         `pellucid check`: is the gradient right?
`diagnose`      `pellucid diagnose`: what is wrong with a training
`playground`    `pellucid playground`: watch a network learn, in the browser
`settings`      the flags that these four share, made from the table of arguments
`plan`          the settings with their names resolved
`prepared_model` a file and the settings, as a network with its rows
`experiment`    train, evaluate next to baselines
`scores`        the scores of several models, and which is better by more than chance
`report`        what is printed
`files`         files that are there whole or not at all
`options`       words of the command line become values
==============  ===============================================================

Files are read by `pellucid.tables`, which the playground uses too.
"""

import os
import signal
import sys


def main() -> None:
    """Run the `pellucid` command."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until it is answered below, Ctrl-C ends this without a traceback

    # A matrix of a small network is multiplied sooner by one thread than shared out to many, several times so.
    # OpenBLAS reads this when NumPy is first imported, which is later than here; who has set it has reasons.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    from pellucid.cli import streams

    streams.prepare()

    from pellucid.cli import faults, outcomes

    outcomes.take_signals()
    words = sys.argv[1:]
    if "--debug" in words[: words.index("--") if "--" in words else None]:
        words.remove("--debug")
        os.environ[outcomes.DEBUG] = "1"
    if not os.environ.get(outcomes.DEBUG):
        faults.in_one_line_everywhere()
    code = outcomes.settle(lambda: _run(words))
    outcomes.leave(code)


def _run(words: list[str]) -> None:
    from pellucid.cli.app import app

    app(words)
