"""Holds exchanges with the services against the models of botocore.

Usage: models.py check FILE     every request and answer fits the newest model
       models.py doctor FILE    every change of the models that concerns an exchange is found

FILE is a list of exchanges. `check` ends with 1 and the first difference. `doctor` changes one thing after the other in
a copy of the models, and prints how many changes were found and which were overlooked.
"""

import copy
import json
import re
import sys
from urllib.parse import parse_qsl, unquote

import botocore
from botocore.exceptions import ParamValidationError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer

SERVICES = ("personalize", "datazone")
TYPES = {"string": str, "integer": int, "boolean": bool, "timestamp": (int, float)}


class Different(Exception):
    pass


def same(what, sent, expected):
    if sent != expected:
        raise Different(f"{what} is {sent!r}, and {expected!r} in the model")


def fits(shape, value, where):
    """Whether a JSON value is one of the shape: known members, required ones, types, lengths, words."""
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            raise Different(f"{where} is {value!r} and not a structure")
        names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for name, inner in value.items():
            if name not in names:
                raise Different(f"{where}.{name} is unknown to {shape.name}")
            fits(names[name], inner, f"{where}.{name}")
        for name in shape.required_members:
            if shape.members[name].serialization.get("name", name) not in value:
                raise Different(f"{where}.{name} is required by {shape.name}")
    elif shape.type_name == "list":
        if not isinstance(value, list):
            raise Different(f"{where} is {value!r} and not a list")
        for index, item in enumerate(value):
            fits(shape.member, item, f"{where}[{index}]")
    else:
        expected = TYPES.get(shape.type_name)
        if expected is None or not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            raise Different(f"{where} is {value!r} and not a {shape.type_name}")
        if getattr(shape, "enum", None) and value not in shape.enum:
            raise Different(f"{where} is {value!r} and none of {shape.enum}")
        size = len(value) if isinstance(value, str) else value
        for word, holds in (("min", lambda limit: size >= limit), ("max", lambda limit: size <= limit)):
            if word in shape.metadata and not holds(shape.metadata[word]):
                raise Different(f"{where} is beyond the {word} of {shape.name}")


def parameters(operation, exchange):
    """The input of a request, its members put together from path, query and body."""
    members = operation.input_shape.members
    values = dict(exchange["body"] or {})
    template = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/?]+)", operation.http["requestUri"])
    target, _, query = exchange["target"].partition("?")
    path = re.fullmatch(template, target)
    if path is None:
        raise Different(f"{exchange['target']} is not of the form {operation.http['requestUri']}")
    for name, text in path.groupdict().items():
        values[name] = unquote(text)
    for name, text in parse_qsl(query):
        is_number = name in members and members[name].type_name == "integer"
        values[name] = int(text) if is_number else text
    for name, member in members.items():
        in_body = name in (exchange["body"] or {})
        if in_body and member.serialization.get("location"):
            raise Different(f"{name} stands in the body, not in the {member.serialization['location']}")
    return values


def check(models, exchange):
    model = models[exchange["service"]]
    if exchange["operation"] not in model.operation_names:
        raise Different(f"there is no operation {exchange['operation']}")
    operation = model.operation_model(exchange["operation"])
    values = parameters(operation, exchange)
    fits(operation.input_shape, values, operation.name)
    # What botocore itself would send for the same input.
    try:
        serialized = create_serializer(model.metadata["protocol"]).serialize_to_request(values, operation)
    except ParamValidationError as fault:
        raise Different(str(fault)) from fault
    same("the method", exchange["method"], serialized["method"])
    path, _, query = exchange["target"].partition("?")
    same("the path", path, serialized["url_path"])
    expected = serialized["query_string"] or {}
    same("the query", dict(parse_qsl(query)), {name: str(value) for name, value in expected.items()})
    same("x-amz-target", exchange["amzTarget"], serialized["headers"].get("X-Amz-Target"))
    body = serialized["body"]
    same("the body", exchange["body"] or {}, json.loads(body) if body else {})
    if body or model.metadata["protocol"] == "json":
        same("the content type", exchange["contentType"], serialized["headers"].get("Content-Type"))
    answered(model, operation, exchange)


def answered(model, operation, exchange):
    answer = exchange["answer"]
    if exchange["status"] < 300:
        same("the status", exchange["status"], operation.http.get("responseCode", 200))
        if operation.output_shape is not None and answer is not None:
            fits(operation.output_shape, answer, f"the answer to {operation.name}")
        elif answer:
            raise Different(f"{operation.name} has no answer")
        return
    code = exchange["errorType"] or answer["__type"]
    if code not in {error.name for error in operation.error_shapes}:
        raise Different(f"{operation.name} has no error {code}")


