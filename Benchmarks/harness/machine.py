"""What machine this is, and what it can do at most."""

import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

# Others' share of the processors above which a measurement says little.
IDLE = 0.5


def processors():
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def field(path, key):
    """The first value of a `key : value` line of a file of the system; empty without one."""
    try:
        for line in pathlib.Path(path).read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    except OSError:
        pass
    return ""


def vectors():
    """The vector width in words."""
    flags = field("/proc/cpuinfo", "flags").split()
    return next((text for flag, text in (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"))
                 if flag in flags), "128 bits")


def memory():
    """The machine's memory in GiB."""
    kilobytes = field("/proc/meminfo", "MemTotal").split()
    return f"{int(kilobytes[0]) / 2**20:.0f} GiB" if kilobytes else "unknown"


def peak():
    """The measured peak in FLOP/s by one thread and by all; None without a C compiler."""
    compiler = next(filter(None, map(shutil.which, (os.environ.get("CC", "cc"), "clang", "gcc"))), None)
    if compiler is None:
        return None
    source = pathlib.Path(__file__).with_name("peak.c")
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "peak")
        native = "-mcpu=native" if platform.machine() in ("aarch64", "arm64") else "-march=native"
        subprocess.run([compiler, "-O2", native, "-ffp-contract=fast", "-pthread", str(source), "-o", program],
                       check=True)
        return [float(subprocess.run([program, str(threads)], check=True, capture_output=True, text=True).stdout)
                for threads in (1, processors())]


def describe():
    """The machine in lines of (what, text)."""
    load = os.getloadavg()[0]
    remark = "" if load < IDLE * processors() else "; the machine was busy with other things, so measure again"
    return [
        ("processor", field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()),
        ("processors", f"{processors()}, {vectors()}"),
        ("memory", memory()),
        ("system", f"{platform.system()}, {platform.machine()}"),
        ("load at the start", f"{load:.2f}{remark}"),
    ]
