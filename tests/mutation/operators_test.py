"""Each operator on small snippets: what it makes, and what it leaves alone."""

import unittest

from cpp_source import CppSource
from operators import mutants_of


def made(text, *operators):
    """What becomes of a snippet: (before, after) of each mutant, of the named operators or of all."""
    return [(mutant.before, mutant.after) for mutant in mutants_of("a.cpp", text) if not operators or mutant.operator in operators]


def texts(text, *operators):
    return [mutant.apply(text) for mutant in mutants_of("a.cpp", text) if mutant.operator in operators]


class ComparisonTest(unittest.TestCase):
    def test_an_order_gets_another_bound_and_the_opposite(self):
        self.assertEqual(made("x = a < b;", "comparison"), [("<", "<="), ("<", ">=")])
        self.assertEqual(made("x = a >= b;", "comparison"), [(">=", "<"), (">=", ">")])

    def test_equal_becomes_unequal_and_back(self):
        self.assertEqual(made("x = a == b || c != d;", "comparison"), [("==", "!="), ("!=", "==")])

    def test_template_brackets_are_no_comparisons(self):
        for text in ("std::map<A, std::vector<B>> all;", "template <class Other> int f(const Other&);", "auto f = []<class T>(T);",
                     "f(std::get_if<Latest>(&rule));", "static_cast<int>(a);", "std::array<int, (3)> digits;"):
            with self.subTest(text=text):
                self.assertEqual(made(text, "comparison", "constant"), [])

    def test_a_comparison_beside_template_brackets_is_one(self):
        self.assertEqual(made("x = std::get<A>(a) < std::get<B>(b);", "comparison"), [("<", "<="), ("<", ">=")])

    def test_operators_that_are_declared_arrows_and_shifts_are_no_comparisons(self):
        for text in ("bool operator<(A a, B b);", "bool operator< (A a, B b);", "auto operator<=>(const A&) const = default;",
                     "out << a->b;", "auto f(A a) -> B;", "x = a >> b;", "x = a <=> b;"):
            with self.subTest(text=text):
                self.assertEqual(made(text, "comparison"), [])


class ArithmeticTest(unittest.TestCase):
    def test_plus_and_minus_times_and_divided_by_change_places(self):
        self.assertEqual(made("x = a + b - c * d / e;", "arithmetic"), [("+", "-"), ("-", "+"), ("*", "/"), ("/", "*")])
        self.assertEqual(made("a += b;", "arithmetic"), [("+=", "-=")])
        self.assertEqual(made("++a; b--;", "arithmetic"), [("++", "--"), ("--", "++")])

    def test_pointers_signs_and_dereferences_are_no_arithmetic(self):
        self.assertEqual(made("const auto* a = -b; const int& c = *d; e = &f;", "arithmetic"), [])


class ConstantTest(unittest.TestCase):
    def test_a_number_is_one_higher_or_lower_but_never_below_zero(self):
        self.assertEqual(made("f(3'600, 0U);", "constant"), [("3'600", "3599"), ("3'600", "3601"), ("0U", "1U")])

    def test_true_and_false_change_places(self):
        self.assertEqual(made("bool a = true; bool b = false;", "constant"), [("true", "false"), ("false", "true")])

    def test_texts_names_and_fractions_are_no_numbers(self):
        self.assertEqual(made('f("1", \'2\', a3, R"(4)", 5.0, 0x6);', "constant"), [])


class NegationTest(unittest.TestCase):
    def test_a_negation_is_dropped(self):
        self.assertEqual(texts("f(!a);", "negation_dropped"), ["f(a);"])


