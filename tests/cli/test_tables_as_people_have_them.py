"""What the command says of tables as people have them, and of options about them."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

ROWS = "".join(
    f"{place % 17}.5,{place % 5},{(place % 17) * 2 + place % 5}.25,{'pq'[place % 2]}\n" for place in range(80)
)
TABLE = f"a,b,y,kind\n{ROWS}"


def shown(result):
    assert result.exit_code == 0, result.stderr
    return " ".join(result.stdout.split())


def test_ignore_given_twice_takes_both(pellucid, write):
    words = ("--target", "y", "--epochs", 1, "--ignore", "a", "--ignore", "kind")
    assert "left out a, kind: as asked" in shown(pellucid("train", write(TABLE), *words))


def test_a_name_with_a_comma_can_be_ignored(pellucid, write):
    text = TABLE.replace("a,b,", '"a, raw",b,', 1)
    words = ("--target", "y", "--epochs", 1, "--ignore", "a, raw")
    assert "left out a, raw: as asked" in shown(pellucid("train", write(text), *words))


def test_without_names_the_error_says_which_column_a_value_is_in(pellucid, write):
    result = pellucid("train", write(ROWS), "--target", "q", "--epochs", 1)
    assert result.exit_code == 2
    assert 'the first line holds values, not names, and this is a value of "column 4"' in result.stderr
    assert "80 rows" in shown(pellucid("train", write(ROWS), "--target", "column 4", "--epochs", 1))
    assert "79 rows" in shown(pellucid("train", write(ROWS), "--target", "p", "--epochs", 1, "--header"))
    forced = pellucid("train", write(TABLE), "--target", "column 4", "--epochs", 1, "--no-header")
    assert "81 rows" in shown(forced)


def test_rows_without_a_target_are_said_with_their_spelling(pellucid, write):
    text = (
        TABLE.replace("\n", ",t\n", 1)
        .replace(",p\n", ",p,n.d.\n")
        .replace(",q\n", ",q,3.5\n")
        .replace("n.d.", "4.75", 38)
    )
    assert '2 rows without a target dropped (2 times "n.d.")' in shown(
        pellucid("train", write(text), "--target", "t", "--epochs", 1)
    )


def test_a_class_of_one_row_is_left_out_by_name(pellucid, write):
    said = shown(pellucid("train", write(TABLE + "1.5,2,3.5,zebra\n"), "--target", "kind", "--epochs", 1))
    assert 'the only row of class "zebra" left out: one row cannot be learned from and tested' in said


def test_what_was_decided_in_reading_is_said(pellucid, write):
    text = TABLE.replace("7.5,", '"7,5",').replace("6.5,", "nil,", 1)
    said = shown(pellucid("train", write(text), "--target", "y", "--epochs", 1))
    assert "read a: " in said
    assert '"nil"' in said


def test_values_that_share_an_input_are_counted(pellucid, write):
    rows = "".join(f"region {place % 60},{place}.5\n" for place in range(240))
    said = shown(pellucid("train", write(f"region,y\n{rows}"), "--target", "y", "--epochs", 1))
    assert "region: 41 of 60 values share one input" in said


def test_reasons_with_counts_are_grouped(pellucid, write):
    rows = "".join(f"{place}.5,id {place},no {place % 70}\n" for place in range(90))
    text = "y,a,b,c\n" + "".join(f"{row},{place % 7}\n" for place, row in enumerate(rows.splitlines()))
    said = shown(pellucid("train", write(text), "--target", "y", "--epochs", 1))
    assert "left out a, b: an identifier or free text" in said


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/stdin")
@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_a_pipe(name):
    words = [sys.executable, "-m", "pellucid", "check", name, "--target", "y"]
    done = subprocess.run(words, input=TABLE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "on 64 rows to learn from" in done.stdout
