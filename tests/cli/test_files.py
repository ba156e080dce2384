"""Files that are there whole or not at all."""

import pytest

from pellucid.cli.files import written_whole


def test_the_file_appears_at_the_end(tmp_path):
    path = tmp_path / "picture.png"
    with written_whole(path) as part:
        part.write_text("whole")
        assert not path.exists()
        assert part.suffix == ".png"
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]
    beside = tmp_path / "beside"
    beside.touch()
    assert path.stat().st_mode == beside.stat().st_mode, "with the rights that any new file gets"


def test_an_error_leaves_nothing_and_keeps_what_was_there(tmp_path):
    path = tmp_path / "picture.png"
    path.write_text("before")

    def broken_off():
        with written_whole(path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