class StatementTest(unittest.TestCase):
    def test_a_statement_that_only_calls_is_removed(self):
        text = "{ if (a) f(b); else g::h(c).d(); case A::b: lane_.take(1); }"
        self.assertEqual(made(text, "call_removed"), [("f(b);", ";"), ("g::h(c).d();", ";"), ("lane_.take(1);", ";")])

    def test_a_call_over_several_lines_is_one_statement(self):
        self.assertEqual(made("{\n    f(a,\n      [&](B b) { return b; });\n}", "call_removed"),
                         [("f(a, [&](B b) { return b; });", ";")])

    def test_declarations_clauses_and_values_are_not_removed(self):
        for text in ("Type name(a);", "const auto b = f(c);", "std::vector<int> d(3);", "Result<void> e(const A& a);", "return f(a);",
                     "for (a; b < c.size(); ++d) {}", "const auto f = G{h, i}.run();", "Fold::Fold(A a) : a_(a) {} int g();",
                     "Row& row = at(a);", "using A = decltype(f());"):
            with self.subTest(text=text):
                self.assertEqual(made("{ " + text + " }", "call_removed", "assignment_removed"), [])

    def test_assignments_and_steps_are_removed(self):
        text = "{ a.b = c; ++d; e += f(g); *h = 1; (i ? j : k) = l; }"
        self.assertEqual(made(text, "assignment_removed"),
                         [("a.b = c;", ";"), ("++d;", ";"), ("e += f(g);", ";"), ("*h = 1;", ";"), ("(i ? j : k) = l;", ";")])

    def test_initialisers_of_members_are_not_removed(self):
        self.assertEqual(made("class A { bool a_ = f(); B* b_ = nullptr; Map<C> c_ = {}; };", "assignment_removed"), [])


class ConditionTest(unittest.TestCase):
    def test_a_condition_always_holds_or_never(self):
        self.assertEqual(texts("if (a) b();", "condition"), ["if (false) b();", "if (true) b();"])

    def test_what_a_condition_declares_stays_declared(self):
        text = "if (const auto* a = f()) b();"
        self.assertEqual(texts(text, "condition"), ["if (const auto* a = f(); false) b();", "if (const auto* a = f(); true) b();"])
        self.assertEqual(texts("if (auto a = f(); *a) b();", "condition"),
                         ["if (auto a = f(); false) b();", "if (auto a = f(); true) b();"])

    def test_a_dereferenced_value_is_not_a_declaration(self):
        self.assertEqual(texts("if (a && *b <= *c) d();", "condition"), ["if (false) d();", "if (true) d();"])

    def test_a_loop_is_not_entered(self):
        self.assertEqual(texts("while (a) b();", "condition"), ["while (false) b();"])

    def test_conditions_of_the_compiler_are_left_alone(self):
        self.assertEqual(made("if constexpr (a) b(); else c();", "condition", "branch_swapped"), [])


class BranchTest(unittest.TestCase):
    def test_branches_change_places(self):
        self.assertEqual(texts("if (a == b) c(); else d();", "branch_swapped"), ["if (!(a == b)) c(); else d();"])
        self.assertEqual(texts("if (a) { if (b) c(); } else if (d) e();", "branch_swapped"),
                         ["if (!(a)) { if (b) c(); } else if (d) e();"])

    def test_values_change_places(self):
        self.assertEqual(texts("f(a ? b(c, d) : e, g);", "branch_swapped"), ["f(a ? e : b(c, d), g);"])
        self.assertEqual(texts("x = a ? b : c ? d : e;", "branch_swapped"),
                         ["x = a ? c ? d : e : b;", "x = a ? b : c ? e : d;"])

    def test_without_an_else_there_is_nothing_to_swap(self):
        self.assertEqual(made("if (a) b(); if (c) d(); else e();", "branch_swapped"), [("c", "!(c)")])


class OperandTest(unittest.TestCase):
    def test_each_operand_is_dropped_once(self):
        self.assertEqual(texts("x = a && b && c;", "operand_dropped"), ["x = a && c;", "x = b && c;", "x = a && b;"])

    def test_an_operand_of_or_is_a_whole_chain_of_and(self):
        self.assertEqual(sorted(texts("return a && b || c;", "operand_dropped")),
                         sorted(["return b || c;", "return a || c;", "return c;", "return a && b;"]))

    def test_brackets_and_calls_belong_to_their_operand(self):
        self.assertEqual(texts("if (f(a, b) || (c)) d();", "operand_dropped"), ["if ((c)) d();", "if (f(a, b)) d();"])

    def test_references_to_temporaries_are_no_operators(self):
        self.assertEqual(made("void f(A&& a, auto&& b);", "operand_dropped"), [])


