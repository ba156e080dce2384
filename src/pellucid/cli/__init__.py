"""Floor 9: the command line. One file a command; what a command does with data knows nothing of the terminal.

==============  ===============================================================
`app`           the commands, and how a mistake is told
`train`         `pellucid train`: a network on a table
`explain`       `pellucid explain`: a training step, number by number
`check`         `pellucid check`: is the gradient right?
`diagnose`      `pellucid diagnose`: what is wrong with a training
`playground`    `pellucid playground`: watch a network learn, in the browser
`settings`      the flags that these four share, made from the table of arguments
`rehearsal`     a file and the settings, as a network with its rows
`parts`         rows to learn from and rows held out, as arrays
`experiment`    train, score beside baselines
`report`        what is printed
`files`         files that are there whole or not at all
`options`       words of the command line become values
==============  ===============================================================

Files are read by `pellucid.tables`, which the playground uses too.
"""

import os


def main() -> None:
    """Run the `pellucid` command."""
    # A matrix of a small network is multiplied sooner by one thread than shared out to many, several times so.
    # OpenBLAS reads this when NumPy is first imported, which is later than here; who has set it has reasons.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    from pellucid.cli.app import app

    app()
