"""Mutation operators: what a slip of the pen makes of a line, made mechanically.

Each operator is a generator over a CppSource. docs/mutation.md lists them for people.
"""

import re
from typing import NamedTuple

from cpp_source import CppSource


class Change(NamedTuple):
    """Replaces text[start:end] by `after`; `anchor` is the offset whose line names the place."""

    start: int
    end: int
    after: str
    anchor: int


class Mutant(NamedTuple):
    """`line_text`, operator, before and after tell a mutant apart when lines move; `occurrence` counts equal ones from 1.
    `before` and `after` have single spaces for white space; `replacement` is what the text gets."""

    file: str
    line: int
    line_text: str
    operator: str
    before: str
    after: str
    occurrence: int
    start: int
    end: int
    replacement: str

    @property
    def key(self):
        return (self.file, self.line_text, self.operator, self.before, self.after, self.occurrence)

    def apply(self, text):
        return text[:self.start] + self.replacement + text[self.end:]


_COMPARISONS = {
    "==": ["!="], "!=": ["=="],
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
}
_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "+=": "-=", "-=": "+="}
_STEPS = {"++": "--", "--": "++"}
_ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^="}
_NO_STATEMENT = {
    "return", "co_return", "throw", "using", "typedef", "goto", "break", "continue", "case", "default", "if", "for", "while",
    "switch", "do", "else", "try", "catch", "namespace", "template", "class", "struct", "enum", "public", "private", "protected",
    "friend", "static", "const", "constexpr", "auto", "explicit", "virtual", "inline", "extern", "static_assert", "operator",
    "CASEBRIDGE_ASSERT",
}
_BEFORE_BODY = {")", "}", "const", "noexcept", "override"}
_CLAUSES = {"if", "for", "while", "switch", "catch"}


def _replace(source, first, last, after):
    start = source.tokens[first].start
    return Change(start, source.tokens[last].end, after, start)


def comparison(source):
    """Another comparison, or the opposite one."""
    for index, token in enumerate(source.tokens):
        if token.text in _COMPARISONS and source.is_binary(index) and source.token(index - 1) != "operator":
            for other in _COMPARISONS[token.text]:
                yield _replace(source, index, index, other)


def arithmetic(source):
    """Plus for minus, times for divided by, a step forth for a step back."""
    for index, token in enumerate(source.tokens):
        if token.text in _ARITHMETIC and source.is_binary(index):
            yield _replace(source, index, index, _ARITHMETIC[token.text])
        elif token.text in _STEPS:
            yield _replace(source, index, index, _STEPS[token.text])


def constant(source):
    """true for false, a number one higher or one lower (never below zero)."""
    for index, token in enumerate(source.tokens):
        if token.text in ("true", "false"):
            yield _replace(source, index, index, "false" if token.text == "true" else "true")
        whole = re.fullmatch(r"(0|[1-9][\d']*)([uUlLzZ]*)", token.text)
        if token.kind == "number" and whole:
            value = int(whole[1].replace("'", ""))
            for other in ([value - 1] if value > 0 else []) + [value + 1]:
                yield _replace(source, index, index, f"{other}{whole[2]}")


def negation_dropped(source):
    """`!x` becomes `x`."""
    for index, token in enumerate(source.tokens):
        if token.text == "!":
            yield Change(token.start, token.end, "", token.start)


def _statement(source, index):
    """The index of the `;` that ends the plain statement which begins here, if one does."""
    before = source.token(index - 1)
    behind_clause = before == ")" and _opens_clause(source, source.partner.get(index - 1, 0))
    if before not in (";", "{", "}", "else", "do", ":") and not behind_clause:
        return None
    if before == ":" and not _ends_label(source, index - 1):
        return None
    if not source.is_word(index) and source.token(index) not in ("*", "(", "++", "--", "::"):
        return None
    if source.token(index) in _NO_STATEMENT or source.token(source.around[index] or -1) == "(":
        return None
    end = index
    while end < len(source.tokens) and source.token(end) != ";":
        if source.token(end) in (")", "]", "}"):
            return None
        if source.token(end) == "{" and source.token(end - 1) in _BEFORE_BODY:
            return None
        end = source.partner.get(end, end) + 1 if source.partner.get(end, -1) > end else end + 1
    return end if end < len(source.tokens) else None


