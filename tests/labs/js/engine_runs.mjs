// Requests as JSON on standard input; what the engines answer on standard output.
import { readFileSync } from "node:fs";

const engines = "../../../ttlearn/labs/src/engines/";
const answers = [];
for (const { engine, parameters } of JSON.parse(readFileSync(0, "utf8"))) {
  const { simulate } = await import(`${engines}${engine}.js`);
  const { times, losses, arrays } = simulate(parameters);
  const plain = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, [...array.data]]));
  answers.push({ times: [...times], losses: losses && [...losses], arrays: plain });
}
process.stdout.write(JSON.stringify(answers));
