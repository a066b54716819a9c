"""Tries a mutant: compiles the changed file, links it in front of the libraries, lets the tests run.

Neither the checkout nor the build directory is changed: the mutant's text, object and programs live in a directory of their
own that goes with it, so nothing has to be put back, however a run ends.
"""

import enum
import fcntl
import os
import shlex
import signal
import subprocess
import tempfile
import threading
from typing import NamedTuple

from selection import ROOT

# The unit tests of a room, in the order of their cost. The simulator comes after them.
_SUITES = {
    "conflict": ("conflict", "pipeline"),
    "pipeline": ("pipeline",),
    "connectors/pgoutput": ("pgoutput",),
}
_SIMULATOR = "casebridge_simulate"
_MEMORY_MAX_KIB = 4 * 1024 * 1024
_COMPILE_SECONDS_MAX = 300


class BuildFailed(Exception):
    """What stands here unchanged does not build, or its own tests fail: no mutant can be judged."""


class Outcome(enum.Enum):
    CAUGHT = "caught"
    SURVIVED = "survived"
    NOT_COMPILED = "not compiled"


class Verdict(NamedTuple):
    outcome: Outcome
    by: str  # What caught it, and whether it took too long.


class Step(NamedTuple):
    program: str
    arguments: tuple
    target: str