def _opens_clause(source, opening):
    return source.token(opening - 1) in _CLAUSES or source.token(opening - 2) == "if"


def _ends_label(source, colon):
    index = colon - 1
    while source.is_word(index) or source.token(index) == "::":
        if source.token(index) in ("case", "default"):
            return True
        index -= 1
    return False


def _declares(source, first, last):
    """Whether a name follows a type: two words side by side, or `Type& name`."""
    previous = None
    for index in source.top_level(first, last):
        if source.token(index) in _ASSIGNMENTS or source.token(index) == "(":
            return False
        if source.is_word(index) and previous is not None:
            if source.is_word(previous) or source.is_template_bracket(previous):
                return True
            if source.token(previous) in ("&", "*", "&&") and source.is_declarator(previous):
                return True
        previous = index
    return False


def call_removed(source):
    """A statement that only calls something is not there."""
    for index in range(len(source.tokens)):
        end = _statement(source, index)
        if end is None or source.token(end - 1) != ")" or _declares(source, index, end - 1):
            continue
        if not any(source.token(at) in _ASSIGNMENTS for at in source.top_level(index, end - 1)):
            yield _replace(source, index, end, ";")


def assignment_removed(source):
    """A variable keeps its value."""
    for index in range(len(source.tokens)):
        end = _statement(source, index)
        if end is None or _declares(source, index, end - 1):
            continue
        steps = source.token(index) in _STEPS
        if steps or any(source.token(at) in _ASSIGNMENTS for at in source.top_level(index, end - 1)):
            yield _replace(source, index, end, ";")


def _conditions(source, word):
    """Of each `if` or `while`: first and last token of the condition, whether it declares, whether statements stand before it."""
    for index, token in enumerate(source.tokens):
        if token.text != word or source.token(index + 1) != "(" or index + 1 not in source.partner:
            continue
        first, last = index + 2, source.partner[index + 1] - 1
        split = [at for at in source.top_level(first, last) if source.token(at) == ";"]
        yield (split[-1] + 1 if split else first), last, bool(split)


def condition(source):
    """A condition that always holds, or never; of a loop: never."""
    for word, values in (("if", ("true", "false")), ("while", ("false",))):
        for first, last, has_init in _conditions(source, word):
            declares = _declares(source, first, last) or source.token(first) in ("auto", "const")
            if declares and (has_init or word == "while"):
                continue
            kept = source.between(first, last) + "; " if declares else ""
            for value in values:
                if source.between(first, last) != value:
                    yield _replace(source, first, last, kept + value)


def branch_swapped(source):
    """What stands under `if` and what stands under `else` change places, as do the two values of `?:`."""
    for first, last, _ in _conditions(source, "if"):
        declares = _declares(source, first, last) or source.token(first) in ("auto", "const")
        if not declares and source.token(_behind_statement(source, last + 2)) == "else":
            yield _replace(source, first, last, f"!({source.between(first, last)})")
    for index, token in enumerate(source.tokens):
        if token.text == "?":
            colon = _value_end(source, index + 1, {":"}) + 1
            end = _value_end(source, colon + 1, {":"})
            swapped = f"{source.between(colon + 1, end)} : {source.between(index + 1, colon - 1)}"
            yield _replace(source, index + 1, end, swapped)


def _behind_statement(source, index):
    """The index behind the statement that begins here."""
    if source.token(index) == "{":
        return source.partner[index] + 1
    if source.token(index) in _CLAUSES:
        opening = index + 1 if source.token(index + 1) == "(" else index + 2
        index = _behind_statement(source, source.partner[opening] + 1)
        return _behind_statement(source, index + 1) if source.token(index) == "else" else index
    while index < len(source.tokens) and source.token(index) != ";":
        index = max(index, source.partner.get(index, index)) + 1
    return index + 1


