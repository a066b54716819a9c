"""What the processes of a contestant have used, read from /proc."""

import os

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """The fields of /proc/PID/stat after the name, or None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def _postmaster(cluster):
    with open(os.path.join(cluster.data, "postmaster.pid"), encoding="ascii") as file:
        return int(file.readline())


def _own_ticks(fields):
    return int(fields[11]) + int(fields[12])


def cluster_cpu_seconds(cluster):
    """CPU used by a server since its start. The postmaster waits for every backend that ends, so its children's time
    holds what ended already."""
    postmaster = _postmaster(cluster)
    parent = _stat(postmaster)
    ticks = _own_ticks(parent) + int(parent[13]) + int(parent[14])
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = _stat(name)
            if fields is not None and int(fields[1]) == postmaster:
                ticks += _own_ticks(fields)
    return ticks / TICKS_PER_SECOND


def process_cpu_seconds(pid):
    fields = _stat(pid)
    return _own_ticks(fields) / TICKS_PER_SECOND if fields is not None else 0.0


def peak_memory_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/{pid}/status has no VmHWM")
