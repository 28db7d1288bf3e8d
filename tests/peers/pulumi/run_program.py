"""Runs a Python program by the runtime of Pulumi's SDK, as Pulumi's language host does.

Usage: run_program.py MONITOR PROJECT STACK preview|update PROGRAM
"""

import asyncio
import runpy
import sys

from pulumi.runtime import Settings, configure, run_in_stack

monitor, project, stack, stage, program = sys.argv[1:]
configure(
    Settings(
        monitor=monitor,
        engine=monitor,
        project=project,
        stack=stack,
        organization="organization",
        dry_run=stage == "preview",
        parallel=4,
    )
)
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(run_in_stack(lambda: runpy.run_path(program, run_name="__main__")))
