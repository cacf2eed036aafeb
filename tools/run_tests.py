"""Runs the test programs of one build and counts what GoogleTest itself reports. Called by tools/test.

Three kinds of test count alike: the tests of build/<preset>/bin/*_test, from their JSON results; one comparison of digests for
each scenario and a crowd, when --digests-like names a second build; and the lines `ok NAME` and `not ok NAME` of the scripts
tests/programs/*_test.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 2700
TAIL_LINES = 25


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []  # what to print, one text each

    def fail(self, name, why):
        self.failed += 1
        self.failures.append(f"FAILED {name}\n" + "\n".join("    " + line for line in why.strip().splitlines()))

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures


def tail(text):
    return "\n".join(text.splitlines()[-TAIL_LINES:])


def run(command, environment=None):
    """Exit code (or None when it took too long) and output, both streams in one."""
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=environment, timeout=LIMIT_SECONDS)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace") + f"\nstopped after {LIMIT_SECONDS} s"
    except OSError as error:
        return None, str(error)


def ending(code):
    return "did not end" if code is None else f"ended by signal {-code}" if code < 0 else f"exit code {code}"


def gtest(program, results, name_filter, environment):
    count = Count()
    report = results / f"{program.name}.json"
    report.unlink(missing_ok=True)
    command = [str(program), f"--gtest_output=json:{report}", "--gtest_brief=1"]
    if name_filter:
        command.append(f"--gtest_filter=*{name_filter}*")
    code, output = run(command, environment)
    try:
        suites = json.loads(report.read_text())["testsuites"]
    except (OSError, ValueError, KeyError):
        count.fail(program.name, f"{ending(code)}, without results:\n{tail(output)}")
        return count
    for test in (test for suite in suites for test in suite["testsuite"]):
        if "failures" in test:
            count.fail(f"{test['classname']}.{test['name']}", "\n".join(each["failure"] for each in test["failures"]))
        elif test.get("result") == "COMPLETED":
            count.passed += 1
        elif test.get("result") == "SKIPPED":
            count.skipped += 1
    if code != 0 and count.failed == 0:  # a leak found at the end, for example
        count.fail(program.name, f"{ending(code)}, though no test failed:\n{tail(output)}")
    return count


def digest(preset, arguments, environment):
    code, output = run([str(ROOT / "build" / preset / "bin" / "session-sim"), *arguments], environment)
    lines = output.splitlines()
    last = lines[-1] if lines else ""
    return (last, "") if code == 0 and last.startswith("digest ") else ("", f"{preset}: {ending(code)}\n{tail(output)}")


CROWD = ["crowd", "--people", "500", "--nodes", "50", "--time", "30m", "--loss", "2", "--fails-every", "6h"]


def simulations():
    """What is run in two builds, as arguments of session-sim: every scenario, and a crowd."""
    found = sorted((ROOT / "assets" / "scenarios").glob("*.json"))
    return [["run", str(each)] for each in found if not each.name.endswith(".schema.json")] + [CROWD]


def same_digest(arguments, presets, environment):
    count = Count()
    name = f"digest of {' '.join(pathlib.Path(each).name for each in arguments)} in {' and '.join(presets)}"
    runs = [digest(preset, arguments, environment) for preset in presets]
    if all(last for last, _ in runs) and len({last for last, _ in runs}) == 1:
        count.passed += 1
    else:
        count.fail(name, "\n".join(why or f"{preset}: {last}" for preset, (last, why) in zip(presets, runs)))
    return count


def script(program, environment):
    count = Count()
    code, output = run([str(program)], environment)
    said = output.splitlines()
    count.passed = sum(line.startswith("ok ") for line in said)
    for number, line in enumerate(said):
        if line.startswith("not ok "):
            before = [text for text in said[max(0, number - TAIL_LINES):number] if not text.startswith("ok ")]
            count.fail(f"{program.name}: {line[len('not ok '):]}", "\n".join(before))
    if count.failed == 0 and (code != 0 or count.passed == 0):
        count.fail(program.name, f"{ending(code)}\n{tail(output)}")
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", required=True)
    parser.add_argument("--digests-like", metavar="PRESET")
    parser.add_argument("--filter", default="")
    parser.add_argument("--failed-before", type=int, default=0, help="checks that failed before the tests")
    parser.add_argument("programs", nargs="*")
    asked = parser.parse_args()

    begun = time.monotonic()
    folder = ROOT / "build" / asked.preset
    results = folder / "test-results"
    results.mkdir(parents=True, exist_ok=True)
    programs = [folder / "bin" / name for name in asked.programs] or sorted((folder / "bin").glob("*_test"))
    scripts = [] if asked.programs or asked.filter else sorted((ROOT / "tests" / "programs").glob("*_test"))
    compared = simulations() if asked.digests_like else []
    environment = dict(os.environ, SESSION_BIN=str(folder / "bin"),
                       UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1", TSAN_OPTIONS="halt_on_error=1")

    total = Count()
    total.failed = asked.failed_before
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        waiting = [pool.submit(gtest, each, results, asked.filter, environment) for each in programs]
        waiting += [pool.submit(same_digest, each, [asked.preset, asked.digests_like], environment) for each in compared]
        for done in waiting:
            total.add(done.result())
    for each in scripts:  # they start nodes on ports and measure nothing: one at a time
        total.add(script(each, environment))

    for failure in total.failures:
        print(failure)
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"{'test ' + asked.preset:<28} {round(time.monotonic() - begun):4} s{skipped}")
    print(f"{total.passed} passed, {total.failed} failed")
    return 0 if total.passed and not total.failed else 1


if __name__ == "__main__":
    sys.exit(main())
