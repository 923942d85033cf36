# Starts the server of the engine, with four facts of AWS that it does not have:
# - Step Functions reports a throttled call of a function as Lambda.TooManyRequestsException, not as Lambda.Unknown.
# - The reserved concurrency of a function counts for its versions too.
# - An alarm may have an expression. The engine evaluates no alarm of a template, so it stores the first metric instead.
# - A condition of a template may join a list. The engine takes such a join for true.
from hypercorn.__main__ import main
from ministack.services import lambda_svc
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


conditions_of = engine._evaluate_conditions
for module in (changesets, engine, handlers, stacks):
    module._evaluate_conditions = with_joins
lambda_svc._throttle_response = named
lambda_svc._reserved_concurrency = of_the_function
provisioners._cw_metric_alarm_record = of_one_metric
main()
