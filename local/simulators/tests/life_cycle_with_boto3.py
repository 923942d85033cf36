"""Drives a whole life of both simulators through boto3 and the AWS CLI.

Usage: life_cycle_with_boto3.py PERSONALIZE_URL DATAZONE_URL CONTROL_URL AWS_EXECUTABLE

The simulators have to be scripted and empty, with required registration. Keys, region and an empty configuration come
from the environment. Ends with an AssertionError at the first difference from the services.
"""

import json
import subprocess
import sys
import urllib.request
from datetime import datetime, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

DOMAIN = "dzd_simulated"
OWNERS = "11111111-2222-3333-4444-555555555555"
READERS = "11111111-2222-3333-4444-666666666666"
ROLE = "arn:aws:iam::123456789012:role/analyst"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
UNKNOWN_ARN = "arn:aws:personalize:us-east-1:000000000000:dataset-group/none"


def client(service, url, **options):
    config = Config(retries={"total_max_attempts": 1}, **options)
    return boto3.client(service, endpoint_url=url, config=config)


def order(control, method, path, document=None):
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(control + path, method=method, data=body)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


def refused(expected, call, **parameters):
    """Calls, and gives the message of the error, whose class and code have to be the expected ones."""
    try:
        call(**parameters)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        assert code == expected, f"{code} instead of {expected}: {error}"
        modelled = getattr(call.__self__.exceptions, expected, None)
        assert modelled is None or isinstance(error, modelled), type(error)
        assert error.response["ResponseMetadata"]["RequestId"], error.response
        return error.response["Error"]["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{expected} was expected of {parameters}")


def dataset_groups(personalize):
    tags = [{"tagKey": "team", "tagValue": "media"}, {"tagKey": "stage", "tagValue": ""}]
    created = personalize.create_dataset_group(name="media", domain="VIDEO_ON_DEMAND", kmsKeyArn=KEY, roleArn=ROLE, tags=tags)
    arn = created["datasetGroupArn"]
    assert arn == "arn:aws:personalize:us-east-1:000000000000:dataset-group/media", arn
    assert created["domain"] == "VIDEO_ON_DEMAND"
    refused("ResourceAlreadyExistsException", personalize.create_dataset_group, name="media")

    statuses = []
    while not statuses or statuses[-1] != "ACTIVE":
        group = personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]
        statuses.append(group["status"])
    assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"], statuses
    age = datetime.now(timezone.utc) - group["creationDateTime"]
    assert 0 <= age.total_seconds() < 600, age
    assert group["lastUpdatedDateTime"] >= group["creationDateTime"]
    assert (group["name"], group["datasetGroupArn"], group["domain"]) == ("media", arn, "VIDEO_ON_DEMAND")
    assert (group["kmsKeyArn"], group["roleArn"]) == (KEY, ROLE)
    assert "failureReason" not in group

    listed = personalize.list_tags_for_resource(resourceArn=arn)["tags"]
    assert sorted(listed, key=str) == sorted(tags, key=str), listed
    personalize.tag_resource(resourceArn=arn, tags=[{"tagKey": "stage", "tagValue": "test"}, {"tagKey": "n", "tagValue": "1"}])
    personalize.untag_resource(resourceArn=arn, tagKeys=["team", "absent"])
    listed = {tag["tagKey"]: tag["tagValue"] for tag in personalize.list_tags_for_resource(resourceArn=arn)["tags"]}
    assert listed == {"stage": "test", "n": "1"}, listed
    many = [{"tagKey": f"k{number}", "tagValue": ""} for number in range(49)]
    refused("TooManyTagsException", personalize.tag_resource, resourceArn=arn, tags=many)
    refused("TooManyTagKeysException", personalize.untag_resource, resourceArn=arn, tagKeys=[f"k{n}" for n in range(51)])
    for call in (personalize.list_tags_for_resource, personalize.tag_resource, personalize.untag_resource):
        more = {"tag_resource": {"tags": many}, "untag_resource": {"tagKeys": ["k"]}}.get(call.__name__, {})
        refused("ResourceNotFoundException", call, resourceArn=UNKNOWN_ARN, **more)

    custom = personalize.create_dataset_group(name="custom")
    assert "domain" not in custom
    for number in range(3):
        personalize.create_dataset_group(name=f"page-{number}")
    pages = list(personalize.get_paginator("list_dataset_groups").paginate(PaginationConfig={"PageSize": 2}))
    names = [[group["name"] for group in page["datasetGroups"]] for page in pages]
    assert names == [["media", "custom"], ["page-0", "page-1"], ["page-2"]], names
    refused("InvalidNextTokenException", personalize.list_dataset_groups, nextToken="made-up")

    refused("ResourceInUseException", personalize.delete_dataset_group, datasetGroupArn=custom["datasetGroupArn"])
    refused("ResourceNotFoundException", personalize.delete_dataset_group, datasetGroupArn=UNKNOWN_ARN)
    refused("ResourceNotFoundException", personalize.describe_dataset_group, datasetGroupArn=UNKNOWN_ARN)
    personalize.delete_dataset_group(datasetGroupArn=arn)
    for _ in range(2):
        assert personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"] == "DELETE PENDING"
    refused("ResourceNotFoundException", personalize.describe_dataset_group, datasetGroupArn=arn)
    personalize.create_dataset_group(name="media")


