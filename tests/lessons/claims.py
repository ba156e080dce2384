"""What a lesson may say of its numbers, and what the printed numbers must be for it.

Each claim is a phrase of one sentence, and a function of the printed text that says whether its numbers bear it out.
The numbers are read from the page, as a reader would: nothing here knows how the lesson came to its sentence.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

NUMBER = r"[-+]?\d*\.?\d+(?:e[-+]?\d+)?"


@dataclass(frozen=True)
class Page:
    """The text that a lesson printed, and the settings it ran with."""

    text: str
    settings: Mapping[str, int]

    @property
    def words(self) -> str:
        """The text as one line."""
        return " ".join(self.text.split())

    def part(self, start: str, end: str | None = None) -> str:
        """What stands after one phrase and before another."""
        after = self.text.split(start, 1)[1]
        return after if end is None else after.split(end, 1)[0]

    def numbers(self, pattern: str) -> list[float]:
        """The numbers that a pattern captures in the running text."""
        found = re.search(pattern, self.words)
        assert found, pattern
        return [float(number) for number in found.groups()]

    def row(self, name: str, part: str | None = None) -> list[float]:
        """The numbers of a table's line that begins with a name."""
        for line in (self.text if part is None else part).splitlines():
            if re.match(rf" *{re.escape(name)}(?:  |$)", line):
                return [float(word) for word in line.replace(name, "", 1).split() if re.fullmatch(NUMBER, word)]
        raise AssertionError(f"no row {name!r}")

    def table(self, part: str, columns: int) -> dict[float, list[float]]:
        """Lines of so many numbers and nothing else, by their first."""
        rows = {}
        for line in part.splitlines():
            words = line.replace("–", " ").split()
            if len(words) == columns and all(re.fullmatch(NUMBER, word) for word in words):
                rows[float(words[0])] = [float(word) for word in words[1:]]
        assert rows, "no such table"
        return rows

    def listed(self, pattern: str) -> list[float]:
        """The numbers of a list in the running text, such as "100, 200 and 400"."""
        found = re.search(pattern, self.words)
        assert found, pattern
        return [float(number) for number in re.findall(NUMBER, found[1])]


@dataclass(frozen=True)
class Claim:
    """A phrase, and whether the page bears it out. `always`: it must stand wherever the numbers do bear it out."""

    phrase: str
    holds: Callable[[Page], bool]
    always: bool = True


def _steps(page: Page) -> float:
    return list(page.table(page.part("f(x, y)", "A step multiplies"), 4).values())[-1][2]


def _found(page: Page) -> bool:
    _, obesity, _ = page.numbers(rf"Feed.*weights smoking ({NUMBER}) obesity ({NUMBER}) exercise ({NUMBER}) bias")
    smoking, obesity, exercise = page.numbers(
        rf"at rate 0.5 .*weights smoking ({NUMBER}) obesity ({NUMBER}) exercise ({NUMBER}) bias"
    )
    return page.row("accuracy") == [1.0] and obesity > 2 * max(abs(smoking), abs(exercise))


def _answers(page: Page) -> list[float]:
    start, _ = page.numbers(rf"The answer went from ({NUMBER}) to ({NUMBER})\.(?: |$)")
    return [start, *(float(one) for one in re.findall(r"answer (0\.\d+)", page.text))]


def _creeps(page: Page) -> bool:
    gains = [b - a for a, b in pairwise(_answers(page))]
    return min(gains) > 0 and all(b <= a + 2e-4 for a, b in pairwise(gains))


def _difference(page: Page) -> float:
    return page.numbers(rf"largest difference in a probability: ({NUMBER})")[0]


def _accuracy(page: Page) -> float:
    return page.numbers(rf"Training accuracy: ({NUMBER})")[0]


def _misplaced(page: Page) -> float:
    return page.numbers(r"(\d+) points? of 200")[0]


METHODS = (
    "batch gradient descent",
    "mini-batches of 32",
    "one point at a time",
    "Nesterov momentum, 32",
    "Adam, 32",
    "Adam, 32, dropout, L2",
)


def _methods(page: Page, column: int) -> list[float]:
    return [page.row(name)[column] for name in METHODS]


