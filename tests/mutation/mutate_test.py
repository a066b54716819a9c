"""The run as a whole, without a compiler: how many are tried, what the last line says, and with which code it ends."""

import contextlib
import io
import json
import os
import sys
import tempfile
import threading
import unittest

from mutate import CAUGHT_PERCENT_MIN, arguments_from, enough, fingerprint, judge_sample, last_line, main
from operators import mutants_of
from trial import Build, BuildFailed, Outcome, Step, Trials, steps_for

_TEXT = "f(a == b);\ng(c == d);\nh(e == f);\ni(g == h);\n"
MUTANTS = [mutant for mutant in mutants_of("a.cpp", _TEXT) if mutant.operator == "comparison"]


class SampleTest(unittest.TestCase):
    def test_what_does_not_compile_is_drawn_again_and_not_counted(self):
        outcomes = [Outcome.NOT_COMPILED, Outcome.CAUGHT, Outcome.NOT_COMPILED, Outcome.SURVIVED]
        results = judge_sample(MUTANTS, 2, 1, lambda mutant: outcomes[MUTANTS.index(mutant)])
        self.assertEqual(json.loads(last_line(results))["mutants"], 2)
        self.assertEqual(len(results), 4)

    def test_the_answer_does_not_depend_on_which_is_done_first(self):
        last_judged = threading.Event()

        def judge(mutant):
            if mutant is MUTANTS[1]:
                last_judged.set()
            self.assertTrue(last_judged.wait(20))
            return Outcome.SURVIVED

        results = judge_sample(MUTANTS, 2, 2, judge)
        self.assertEqual({mutant for mutant, _ in results}, set(MUTANTS[:2]))

    def test_no_more_are_tried_than_there_are(self):
        self.assertEqual(len(judge_sample(MUTANTS, 9, 2, lambda mutant: Outcome.CAUGHT)), len(MUTANTS))

    def test_what_goes_wrong_in_a_trial_ends_the_run(self):
        def judge(mutant):
            raise OSError(mutant.file)

        with self.assertRaises(OSError):
            judge_sample(MUTANTS, 2, 2, judge)


class LastLineTest(unittest.TestCase):
    def test_it_is_one_json_object_with_each_survivor(self):
        results = [(MUTANTS[0], Outcome.CAUGHT), (MUTANTS[1], Outcome.SURVIVED), (MUTANTS[2], Outcome.NOT_COMPILED)]
        line = last_line(results)
        self.assertNotIn("\n", line)
        self.assertEqual(json.loads(line), {
            "mutants": 2, "caught": 1,
            "survivors": [{"file": "a.cpp", "line": 2, "operator": "comparison", "before": "==", "after": "!="}],
        })

    def test_ninety_in_a_hundred_are_enough(self):
        def results(caught, survived):
            return [(MUTANTS[0], Outcome.CAUGHT)] * caught + [(MUTANTS[1], Outcome.SURVIVED)] * survived

        self.assertEqual(CAUGHT_PERCENT_MIN, 90)
        self.assertTrue(enough(results(9, 1)))
        self.assertFalse(enough(results(8, 1)))
        self.assertTrue(enough(results(11, 1) + [(MUTANTS[2], Outcome.NOT_COMPILED)] * 9))


class CommandLineTest(unittest.TestCase):
    def test_quick_is_twelve_mutants_unless_another_number_is_given(self):
        self.assertEqual(arguments_from(["--quick"]).mutants, 12)
        self.assertEqual(arguments_from(["--quick", "--mutants", "3"]).mutants, 3)
        self.assertGreater(arguments_from([]).histories, arguments_from(["--quick"]).histories)

    def test_a_mistake_on_the_command_line_ends_with_2(self):
        for words in (["--mutants", "0"], ["--seed", "x"], ["--jobs"], ["--slow"]):
            with self.subTest(words=words), self.assertRaises(SystemExit) as ended, contextlib.redirect_stderr(io.StringIO()):
                main(words)
            self.assertEqual(ended.exception.code, 2)

    def test_a_place_without_mutants_ends_with_2(self):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(main(["--at", "pipeline/nowhere.cpp"]), 2)
        self.assertIn("pipeline/nowhere.cpp", said.getvalue())

    def test_the_list_is_the_sample_in_its_order(self):
        def listed(*words):
            with contextlib.redirect_stdout(io.StringIO()) as said:
                self.assertEqual(main(["--list", *words]), 0)
            return [json.loads(line) for line in said.getvalue().splitlines()]

        self.assertEqual(listed("--seed", "3", "--mutants", "5"), listed("--seed", "3")[:5])
        self.assertNotEqual(listed("--seed", "3"), listed("--seed", "4"))


