"""Runs proxy.py on a free port of this machine, and prints the port.

Whatever name a client asks for leads to this machine. Arguments: a directory to write to, and
USER:PASSWORD, if clients have to know them.
"""

import pathlib
import sys
import time

import proxy
from proxy.http.proxy import HttpProxyBasePlugin


class ToThisMachine(HttpProxyBasePlugin):
    def resolve_dns(self, host, port):
        return "127.0.0.1", None


if __name__ == "__main__":
    directory = pathlib.Path(sys.argv[1])
    port_file = directory / "port"
    arguments = ["--hostname", "127.0.0.1", "--port", "0", "--port-file", str(port_file)]
    arguments += ["--threaded", "--num-acceptors", "1", "--num-workers", "1"]
    arguments += ["--data-dir", str(directory), "--log-level", "ERROR"]
    if len(sys.argv) > 2:
        arguments += ["--basic-auth", sys.argv[2]]
    with proxy.Proxy(arguments, plugins=[ToThisMachine]):
        print("port", port_file.read_text().strip(), flush=True)
        while True:
            time.sleep(60)