def _apart(page: Page) -> float:
    tests = _methods(page, -1)
    return max(tests) - min(tests[1:])


def _sweeps(page: Page) -> list[dict[float, list[float]]]:
    parts = page.part("fresh points from the same moons.", "What the tables say").split("seconds")[1:]
    return [page.table(part, 7) for part in parts]  # h, loss, lowest, highest, train, fresh, seconds


def _sizes(page: Page) -> bool:
    said = re.findall(r": (?:the smallest network .*? has (\d+) units?|(no) border follows the moons)\. On", page.words)
    right = []
    for (size, _), sweep in zip(said, _sweeps(page), strict=True):
        enough = [h for h, row in sweep.items() if row[4] >= 0.95]
        right.append(float(size) == min(enough) if size else not enough)
    return len(right) == 3 and all(right)


def _best_sizes(page: Page) -> bool:
    said = re.findall(r"On fresh points h = (\d+) is best \((\S+)\), on its own points h = (\d+) \((\S+)\)", page.words)
    return len(said) == 3 and all(
        sweep[float(h)][4] == float(fresh) == max(row[4] for row in sweep.values())
        and sweep[float(g)][3] == float(train) == max(row[3] for row in sweep.values())
        for (h, fresh, g, train), sweep in zip(said, _sweeps(page), strict=True)
    )


def _restless(page: Page) -> bool:
    for part, sweep in zip(
        re.findall(r"On fresh points h(.*?)(?=On fresh points h|A loss that)", page.words), _sweeps(page), strict=True
    ):
        found = re.search(r"With h = ([\d, and]+) the loss still rose", part)
        if found and not all(sweep[float(h)][1] < sweep[float(h)][2] for h in re.findall(r"\d+", found[1])):
            return False
    return True


def _by_points(page: Page, start: str, end: str) -> dict[float, list[float]]:
    return page.table(page.part(start, end), 6)  # points, first, highest, from, to, accuracy


def _sum(page: Page) -> dict[float, list[float]]:
    return _by_points(page, "loss summed over the points", "All losses here")


def _mean(page: Page) -> dict[float, list[float]]:
    return _by_points(page, "The same, with the mean", "For 200 points these")


def _rates(page: Page) -> dict[float, list[float]]:
    return _by_points(page, "Rates on the mean, 200 points", "To find a rate")


def _below(rows: dict[float, list[float]], names: list[float]) -> bool:
    return all(rows[name][2] < rows[name][0] for name in names)


def _above(rows: dict[float, list[float]], names: list[float]) -> bool:
    return all(name not in rows or rows[name][3] >= rows[name][0] for name in names)


def _limits(page: Page) -> dict[tuple[str, float], list[float]]:
    lines = re.findall(
        rf"^ *(sum|mean) +(\d+) +({NUMBER}) +({NUMBER}) +({NUMBER}) +({NUMBER})$", page.text, re.MULTILINE
    )
    return {(kind, float(n)): [float(start), float(end)] for kind, n, _, start, _, end in lines}


def _survivors(page: Page) -> bool:
    names = page.listed(r"need not end a run, as ([\d, and]+) points")
    return all(max(_limits(page)["sum", n]) < 0.0101 for n in names) and _below(_sum(page), names)


BATCHES = ("1500", "128", "32", "8", "1", "1, rate → 0")


def _batch(page: Page, name: str) -> list[float]:
    part = page.part("how many points it is worth", '"angle" is')
    for line in part.splitlines():
        if found := re.match(rf" *{re.escape(name)} +(\d+) +(\d+)°(.*)$", line):
            return [float(found[2]), *(float(number) for number in found[3].split())]
    raise AssertionError(name)


def _rules(page: Page) -> dict[str, list[float]]:
    text = page.part("The rule and its rate", "Lowest loss").replace("inf", "1e9")
    table = page.table(text, 5)
    return dict(
        zip(("gradient descent", "momentum", "Nesterov", "Adam"), zip(*table.values(), strict=True), strict=True)
    )


RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def _rate_of(page: Page, name: str) -> float:
    column = _rules(page)[name]
    return RATES[column.index(min(column))]