def contents(personalize, control):
    lists = {
        "list_datasets": "datasets",
        "list_solutions": "solutions",
        "list_event_trackers": "eventTrackers",
        "list_recommenders": "recommenders",
        "list_filters": "Filters",
    }
    arn = "arn:aws:personalize:us-east-1:000000000000:dataset-group/full"
    order(control, "PUT", "/dataset-groups/full", {})
    for operation, member in lists.items():
        kind = member[0].lower() + member[1:]
        order(control, "PUT", "/dataset-groups/full/contents", {kind: ["a", "b", "c"]})
        pages = personalize.get_paginator(operation).paginate(datasetGroupArn=arn, PaginationConfig={"PageSize": 2})
        names = [[item["name"] for item in page[member]] for page in pages]
        assert names == [["a", "b"], ["c"]], names
        refused("InvalidInputException", getattr(personalize, operation), datasetGroupArn=arn.replace("us-east-1", "us-west-2"))
        if kind != "filters":
            refused("ResourceInUseException", personalize.delete_dataset_group, datasetGroupArn=arn)
    order(control, "PUT", "/dataset-groups/full/contents", {})
    order(control, "DELETE", "/dataset-groups/full")


def failures_and_quota(personalize, control):
    steps = [{"notFound": True}, {"status": "CREATE FAILED", "failureReason": "no access to the key"}]
    order(control, "POST", "/dataset-groups/failing/scripts", {"create": steps})
    arn = personalize.create_dataset_group(name="failing")["datasetGroupArn"]
    refused("ResourceNotFoundException", personalize.describe_dataset_group, datasetGroupArn=arn)
    group = personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]
    assert (group["status"], group["failureReason"]) == ("CREATE FAILED", "no access to the key")
    order(control, "PATCH", "/settings", {"datasetGroupQuota": 1})
    refused("LimitExceededException", personalize.create_dataset_group, name="too-many")
    order(control, "PATCH", "/settings", {"datasetGroupQuota": 500})


