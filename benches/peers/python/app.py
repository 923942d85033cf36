"""The one call of poll-status with boto3; run by awslambdaric, as Lambda's own image for Python does."""

import boto3

personalize = boto3.client("personalize")


def handler(event, _context):
    answer = personalize.describe_dataset_group(datasetGroupArn=event["datasetGroup"]["datasetGroupArn"])
    group = answer["datasetGroup"]
    return {"name": group["name"], "status": group["status"]}