def load():
    loader = Loader()
    return {service: loader.load_service_model(service, "service-2") for service in SERVICES}


def compiled(raw):
    return {service: ServiceModel(copy.deepcopy(model), service) for service, model in raw.items()}


def first_difference(raw, exchanges):
    models = compiled(raw)
    for exchange in exchanges:
        try:
            check(models, exchange)
        except Different as different:
            return f"{exchange['service']} {exchange['operation']}: {different}"
    return None


def used(raw, exchanges):
    """Every (service, structure, member) that a request sends or an answer has."""
    found = set()

    def walk(shapes, service, name, value):
        shape = shapes[name]
        if shape["type"] == "structure" and isinstance(value, dict):
            for member, inner in value.items():
                found.add((service, name, member))
                walk(shapes, service, shape["members"][member]["shape"], inner)
        elif shape["type"] == "list" and isinstance(value, list):
            for item in value:
                walk(shapes, service, shape["member"]["shape"], item)

    models = compiled(raw)
    for exchange in exchanges:
        service = exchange["service"]
        operation = raw[service]["operations"][exchange["operation"]]
        values = parameters(models[service].operation_model(exchange["operation"]), exchange)
        walk(raw[service]["shapes"], service, operation["input"]["shape"], values)
        if exchange["status"] < 300 and exchange["answer"] and "output" in operation:
            walk(raw[service]["shapes"], service, operation["output"]["shape"], exchange["answer"])
    return sorted(found)


def doctored(raw, exchanges):
    """Models in which one thing is not as it was, each with the name of that thing."""

    def changed(service, what, change):
        # Only what is changed is copied deep: the models are large.
        model = {**raw[service], "shapes": dict(raw[service]["shapes"]), "operations": dict(raw[service]["operations"])}
        change(model)
        return what, {**raw, service: model}

    def shape_of(model, name):
        model["shapes"][name] = copy.deepcopy(model["shapes"][name])
        return model["shapes"][name]

    for service, structure, member in used(raw, exchanges):
        what = f"{service} {structure}.{member}"

        def rename(model):
            members = shape_of(model, structure)["members"]
            members[member + "New"] = members.pop(member)
            required = model["shapes"][structure].get("required", [])
            model["shapes"][structure]["required"] = [name for name in required if name != member]

        def retype(model):
            shape_of(model, structure)["members"][member]["shape"] = "Doctored"
            model["shapes"]["Doctored"] = {"type": "map", "key": {"shape": "Doctored"}, "value": {"shape": "Doctored"}}

        yield changed(service, f"{what} renamed", rename)
        yield changed(service, f"{what} of another type", retype)
        words = raw[service]["shapes"][raw[service]["shapes"][structure]["members"][member]["shape"]].get("enum")
        if words:

            def reword(model):
                shape_of(model, model["shapes"][structure]["members"][member]["shape"])["enum"] = ["DOCTORED"]

            yield changed(service, f"{what} without its words", reword)
    for service, name in sorted({(exchange["service"], exchange["operation"]) for exchange in exchanges}):
        operation = raw[service]["operations"][name]

        def remove(model):
            del model["operations"][name]

        def move(model):
            http = {**operation["http"], "requestUri": operation["http"]["requestUri"] + "/doctored"}
            model["operations"][name] = {**operation, "http": http}

        def other_method(model):
            model["operations"][name] = {**operation, "http": {**operation["http"], "method": "PATCH"}}

        def require(model):
            shape = shape_of(model, operation["input"]["shape"])
            shape["members"]["doctored"] = next(iter(shape["members"].values()))
            shape["required"] = [*shape.get("required", []), "doctored"]

        for what, change in (("removed", remove), ("moved", move), ("by another method", other_method), ("with a new required member", require)):
            yield changed(service, f"{service} {name} {what}", change)
    yield changed("personalize", "another prefix of the target", lambda model: model.update(metadata={**model["metadata"], "targetPrefix": "Doctored"}))
    yield changed("personalize", "another version of JSON", lambda model: model.update(metadata={**model["metadata"], "jsonVersion": "1.0"}))


def main():
    order, file = sys.argv[1:]
    with open(file, encoding="utf-8") as text:
        exchanges = json.load(text)
    raw = load()
    if order == "check":
        difference = first_difference(raw, exchanges)
        if difference:
            sys.exit(f"botocore {botocore.__version__}: {difference}")
        print(f"{len(exchanges)} exchanges fit the models of botocore {botocore.__version__}")
    else:
        found, overlooked = 0, []
        for what, models in doctored(raw, exchanges):
            if first_difference(models, exchanges):
                found += 1
            else:
                overlooked.append(what)
        print(json.dumps({"botocore": botocore.__version__, "found": found, "overlooked": overlooked}))


if __name__ == "__main__":
    main()