def _lowest(page: Page) -> bool:
    said = re.findall(rf"(gradient descent|momentum|Nesterov|Adam) ({NUMBER}) at rate ({NUMBER})", page.words)
    rules = _rules(page)
    return len(said) == 4 and all(
        float(loss) == min(rules[name]) == rules[name][RATES.index(float(rate))] for name, loss, rate in said
    )


def _two_below(page: Page) -> bool:
    rules, lines = _rules(page), {name: RATES.index(_rate_of(page, name)) for name in _rules(page)}
    below = [rules[name][line - 2] for name, line in lines.items() if name != "gradient descent" and line >= 2]
    return bool(below) and min(below) >= min(rules["gradient descent"])


WINES = ("as it comes", "mean 0, deviation 1", "from −1 to 1")


def _working(page: Page) -> list[list[float]]:
    part = page.part("The hidden units before training", "z is a unit")
    return [
        [float(number) for number in re.search(rf"{name}.* (\S+)% +(\d+) of (\d+)", part).groups()] for name in WINES
    ]


def _wine(page: Page, column: int) -> list[float]:
    part = page.part("of gradient descent at rate")
    return [page.row(name, part)[column] for name in WINES]


def _commonest(page: Page) -> float:
    return page.row("always the commonest")[0]


def _starts(page: Page) -> dict[str, float]:
    found = re.findall(
        rf"^(zeros, tanh|zeros, sigmoid|all 0.5, tanh|random, tanh) +{NUMBER} +{NUMBER} +({NUMBER}) ",
        page.part("After training"),
        re.MULTILINE,
    )
    return {name: float(apart) for name, apart in found}


def _nudged(page: Page) -> float:
    return float(re.findall(rf"apart by ({NUMBER})$", page.text, re.MULTILINE)[-1])


def _hidden(page: Page) -> int:
    return page.settings["hidden"]


def _layers(page: Page) -> dict[str, list[float]]:
    rows = page.table(page.part("before training", "slope "), 4)
    return dict(zip(("sigmoid", "tanh", "relu"), zip(*rows.values(), strict=True), strict=True))


def _even(page: Page, kind: str) -> bool:
    sizes = _layers(page)[kind]
    return min(sizes[:-1]) * 10 > sizes[-2] > 0


def _depths(page: Page) -> dict[float, list[float]]:
    return page.table(page.part("batches of 32", '"fresh" is'), 7)


REMEDIES = ("nothing", "L2, 0.01", "dropout, 0.5", "early stopping", "ten times the data")


def _remedy(page: Page, name: str) -> list[float]:
    return page.row(name, page.part("in batches of 25"))[1:]  # train, validation, test loss; train, test accuracy


def _curve(page: Page) -> dict[float, list[float]]:
    return page.table(page.part("RMS error", "Borders"), 5)


def _shapes(page: Page) -> dict[float, list[float]]:
    return page.table(page.part("Borders"), 5)


SHAPES = ("disc", "chequers", "ring", "spiral")


def _enough(page: Page) -> dict[str, float]:
    found = {}
    for column, name in enumerate(SHAPES):
        sizes = [units for units, row in _shapes(page).items() if row[column] >= 0.95]
        if sizes:
            found[name] = min(sizes)
    return found


HANDED_IN = (
    "as it should be",
    "ELU's slope is 0 above 0",
    "divided by n twice",
    "the sum, for a mean loss",
    "the penalty left out",
    "∂J/∂b2 = δ of one sample",
)


def _grades(page: Page) -> dict[str, list[float]]:
    part = page.part("Would you have noticed?", "With the sum")
    return {
        name: [float(word) for word in re.search(rf"{re.escape(name)} +(\S+) +(\S+)", part).groups()]
        for name in HANDED_IN
    }


def _named(page: Page, start: str) -> list[str]:
    sentence = re.search(rf"{start}[^:]*: ((?:\"[^\"]*\"(?:, | and )?)+)\.", page.words)
    assert sentence, start
    return re.findall(r'"([^"]*)"', sentence[1])


def _worse(page: Page) -> bool:
    grades, names = _grades(page), _named(page, "Others lose more")
    return all(grades[name][1] < grades["as it should be"][1] - 0.0299 for name in names)


def _unseen(page: Page) -> bool:
    grades, names = _grades(page), _named(page, "Not to be noticed")
    return all(grades[name][1] >= grades["as it should be"][1] - 0.0301 for name in names)


