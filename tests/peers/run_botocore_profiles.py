"""Says whose key botocore would sign with, for each configuration in a list.

Argument: a JSON file with a list of {"name", "home", "profile", "variables"}. Prints one JSON
object: name -> {"key": ID}, {"error": class} or {} where it finds nobody.
"""

import getpass
import json
import os
import sys



class NobodyToAsk(Exception):
    pass


def refuse(*_):
    raise NobodyToAsk


# A code of an MFA device is asked for on the terminal. botocore looks for this as it is loaded.
getpass.getpass = refuse

import botocore.exceptions  # noqa: E402
import botocore.session  # noqa: E402


def outcome(case):
    os.environ.clear()
    os.environ["HOME"] = case["home"]
    os.environ["PATH"] = "/usr/bin:/bin"
    os.environ.update(case["variables"])
    os.chdir(case["home"])
    try:
        session = botocore.session.Session(profile=case["profile"])
        session.set_config_variable("region", "us-east-1")
        # What is wrong with a profile is found by every command.
        session.get_scoped_config()
        credentials = session.get_credentials()
        if credentials is None:
            return {}
        return {"key": credentials.get_frozen_credentials().access_key}
    except (NobodyToAsk, OSError, botocore.exceptions.BotoCoreError) as error:
        return {"error": type(error).__name__}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    print(json.dumps({case["name"]: outcome(case) for case in cases}))


if __name__ == "__main__":
    main()