class EarlyReturnTest(unittest.TestCase):
    def test_a_function_does_nothing(self):
        self.assertEqual(texts("void A::f(int a) const\n{\n b();\n}", "early_return"),
                         ["void A::f(int a) const\n{ return;\n b();\n}"])
        self.assertEqual(texts("void operator()(const A& a) { b(); }", "early_return"),
                         ["void operator()(const A& a) { return; b(); }"])

    def test_a_function_with_a_result_returns_an_empty_one(self):
        self.assertEqual(texts("std::vector<A> f() { return b; }", "early_return"),
                         ["std::vector<A> f() { return {}; return b; }"])

    def test_a_lambda_without_a_result_does_nothing(self):
        self.assertEqual(texts("g([&](A a) { b(a); });", "early_return"), ["g([&](A a) { return; b(a); });"])
        self.assertEqual(made("g([&](A a) { return a; });", "early_return"), [])

    def test_constructors_clauses_and_initialisers_have_no_result(self):
        for text in ("A::A(int b) : b_(b) {}", "explicit A(int b) {}", "if (a) {}", "for (auto a : b) {}", "switch (a) {}",
                     "A a = {f(), g()};", "if constexpr (a) {}"):
            with self.subTest(text=text):
                self.assertEqual(made(text, "early_return"), [])

    def test_its_place_is_the_line_of_the_name(self):
        mutant, = [mutant for mutant in mutants_of("a.cpp", "\nvoid f()\n{\n}\n") if mutant.operator == "early_return"]
        self.assertEqual((mutant.line, mutant.line_text), (2, "void f()"))


class LeftAloneTest(unittest.TestCase):
    def test_comments_texts_and_preprocessor_lines(self):
        for text in ("// a == b\n", "/* if (a) f(); */", "#if A == 1 && \\\n B == 2\n", 'f("a == b", R"x(c" == d)x");'):
            with self.subTest(text=text):
                self.assertEqual(made(text, "comparison", "condition", "constant", "operand_dropped"), [])

    def test_assertions_and_attributes(self):
        self.assertEqual(made("{ CASEBRIDGE_ASSERT(a == b && !c(1)); static_assert(sizeof(A) <= 40); }"), [])
        self.assertEqual(made("[[assume(a == 1)]];"), [])

    def test_what_stands_beside_an_assertion_is_changed(self):
        self.assertEqual(made("{ CASEBRIDGE_ASSERT(a == b); c = d == e; }", "comparison"), [("==", "!=")])


class MutantTest(unittest.TestCase):
    def test_the_same_change_twice_on_a_line_is_told_apart_by_its_occurrence(self):
        mutants = [mutant for mutant in mutants_of("a.cpp", "x = a == b && c == d;") if mutant.operator == "comparison"]
        self.assertEqual([mutant.occurrence for mutant in mutants], [1, 2])
        self.assertNotEqual(mutants[0].key, mutants[1].key)

    def test_a_key_does_not_know_where_the_line_stands(self):
        above = mutants_of("a.cpp", "f(a == b);\n")[0]
        below = mutants_of("a.cpp", "\n\n    f(a == b);\n")[0]
        self.assertEqual(above.key, below.key)
        self.assertNotEqual(above.line, below.line)

    def test_two_operators_that_make_the_same_text_make_one_mutant(self):
        text = "if (a == b || c) d();"
        mutants = [mutant.apply(text) for mutant in mutants_of("a.cpp", text)]
        self.assertEqual(len(mutants), len(set(mutants)))


class BracketsTest(unittest.TestCase):
    def test_brackets_lead_to_each_other(self):
        source = CppSource("f<A<B>>(c[d], {e});")
        pairs = {(source.token(opening), source.token(closing)) for opening, closing in source.partner.items() if opening < closing}
        self.assertEqual(pairs, {("<", ">"), ("(", ")"), ("[", "]"), ("{", "}")})
        self.assertEqual(len(source.partner), 10)


if __name__ == "__main__":
    unittest.main()
