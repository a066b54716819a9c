#!/usr/bin/python3
"""Writes the inputs that fuzzing begins with, one directory a target, and a dictionary for the configuration.

The messages and frames are the golden ones of tests/pgoutput, the configurations those of tests/config/good and of
examples/bridge. What fuzzing found, and the code had to learn, is kept in tests/fuzz/found/TARGET and copied as it is.

Usage: tests/fuzz/make_corpus.py DIRECTORY
"""

import re
import shutil
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "pgoutput" / "golden"
CONFIGURATIONS = [TESTS / "config" / "good", TESTS.parent / "examples" / "bridge"]

# As context_of() in pgoutput_checks.cpp reads them: streaming + 3 * two_phase + 6 * inside a block.
STREAMS = {"messages.hex": 0, "streamed.hex": 1, "two_phase.hex": 3, "streamed_two_phase.hex": 4}
PARALLEL, INSIDE_BLOCK = 2, 6

CONFIG_FILES = ["bridge.jsonc", "model.jsonc", "sp.mapping.jsonc", "es.mapping.jsonc"]


def golden(name):
    lines = (GOLDEN / name).read_text(encoding="utf-8").splitlines()
    return [bytes.fromhex(line) for line in lines if line and not line.startswith("#")]


def with_abort_points(messages):
    """The same stream in protocol 4."""
    return [message + bytes(16) if message[:1] == b"A" else message for message in messages]


def streams():
    for name, context in STREAMS.items():
        yield context, golden(name)
    yield PARALLEL, with_abort_points(golden("streamed.hex"))


def message_inputs():
    for context, messages in streams():
        inside = False
        for message in messages:
            yield bytes([context + (INSIDE_BLOCK if inside else 0)]) + message
            inside = message[:1] == b"S" or (inside and message[:1] != b"E")


def frame_inputs():
    yield from golden("frames.hex")
    for message in golden("messages.hex"):
        yield b"w" + bytes(24) + message


def stream_inputs():
    for context, messages in streams():
        framed = [len(message).to_bytes(2, "big") + message for message in messages]
        yield bytes([context]) + b"".join(framed)
        for begin in range(0, len(framed), 8):
            yield bytes([context]) + b"".join(framed[begin:begin + 8])


def config_inputs():
    for directory in CONFIGURATIONS:
        for number, name in enumerate(CONFIG_FILES):
            yield bytes([number]) + (directory / name).read_bytes()


def dictionary():
    words = set()
    for directory in CONFIGURATIONS:
        for name in CONFIG_FILES:
            words.update(re.findall(r'"[A-Za-z0-9_. -]{1,40}"', (directory / name).read_text(encoding="utf-8")))
    return "".join('"' + word.replace('"', '\\"') + '"\n' for word in sorted(words))


def main():
    target = Path(sys.argv[1])
    corpora = {
        "pgoutput_message": message_inputs(),
        "pgoutput_frame": frame_inputs(),
        "pgoutput_stream": stream_inputs(),
        "config": config_inputs(),
    }
    for name, inputs in corpora.items():
        directory = target / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        for number, content in enumerate(inputs):
            (directory / f"{number:04}").write_bytes(content)
        found = TESTS / "fuzz" / "found" / name
        if found.is_dir():
            shutil.copytree(found, directory / "found")
    (target / "config.dict").write_text(dictionary(), encoding="utf-8")


if __name__ == "__main__":
    main()
