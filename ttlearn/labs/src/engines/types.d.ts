/** An array of a trajectory: row-major, its first axis is time. */
export interface NamedArray {
  data: Float64Array;
  shape: number[];
}

export interface LabEvent {
  time: number;
  kind: string;
  [key: string]: number | string;
}

/** The JavaScript twin of ttlearn.Trajectory. */
export interface Trajectory {
  times: Float64Array;
  arrays: Record<string, NamedArray>;
  losses: Float64Array | null;
  events: LabEvent[];
  /** "" or one sentence for the reader. */
  note: string;
  meta: Record<string, number | string>;
}

export interface Progress {
  /** From 0 to 1. */
  progress: number;
  partial?: Trajectory;
}

export type Parameters = Record<string, any>;

export interface Engine {
  run(parameters: any): Generator<Progress, Trajectory, unknown>;
  simulate(parameters: any): Trajectory;
}
