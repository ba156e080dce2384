import shutil
import subprocess

import pytest
from matplotlib.animation import FFMpegWriter
from PIL import Image

from pellucid import plots

from .runs import X, Y, run

pytestmark = pytest.mark.slow


def test_a_gif_holds_the_frames_asked_for(tmp_path):
    path = plots.animation(run()[1], X, Y, tmp_path / "run.gif", frames=4, frames_per_second=2, resolution=20)
    with Image.open(path) as film:
        durations = []
        for frame in range(film.n_frames):
            film.seek(frame)
            durations.append(film.info["duration"])
        assert film.size == (1000, 440)
    assert len(durations) in (4, 6)  # Pillow may join the equal frames at the end
    assert sum(durations) == pytest.approx(4 * 500 + 1000, abs=20)  # four, and the last for a second more


def test_frames_differ(tmp_path):
    path = plots.animation(run()[1], X, Y, tmp_path / "run.gif", frames=2, frames_per_second=1, resolution=20, log=True)
    with Image.open(path) as film:
        first = film.convert("RGB").tobytes()
        film.seek(1)
        assert film.convert("RGB").tobytes() != first


def test_an_mp4_is_written_where_ffmpeg_is_and_its_absence_is_told(tmp_path):
    path, trail = tmp_path / "run.mp4", run(epochs=3)[1]
    if shutil.which("ffmpeg"):
        plots.animation(trail, X, Y, path, frames=2, frames_per_second=2, resolution=20)
        decoded = subprocess.run(
            ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "-"],
            capture_output=True,
            check=True,
        )
        assert len(decoded.stdout) == 4 * 1000 * 440  # two frames, the last for a second more
    else:
        with pytest.raises(RuntimeError, match="ffmpeg, which is not installed"):
            plots.animation(trail, X, Y, path)


def test_without_ffmpeg_an_mp4_is_refused_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda cls: False))
    with pytest.raises(RuntimeError, match=r"ffmpeg.*apt-get install ffmpeg.*\.gif"):
        plots.animation(run()[1], X, Y, tmp_path / "run.mp4")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"run\.avi.*a film ends in \.gif or \.mp4"):
        plots.animation(run()[1], X, Y, tmp_path / "run.avi")


@pytest.mark.parametrize("options", [{"frames": 1}, {"frames_per_second": 0}])
def test_a_film_needs_frames(options, tmp_path):
    with pytest.raises(ValueError, match="expected at least 2 and 1"):
        plots.animation(run()[1], X, Y, tmp_path / "run.gif", **options)


def test_an_empty_trail_makes_no_film(tmp_path):
    with pytest.raises(ValueError, match="a trail of 0 points makes no film"):
        plots.animation(plots.Trail(), X, Y, tmp_path / "run.gif")
