// Evaluates one expression on the reference implementation of JSONata, which the linter of definitions brings.
// Argument: the folder of its modules. Input: {"expression": "...", "bindings": {...}}. Output: the result as JSON.
const path = require('path');
const jsonata = require(path.join(process.argv[2], 'jsonata'));

const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk));
process.stdin.on('end', async () => {
  const { expression, bindings } = JSON.parse(Buffer.concat(chunks));
  process.stdout.write(JSON.stringify(await jsonata(expression).evaluate({}, bindings)));
});
