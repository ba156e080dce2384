"""A word to the person at the terminal never ends the work that it is about."""

import subprocess
import sys
import warnings
from typing import Any

import pytest

from pellucid.maths.notices import is_terminal, warn

pytestmark = pytest.mark.slow

FITS = """
import io, os, sys, warnings
import numpy as np
from pellucid import MLPClassifier, Network, fit_many
from pellucid.engines import choice
from pellucid.maths.notices import announce, say, warn
from pellucid.training import progress

progress.DELAY_SECONDS = 0.0
warnings.simplefilter("always")
X = np.random.default_rng(0).normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)

class Raises:
    encoding = None
    def write(self, text): raise RuntimeError("no place to write to")
    def flush(self): raise RuntimeError("no place to write to")
    def isatty(self): return True

class AsciiTerminal(io.StringIO):
    encoding = "ascii"
    def isatty(self): return True
    def write(self, text): return len(text.encode("ascii"))

class Own:
    def value(self, Z): return Z
    def derivative(self, Z): return np.ones_like(Z)

closed = io.StringIO()
closed.close()
reading, writing = os.pipe()
os.close(reading)
pipe = open(writing, "w")
streams = {"none": None, "closed": closed, "raises": Raises(), "ascii terminal": AsciiTerminal(),
           "bytes": io.BytesIO(), "no stream": object(), "a number": 3, "a pipe that nobody reads": pipe}
if os.path.exists("/dev/full"):
    streams["a full device"] = open("/dev/full", "w")

def work():
    choice._told.clear()  # so that the warning comes again
    net = Network([3, 2, 2], Own())
    assert len(net.fit(X, y, epochs=3, progress=True)) == 3
    assert len(Network([3, 2]).fit(X, y, epochs=2)) == 2
    assert len(fit_many([Network([3, 2])], X, y, epochs=2, progress=True)[0]) == 2
    model = MLPClassifier(hidden_layer_sizes=(2,), max_iter=2, verbose=True, batch_size=1000)
    assert model.fit(X, y).n_iter_ == 2  # with warnings: of the batch size, of convergence
    announce("a word → there")
    say("a word → there")
    warn("a warning → there")

out, err = sys.stdout, sys.stderr
for name, stream in streams.items():
    sys.stdout = sys.stderr = stream
    try:
        work()
    finally:
        sys.stdout, sys.stderr = out, err
    print(name, flush=True)
os._exit(0)  # the streams that cannot be closed would be spoken of at the end
"""


def test_every_fit_ends_in_a_result() -> None:
    done = subprocess.run([sys.executable, "-c", FITS], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[:8] == [
        "none", "closed", "raises", "ascii terminal", "bytes", "no stream", "a number", "a pipe that nobody reads",
    ]  # fmt: skip


@pytest.mark.parametrize("closed", ["<&-", "2>&-", ">&-", "<&- >&- 2>&-"])
def test_streams_that_the_shell_closed(closed: str, tmp_path: Any) -> None:
    if sys.platform == "win32":
        return  # its shell does not close streams
    code = (
        "import sys, numpy as np; from pellucid import Network; X = np.ones((9, 2)); y = [0, 1, 0] * 3\n"
        "Network([2, 2]).fit(X, y, epochs=3, progress=True); open(sys.argv[1], 'w').write('trained')"
    )
    command = ["sh", "-c", f'"$0" -c "$1" "$2" {closed}', sys.executable, code, str(tmp_path / "result")]
    assert subprocess.run(command, timeout=120, check=False).returncode == 0
    assert (tmp_path / "result").read_text() == "trained"


def test_what_is_no_stream_is_no_terminal() -> None:
    assert not any(is_terminal(stream) for stream in (None, 3, object(), sys))


def test_a_filter_still_makes_an_error_of_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="a warning"):
            warn("a warning")


def test_a_fault_of_the_programs_own_showwarning_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def show(*given: Any) -> None:
        raise ZeroDivisionError

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", show)
        with pytest.raises(ZeroDivisionError):
            warn("a warning")
