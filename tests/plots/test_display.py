"""Drawing needs no window, and leaves the backend as it was."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

DRAW = "from pellucid import plots; plots.loss_curve([2.0, 1.0]).figure.savefig('loss.png')"


def run(code, folder, **environment):
    keep = {
        name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND"}
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env=keep | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("environment", [{}, {"MPLBACKEND": "tkagg"}])
def test_a_figure_is_written_where_there_is_no_display(environment, tmp_path):
    result = run(DRAW, tmp_path, **environment)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_the_backend_asked_for_stays(tmp_path):
    code = "import matplotlib; matplotlib.use('svg'); " + DRAW + "; print(matplotlib.get_backend())"
    result = run(code, tmp_path)
    assert result.stdout.strip() == "svg", result.stderr
