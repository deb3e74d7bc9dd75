#!/usr/bin/env python3
"""Lists the functions of the app that a person's way through it calls, for the linker to put side by side.

    function_order.py PROGRAM HOME > Sources/accord/functions.order

PROGRAM is the app as it is released, HOME a folder that `accord-bench home` made. The app runs in a
terminal of its own under valgrind's callgrind, which is slow: a minute. Needs valgrind and binutils.
"""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

# Every place; a list up and down, a project, a search; what lies over them; wide and narrow.
DOWN, PAGE, BACK, PLACES = b"\x1b[B", b"\x1b[6~", b"\x1b", b"13456"
KEYS = (
    [b"2", DOWN, DOWN, PAGE, PAGE, b"\x1b[5~", b"\x1b[F", b"\x1b[H", b"\r", DOWN, BACK]
    + [b"/", b"s", b"l", b"\r", b"/", BACK, b"o", b"f", BACK, b"s", BACK, b"g", BACK]
    + [b"?", BACK, b":", b"s", BACK, b",", DOWN, BACK]
    + [key for place in PLACES for key in (bytes([place]), DOWN, b"\r", BACK)]
    + [(200, 60), b"2", DOWN, PAGE, b"\r", BACK, b"1", (80, 24), BACK, BACK, b"q"]
)


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def settle(terminal, quiet, limit=60):
    """Reads until nothing came for so many seconds; false when the app has ended."""
    end = time.monotonic() + limit
    while time.monotonic() < end and select.select([terminal], [], [], quiet)[0]:
        try:
            if not os.read(terminal, 65536):
                return False
        except OSError:
            return False
    return True


def run(command, home):
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(ACCORD_HOME=home, LC_ALL="C.UTF-8", TERM="xterm-256color")
        os.execvp(command[0], command)
    resize(terminal, 80, 24)
    select.select([terminal], [], [], 120)
    settle(terminal, 3)
    for key in KEYS:
        if isinstance(key, tuple):
            resize(terminal, *key)
        else:
            os.write(terminal, key)
        # Leaving takes what it takes: the store is closed.
        if not settle(terminal, 30 if key == b"q" else 0.7):
            break
    else:
        sys.exit("function_order: the app did not end when it was left")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != 0:
        sys.exit(f"function_order: the app ended with {status}")


def called(path, program):
    """The names of the program's functions in callgrind's file."""
    names, objects, found, here = {}, {}, set(), None
    for line in open(path, errors="replace"):
        part = re.match(r"(c?)(ob|fn)=\((\d+)\)(?: (.*))?$", line.rstrip("\n"))
        if not part:
            continue
        of_callee, kind, number, name = part.groups()
        table = objects if kind == "ob" else names
        if name:
            table[number] = name
        if of_callee:
            continue
        if kind == "ob":
            here = table[number]
        elif here and os.path.basename(here) == program:
            found.add(re.sub(r"'\d+$", "", table[number]))
    return found


def main():
    program, home = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        counts = os.path.join(folder, "counts")
        # Beside the program, where it finds its themes.
        copy = program + "-counted"
        subprocess.run(["objcopy", "--strip-debug", program, copy], check=True)
        try:
            run(["valgrind", "-q", "--tool=callgrind", "--demangle=no",
                 f"--callgrind-out-file={counts}", copy], home)
        finally:
            os.remove(copy)
        found = called(counts, os.path.basename(copy))
    print("\n".join(sorted(name for name in found if re.match(r"[$_A-Za-z]", name))))


main()
