"""Public names of the callbacks, which observe a run and can stop it: see `pellucid.training.callbacks`."""

from pellucid.training.callbacks import Callback, MaxSeconds, Run
from pellucid.training.progress import ProgressBar
from pellucid.training.stopping import EarlyStopping

__all__ = ["Callback", "EarlyStopping", "MaxSeconds", "ProgressBar", "Run"]
