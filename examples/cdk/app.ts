// The workflow of an unpacked release archive, and beside it a workflow that calls it.
//
// The archive is the folder two levels up, where this example is part of one, or: cdk synth --context archive=FOLDER

import * as path from "node:path";
import { App, Aws, Stack, Validations } from "aws-cdk-lib";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { CfnFunction } from "aws-cdk-lib/aws-sam";
import { DefinitionBody, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { Construct } from "constructs";

interface WorkflowProps {
  /** The folder of the unpacked archive. */
  archive: string;
  /** Other defaults of its parameters. They stay parameters of the stack: cdk deploy --parameters NAME=VALUE. */
  parameters?: Record<string, string>;
}

/** The workflow. Its template goes into the stack as it is, with the functions and the definition as assets. */
class DatasetGroupWorkflow extends Construct {
  readonly stateMachineArn: string;
  /** The managed policy for the role of a caller. */
  readonly callerPolicyArn: string;

  constructor(scope: Construct, id: string, { archive, parameters = {} }: WorkflowProps) {
    super(scope, id);
    const template = new CfnInclude(this, "Template", {
      templateFile: path.join(archive, "template.yaml"),
      // It refers to versions of the functions, which only SAM knows.
      dehydratedResources: ["ProvisionDatasetGroup"],
    });
    for (const [name, value] of Object.entries(parameters)) {
      template.getParameter(name).default = value;
    }
    for (const child of template.node.children) {
      if (child instanceof CfnFunction) {
        const { s3BucketName, s3ObjectKey } = this.asset(archive, child.codeUri as string);
        child.codeUri = { bucket: s3BucketName, key: s3ObjectKey };
      }
    }
    const machine = template.getResource("ProvisionDatasetGroup");
    const definition = this.asset(archive, "statemachine/provision-dataset-group.asl.json");
    machine.overrideLogicalId("ProvisionDatasetGroup");
    machine.addPropertyOverride("DefinitionS3Location", { Bucket: definition.s3BucketName, Key: definition.s3ObjectKey });
    this.stateMachineArn = machine.ref;
    this.callerPolicyArn = template.getResource("CallerPolicy").ref;
    Validations.of(Stack.of(this)).acknowledge(
      { id: "CloudFormation-Validate::F1020", reason: "Only SAM knows the versions of the functions." },
      { id: "CloudFormation-Validate::W1030", reason: "Conditions leave out the properties whose parameters are empty." },
    );
  }

  private asset(archive: string, file: string): Asset {
    return new Asset(this, path.basename(file), { path: path.join(archive, file) });
  }
}

const app = new App();
const archive = path.resolve(app.node.tryGetContext("archive") ?? path.join(import.meta.dirname, "../.."));
const stack = new Stack(app, "recommendations", { description: "The dataset group workflow, and a workflow that calls it." });

const workflow = new DatasetGroupWorkflow(stack, "Workflow", { archive, parameters: { AllowedSources: "recommendation-platform" } });

new StateMachine(stack, "LaunchRecommendations", {
  definitionBody: DefinitionBody.fromFile(path.join(archive, "examples/caller/caller.asl.json")),
  definitionSubstitutions: { Partition: Aws.PARTITION, ProvisionDatasetGroupArn: workflow.stateMachineArn },
  role: new Role(stack, "LaunchRecommendationsRole", {
    assumedBy: new ServicePrincipal("states.amazonaws.com"),
    managedPolicies: [ManagedPolicy.fromManagedPolicyArn(stack, "CallerPolicy", workflow.callerPolicyArn)],
  }),
});
