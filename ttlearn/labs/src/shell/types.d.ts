import type { Parameters, Trajectory } from "../engines/types";

/** What the widget framework hands to render(): the part of the model that labs use. */
export interface Model {
  get(name: string): any;
  set(name: string, value: any): void;
  save_changes(): void;
  on(event: string, callback: (...args: any[]) => void): void;
  off(event: string, callback: (...args: any[]) => void): void;
  send(content: any, callbacks?: any, buffers?: ArrayBuffer[]): void;
}

/** One parameter as the Python class declares it. */
export interface Control {
  name: string;
  kind: "number" | "integer" | "numbers" | "choice" | "flag";
  label: string;
  unit: string;
  help: string;
  group: string;
  low: number;
  high: number;
  step: number;
  log: boolean;
  /** numbers: must increase; at least and at most so many. */
  increasing: boolean;
  least: number;
  most: number;
  /** Numbers that may be taken, increasing; [] for all of the range. */
  stops: number[];
  choices: { value: string; label: string }[];
  /** Shown only while these parameters have one of these values. */
  only: Record<string, (string | boolean)[]>;
  hidden: boolean;
}

export interface Preset {
  label: string;
  values: Record<string, any>;
}

export type State = Record<string, any>;

/** One run a lab asks for. */
export interface RunRequest {
  slot: string;
  engine: string;
  parameters: Parameters;
}

/** Everything a panel, a summary or a table may read. */
export interface Frame {
  state: State;
  runs: Record<string, Trajectory>;
  /** Times the transport moves over, and where it stands. */
  times: ArrayLike<number>;
  index: number;
  time: number;
  bank: Bank | null;
  /** Change parameters; what is out of range is clamped with a note. */
  set(patch: State): void;
  /** Draw again: something changed that is no parameter, what the mouse points at for one. */
  redraw(): void;
}

export interface Bank {
  header: any;
  arrays: Record<string, { data: Float64Array; shape: number[] }>;
}

export interface TableData {
  columns: string[];
  rows: (number | string)[][];
}

export interface PanelDefinition {
  name: string;
  /** Accessible name of the picture. */
  label: string;
  height?: number;
  /** Takes the whole width of the grid. */
  wide?: boolean;
  /** Title above the picture: states the finding. */
  title(frame: Frame): string;
  draw(plot: import("./plot.js").Plot, frame: Frame): void;
}

export interface LabDefinition {
  name: string;
  /** Source text of the worker with the engines; "" for a lab without an engine. */
  worker: string;
  panels: PanelDefinition[];
  runs(state: State, bank: Bank | null): RunRequest[];
  /** Times of the transport. */
  times(state: State, runs: Record<string, Trajectory>): ArrayLike<number>;
  /** How a time is written beside the transport, "slow time 0.03". */
  clock(time: number, frame: Frame): string;
  summary(frame: Frame): string;
  table(frame: Frame): TableData;
  /** Bring parameters that depend on each other in line; `changed` names what the reader changed. */
  tidy?(state: State, changed: string[], before: State): { state: State; note?: string };
  /** What a run is called in sentences, where there are several. */
  slotName?(slot: string, state: State): string;
  /** Extra sentence under the summary, "" for none. */
  remark?(frame: Frame): string;
}
