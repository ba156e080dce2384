import pkgutil

import pytest

from pellucid import lessons

HELPERS = {"lesson", "page", "sources"}


def test_every_module_of_a_lesson_is_registered_under_its_name():
    modules = {module.name for module in pkgutil.iter_modules(lessons.__path__)} - HELPERS
    assert {name.replace("-", "_") for name in lessons.LESSONS} == modules


@pytest.mark.parametrize("lesson", lessons.LESSONS.values(), ids=list(lessons.LESSONS))
def test_a_lesson_says_what_it_is_and_where_it_comes_from(lesson):
    assert lesson.title
    assert lesson.source
    assert set(lesson.defaults) <= {"hidden", "passes", "seed"}


def test_names_may_be_written_with_underscores():
    assert lessons.find("moons_elu") is lessons.LESSONS["moons-elu"]


def test_an_unknown_name_answers_with_the_nearest():
    with pytest.raises(ValueError, match="unknown lesson 'mons': did you mean 'moons'"):
        lessons.find("mons")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": 3}, "hidden=3: lesson 'gradient-descent' does not use it; it takes passes, seed"),
        ({"passes": 0}, "passes must be a whole number >= 1, got 0"),
        ({"seed": -1}, "seed must be a whole number >= 0, got -1"),
    ],
)
def test_settings_out_of_range_or_unused_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        lessons.LESSONS["gradient-descent"].settings(plots=False, **options)


def test_a_lesson_without_settings_says_so():
    with pytest.raises(ValueError, match="it takes none of hidden, passes and seed"):
        lessons.LESSONS["activations"].settings(plots=False, seed=1)


def test_settings_given_stand_in_place_of_the_lessons_own(tmp_path):
    settings = lessons.LESSONS["moons"].settings(hidden=5, out=tmp_path / "figures")
    assert (settings.hidden, settings.passes, settings.seed) == (5, 20_000, 0)
    assert settings.out.is_dir()


def test_without_plots_no_folder_is_made(tmp_path):
    lessons.LESSONS["moons"].settings(out=tmp_path / "figures", plots=False)
    assert not (tmp_path / "figures").exists()


def test_a_folder_that_cannot_be_made_is_refused_before_any_work(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ValueError, match=r"out=.*taken.*cannot be made a folder"):
        lessons.LESSONS["moons"].settings(out=tmp_path / "taken")