def _value_end(source, index, stops):
    """The last token of an operand that begins here."""
    nested = 0
    while source.token(index) not in (",", ";", ")", "]", "}", ""):
        if source.token(index) == "?":
            nested += 1
        elif source.token(index) in stops:
            if nested == 0:
                break
            nested -= 1
        index = max(index, source.partner.get(index, index)) + 1
    return index - 1


def _value_begin(source, index, stops):
    """The first token of an operand that ends here."""
    walls = {"(", "[", "{", ",", ";", "return", "co_return", "?", ":", "}"} | _ASSIGNMENTS | stops
    while index >= 0:
        opening = source.partner.get(index, index)
        if opening < index:
            index = opening
        elif source.token(index) in walls:
            break
        index -= 1
    return index + 1


def operand_dropped(source):
    """One side of `&&` or `||` is not there."""
    for index, token in enumerate(source.tokens):
        if token.text not in ("&&", "||") or not source.is_binary(index):
            continue
        stops = {"&&", "||"} if token.text == "&&" else {"||"}
        first = _value_begin(source, index - 1, stops)
        last = _value_end(source, index + 1, stops | {"?", ":"})
        for kept in (source.between(index + 1, last), source.between(first, index - 1)):
            yield _replace(source, first, last, kept)


def early_return(source):
    """A function does nothing and returns nothing, or an empty value."""
    for index, token in enumerate(source.tokens):
        if token.text != "{":
            continue
        head = index - 1
        while source.token(head) in _BEFORE_BODY - {")", "}"} | {"mutable"}:
            head -= 1
        if source.token(head) != ")" or head not in source.partner:
            continue
        name = source.partner[head] - 1
        if source.token(name) == "]":
            if not _returns_value(source, index):
                yield Change(token.end, token.end, " return;", source.tokens[name].start)
            continue
        if source.token(name) == ")":
            name = source.partner[name] - 1
        if not source.is_word(name) or source.token(name) in _CLAUSES or source.token(name) == "constexpr":
            continue
        type_ = name - 1
        while source.token(type_) == "::":
            type_ -= 2
        if source.token(type_) == "void":
            yield Change(token.end, token.end, " return;", source.tokens[name].start)
        elif source.token(type_) in ("*", "&", ">") or (source.is_word(type_) and source.token(type_) != "explicit"):
            yield Change(token.end, token.end, " return {};", source.tokens[name].start)


def _returns_value(source, body):
    return any(source.token(at) == "return" and source.token(at + 1) != ";" for at in range(body, source.partner[body]))


OPERATORS = (comparison, arithmetic, constant, negation_dropped, call_removed, assignment_removed, condition, branch_swapped,
             operand_dropped, early_return)


def mutants_of(file, text):
    """Every mutant of a file, in the order of the text; two operators that lead to the same text make one mutant."""
    source = CppSource(text)
    left_alone = [(source.tokens[index].start, source.tokens[index].end) for index in source.left_alone]
    changes = {}
    for operator in OPERATORS:
        for change in operator(source):
            if any(start <= change.start < end for start, end in left_alone):
                continue
            changed = text[:change.start] + change.after + text[change.end:]
            if changed != text:
                changes.setdefault(changed, (change, operator.__name__))
    counted = {}
    mutants = []
    for change, operator in sorted(changes.values(), key=lambda item: (item[0].anchor, item[1], item[0])):
        number, line_text = source.line(change.anchor)
        before = " ".join(text[change.start:change.end].split())
        after = " ".join(change.after.split())
        alike = (line_text, operator, before, after)
        counted[alike] = counted.get(alike, 0) + 1
        mutants.append(Mutant(file, number, line_text, operator, before, after, counted[alike], change.start, change.end,
                              change.after))
    return mutants
