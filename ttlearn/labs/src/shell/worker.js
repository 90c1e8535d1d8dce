/** The worker's side: serves engines, in slices, so that a run can be stopped or replaced at any time. */

/** @import {Engine, Trajectory} from "../engines/types" */
/** @typedef {{id: number, slot: string, generator: Generator<any, Trajectory>, engine: string}} Job */

const SLICE = 12; // ms of work between looks at the mailbox

/**
 * Answer messages `{id, slot, engine, parameters}` and `{cancel: slot}` on `port`.
 * @param {Record<string, Engine>} engines
 * @param {{onmessage: any, postMessage: (message: any, transfer?: any) => void}} port
 */
export function serve(engines, port) {
  /** @type {Map<string, Job>} */
  const jobs = new Map();
  let scheduled = false;

  const schedule = () => {
    if (!scheduled && jobs.size) {
      scheduled = true;
      setTimeout(turn, 0);
    }
  };
  const turn = () => {
    scheduled = false;
    const [job] = jobs.values();
    if (job) work(job, jobs, port);
    schedule();
  };
  port.onmessage = (/** @type {{data: any}} */ { data }) => {
    if (data.cancel !== undefined) {
      jobs.delete(data.cancel);
      return;
    }
    jobs.delete(data.slot); // and again at the end of the queue
    try {
      const engine = engines[data.engine];
      if (!engine) throw new RangeError(`no engine ${data.engine}; there are ${Object.keys(engines)}`);
      const { id, slot } = data;
      jobs.set(slot, { id, slot, engine: data.engine, generator: engine.run(data.parameters) });
    } catch (error) {
      port.postMessage({ id: data.id, slot: data.slot, error: sentence(error) });
    }
    schedule();
  };
}

/**
 * One slice of one job; then the job goes to the end of the queue.
 * @param {Job} job
 * @param {Map<string, Job>} jobs
 * @param {{postMessage: (message: any, transfer?: any) => void}} port
 */
function work(job, jobs, port) {
  const { id, slot } = job;
  const until = performance.now() + SLICE;
  jobs.delete(slot);
  try {
    do {
      const { done, value } = job.generator.next();
      if (done) return port.postMessage({ id, slot, trajectory: value }, buffers(value));
      if (value.partial) port.postMessage({ id, slot, progress: value.progress, partial: value.partial });
      else if (performance.now() >= until) port.postMessage({ id, slot, progress: value.progress });
    } while (performance.now() < until);
    jobs.set(slot, job);
  } catch (error) {
    port.postMessage({ id, slot, error: sentence(error) });
  }
}

/** @param {Trajectory} run */
function buffers(run) {
  const all = [run.times, run.losses, ...Object.values(run.arrays).map((array) => array.data)];
  return [...new Set(all.filter((array) => array !== null).map((array) => array.buffer))];
}

/** @param {unknown} error */
function sentence(error) {
  return error instanceof Error ? error.message : String(error);
}
