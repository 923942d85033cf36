# Starts the server of the engine, with facts of AWS that it does not have:
# - Step Functions reports a throttled call of a function as Lambda.TooManyRequestsException, not as Lambda.Unknown.
# - The reserved concurrency of a function counts for its versions too.
# - An alarm may have an expression. The engine evaluates no alarm of a template, so it stores the first metric instead.
# - A condition of a template may join a list. The engine takes such a join for true.
# - Step Functions reads an object of S3 (aws-sdk:s3:getObject), takes the concurrency of a map from its input, and calls a
#   missing execution Sfn.ExecutionDoesNotExistException. A name that an execution has is refused in a nested start too. A
#   catcher has the query language of its state. When an execution is stopped, its maps start no more children.
import json

from hypercorn.__main__ import main
from ministack.services import lambda_svc, s3, stepfunctions
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

throttle_response = lambda_svc._throttle_response
alarm_record = provisioners._cw_metric_alarm_record


def named(*arguments, **options):
    response = throttle_response(*arguments, **options)
    response["body"]["errorType"] = "Lambda.TooManyRequestsException"
    return response


def of_the_function(version, config):
    return (lambda_svc._functions.get(config["FunctionName"]) or version).get("concurrency")


def of_one_metric(name, properties):
    metrics = properties.get("Metrics")
    metric = metrics[0]["MetricStat"]["Metric"] if metrics else {}
    return alarm_record(name, {**properties, **metric, "Metrics": None})


def joined(value, parameters):
    if isinstance(value, list):
        return [joined(item, parameters) for item in value]
    if not isinstance(value, dict):
        return value
    match value.get("Fn::Join"):
        case [delimiter, {"Ref": name}]:
            return delimiter.join(item.strip() for item in parameters[name]["Value"].split(","))
    return {name: joined(member, parameters) for name, member in value.items()}


def with_joins(template, parameters):
    return conditions_of({**template, "Conditions": joined(template.get("Conditions", {}), parameters)}, parameters)


def get_object(service, name, action, given):
    if (name, action) != ("s3", "getObject"):
        return dispatch(service, name, action, given)
    signed = {"authorization": "AWS4-HMAC-SHA256", "range": given["Range"]}
    status, headers, body = s3._get_object(given["Bucket"], given["Key"], signed)
    if status < 300:
        headers = {header.lower(): value for header, value in headers.items()}
        return {"Body": body.decode(errors="replace"), "ContentRange": headers["content-range"]}
    missing = "NoSuchKey" if b"NoSuchKey" in body else "NoSuchBucket" if b"NoSuchBucket" in body else "S3"
    raise stepfunctions._ExecutionError(f"S3.{missing}Exception", f"(Service: S3, Status Code: {status})")


def with_concurrency(state, given, effective, *others):
    if path := state.get("MaxConcurrencyPath"):
        state = {**state, "MaxConcurrency": stepfunctions._resolve_path(path, effective)}
    return distributed_map(state, given, effective, *others)


def catch(catcher, given, context, language, error):
    return apply_catcher({**catcher, "QueryLanguage": language}, given, context, language, error)


def once(request):
    machine, name = request["stateMachineArn"], request.get("name")
    if name and f"{machine.replace(':stateMachine:', ':execution:')}:{name}" in stepfunctions._executions:
        error = {"__type": "StepFunctions.ExecutionAlreadyExistsException", "message": name}
        return 400, {}, json.dumps(error)
    return start_sync(request)


def unless_stopped(states, start, given, child, context):
    run = stepfunctions._map_runs.get(child.get("mapRunArn"))
    if run and stepfunctions._executions[run["executionArn"]]["status"] == "ABORTED":
        raise stepfunctions._ExecutionError("Stopped", "the execution of the map was stopped")
    return sub_machine(states, start, given, child, context)


dispatch = stepfunctions._dispatch_aws_sdk_rest_xml
sub_machine = stepfunctions._run_sub_machine
distributed_map = stepfunctions._run_distributed_map
apply_catcher = stepfunctions._apply_catcher
start_sync = stepfunctions._start_sync_execution
stepfunctions._dispatch_aws_sdk_rest_xml = get_object
stepfunctions._run_distributed_map = with_concurrency
stepfunctions._apply_catcher = catch
stepfunctions._run_sub_machine = unless_stopped
stepfunctions._start_sync_execution = once
stepfunctions._AWS_SDK_ERROR_CODE_OVERRIDES["sfn"] = {"ExecutionDoesNotExist": "ExecutionDoesNotExistException"}
conditions_of = engine._evaluate_conditions
for module in (changesets, engine, handlers, stacks):
    module._evaluate_conditions = with_joins
lambda_svc._throttle_response = named
lambda_svc._reserved_concurrency = of_the_function
provisioners._cw_metric_alarm_record = of_one_metric
main()
