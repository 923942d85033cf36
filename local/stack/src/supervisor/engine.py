# Starts the server of the engine, with three facts of AWS that it does not have:
# - Step Functions reports a throttled call of a function as Lambda.TooManyRequestsException, not as Lambda.Unknown.
# - The reserved concurrency of a function counts for its versions too.
# - An alarm may have an expression. The engine evaluates no alarm of a template, so it stores the first metric instead.
from hypercorn.__main__ import main
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

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


lambda_svc._throttle_response = named
lambda_svc._reserved_concurrency = of_the_function
provisioners._cw_metric_alarm_record = of_one_metric
main()
