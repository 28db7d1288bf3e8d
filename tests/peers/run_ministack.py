"""Runs MiniStack for as long as standard input is open.

The test process holds the other end of that pipe. However it ends, by its own
will, by a panic or by `kill -9`, the pipe closes, and MiniStack ends with it,
with the functions it runs and the files they left in TMPDIR.
"""

import os
import runpy
import shutil
import signal
import threading


def end_with_the_pipe():
    # Not `sys.stdin`: its lock would trouble an interpreter that shuts down.
    while os.read(0, 1):
        pass
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


# So that the functions end as well, and nothing else does.
if os.getpgid(0) != os.getpid():
    os.setpgid(0, 0)
threading.Thread(target=end_with_the_pipe, daemon=True).start()
runpy.run_module("ministack", run_name="__main__")
