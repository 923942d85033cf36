// The smallest loop that the Runtime API allows. It is less than what Lambda's own image for Node does (aws-lambda-ric
// has to be compiled, and adds its own time), so the comparison is in Node's favour.

const { Agent, request } = require("node:http");
const { handler } = require("./index.js");

const agent = new Agent({ keepAlive: true });
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");

main();

async function main() {
  for (;;) {
    await serve();
  }
}

async function serve() {
  const event = await exchange("GET", "invocation/next");
  process.env._X_AMZN_TRACE_ID = event.headers["lambda-runtime-trace-id"];
  const id = event.headers["lambda-runtime-aws-request-id"];
  try {
    const answer = await handler(JSON.parse(event.body));
    await exchange("POST", `invocation/${id}/response`, JSON.stringify(answer));
  } catch (fault) {
    const failure = { errorType: fault.name, errorMessage: String(fault.message), stackTrace: [] };
    await exchange("POST", `invocation/${id}/error`, JSON.stringify(failure));
  }
}

function exchange(method, path, body) {
  return new Promise((resolve, reject) => {
    const call = request({ agent, host, port, method, path: `/2018-06-01/runtime/${path}` }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(parts).toString() }));
      answer.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}
