// The one call of poll-status with the SDK for JavaScript.

import { DescribeDatasetGroupCommand, PersonalizeClient } from "@aws-sdk/client-personalize";

const personalize = new PersonalizeClient({});

export async function handler(event) {
  const { datasetGroup } = await personalize.send(
    new DescribeDatasetGroupCommand({ datasetGroupArn: event.datasetGroup.datasetGroupArn }),
  );
  return { name: datasetGroup.name, status: datasetGroup.status };
}
