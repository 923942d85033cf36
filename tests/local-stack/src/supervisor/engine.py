# Starts the server of the engine. On AWS, Step Functions reports a throttled call of a function as
# Lambda.TooManyRequestsException; the engine reports Lambda.Unknown, unless the body names another error.
from hypercorn.__main__ import main
from ministack.services import lambda_svc

throttle_response = lambda_svc._throttle_response


def named(*arguments, **options):
    response = throttle_response(*arguments, **options)
    response["body"]["errorType"] = "Lambda.TooManyRequestsException"
    return response


lambda_svc._throttle_response = named
main()
