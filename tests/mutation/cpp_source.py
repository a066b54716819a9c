"""A C++ file as tokens, with what mutations must leave alone.

This is no parser: it relies on the repository's .clang-format, under which binary operators stand between white space and
template brackets do not. Comments, strings and preprocessor lines yield no tokens.
"""

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<skip>\s+|//[^\n]*|/\*.*?\*/|(?<![^\n])[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
    | (?P<text>(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"
              |(?:u8|[uUL])?"(?:[^"\\\n]|\\.)*"|(?:u8|[uUL])?'(?:[^'\\\n]|\\.)+')
    | (?P<number>\.?\d(?:[eEpP][+-]|'(?=\w)|[\w.])*)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<punct><=>|<<=|>>=|->\*|\.\.\.|::|->|\+\+|--|<<|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)

_OPENING = {"(": ")", "[": "]", "{": "}"}
# A weaker assertion is not observable while the code is right, and these run in the daemon to stop it when it is not.
_ASSERTIONS = {"CASEBRIDGE_ASSERT", "static_assert"}


class Token(NamedTuple):
    kind: str  # text, number, word or punct
    text: str
    start: int
    end: int


class CppSource:
    """`tokens` in order; `partner` leads from a bracket to the other one, both ways, template brackets included; `around` from
    a token to the bracket that is open there; `left_alone` holds the tokens of template argument lists, attributes and assertions.
    All go by the index of a token."""

    def __init__(self, text):
        self.text = text
        self.tokens = [Token(match.lastgroup, match.group(), match.start(), match.end())
                       for match in _tokens(text) if match.lastgroup != "skip"]
        self.partner = {}
        self.around = {}
        self.left_alone = set()
        self._match_brackets()
        self._match_templates()
        self._leave_alone()
        self._line_starts = [0] + [match.end() for match in re.finditer("\n", text)]

    def token(self, index):
        """The text of a token; empty before the first and behind the last."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def is_word(self, index):
        return 0 <= index < len(self.tokens) and self.tokens[index].kind == "word"

    def is_binary(self, index):
        """Whether an operator stands between white space, so that it has two operands."""
        token = self.tokens[index]
        return self.text[token.start - 1:token.start].isspace() and self.text[token.end:token.end + 1].isspace()

    def is_declarator(self, index):
        """Whether `&` or `*` stands at the end of a type: `Type& name`."""
        token = self.tokens[index]
        return not self.text[token.start - 1:token.start].isspace() and self.text[token.end:token.end + 1].isspace()

    def is_template_bracket(self, index):
        return self.token(index) in "<>" and index in self.partner

    def between(self, first, last):
        """The text from one token to another, both included."""
        return self.text[self.tokens[first].start:self.tokens[last].end]

    def line(self, offset):
        """Number, counted from 1, and text without indentation of the line of an offset."""
        number = sum(start <= offset for start in self._line_starts)
        return number, self.text[self._line_starts[number - 1]:].split("\n", 1)[0].strip()

    def top_level(self, first, last):
        """The indexes of the tokens first … last without what stands inside brackets; the brackets themselves are there."""
        index = first
        while index <= last:
            yield index
            closing = self.partner.get(index, index)
            if index < closing <= last:
                yield closing
            index = max(index, closing) + 1

    def _match_brackets(self):
        open_ = []
        for index, token in enumerate(self.tokens):
            if open_ and token.kind == "punct" and token.text == _OPENING[self.token(open_[-1])]:
                self._pair(open_.pop(), index)
            self.around[index] = open_[-1] if open_ else None
            if token.kind == "punct" and token.text in _OPENING:
                open_.append(index)

    def _match_templates(self):
        for index, token in enumerate(self.tokens):
            if token.text == "<" and index not in self.partner and self._may_open_template(index):
                self._close_template(index)

    def _may_open_template(self, index):
        before = self.token(index - 1)
        if before == "template":
            return True
        if before == "operator" or not (self.is_word(index - 1) or before == "]"):
            return False
        return self.tokens[index - 1].end == self.tokens[index].start

    def _close_template(self, opening):
        nested = [opening]
        index = opening + 1
        while index < len(self.tokens) and self.token(index) not in (";", ")", "]", "}", "{"):
            if self.token(index) == "<" and self._may_open_template(index):
                nested.append(index)
            elif self.token(index) == ">":
                self._pair(nested.pop(), index)
                if not nested:
                    return
            elif self.token(index) in _OPENING:
                index = self.partner.get(index, index)
            index += 1

    def _pair(self, opening, closing):
        self.partner[opening] = closing
        self.partner[closing] = opening

    def _leave_alone(self):
        for index, token in enumerate(self.tokens):
            last = None
            if self.is_template_bracket(index) and token.text == "<":
                last = self.partner[index]
            elif token.text == "[" and self.token(index + 1) == "[":
                last = self.partner.get(index)
            elif token.text in _ASSERTIONS:
                last = self.partner.get(index + 1)
            if last is not None:
                self.left_alone.update(range(index, last + 1))


def _tokens(text):
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        # The delimiter of a raw string is a group of its own; the kind is the outer one.
        yield _Kind(match)
        position = match.end()


class _Kind:
    def __init__(self, match):
        self.group, self.start, self.end = match.group, match.start, match.end
        self.lastgroup = next(kind for kind in ("skip", "text", "number", "word", "punct") if match[kind] is not None)