CLAIMS: dict[str, list[Claim]] = {
    "gradient-descent": [
        Claim(
            "which is what the loop found", lambda p: p.numbers(rf"= ({NUMBER}), which") == [_steps(p)], always=False
        ),
        Claim(
            "and the loop found", lambda p: p.numbers(rf"= ({NUMBER}), and the loop found") != [_steps(p)], always=False
        ),
        Claim("is not quite there", lambda p: _steps(p) > 0),
        Claim("and is rounded to 0", lambda p: _steps(p) == 0),
    ],
    "neuron": [
        Claim("The unit found that", _found),
        Claim("The unit has not found that yet", lambda p: not _found(p)),
    ],
    "by-hand": [
        Claim("The answer went from", lambda p: p.numbers(r"went from \S+ to (0\.\d+)")[0] >= _answers(p)[-1]),
        Claim("comes closer to 1 in ever smaller steps", _creeps, always=False),
    ],
    "logistic-regression": [
        Claim("They meet at its only minimum", lambda p: _difference(p) < 1e-3),
        Claim("the descent is not there yet", lambda p: _difference(p) >= 1e-3),
    ],
    "moons": [
        Claim("The border follows the moons", lambda p: _accuracy(p) >= 0.95),
        Claim("The border does not follow the moons", lambda p: _accuracy(p) < 0.95),
        Claim("on the wrong side", lambda p: abs(_misplaced(p) / 200 - (1 - _accuracy(p))) < 0.001),
        Claim(
            "the run has not settled",
            lambda p: (lambda low, high: low < high)(*p.numbers(rf"time(?:s)?, between ({NUMBER}) and ({NUMBER}):")),
            always=False,
        ),
    ],
    "moons-elu": [
        Claim(
            "is reached after",
            lambda p: p.numbers(r"is reached after (\d+) pass")[0] <= p.settings["passes"],
            always=False,
        ),
        Claim(
            "about what the faulty gradient reaches here",
            lambda p: (lambda _, right, train, test: test < right - 0.019 and abs(train - 0.89) < 0.041)(
                *p.row("mean")
            ),
        ),
        Claim(
            "leaves the hidden layer nearly as it was drawn",
            lambda p: (lambda right, wrong: wrong <= 0.5 * right + 1)(*p.numbers(r"moved by (\d+)% (\d+)%")),
            always=False,
        ),
        Claim("of them do the work of one", lambda p: _hidden(p) > 1),
        Claim("With one hidden unit there is no other", lambda p: _hidden(p) == 1),
    ],
    "clouds": [
        Claim(
            "less than half of batch descent's loss",
            lambda p: _methods(p, 2)[1] < 0.5 * _methods(p, 2)[0] + 1e-4,
        ),
        Claim("each update does more", lambda p: min(_methods(p, 2)[3:5]) < 0.95 * _methods(p, 2)[1] + 2e-4),
        Claim("too small to tell the last five methods apart", lambda p: _apart(p) < 0.024, always=False),
        Claim(
            "the best and the worst of the last five methods differ by",
            lambda p: abs(p.numbers(r"methods differ by (0\.\d+)")[0] - _apart(p)) < 0.0015,
            always=False,
        ),
        Claim(
            "what is left is about a guess among three",
            lambda p: p.row("mean 1000, deviation 100")[1] < 0.01 and p.row("mean 1000, deviation 100")[3] < 0.5,
        ),
    ],
    "hidden-sizes": [
        Claim("smallest network whose border follows the moons", _sizes, always=False),
        Claim("no border follows the moons", _sizes, always=False),
        Claim("On fresh points h =", _best_sizes),
        Claim("the loss still rose in the last hundred passes", _restless, always=False),
    ],
    "digits": [
        Claim(
            "the training loss still falls",
            lambda p: (lambda a, b, c, d: a > b and c > d)(
                *p.numbers(r"still falls, from (\S+) to (\S+), .* ends at (\S+), above its lowest, (\d+\.\d+)\.")
            ),
            always=False,
        ),
        Claim(
            "The validation loss was lowest in the last epoch",
            lambda p: p.numbers(r"weights of epoch (\d+) kept")[0] == p.settings["passes"],
        ),
        Claim("epochs after the best one, and takes the weights", lambda p: "early stopping: no better" in p.words),
        Claim("where it is wrong", lambda p: 0 < p.numbers(r"(\d+) of 360 test digits")[0] < 360),
    ],
    "learning-rate": [
        Claim(
            "points the network learns",
            lambda p: _below(_sum(p), p.listed(r"With ([\d, and]+) points the network learns")),
            always=False,
        ),
        Claim(
            "to the end the loss goes above where it began",
            lambda p: _above(_sum(p), p.listed(r"With ([\d, and]+) points it does not")),
            always=False,
        ),
        Claim(
            "There is nothing wrong with the extra points",
            lambda p: (
                max(p.listed(r"With ([\d, and]+) points the network learns"))
                < min(p.listed(r"With ([\d, and]+) points it does not"))
            ),
            always=False,
        ),
        Claim("One rate serves all of them", lambda p: _below(_mean(p), list(_mean(p))), always=False),
        Claim(
            "The rate is too high for this network all the same",
            lambda p: _above(_mean(p), p.listed(r"all the same: with ([\d, and]+) points")),
            always=False,
        ),
        Claim("A rate above the limit need not end a run", _survivors, always=False),
        Claim("A low rate learns the same, only later", lambda p: p.settings["passes"] >= 100, always=False),
        Claim(
            "A high rate makes the loss jump",
            lambda p: all(
                rate not in _rates(p) or _rates(p)[rate][2] < _rates(p)[rate][3]
                for rate in p.listed(r"at rate ([\d., and]+) it still does")
            ),
            always=False,
        ),
    ],
    "optimizers": [
        Claim(
            "the smaller batch of 1, 32 and 1500 points has the smaller loss",
            lambda p: _batch(p, "1")[1] < _batch(p, "32")[1] < _batch(p, "1500")[1],
        ),
        Claim(
            "and ends lower",
            lambda p: _batch(p, "1, rate → 0")[-1] <= _batch(p, "1")[-1],
            always=False,
        ),
        Claim("Lowest loss of each rule", _lowest),
        Claim(
            "Momentum at a tenth of the rate ends about where gradient descent does",
            lambda p: all(
                abs(momentum - plain) < 0.15 * plain + 1e-4
                for momentum, plain in zip(_rules(p)["momentum"], _rules(p)["gradient descent"][2:], strict=False)
            ),
        ),
        Claim("Adam's best rate is lower", lambda p: _rate_of(p, "Adam") < _rate_of(p, "momentum")),
        Claim(
            "each rule ends at about the same loss here",
            lambda p: max(map(min, _rules(p).values())) < 1.2 * min(map(min, _rules(p).values())) + 1e-4,
            always=False,
        ),
        Claim("The rate is worth a search", _two_below, always=False),
    ],
    "normalisation": [
        Claim(
            "Most units answer the same for every wine",
            lambda p: _working(p)[0][0] > 80 and _working(p)[0][1] <= _working(p)[0][2] / 2,
        ),
        Claim("no better than the guess of the commonest", lambda p: _wine(p, 1)[0] < _commonest(p) + 0.021, False),
        Claim(
            "With scaled inputs every unit is at work",
            lambda p: all(working == hidden for _, working, hidden in _working(p)[1:]),
        ),
        Claim(
            "With scaled inputs the loss ends at less than half",
            lambda p: max(_wine(p, 0)[1:]) < 0.5 * _wine(p, 0)[0] + 1e-4,
        ),
        Claim(
            "Which of the two scalings matters little", lambda p: abs(_wine(p, 2)[1] - _wine(p, 2)[2]) < 0.031, False
        ),
    ],
    "symmetry": [
        Claim("Equal units get equal gradients", lambda p: _hidden(p) > 1 and sorted(_starts(p).values())[-2] == 0),
        Claim("Random weights are different from the start", lambda p: _starts(p)["random, tanh"] > 0),
        Claim("One hidden unit has no other", lambda p: _hidden(p) == 1 and max(_starts(p).values()) == 0),
        Claim("A millionth was enough to end it", lambda p: _hidden(p) > 1 and _nudged(p) >= 1),
        Claim("the units are still apart by only", lambda p: _hidden(p) > 1 and _nudged(p) <= 1),
    ],
    "vanishing-gradients": [
        Claim("With sigmoids it is far below 1", lambda p: p.row("factor")[0] < 0.6, always=False),
        Claim("no hidden layer gets ten times less", lambda p: _even(p, "tanh") or _even(p, "relu"), always=False),
        Claim(
            "some hidden layer gets at least ten times less",
            lambda p: not (_even(p, "tanh") and _even(p, "relu")),
            always=False,
        ),
        Claim(
            "no gradient at all reaches the hidden layers",
            lambda p: any(max(sizes[:-1]) == 0 for sizes in _layers(p).values()),
            always=False,
        ),
        Claim(
            "hidden layers do not get far below it",
            lambda p: (
                [d for d, row in _depths(p).items() if row[0] > 0.66] == p.listed(r"networks of (.*?) hidden lay")
            ),
            always=False,
        ),
        Claim(
            "the network of one hidden layer does not get far below it",
            lambda p: [d for d, row in _depths(p).items() if row[0] > 0.66] == [1],
        ),
        Claim(
            "Tanh and ReLU learn at every depth", lambda p: max(max(r[2], r[4]) for r in _depths(p).values()) < 0.3501
        ),
    ],
    "overfitting": [
        Claim(
            "while the validation loss climbs",
            lambda p: (lambda a, b, c, d: a > b and d > 1.09 * c)(
                *p.numbers(rf"the end, from ({NUMBER}) to ({NUMBER}), while .* from ({NUMBER}) to ({NUMBER}):")
            ),
            always=False,
        ),
        Claim(
            "There is little or no overfitting yet",
            lambda p: "while the validation loss climbs" not in p.words,
        ),
        Claim(
            "this network is wrong most often of the five",
            lambda p: _remedy(p, "nothing")[4] == min(_remedy(p, name)[4] for name in REMEDIES),
            always=False,
        ),
        Claim(
            "The first three end with a larger loss on the training points",
            lambda p: all(
                _remedy(p, name)[0] >= _remedy(p, "nothing")[0] and _remedy(p, name)[2] <= _remedy(p, "nothing")[2]
                for name in REMEDIES[1:4]
            ),
            always=False,
        ),
        Claim(
            "Ten times the data has a smaller test loss",
            lambda p: _remedy(p, "ten times the data")[2] <= _remedy(p, "nothing")[2],
            always=False,
        ),
        Claim(
            "are being learned by heart",
            lambda p: (
                _remedy(p, "ten times the data")[2] > 1.49 * _remedy(p, "ten times the data")[0]
                and p.numbers(r"softmax (\d+) parameters")[0] > 1000
            ),
            always=False,
        ),
    ],
    "universal": [
        Claim(
            "From one unit to eight the error falls to",
            lambda p: abs(p.numbers(r"the error falls to 1/(\d+)\.")[0] - _curve(p)[1][1] / _curve(p)[8][1]) < 0.51,
            always=False,
        ),
        Claim("training did not put them to use", lambda p: _curve(p)[1][1] < 2.001 * _curve(p)[8][1]),
        Claim(
            "More units gain little or nothing after that",
            lambda p: _curve(p)[32][1] > 0.499 * _curve(p)[8][1],
            always=False,
        ),
        Claim(
            "The theorem holds on the range only", lambda p: all(row[3] > row[1] for row in _curve(p).values()), False
        ),
        Claim(
            "95 of 100 fresh points are on the right side with",
            lambda p: all(f"{units:.0f} units for the {name}" in p.words for name, units in _enough(p).items()),
            always=False,
        ),
        Claim("No number of units gets there", lambda p: len(_enough(p)) < len(SHAPES)),
        Claim(
            "more of them need not help",
            lambda p: any(
                max(row[SHAPES.index(name)] for row in _shapes(p).values()) >= _shapes(p)[32][SHAPES.index(name)]
                for name in _enough(p)
            ),
            always=False,
        ),
    ],
    "homework": [
        Claim("A loss that ends above its first value", lambda p: bool(_named(p, "A loss that ends above")), False),
        Claim("without the first line to compare with", _worse, always=False),
        Claim("Not to be noticed from the accuracy", _unseen, always=False),
    ],
}
