# Starts the server of the engine, with two facts of AWS that it does not have:
# - Step Functions reports a throttled call of a function as Lambda.TooManyRequestsException, not as Lambda.Unknown.
# - The reserved concurrency of a function counts for its versions too.
from hypercorn.__main__ import main
from ministack.services import lambda_svc

throttle_response = lambda_svc._throttle_response


def named(*arguments, **options):
    response = throttle_response(*arguments, **options)
    response["body"]["errorType"] = "Lambda.TooManyRequestsException"
    return response


def of_the_function(version, config):
    return (lambda_svc._functions.get(config["FunctionName"]) or version).get("concurrency")


lambda_svc._throttle_response = named
lambda_svc._reserved_concurrency = of_the_function
main()
