"""Floor 9: the command line. One file per command; code that handles data does not depend on the terminal.

==============  ===============================================================
`app`           the commands, and how mistakes in their arguments are reported
`outcomes`      the exit codes, and how a command ends
`streams`       standard streams, also missing or broken ones
`signs`         control codes, and characters that an output cannot show
`terminal`      the console that every command prints to
`faults`        reports of unexpected failures
`train`         `pellucid train`: a network on a table
`explain`       `pellucid explain`: a training step, number by number
`check`         `pellucid check`: is the gradient right?
`diagnose`      `pellucid diagnose`: problems of a training
`playground`    `pellucid playground`: watch a network learn, in the browser
`settings`      the flags that these four share, made from the table of arguments
`plan`          the settings with their names resolved
`prepared_model` a file and the settings, as a network with its rows
`experiment`    train, and score next to baselines
`scores`        the scores of several models, and which is better by more than chance
`report`        the output of `pellucid train`
`files`         files that are written completely or not at all
`options`       parsers of the values of options
==============  ===============================================================

Files are read by `pellucid.tables`, which the playground uses too.
"""

import os
import signal
import sys


def main() -> None:
    """Run the `pellucid` command."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until handlers are installed: no traceback on Ctrl-C

    # For the matrices of a small network one thread is several times faster than many. OpenBLAS reads this when NumPy
    # is first imported, which is later than here; a value set by the user is respected.
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
