"""Writes the bill of materials (CycloneDX) of a release; run by archive.py with the tool `sbom`, which has the library.

Reads the names of the archive and the workflow, the version, the date in seconds and the linked crates from stdin, as JSON,
and prints the document.
"""

import datetime
import json
import sys
import uuid

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL


def main():
    release = json.load(sys.stdin)
    name, version = release["name"], release["version"]
    # The same release has the same document: nothing in it is drawn at random or read from a clock.
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"{release['archive']}-{release['date']}"))
    bom.metadata.timestamp = datetime.datetime.fromtimestamp(release["date"], datetime.timezone.utc)
    bom.metadata.component = Component(
        type=ComponentType.APPLICATION, name=name, version=version, bom_ref=name,
        licenses=[LicenseExpression("Apache-2.0")])
    components = {crate["id"]: component(crate) for crate in release["crates"]}
    bom.components.update(components.values())
    bom.register_dependency(bom.metadata.component, [components[root] for root in release["functions"]])
    for crate in release["crates"]:
        bom.register_dependency(components[crate["id"]], [components[linked] for linked in crate["links"]])
    document = JsonV1Dot6(bom).output_as_string(indent=2)
    if invalid := JsonStrictValidator(SchemaVersion.V1_6).validate_str(document):
        sys.exit(f"release: the bill of materials is invalid: {invalid.data.message}")
    print(document)


def component(crate):
    name, version = crate["name"], crate["version"]
    described = Component(
        type=ComponentType.LIBRARY, name=name, version=version, bom_ref=f"{name}@{version}",
        licenses=[LicenseExpression(crate["license"].replace("/", " OR "))])
    # Not for the crates of this workspace: a crate of that name on crates.io is another one.
    if crate["source"]:
        described.purl = PackageURL("cargo", None, name, version)
        described.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=crate["checksum"]))
        described.external_references.add(ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(crate["repository"])))
    return described


if __name__ == "__main__":
    main()
