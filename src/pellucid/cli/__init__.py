"""Floor 8: the command line. One file a command; what a command does with data knows nothing of the terminal.

==============  ===============================================================
`app`           the commands, and how a mistake is told
`train`         `pellucid train`: a network on a table
`tables`        a CSV or Parquet file becomes a typed table
`columns`       which columns are used, and how they become numbers
`tasks`         classification or regression
`experiment`    split, prepare, train, score beside baselines
`report`        what is printed
`files`         files that are there whole or not at all
`errors`        the user's mistakes
==============  ===============================================================
"""


def main() -> None:
    """Run the `pellucid` command."""
    from pellucid.cli.app import app

    app()