def group_profiles(datazone, control):
    groups = [{"id": OWNERS, "name": "Data Owners"}, {"id": READERS, "name": "readers"}]
    order(control, "PUT", f"/domains/{DOMAIN}", {"groups": groups, "roles": [ROLE]})
    create, get, update = datazone.create_group_profile, datazone.get_group_profile, datazone.update_group_profile

    refused("ResourceNotFoundException", get, domainIdentifier=DOMAIN, groupIdentifier=OWNERS)
    parameters = {"domainIdentifier": DOMAIN, "groupIdentifier": OWNERS, "clientToken": "token-1"}
    created = create(**parameters)
    assert created.pop("ResponseMetadata")["HTTPStatusCode"] == 201
    assert sorted(created) == ["domainId", "groupName", "id", "status"], created
    assert (created["domainId"], created["groupName"], created["status"]) == (DOMAIN, "Data Owners", "ASSIGNED")
    for again in (parameters, {**parameters, "clientToken": "token-2"}):
        assert create(**again)["id"] == created["id"]
    refused("ValidationException", create, **{**parameters, "groupIdentifier": READERS})
    for identifier in (created["id"], OWNERS, "Data Owners"):
        assert get(domainIdentifier=DOMAIN, groupIdentifier=identifier)["id"] == created["id"]

    updated = update(domainIdentifier=DOMAIN, groupIdentifier=created["id"], status="NOT_ASSIGNED")
    assert updated["status"] == "NOT_ASSIGNED"
    assert get(domainIdentifier=DOMAIN, groupIdentifier=OWNERS)["status"] == "NOT_ASSIGNED"
    role = create(domainIdentifier=DOMAIN, rolePrincipalArn=ROLE)
    assert (role["rolePrincipalArn"], "groupName" in role) == (ROLE, False)
    assert role["rolePrincipalId"].startswith("AROA")

    search = datazone.get_paginator("search_group_profiles")

    def found(group_type, **more):
        config = {"PageSize": 1}
        pages = search.paginate(domainIdentifier=DOMAIN, groupType=group_type, PaginationConfig=config, **more)
        return [item.get("groupName", item.get("rolePrincipalArn")) for page in pages for item in page["items"]]

    assert found("SSO_GROUP") == ["Data Owners", "readers"]
    assert found("SSO_GROUP", searchText="READ") == ["readers"]
    assert found("DATAZONE_SSO_GROUP") == ["Data Owners"]
    assert found("IAM_ROLE_SESSION_GROUP") == [ROLE]

    unknown = {"domainIdentifier": "dzd_unknown"}
    for call, parameters in (
        (create, {**unknown, "groupIdentifier": OWNERS}),
        (create, {"domainIdentifier": DOMAIN, "groupIdentifier": "Nobody"}),
        (get, {**unknown, "groupIdentifier": OWNERS}),
        (update, {**unknown, "groupIdentifier": OWNERS, "status": "ASSIGNED"}),
        (update, {"domainIdentifier": DOMAIN, "groupIdentifier": READERS, "status": "ASSIGNED"}),
        (datazone.search_group_profiles, {**unknown, "groupType": "SSO_GROUP"}),
    ):
        assert refused("ResourceNotFoundException", call, **parameters)[1] == 404


def project_memberships(datazone, control):
    project = {"domainIdentifier": DOMAIN, "projectIdentifier": "media"}
    owner = {"userId": "somebody", "designation": "PROJECT_OWNER"}
    order(control, "PUT", f"/domains/{DOMAIN}", {"projects": [{"id": "media", "members": [owner]}]})
    create, pages = datazone.create_project_membership, datazone.get_paginator("list_project_memberships")
    for group in (OWNERS, READERS):
        created = create(**project, member={"groupIdentifier": group}, designation="PROJECT_CONTRIBUTOR")
        assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    listed = [page["members"] for page in pages.paginate(**project, PaginationConfig={"PageSize": 2})]
    assert [len(page) for page in listed] == [2, 1], listed
    members = [(member["memberDetails"], member["designation"]) for page in listed for member in page]
    groups = [({"group": {"groupId": group}}, "PROJECT_CONTRIBUTOR") for group in (OWNERS, READERS)]
    assert members == [({"user": {"userId": "somebody"}}, "PROJECT_OWNER"), *groups], members

    again = {"member": {"groupIdentifier": OWNERS}, "designation": "PROJECT_OWNER"}
    refused("ValidationException", create, **project, **again)
    order(control, "PATCH", "/settings", {"existingMembership": "conflictException"})
    assert refused("ConflictException", create, **project, **again)[1] == 409
    unknown = {**project, "projectIdentifier": "unknown"}
    refused("ResourceNotFoundException", create, **unknown, **again)
    refused("ResourceNotFoundException", datazone.list_project_memberships, **unknown)
    nobody = {"member": {"groupIdentifier": "Nobody"}, "designation": "PROJECT_OWNER"}
    assert refused("ResourceNotFoundException", create, **project, **nobody)[1] == 404


