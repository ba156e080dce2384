import pytest
from typer.testing import CliRunner

from pellucid import lessons
from pellucid.cli.app import app


def call(*arguments):
    return CliRunner().invoke(app, ["lesson", *arguments], env={"COLUMNS": "80"})


def test_without_a_name_all_lessons_are_listed():
    result = call()
    assert result.exit_code == 0
    for one in lessons.LESSONS.values():
        (line,) = (line for line in result.stdout.splitlines() if line.split(" ")[0] == one.name)
        assert one.title in line
        assert [int(word) for word in line.split() if word.isdigit()] == list(one.defaults.values())


def test_a_lesson_is_run_with_the_settings_given(tmp_path):
    result = call("gradient-descent", "--passes", "7", "--seed", "3", "--out", str(tmp_path / "deep" / "folder"))
    assert result.exit_code == 0, result.output
    assert "7 steps at rate 0.01" in result.stdout
    assert (tmp_path / "deep" / "folder" / "path.png").is_file()


def test_figures_go_to_a_folder_of_the_lessons_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("gradient-descent", "--passes", "2").exit_code == 0
    assert (tmp_path / "pellucid-lessons" / "gradient-descent" / "path.png").is_file()


def test_no_plots_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("gradient-descent", "--passes", "2", "--no-plots").exit_code == 0
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mons"], ["mons", "moons"]),
        (["moons", "--hidden", "0"], ["--hidden", "0", "1 or more"]),
        (["moons", "--passes", "-5"], ["--passes", "-5", "1 or more"]),
        (["moons", "--seed", "-1"], ["--seed", "-1", "0 or more"]),
        (["hidden-sizes", "--hidden", "3"], ["hidden", "hidden-sizes", "passes, seed"]),
        (["moons", "--passes", "many"], ["--passes", "many"]),
    ],
)
def test_mistakes_are_told_without_a_traceback(arguments, words):
    result = call(*arguments, "--no-plots")
    assert result.exit_code == 2
    assert result.stderr.startswith("pellucid: ")
    assert len(result.stderr.splitlines()) == 1
    assert all(word in result.stderr for word in words), result.stderr


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "taken").write_text("a file")
    result = call("moons", "--out", str(tmp_path / "taken"))
    assert result.exit_code == 2
    assert "folder" in result.output


def test_a_run_that_diverges_is_told_with_advice(monkeypatch):
    from pellucid.lessons import moons

    monkeypatch.setattr(moons, "RATE", 1e300)
    result = call("moons", "--passes", "50", "--no-plots")
    assert result.exit_code == 2
    assert "smaller learning rate" in result.output
