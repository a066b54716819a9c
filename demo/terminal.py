"""What the demo prints: numbered steps, sentences, statements and small tables, within 100 columns."""

import textwrap

WIDTH = 96
INDENT = "   "


class Terminal:
    def __init__(self):
        self.steps = 0
        self._last = None

    def step(self, title):
        self.steps += 1
        self.line()
        self.line(f"{self.steps}. {title}")

    def say(self, text):
        for line in textwrap.wrap(" ".join(text.split()), WIDTH, initial_indent=INDENT, subsequent_indent=INDENT):
            self.line(line)

    def statement(self, agency, sql):
        prompt = f"{INDENT}{agency}=> "
        for line in textwrap.wrap(" ".join(sql.split()) + ";", WIDTH, initial_indent=prompt,
                                  subsequent_indent=" " * len(prompt), break_on_hyphens=False):
            self.line(line)

    def command(self, *words):
        self.line(f"{INDENT}$ " + " ".join(words))

    def table(self, headings, rows):
        """Rows of values of any type, below their headings; columns are as wide as their widest value."""
        cells = [[_text(value) for value in row] for row in [headings, *rows]]
        widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
        self.line()
        for number, row in enumerate(cells):
            self.line((INDENT + "  ".join(value.ljust(width) for value, width in zip(row, widths))).rstrip())
            if number == 0:
                self.line(INDENT + "  ".join("-" * width for width in widths))
        self.line()

    def line(self, text=""):
        """One line as it is; of several empty lines in a row only the first."""
        if text or self._last:
            print(text, flush=True)
        self._last = text


def _text(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
