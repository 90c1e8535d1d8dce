// @ts-check
/**
 * Runs an engine on the frozen cases and writes its numbers to standard output, as JSON.
 * Usage: node parity.mjs frozen/ENGINE.json [--live]
 */
import { readFileSync } from "node:fs";

const ENGINES = "../../../ttlearn/labs/src/engines/";
/** @param {string} name */
const load = (name) => import(`${ENGINES}${name}.js`);

/** Engines whose numbers are not a trajectory. @type {Record<string, (parameters: any) => any>} */
const STATIC = {
  async step_network(p) {
    const { loss_and_gradient } = await load("step_network");
    return loss_and_gradient(
      p.outer_weights,
      p.positions,
      p.jumps,
      p.values,
      p.activation_width,
      p.slope,
    );
  },
  async fast_solution(p) {
    const { fast_solution } = await load("step_network");
    const { cell_means, loss } = fast_solution(p.positions, p.jumps, p.values);
    return { cell_means, loss };
  },
  async law(p) {
    const { make_law } = await load("law");
    const law = make_law(p.law);
    return {
      g: p.norms.map(law.g),
      h: p.norms.map(law.h),
      m: p.norms.map(law.m),
      constants: [law.k, law.tail, law.tail_exponent, law.second_moment],
    };
  },
  async relu_network(p) {
    const { neuron_types, relu_loss } = await load("relu_network");
    const { missing_hessian, spectrum } = await load("relu_curvature");
    const { classify } = await load("relu_classify");
    const { loss, gradient } = relu_loss(p.problem, p.parameters);
    const smooth = missing_hessian(p.problem, p.parameters).reason === "";
    const found = classify(p.problem, p.parameters);
    return {
      loss,
      gradient,
      eigenvalues: smooth ? spectrum(p.problem, p.parameters).values : [],
      kinds: neuron_types(p.problem, p.parameters).map((/** @type {any} */ neuron) => neuron.kind),
      verdict: [found.kind, String(found.first)],
      counts: [found.level, found.morse_index, found.decrease_order, found.strict],
    };
  },
};

/** Cases that are named otherwise than their engine. @type {Record<string, string>} */
const MODULES = { escape_clock: "relu_descent", phase: "two_timescale_flow" };

/**
 * The numbers of one case.
 *
 * @param {string} engine
 * @param {any} parameters
 */
async function numbers(engine, parameters) {
  if (STATIC[engine]) return STATIC[engine](parameters);
  const module = await load(MODULES[engine] ?? engine);
  /** @type {import("../../../ttlearn/labs/src/engines/types").Trajectory} */
  const run = module.simulate(parameters);
  if (run.note) throw new Error(run.note);
  /** @type {Record<string, any>} */
  const found = { times: run.times, losses: run.losses };
  for (const [name, array] of Object.entries(run.arrays)) found[name] = array.data;
  found.hits = run.events.filter(({ kind }) => kind === "hit").map(({ time }) => time);
  found.escapes = run.events.filter(({ kind }) => kind === "escape").map(({ time }) => time);
  if (engine === "race") {
    const [left, right] = [0, 1].map((i) => Math.abs(parameters.positions[i] - parameters.jump));
    found.hitting_time = module.hitting_time(left, right, parameters.jump_size ** 2);
    found.stopping_distance = module.stopping_distance(left, right);
  }
  return found;
}

/** Numbers that JSON has no word for become words; typed arrays become lists. */
function plain(/** @type {string} */ _key, /** @type {any} */ value) {
  if (ArrayBuffer.isView(value)) return Array.from(/** @type {Float64Array} */ (value));
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

const live = process.argv.includes("--live");
const frozen = JSON.parse(readFileSync(process.argv[2], "utf8"));
const answers = [];
for (const { parameters } of frozen.cases) {
  // Live: at the tolerance that the engine has on the page.
  if (live) delete parameters.relative_tolerance;
  answers.push(await numbers(frozen.engine, parameters));
}
process.stdout.write(JSON.stringify(answers, plain));
