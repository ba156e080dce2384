"""Training with the page open, against the same training without it; and how many frames a second are shown.

    python benchmarks/playground.py [--seconds 6] [--rounds 3]

Each round trains the same network twice, as fast as it goes: in a session that nobody looks at, and in one whose page
is open in a headless browser, with 20 or more heat maps, boundary and curves. Printed are the medians. To be run on an
idle machine with two cores or more.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

SETTINGS = {"hidden": "8,8", "features": "x1,x2,x1^2,x2^2", "speed": "0", "epochs": "100000000", "data": "spirals"}
ALONE = """
import sys, time
from pellucid.playground.session import Session
session = Session(settings=eval(sys.argv[1]))
session.receive({"t": "play"})
run = session._state.run
time.sleep(1.0)
began, before = time.perf_counter(), run.clock.updates
time.sleep(float(sys.argv[2]))
print((run.clock.updates - before) / (time.perf_counter() - began))
session.close()
"""


def alone(seconds: float) -> float:
    """Updates a second of a session that nobody looks at."""
    command = [sys.executable, "-c", ALONE, repr(SETTINGS), str(seconds)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def looked_at(page: object, address: str, seconds: float) -> tuple[float, float, float]:
    """Updates and frames a second of a session with its page, and the seconds to the first frame of the page."""
    began = time.perf_counter()
    page.goto(address + "#" + "&".join(f"{name}={value}" for name, value in SETTINGS.items()))
    page.wait_for_selector("[data-frames]:not([data-frames='0'])")
    first = time.perf_counter() - began
    page.keyboard.press("Space")
    page.wait_for_selector("[data-playing='true']")
    time.sleep(1.0)
    read = (
        "() => { const d = document.querySelector('[data-frames]').dataset;"
        " return [performance.now() / 1000, +d.updates, +d.frames]; }"
    )
    start = page.evaluate(read)
    time.sleep(seconds)
    end = page.evaluate(read)
    page.keyboard.press("Space")
    passed = end[0] - start[0]
    return (end[1] - start[1]) / passed, (end[2] - start[2]) / passed, first


def main() -> None:
    """Print one line a round, and the medians."""
    from playwright.sync_api import sync_playwright

    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=6.0)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    command = [str(Path(sys.executable).with_name("pellucid")), "playground", "--no-browser", "--port", "0"]
    rounds = []
    for _ in range(options.rounds):
        without = alone(options.seconds)
        started = time.perf_counter()
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
            sync_playwright() as playwright,
            playwright.chromium.launch(
                executable_path="/usr/bin/chromium",
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            ) as browser,
        ):
            line = server.stdout.readline()
            answered = time.perf_counter() - started
            address = re.search(r"http://\S+", line)[0]
            page = browser.new_page(viewport={"width": 1440, "height": 950})
            with_page, frames, first = looked_at(page, address, options.seconds)
            server.terminate()
        rounds.append((without, with_page, with_page / without, frames, answered, first))
        print(
            f"alone {without:12,.0f} updates/s   with the page {with_page:12,.0f}   share {with_page / without:.2f}   "
            f"{frames:.1f} frames/s   address after {answered:.2f} s, first frame {first:.2f} s later"
        )
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    print(f"median share {medians[2]:.2f}, {medians[3]:.1f} frames/s, first frame {medians[4] + medians[5]:.2f} s")


if __name__ == "__main__":
    main()
