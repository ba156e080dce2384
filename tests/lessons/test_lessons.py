"""Every lesson runs, in small; and says the figures that its tutorial is known by."""

import re

import pytest

from pellucid import lessons

pytestmark = pytest.mark.slow


def play(capsys, name, **options):
    lessons.run(name, **options)
    return capsys.readouterr().out


@pytest.mark.parametrize("name", lessons.LESSONS)
def test_a_lesson_runs_in_small_and_writes_the_figures_it_prints(name, tmp_path, capsys):
    options = {"passes": 3} if "passes" in lessons.LESSONS[name].defaults else {}
    text = play(capsys, name, out=tmp_path, **options)
    assert text.startswith(lessons.LESSONS[name].title)
    printed = re.findall(r"^figure: (.*)$", text, flags=re.MULTILINE)
    assert printed
    assert sorted(printed) == sorted(str(path) for path in tmp_path.iterdir())
    assert all((tmp_path / path).read_bytes().startswith(b"\x89PNG") for path in printed)


@pytest.mark.parametrize("name", lessons.LESSONS)
def test_lines_fit_on_a_page_and_no_number_is_missing(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = {"passes": 2} if "passes" in lessons.LESSONS[name].defaults else {}
    text = play(capsys, name, plots=False, **options)
    assert max(map(len, text.splitlines())) <= 100
    assert "figure:" not in text
    assert not any(tmp_path.iterdir())
    # nan has its place in one line only: what the tutorials' softmax makes of large scores
    assert sum("nan" in line.split() for line in text.splitlines()) == (1 if name == "activations" else 0)


def test_a_seed_changes_the_run_and_repeats_it(capsys):
    first, again, other = (play(capsys, "moons", passes=5, seed=seed, plots=False) for seed in (1, 1, 2))
    assert first == again != other


def test_hidden_sets_the_number_of_units(capsys):
    assert "7 tanh" in play(capsys, "moons", passes=1, hidden=7, plots=False)


def test_gradient_descent_ends_where_its_tutorial_says(capsys):
    text = play(capsys, "gradient-descent", plots=False)
    assert re.search(r"^ +1000 .* 2\.3019e-18$", text, flags=re.MULTILINE)
    assert "from exactly (0.54, 0.71) the walk ends at f = 2.2537e-18" in " ".join(text.lower().split())


def test_softmax_is_that_of_the_tutorial_to_eight_digits(capsys):
    text = play(capsys, "activations", plots=False)
    assert text.count("0.96466316  0.01766842  0.01766842") == 2  # and again with 1000 added to each score


def test_the_neuron_without_a_bias_cannot_leave_one_half(capsys):
    text = play(capsys, "neuron", plots=False)
    with_bias, without = re.findall(r"^with.*?0\.500 +(0\.\d+)$", text, flags=re.MULTILINE)
    assert float(with_bias) < 0.1
    assert without == "0.500"
    assert re.search(r"^accuracy +1\.000$", text, flags=re.MULTILINE)


def test_logistic_regression_gets_85_percent_and_agrees_with_scikit_learn(capsys):
    text = play(capsys, "logistic-regression", plots=False)
    assert "accuracy of the line: 0.850" in text
    difference = re.search(r"accuracy: 0\.850; largest difference in a probability: (\S+)", text)
    assert float(difference[1]) < 1e-6


def test_moons_begins_as_the_tutorial_does(capsys):
    text = play(capsys, "moons", passes=1001, plots=False)
    losses = {int(pass_): float(loss) for pass_, loss in re.findall(r"pass +(\d+): (\S+)", text)}
    assert losses[0] == 0.432387
    assert losses[1000] == pytest.approx(0.0689, abs=1e-4)
    assert re.search(r"accuracy: +0\.97\d", text)


def test_the_planted_faults_are_caught(capsys):
    elu = play(capsys, "moons-elu", passes=2, plots=False)
    verdicts = re.findall(r"gradient check: (\w+)", elu)
    assert verdicts == ["passed", "FAILED", "FAILED"]
    clouds = play(capsys, "clouds", passes=1, plots=False)
    assert re.findall(r"gradient check: (\w+)", clouds) == ["FAILED"]
    assert "b of layer 2" in next(line for line in clouds.splitlines() if "WRONG" in line)


def test_equal_weights_stay_equal(capsys):
    text = play(capsys, "moons-elu", passes=50, plots=False)
    rows = re.findall(r"\[(-?\d\.\d*) +(-?\d\.\d*) +(-?\d\.\d*)\]", text)
    assert len(rows) == 4  # W1, two inputs by three units, after each of two starts
    assert all(len(set(row)) == 1 for row in rows)


def test_the_squared_errors_derivation_is_the_librarys(capsys):
    text = play(capsys, "moons-squared-error", passes=1, plots=False)
    differences = [float(number) for number in re.findall(r"difference to the library's: (\S+)", text)]
    assert len(differences) == 4
    assert max(differences) < 1e-12


def test_clouds_begin_at_the_tutorials_cost(capsys):
    assert "cost   3079.975" in play(capsys, "clouds", passes=1, plots=False)


def test_digits_are_read(capsys):
    text = play(capsys, "digits", passes=30, plots=False)
    assert float(re.search(r"^50 hidden units .* (\S+)$", text, flags=re.MULTILINE)[1]) > 0.95


def test_more_points_at_one_rate_blow_the_sum_up_and_not_the_mean(capsys):
    text = play(capsys, "learning-rate", passes=300, plots=False)
    summed, mean = text.split("The same, with the mean")
    rows = re.compile(r"^ +(\d+) +0\.5\d\d +(\S+) +(\S+) – (\S+) ", flags=re.MULTILINE)
    worst = {int(points): float(most) for points, _, _, most in rows.findall(summed)}
    assert worst[200] < 0.4
    assert worst[400] < 0.4
    assert worst[1000] > 0.6
    assert worst[2000] > worst[1000]
    assert all(float(most) < 0.4 for points, _, _, most in rows.findall(mean) if int(points) >= 100)


def test_momentum_and_adam_need_fewer_steps_down_a_valley(capsys):
    text = play(capsys, "optimizers", passes=1, plots=False)
    steps = {name: int(n) for name, n in re.findall(r"^(\D+?) +0\.\d+ +(\d+) +\d+$", text, flags=re.MULTILINE)}
    assert min(steps.values()) == steps["Nesterov"]
    assert steps["gradient descent"] > 2 * max(steps["momentum"], steps["Adam"])


def test_large_inputs_saturate_the_sigmoids(capsys):
    text = play(capsys, "normalisation", passes=20, plots=False)
    saturated = [float(share) for share in re.findall(r" (\d+\.\d)% +\d+ of 20$", text, flags=re.MULTILINE)]
    assert saturated[0] > 90
    assert saturated[1:] == [0, 0]


def test_units_that_start_equal_stay_equal_until_nudged(capsys):
    text = play(capsys, "symmetry", passes=200, plots=False)
    apart = re.findall(r"^(zeros|all|random)\D*[\d.]*, \w+ +0\.\d+ +0\.\d+ +(\S+)", text, flags=re.MULTILINE)
    assert [float(distance) > 0 for _, distance in apart] == [False, False, False, True]
    nudged = [float(distance) for distance in re.findall(r"apart by (\d\S+)$", text, flags=re.MULTILINE)]
    assert 0 < nudged[0] < nudged[-1]


def test_the_first_layer_under_eight_of_sigmoids_is_told_almost_nothing(capsys):
    text = play(capsys, "vanishing-gradients", passes=1, plots=False)
    sigmoid, tanh, relu = map(float, re.search(r"^factor +(\S+) +(\S+) +(\S+)$", text, flags=re.MULTILINE).groups())
    assert sigmoid < 0.5
    assert 0.8 < tanh < 1.5
    assert 0.8 < relu < 1.5


def test_learning_by_heart_shows_on_points_kept_back(capsys):
    text = play(capsys, "overfitting", hidden=60, passes=150, plots=False)
    train, _, test = map(float, re.search(r"^nothing +150 +(\S+) +(\S+) +(\S+)", text, flags=re.MULTILINE).groups())
    assert test > 1.5 * train


def test_more_units_follow_the_curve_better(capsys):
    text = play(capsys, "universal", passes=40, plots=False)
    errors = {int(h): float(e) for h, e in re.findall(r"^ +(\d+) +\d+ +(0\.\d{5}) ", text, flags=re.MULTILINE)}
    assert errors[8] < errors[2] < errors[1]


def test_a_step_by_hand_is_the_step_that_training_takes(capsys):
    text = play(capsys, "by-hand", passes=1, plots=False)
    after = re.search(r"J = \S+ → (\S+),", text)[1]
    assert float(re.search(r"after step +1 .* loss (\S+)", text)[1]) == pytest.approx(float(after), abs=1e-6)


def test_homework_is_graded(capsys):
    text = " ".join(play(capsys, "homework", passes=1, plots=False).split())
    assert re.findall(r"gradient check: (\w+)", text) == ["passed"] + 5 * ["FAILED"]
    assert "200 times the right one" in text
    assert "Only b2 is wrong" in text
    assert "In W1 and W2 it is short by 0.001 times the weights" in text
    assert text.count(" WRONG error ") == 3
    assert "loss must be finite at theta" in text
