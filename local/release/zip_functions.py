#!/usr/bin/env python3
"""Zips functions in target/lambda, for the processor that is named first: target/lambda/{function}-{architecture}.zip."""

import pathlib
import sys
import zipfile

LAMBDA = pathlib.Path(__file__).resolve().parents[2] / "target" / "lambda"


def main(architecture, *functions):
    for function in functions:
        write_zip(function, LAMBDA / f"{function}-{architecture}.zip")


def write_zip(function, path):
    """The same program gives the same zip: its entry has a fixed date."""
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.create_system, entry.external_attr = 3, 0o100755 << 16  # An executable file of Unix.
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(entry, (LAMBDA / function / "bootstrap").read_bytes(), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    main(*sys.argv[1:])
