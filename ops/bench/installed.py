"""Whether this environment has what a requirements file asks for: exit code 0 if so, 1 if not."""

import importlib.metadata
import sys


def is_installed(line: str) -> bool:
    """Whether a line such as `numpy==2.4.6` holds here."""
    name, _, version = line.partition("==")
    try:
        return importlib.metadata.version(name) == version
    except importlib.metadata.PackageNotFoundError:
        return False


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.strip()]
    sys.exit(0 if all(map(is_installed, lines)) else 1)
