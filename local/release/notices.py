"""The licences of what is linked into the functions, with their texts."""

import pathlib
import re
import textwrap

HEAD = """\
Third-party notices

The functions contain the software below. Each text stands once, after the names of all that it belongs to. They also contain
the Rust Standard Library, whose notices are in THIRD-PARTY-NOTICES-rust.html, and libunwind of LLVM (Apache-2.0 WITH
LLVM-exception, https://llvm.org). This workflow itself has the Apache License 2.0: see LICENSE.
"""
# For those without a text of their own.
MIT = """\
MIT License

Copyright (c) {holders}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
FILES = re.compile(r"(un)?licen[sc]e|copying|copyright|notice", re.IGNORECASE)


def notices(root, crates):
    """The document, for the crates of others that are linked."""
    names_by_text = {MIT.format(holders="Zig contributors"): ["compiler_rt of Zig (MIT) https://ziglang.org"]}
    for crate in crates:
        if crate["source"]:
            name = f"{crate['name']} {crate['version']} ({crate['license']}) {crate['repository']}"
            for text in texts(root, crate):
                names_by_text.setdefault(text, []).append(name)
    rule = "=" * 80
    parts = sorted(("\n".join(names), text) for text, names in names_by_text.items())
    return "\n".join([HEAD, *(f"{rule}\n{names}\n{rule}\n\n{text}" for names, text in parts)])


def texts(root, crate):
    """What the crate's files say of its licence; the text of the licence, where they say nothing."""
    folder = pathlib.Path(crate["manifest_path"]).parent
    files = sorted(path for path in folder.iterdir() if FILES.match(path.name))
    if files:
        return [normalized(path.read_text(errors="replace")) for path in files]
    if "MIT" in crate["license"]:
        return [MIT.format(holders=f"the authors of {crate['name']}")]
    if crate["license"] == "Apache-2.0":
        return [normalized((root / "LICENSE").read_text())]
    raise SystemExit(f"release: {crate['name']} has no text of its licence, {crate['license']}")


def normalized(text):
    """Without what makes no other text: indentation of the whole, spaces at the ends of lines, line ends."""
    lines = textwrap.dedent(text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"