class StepsTest(unittest.TestCase):
    def test_unit_tests_come_before_the_simulator_and_every_history_once(self):
        steps = list(steps_for("conflict/judge.cpp", 300))
        self.assertEqual([step.program for step in steps], ["conflict_test", "pipeline_test", "casebridge_simulate", "casebridge_simulate"])
        self.assertEqual([(step.arguments[1], step.arguments[3]) for step in steps[2:]], [("1", "20"), ("21", "280")])


class LimitsTest(unittest.TestCase):
    """A step is any program: here Python stands in for the tests."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.trials = Trials(Build(directory.name), 0)
        self.trials.patience = 1

    def caught_by(self, code, seconds):
        step = Step("tests", ("-c", code), "")
        self.trials._seconds[step] = seconds
        return self.trials._caught_by(step, sys.executable)

    def test_a_failing_program_catches(self):
        self.assertEqual(self.caught_by("raise SystemExit(1)", 1), "tests")

    def test_a_program_that_succeeds_does_not(self):
        self.assertIsNone(self.caught_by("pass", 1))

    def test_a_program_that_uses_up_the_memory_catches(self):
        self.assertEqual(self.caught_by("bytearray(5 * 1024 ** 3)", 1), "tests")

    def test_a_program_that_never_ends_is_ended(self):
        self.assertEqual(self.caught_by("while True: pass", -0.9), "tests (took too long)")

    def test_a_program_that_waits_for_ever_is_ended(self):
        self.assertEqual(self.caught_by("import threading; threading.Event().wait()", -0.9), "tests (took too long)")


    def test_nothing_begins_once_the_run_is_interrupted(self):
        self.trials.stop()
        with self.assertRaises(BuildFailed):
            self.caught_by("pass", 1)

    def test_an_interruption_ends_what_runs(self):
        ended = []
        code = "import pathlib, threading; pathlib.Path('begun').touch(); threading.Event().wait()"

        def run():
            ended.append(self.caught_by(code, 30))

        thread = threading.Thread(target=run)
        thread.start()
        while not os.path.exists(os.path.join(self.trials.build.directory, "begun")) and thread.is_alive():
            thread.join(0.01)
        self.trials.stop()
        thread.join(20)
        self.assertEqual(len(ended), 1)


class ClaimTest(unittest.TestCase):
    def test_two_runs_do_not_share_a_build_directory(self):
        with tempfile.TemporaryDirectory() as directory:
            build = os.path.join(directory, "new")
            with Build(build).claim():
                with self.assertRaises(BuildFailed):
                    Build(build).claim()
            with Build(build).claim():
                pass


class FingerprintTest(unittest.TestCase):
    def test_an_edit_is_noticed_and_a_build_or_a_new_test_is_not(self):
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(os.path.join(root, "build"))
            os.mkdir(os.path.join(root, "tests"))
            source = os.path.join(root, "a.hpp")
            with open(source, "w", encoding="utf-8") as out:
                out.write("1")
            before = fingerprint(root)
            for directory in ("build", "tests"):
                with open(os.path.join(root, directory, "b.cpp"), "w", encoding="utf-8") as out:
                    out.write("1")
            self.assertEqual(fingerprint(root), before)
            with open(source, "a", encoding="utf-8") as out:
                out.write("2")
            self.assertNotEqual(fingerprint(root), before)


if __name__ == "__main__":
    unittest.main()