def rules(personalize, datazone):
    """How violations reach a client. The clients leave the constraints of the models to the simulators."""
    sizes = personalize.meta.service_model.operation_model("ListDatasetGroups").input_shape.members["maxResults"].metadata
    message, status = refused("InvalidInputException", personalize.list_dataset_groups, maxResults=sizes["max"] + 1)
    assert status == 400 and f"value less than or equal to {sizes['max']}" in message, message
    refused("InvalidInputException", personalize.create_dataset_group)
    refused("SerializationException", personalize.create_dataset_group, name={"not": "text"})
    refused("UnknownOperationException", personalize.list_schemas)
    domain = datazone.meta.service_model.operation_model("GetGroupProfile").input_shape.members["domainIdentifier"]
    message, status = refused("ValidationException", datazone.get_group_profile, domainIdentifier="domain", groupIdentifier=OWNERS)
    assert status == 400 and f"pattern: {domain.metadata['pattern']}" in message, message
    search = {"domainIdentifier": DOMAIN, "groupType": "SSO_GROUP", "nextToken": "made-up"}
    refused("ValidationException", datazone.search_group_profiles, **search)
    members = {"domainIdentifier": DOMAIN, "projectIdentifier": "media"}
    refused("ValidationException", datazone.list_project_memberships, **members, nextToken="made-up")
    message, _ = refused("ValidationException", datazone.list_project_memberships, **members, maxResults=51)
    assert "value less than or equal to 50" in message, message
    refused("SerializationException", datazone.list_project_memberships, **members, maxResults="many")
    both = {"groupIdentifier": OWNERS, "rolePrincipalArn": ROLE}
    for principal in ({}, both, {"rolePrincipalArn": "analyst"}):
        refused("ValidationException", datazone.create_group_profile, domainIdentifier=DOMAIN, **principal)


def command_line(aws, personalize_url, datazone_url):
    """The main steps again, as people type them."""

    def run(url, *words):
        result = subprocess.run([aws, "--endpoint-url", url, "--output", "json", *words], capture_output=True, text=True, check=False)
        return result.returncode, json.loads(result.stdout or "null"), result.stderr

    def personalize(*words):
        return run(personalize_url, "personalize", *words)

    def datazone(*words):
        return run(datazone_url, "datazone", *words)

    def answer(result):
        code, document, errors = result
        assert code == 0, errors
        return document

    def refusal(result, name):
        code, _, errors = result
        assert code != 0 and f"({name})" in errors, errors

    arn = answer(personalize("create-dataset-group", "--name", "typed", "--tags", "tagKey=team,tagValue=media"))["datasetGroupArn"]
    refusal(personalize("create-dataset-group", "--name", "typed"), "ResourceAlreadyExistsException")
    for status in ("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"):
        described = answer(personalize("describe-dataset-group", "--dataset-group-arn", arn))
        assert described["datasetGroup"]["status"] == status, described
    listed = answer(personalize("list-dataset-groups", "--page-size", "1"))["datasetGroups"]
    assert "typed" in [group["name"] for group in listed], listed
    assert answer(personalize("delete-dataset-group", "--dataset-group-arn", arn)) is None
    for _ in range(2):
        answer(personalize("describe-dataset-group", "--dataset-group-arn", arn))
    refusal(personalize("describe-dataset-group", "--dataset-group-arn", arn), "ResourceNotFoundException")

    group = ("--domain-identifier", DOMAIN, "--group-identifier", READERS)
    refusal(datazone("get-group-profile", *group), "ResourceNotFoundException")
    assert answer(datazone("create-group-profile", *group))["groupName"] == "readers"
    assert answer(datazone("get-group-profile", *group))["status"] == "ASSIGNED"
    assert answer(datazone("update-group-profile", *group, "--status", "NOT_ASSIGNED"))["status"] == "NOT_ASSIGNED"
    search = ("--domain-identifier", DOMAIN, "--group-type", "DATAZONE_SSO_GROUP", "--search-text", "readers")
    found = answer(datazone("search-group-profiles", *search))["items"]
    assert [item["status"] for item in found] == ["NOT_ASSIGNED"], found
    project = ("--domain-identifier", DOMAIN, "--project-identifier", "media")
    again = ("--member", f"groupIdentifier={READERS}", "--designation", "PROJECT_OWNER")
    refusal(datazone("create-project-membership", *project, *again), "ConflictException")
    listed = answer(datazone("list-project-memberships", *project, "--page-size", "1"))["members"]
    assert len(listed) == 3, listed


def main():
    personalize_url, datazone_url, control, aws = sys.argv[1:]
    personalize, datazone = client("personalize", personalize_url), client("datazone", datazone_url)
    dataset_groups(personalize)
    contents(personalize, control)
    failures_and_quota(personalize, control)
    group_profiles(datazone, control)
    project_memberships(datazone, control)
    unchecked = {"parameter_validation": False}
    rules(client("personalize", personalize_url, **unchecked), client("datazone", datazone_url, **unchecked))
    command_line(aws, personalize_url, datazone_url)


if __name__ == "__main__":
    main()
