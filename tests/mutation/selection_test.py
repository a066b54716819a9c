"""Which mutants are tried: the list of files, the list of equivalent ones, the sample."""

import os
import tempfile
import unittest

from operators import mutants_of
from selection import (
    Mistake, all_mutants, at, in_order_of, mutated_files, read_json, without_equivalent,
)

TEXT = "void f()\n{\n    if (a < b && c == d)\n        g(1);\n    if (a < b && c == d)\n        h(2);\n}\n"


def entry(mutant, **changes):
    listed = {"file": mutant.file, "line": mutant.line_text, "operator": mutant.operator, "before": mutant.before,
              "after": mutant.after, "occurrence": mutant.occurrence, "reason": "nobody can tell"}
    return listed | changes


class SampleTest(unittest.TestCase):
    def setUp(self):
        self.mutants = mutants_of("a.cpp", TEXT)

    def test_the_same_seed_is_the_same_sample(self):
        self.assertEqual(in_order_of(7, self.mutants), in_order_of(7, list(reversed(self.mutants))))

    def test_another_seed_is_another_sample_of_the_same_mutants(self):
        self.assertNotEqual(in_order_of(1, self.mutants), in_order_of(2, self.mutants))
        self.assertEqual(sorted(in_order_of(1, self.mutants)), sorted(self.mutants))

    def test_a_change_elsewhere_leaves_the_order_of_the_others_as_it_was(self):
        moved = mutants_of("a.cpp", "// one more line\n" + TEXT.replace("g(1)", "g(3)"))
        kept = {mutant.key for mutant in self.mutants} & {mutant.key for mutant in moved}
        self.assertGreater(len(kept), 10)
        orders = [[mutant.key for mutant in in_order_of(5, mutants) if mutant.key in kept] for mutants in (self.mutants, moved)]
        self.assertEqual(orders[0], orders[1])

    def test_a_place_is_a_file_or_a_line_of_it(self):
        self.assertEqual(at(self.mutants, "a.cpp"), self.mutants)
        self.assertEqual({mutant.line for mutant in at(self.mutants, "a.cpp:4")}, {4})
        for nowhere in ("b.cpp", "a.cpp:2"):
            with self.assertRaises(Mistake):
                at(self.mutants, nowhere)


class EquivalentTest(unittest.TestCase):
    def setUp(self):
        self.mutants = mutants_of("a.cpp", TEXT)

    def test_a_listed_mutant_is_not_tried_and_its_twin_on_another_line_is(self):
        first, second = [mutant for mutant in self.mutants if mutant.after == "!="]
        self.assertEqual((first.line_text, first.occurrence, second.occurrence), (second.line_text, 1, 2))
        kept = without_equivalent(self.mutants, [entry(first)])
        self.assertEqual(set(self.mutants) - set(kept), {first})

    def test_an_entry_follows_its_line(self):
        moved = mutants_of("a.cpp", "\n\n" + TEXT)
        kept = without_equivalent(moved, [entry(self.mutants[0])])
        self.assertEqual(len(kept), len(moved) - 1)

    def test_the_first_occurrence_need_not_be_named(self):
        listed = entry(self.mutants[0])
        del listed["occurrence"]
        self.assertNotIn(self.mutants[0], without_equivalent(self.mutants, [listed]))

    def test_an_entry_that_fits_nothing_is_a_mistake(self):
        for changes in ({"line": "if (a > b)"}, {"after": "?"}, {"occurrence": 9}, {"file": "b.cpp"}, {"operator": "constant"}):
            with self.subTest(changes=changes), self.assertRaises(Mistake):
                without_equivalent(self.mutants, [entry(self.mutants[0], **changes)])

    def test_an_entry_without_a_reason_or_twice_is_a_mistake(self):
        good = entry(self.mutants[0])
        for listed in ([good | {"reason": " "}], [{"file": "a.cpp"}], [good, good]):
            with self.subTest(listed=listed), self.assertRaises(Mistake):
                without_equivalent(self.mutants, listed)


class FilesTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        for file in ("conflict/a.cpp", "conflict/a.hpp", "pipeline/b.cpp", "pipeline/c.cpp"):
            path = os.path.join(self.root, file)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(TEXT)

    def files(self, mutated, left_out):
        return mutated_files({"mutated": dict.fromkeys(mutated, "why"), "left_out": dict.fromkeys(left_out, "why not")}, self.root)

    def test_every_file_is_mutated_or_left_out(self):
        self.assertEqual(self.files(["conflict/*.cpp", "pipeline/b.cpp"], ["pipeline/c.cpp"]), ["conflict/a.cpp", "pipeline/b.cpp"])

    def test_a_file_in_no_list_or_in_both_is_a_mistake(self):
        for left_out in ([], ["pipeline/c.cpp", "pipeline/b.cpp"]):
            with self.subTest(left_out=left_out), self.assertRaises(Mistake):
                self.files(["conflict/*.cpp", "pipeline/b.cpp"], left_out)

    def test_a_line_that_names_no_file_is_a_mistake(self):
        with self.assertRaises(Mistake):
            self.files(["conflict/*.cpp", "pipeline/*.cpp", "pipeline/gone.cpp"], [])


class ProjectTest(unittest.TestCase):
    def test_the_lists_of_this_project_fit_its_code(self):
        mutants = all_mutants(mutated_files())
        self.assertGreater(len(mutants), 1000)
        equivalent = read_json("equivalent_mutants.json")
        self.assertEqual(len(without_equivalent(mutants, equivalent)), len(mutants) - len(equivalent))
        self.assertEqual(len({mutant.key for mutant in mutants}), len(mutants))


if __name__ == "__main__":
    unittest.main()