class Build:
    """A configured build directory with up-to-date programs, and the commands that made them."""

    def __init__(self, directory):
        self.directory = directory

    def claim(self):
        """Keeps other runs out of the directory until the returned file is closed: they would build under the mutants of this one."""
        os.makedirs(self.directory, exist_ok=True)
        lock = open(os.path.join(self.directory, "mutate.lock"), "w", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise BuildFailed(f"another run is at work in {self.directory}") from None
        return lock

    def prepare(self, jobs):
        if not os.path.exists(os.path.join(self.directory, "build.ninja")):
            # The flags of `dev`, so that ccache has most of it already. The simulator takes most of a survivor's time, so the
            # little optimisation that is in them pays.
            self._run(["cmake", "--preset", "dev", "-B", self.directory])
        targets = sorted({f"{suite}_test" for suites in _SUITES.values() for suite in suites}) + [_SIMULATOR]
        self._run(["cmake", "--build", self.directory, "--target", *targets, "--", "-j", str(jobs)])

    def compile_command(self, file, source, output):
        """The command that compiles `source` as if it were `file`. Not through ccache: nobody compiles a mutant twice."""
        room, name = os.path.split(file)
        library = f"{room}/CMakeFiles/casebridge_{os.path.basename(room)}.dir/{name}.o"
        words = shlex.split(self._commands(library)[-1])
        if os.path.basename(words[0]) == "ccache":
            del words[0]
        kept = []
        for word in words:
            if kept and kept[-1] in ("-o", "-c", "-MF", "-MT"):
                dropped = kept.pop()
                if dropped in ("-o", "-c"):
                    continue
            elif word not in ("-Werror", "-MD"):
                kept.append(word)
        return [*kept, "-w", "-g0", "-o", output, "-c", source]

    def link_command(self, target, object_, output):
        """The command that links `target` with `object_` instead of the library's own object of the same symbols."""
        words = shlex.split(self._commands(target)[-1])
        words = [word for word in words if word not in (":", "&&")]
        place = words.index("-o")
        return [*words[:place], object_, "-o", output, *words[place + 2:]]

    def _commands(self, target):
        listed = subprocess.run(["ninja", "-C", self.directory, "-t", "commands", target], capture_output=True, text=True, check=False)
        if listed.returncode != 0:
            raise BuildFailed(listed.stderr.strip())
        return listed.stdout.strip().splitlines()

    def _run(self, command):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise BuildFailed(f"{' '.join(command)}\n{done.stdout[-4000:]}")


def steps_for(file, histories):
    """What a mutant of a file has to get through, the fastest and the likeliest to notice first."""
    room = os.path.dirname(file)
    for suite in _SUITES[room]:
        yield Step(f"{suite}_test", ("--gtest_fail_fast", "--gtest_brief=1"), f"tests/{suite}/{suite}_test")
    few = min(20, histories)
    for first, count in ((1, few), (1 + few, histories - few)):
        if count > 0:
            yield Step(_SIMULATOR, ("--from", str(first), "--seeds", str(count), "--jobs", "1"), f"tests/simulation/{_SIMULATOR}")


class Trials:
    """Judges mutants, from several threads at once if need be."""

    def __init__(self, build, histories):
        self.build = build
        self.histories = histories
        self.patience = 10  # So many times the processor time may pass by the clock.
        self._seconds = {}  # Of processor time that each step takes without a mutant.
        self._running = set()
        self._stopped = False
        self._lock = threading.RLock()  # stop() may interrupt whoever holds it.

    def measure(self, files):
        """Takes the same way with unchanged files, one of each room: whatever fails here would count every mutant as caught. No
        step is taken twice."""
        for file in files:
            steps = [step for step in steps_for(file, self.histories) if step not in self._seconds]
            with open(os.path.join(ROOT, file), encoding="utf-8") as text:
                verdict = self._try(file, text.read(), steps)
            if verdict.outcome is not Outcome.SURVIVED:
                raise BuildFailed(f"{file} does not pass unchanged: {verdict.outcome.value} {verdict.by}")

    def judge(self, mutant):
        with open(os.path.join(ROOT, mutant.file), encoding="utf-8") as text:
            return self._try(mutant.file, mutant.apply(text.read()), steps_for(mutant.file, self.histories))

    def stop(self):
        """Ends whatever runs, and lets nothing else begin."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)

    def _try(self, file, text, steps):
        with tempfile.TemporaryDirectory(prefix="mutant-", dir=self.build.directory) as here:
            source = os.path.join(here, os.path.basename(file))
            with open(source, "w", encoding="utf-8") as out:
                out.write(text)
            object_ = os.path.join(here, "mutant.o")
            if not self._succeeds(self.build.compile_command(file, source, object_)):
                return Verdict(Outcome.NOT_COMPILED, "")
            for step in steps:
                program = os.path.join(here, step.program)
                if not os.path.exists(program) and not self._succeeds(self.build.link_command(step.target, object_, program)):
                    return Verdict(Outcome.NOT_COMPILED, "")
                caught = self._caught_by(step, program)
                if caught:
                    return Verdict(Outcome.CAUGHT, caught)
            return Verdict(Outcome.SURVIVED, "")

    def _succeeds(self, command):
        ended, _ = self._run(command, _COMPILE_SECONDS_MAX)
        return ended == 0

    def _caught_by(self, step, program):
        known = self._seconds.get(step)
        # A mutant may make a step somewhat slower; ten times as slow is no longer the same program.
        limit = 600 if known is None else int(10 * known) + 10
        ended, used = self._run([program, *step.arguments], limit)
        if ended == 0:
            self._seconds.setdefault(step, used)
            return None
        return f"{step.program} (took too long)" if ended in (None, -signal.SIGKILL, -signal.SIGXCPU) else step.program

    def _run(self, command, seconds):
        """Exit status and processor seconds. Limited by processor time, so that a busy machine catches nothing; the wall clock
        is there for what waits without working, and then the status is None."""
        limited = ["/bin/sh", "-c", 'ulimit -c 0; ulimit -t "$1"; ulimit -v "$2"; shift 2; exec "$@"', "sh",
                   str(seconds), str(_MEMORY_MAX_KIB), *command]
        with self._lock:
            if self._stopped:
                raise BuildFailed("interrupted")
            process = subprocess.Popen(limited, cwd=self.build.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, start_new_session=True)
            self._running.add(process)
        alarm = threading.Timer(self.patience * seconds, _kill, [process])
        alarm.daemon = True
        alarm.start()
        _, status, usage = os.wait4(process.pid, 0)
        waited_in_vain = not alarm.is_alive()
        alarm.cancel()
        with self._lock:
            process.returncode = os.waitstatus_to_exitcode(status)
            self._running.discard(process)
        _kill_group(process.pid)  # Whoever it left behind.
        return (None if waited_in_vain else process.returncode), usage.ru_utime + usage.ru_stime


def _kill(process):
    if process.returncode is None:
        _kill_group(process.pid)


def _kill_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
