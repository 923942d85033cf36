// Evaluates one expression on the reference implementation of JSONata, which the linter of definitions brings.
// Argument: the folder of its modules. Input: {"expression": "...", "bindings": {...}}. Output: the result as JSON.
const path = require('path');
const jsonata = require(path.join(process.argv[2], 'jsonata'));

const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk));
process.stdin.on('end', async () => {
  const { expression, bindings } = JSON.parse(Buffer.concat(chunks));
  const compiled = jsonata(expression);
  // Step Functions' own addition to the language.
  compiled.registerFunction('parse', JSON.parse, '<s:x>');
  process.stdout.write(JSON.stringify(await compiled.evaluate({}, bindings)));
});
