// What `cdk synth` has written: every resource of the archive's template is in the stack, with its files as assets.

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { Template } from "aws-cdk-lib/assertions";

type Resource = { Type: string; Properties: Record<string, any> };
const read = (file: string) => JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "cdk.out", file), "utf8"));
const written = read("recommendations.template.json");
const template = Template.fromJSON(written);
const resources: Record<string, Resource> = written.Resources;
const properties = (name: string) => resources[name].Properties;

/** The file that is uploaded for a place in the bucket of the assets. */
function asset({ Bucket, Key }: { Bucket: unknown; Key: string }): Buffer {
  assert.deepEqual(Bucket, { "Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}" });
  const { source } = read("recommendations.assets.json").files[path.parse(Key).name];
  return fs.readFileSync(path.join(import.meta.dirname, "cdk.out", source.path));
}

test("each function is a zip of the archive, with the settings of all functions", () => {
  const functions = Object.values(resources).filter(({ Type }) => Type === "AWS::Serverless::Function");
  assert.equal(functions.length, 4);
  const zips = functions.map(({ Properties }) => asset(Properties.CodeUri));
  assert.ok(zips.every((zip) => zip.subarray(0, 2).toString() === "PK" && zip.includes("bootstrap")));
  assert.equal(new Set(zips.map((zip) => zip.toString("hex"))).size, 4);
  assert.equal(written.Transform, "AWS::Serverless-2016-10-31");
  assert.equal(written.Globals.Function.Runtime, "provided.al2023");
});

test("the state machine has the definition of the archive and calls versions of the functions", () => {
  const { DefinitionS3Location, DefinitionSubstitutions } = properties("ProvisionDatasetGroup");
  assert.equal(JSON.parse(asset(DefinitionS3Location).toString()).StartAt, "Begin");
  assert.deepEqual(DefinitionSubstitutions.PollStatusFunctionArn, { Ref: "PollStatusFunction.Version" });
});

test("everything that is referred to is in the template", () => {
  const names = new Set([...Object.keys(resources), ...Object.keys(written.Parameters)]);
  const check = (value: any): void => {
    if (typeof value !== "object" || value === null) return;
    for (const name of [value.Ref, value["Fn::GetAtt"]?.[0]].filter((name) => typeof name === "string")) {
      assert.ok(name.startsWith("AWS::") || names.has(name.replace(/\.Version$/, "")), name);
    }
    Object.values(value).forEach(check);
  };
  check(written);
});

test("the parameters stay, and one has the default of this app", () => {
  assert.equal(written.Parameters.AllowedSources.Default, "recommendation-platform");
  assert.deepEqual(properties("DatasetGroupRequestedRule").EventPattern["Fn::If"][1].source, { Ref: "AllowedSources" });
  assert.equal(written.Parameters.EventBusName.Default, "default");
});

test("the caller may start the workflow and knows its state machine", () => {
  const [name] = Object.keys(template.findResources("AWS::StepFunctions::StateMachine")).filter((name) => name !== "ProvisionDatasetGroup");
  const { DefinitionS3Location, DefinitionSubstitutions, RoleArn } = properties(name);
  assert.deepEqual(DefinitionSubstitutions.ProvisionDatasetGroupArn, { Ref: "ProvisionDatasetGroup" });
  assert.match(asset(DefinitionS3Location).toString(), /states:startExecution\.sync:2/);
  assert.deepEqual(properties(RoleArn["Fn::GetAtt"][0]).ManagedPolicyArns, [{ Ref: "CallerPolicy" }]);
});
