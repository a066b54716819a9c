"""Which mutants there are, which of them count for nothing, and which are tried."""

import fnmatch
import glob
import hashlib
import json
import os

from operators import mutants_of

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
ROOMS = ("conflict", "pipeline")  # Every file of these is mutated, or left out with a reason.
_FIELDS = {"file", "line", "operator", "before", "after", "occurrence", "reason"}


class Mistake(Exception):
    """The mutants cannot be chosen as asked; the text says what to change."""


def read_json(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return json.load(file)


def mutated_files(lists=None, root=ROOT):
    """The paths that mutated_files.json names, from the root, in order. Mistake if one of its lines names nothing, or a file of
    ROOMS stands in neither list or in both."""
    lists = lists or read_json("mutated_files.json")
    chosen = {}
    for kind in ("mutated", "left_out"):
        chosen[kind] = set()
        for pattern, reason in lists[kind].items():
            found = [os.path.relpath(path, root) for path in glob.glob(os.path.join(root, pattern))]
            if not found or not reason:
                raise Mistake(f"mutated_files.json: {pattern} names no file, or has no reason")
            chosen[kind].update(found)
    for room in ROOMS:
        for path in sorted(fnmatch.filter(os.listdir(os.path.join(root, room)), "*.cpp")):
            file = f"{room}/{path}"
            if (file in chosen["mutated"]) == (file in chosen["left_out"]):
                raise Mistake(f"mutated_files.json: {file} has to stand in exactly one of the two lists")
    return sorted(chosen["mutated"])


def all_mutants(files, root=ROOT):
    mutants = []
    for file in files:
        with open(os.path.join(root, file), encoding="utf-8") as text:
            mutants += mutants_of(file, text.read())
    return mutants


def without_equivalent(mutants, equivalent):
    """The mutants that are not listed. Mistake if an entry is malformed, or fits no mutant: the line has changed, and whether the
    reason still holds is to be asked again."""
    by_key = {mutant.key: mutant for mutant in mutants}
    listed = set()
    for entry in equivalent:
        if set(entry) | {"occurrence"} != _FIELDS or not entry["reason"].strip():
            raise Mistake(f"equivalent_mutants.json: an entry needs {', '.join(sorted(_FIELDS))} (occurrence 1 may be left out): {entry}")
        key = (entry["file"], entry["line"], entry["operator"], entry["before"], entry["after"], entry.get("occurrence", 1))
        if key not in by_key:
            raise Mistake(f"equivalent_mutants.json: nothing fits this entry any more: {json.dumps(entry)}")
        if key in listed:
            raise Mistake(f"equivalent_mutants.json: twice: {json.dumps(entry)}")
        listed.add(key)
    return [mutant for mutant in mutants if mutant.key not in listed]


def at(mutants, place):
    """The mutants of FILE or FILE:LINE."""
    file, _, line = place.partition(":")
    found = [mutant for mutant in mutants if mutant.file == file and line in ("", str(mutant.line))]
    if not found:
        raise Mistake(f"there is no mutant at {place}")
    return found


def in_order_of(seed, mutants):
    """The mutants in an order that follows from the seed and from each mutant alone, so that a change of one line leaves the
    order of all others as it was. A sample is the beginning."""
    def place(mutant):
        text = "\0".join(str(part) for part in (seed, *mutant.key))
        return hashlib.sha256(text.encode()).digest()

    return sorted(mutants, key=place)
