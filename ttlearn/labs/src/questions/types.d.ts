export interface Option {
  text: string;
  feedback: string;
  right: boolean;
}

export interface Axis {
  label: string;
  low: number;
  high: number;
}

/** One question as Python declares it. */
export interface QuestionSpec {
  kind: "choice" | "several" | "number" | "sketch";
  name: string;
  prompt: string;
  reveal: string;
  options: Option[];
  value: number;
  tolerance: number;
  unit: string;
  near: { low: number; high: number; feedback: string }[];
  x: Axis;
  y: Axis;
  xs: number[];
  ys: number[];
  close: number;
}

/** A committed answer: option text, texts, a number, or the heights of a drawing. */
export type Answer = string | string[] | number | number[];

export interface Judgement {
  right: boolean;
  /** What is said about the answer itself. */
  sentences: string[];
}

export interface Entry {
  question: string;
  answer: Answer;
  right: boolean;
  /** Day of the first answer, 2026-11-25. */
  day: string;
}

export interface PassportFile {
  format: "ttlearn.passport/1";
  answers: Record<string, Entry>;
}
