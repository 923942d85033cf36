"""The crates that are linked into the functions, as cargo resolves them for a processor."""

import json
import subprocess
import tomllib

TARGETS = {"x86_64": "x86_64-unknown-linux-gnu", "arm64": "aarch64-unknown-linux-gnu"}


def crates(root, architecture, functions):
    """The packages of `cargo metadata` that are linked, sorted; each with `checksum`, and in `links` the ids of the
    packages that it links itself."""
    target = TARGETS[architecture]
    packages = [f"--package={function}" for function in functions]
    # `cargo metadata` resolves the features of the whole workspace, tests too. `cargo tree` resolves those of the functions.
    edges = ["--edges=normal,no-proc-macro", f"--target={target}"]
    tree = cargo(root, "tree", "--prefix=none", "--format={p}", *edges, *packages)
    names = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    metadata = json.loads(cargo(root, "metadata", "--format-version=1", f"--filter-platform={target}"))
    linked = {crate["id"]: crate for crate in metadata["packages"] if (crate["name"], f"v{crate['version']}") in names}
    if len(linked) != len(names):
        raise SystemExit(f"release: {len(names)} crates are linked, and cargo metadata has {len(linked)} of them")
    lock = tomllib.loads((root / "Cargo.lock").read_text())
    checksums = {(crate["name"], crate["version"]): crate.get("checksum") for crate in lock["package"]}
    for crate in linked.values():
        crate["checksum"] = checksums[crate["name"], crate["version"]]
    for node in metadata["resolve"]["nodes"]:
        if crate := linked.get(node["id"]):
            normal = [dep["pkg"] for dep in node["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
            crate["links"] = sorted(set(normal) & linked.keys())
    return sorted(linked.values(), key=lambda crate: (crate["name"], crate["version"]))


def cargo(root, command, *arguments):
    done = subprocess.run(["cargo", command, "--locked", *arguments], cwd=root, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"release: cargo {command} failed")
    return done.stdout
