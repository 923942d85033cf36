#!/usr/bin/env python3
"""Makes the archive of a release: all that `sam deploy` needs, so that whoever deploys needs no Rust.

Takes the architecture; from `make package` the built template and the functions; and the files of the project.
Two runs for one commit give the same bytes. Run with the Python of the tool `aws`, which has SAM's reader of templates.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tomllib

from samcli.yamlhelper import yaml_dump, yaml_parse

import linked
import notices
import zip_functions

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "dataset-group-workflow"
# As they are in the project, with all that git knows below a folder.
FILES = ["LICENSE", "README.md", "CHANGELOG.md", "samconfig.toml", "statemachine", "events", "examples", "docs"]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("architecture", choices=linked.TARGETS)
    arguments.add_argument("--template", type=pathlib.Path, default=ROOT / ".aws-sam/build/template.yaml")
    arguments.add_argument("--into", type=pathlib.Path, default=ROOT / "target/release-archive")
    arguments = arguments.parse_args()
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    name = f"{NAME}-{version}-{arguments.architecture}"
    folder = arguments.into / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fill(folder, version, arguments.architecture, arguments.template)
    archive = arguments.into / f"{name}.tar.gz"
    archive.write_bytes(packed(folder))
    print(f"{sha256(archive)}  {archive}")


def fill(folder, version, architecture, built):
    for file in run("git", "ls-files", *FILES).split("\n"):
        copy(ROOT / file, folder / file)
    template = yaml_parse(built.read_text())
    functions = point_at_zips(template, architecture)
    (folder / "functions").mkdir()
    (folder / "template.yaml").write_text(yaml_dump(template))
    for function in functions:
        zip_functions.write_zip(function, folder / f"functions/{function}.zip")

    crates = linked.crates(ROOT, architecture, functions)
    (folder / "THIRD-PARTY-NOTICES.txt").write_text(notices.notices(ROOT, crates))
    library = pathlib.Path(run("rustc", "--print", "sysroot")) / "share/doc/rust/COPYRIGHT-library.html"
    copy(library, folder / "THIRD-PARTY-NOTICES-rust.html")
    roots = [crate["id"] for crate in crates if crate["name"] in functions]
    release = {"archive": folder.name, "name": NAME, "version": version, "date": date()}
    release |= {"crates": crates, "functions": roots}
    sbom = [ROOT / "target/tools/sbom/bin/python", ROOT / "local/release/sbom.py"]
    (folder / "sbom.cdx.json").write_text(run(*sbom, stdin=json.dumps(release)) + "\n")
    sums = [f"{sha256(path)}  {path.relative_to(folder)}\n" for path in files(folder)]
    (folder / "SHA256SUMS").write_text("".join(sums))


def point_at_zips(template, architecture):
    """Lets the built template take the functions and the definition from the archive; returns the functions' names."""
    template["Parameters"]["Architecture"].update(
        Default=architecture, AllowedValues=[architecture], Description="Processor architecture of the Lambda functions.")
    functions = []
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # Without it, `sam build` has nothing to build.
            function = resource.pop("Metadata")["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = f"functions/{function}.zip"
            functions.append(function)
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            definition = resource["Properties"]
            definition["DefinitionS3Location"] = f"statemachine/{pathlib.Path(definition['DefinitionS3Location']).name}"
    template["Metadata"]["AWS::ServerlessRepo::Application"].update(LicenseUrl="LICENSE", ReadmeUrl="README.md")
    return functions


def packed(folder):
    """The folder as a tar file, compressed: sorted, with the commit's date, without users and programs' own dates."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in files(folder):
            entry = tarfile.TarInfo(f"{folder.name}/{path.relative_to(folder)}")
            entry.size, entry.mtime = path.stat().st_size, date()
            with path.open("rb") as file:
                archive.addfile(entry, file)
    return gzip.compress(tar.getvalue(), mtime=0)


def date():
    """That of the commit, in seconds."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct"))


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def run(*command, stdin=None):
    done = subprocess.run(command, cwd=ROOT, input=stdin, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"release: {pathlib.Path(command[0]).name} failed")
    return done.stdout.strip()


if __name__ == "__main__":
    main()
