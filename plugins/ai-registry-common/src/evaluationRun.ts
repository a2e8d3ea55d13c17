import type { ExternalDescriptor } from '@greenroom/bundle-file';
import type { JsonObject } from '@backstage/types';
import type { Connection } from './connection';
import type { Environment } from './environment';
import type { Digest } from './version';

/** Most rows of a prompt set that a run asks. */
export const MAX_EVALUATED_ROWS = 1_000;
/** Most scorers of a run. */
export const MAX_SCORERS = 10;
/** Characters of an answer that are kept and scored; the rest is cut off, and that is told. */
export const MAX_ANSWER_CHARACTERS = 32_768;
/** Most rows that a data plane is given at a time. */
export const MAX_ROWS_TAKEN = 32;
/** Longest time for which a data plane's question for a run may wait, in seconds. */
export const MAX_WORK_WAIT_SECONDS = 25;
/** Share of the rows without an answer from which on a run decides nothing. */
export const MAX_UNANSWERED_SHARE = 0.05;

/** How an answer is judged: 1 when it is right, 0 when it is not. White space around an answer does not count. */
export type PromptScorer = {
  /** What pages and metrics call it; made of the kind when it is left out. */
  name?: string;
} & (
  | {
      /** The answer is the row's `expected`. */
      kind: 'exact';
      ignoreCase?: boolean;
    }
  | {
      /** The answer matches a regular expression of JavaScript, with the flag `u`. */
      kind: 'regex';
      /** The row's `pattern` when it is left out. */
      pattern?: string;
      ignoreCase?: boolean;
    }
  | {
      /** The answer is JSON that a schema accepts. */
      kind: 'json-schema';
      /** Draft 7, without references to other documents. */
      schema: JsonObject;
    }
);

/** Which rows versions are asked, and how their answers are judged. */
export interface PromptEvaluation {
  /** A version of a dataset whose rows have an `input`. */
  dataset: { name: string; version: number; digest: Digest };
  scorers: PromptScorer[];
  /** How many rows are asked at most, from the first on; {@link MAX_EVALUATED_ROWS} when left out. */
  rows?: number;
}

export interface NewEvaluationRun {
  environment: Environment;
  dataset: { name: string; version: number };
  scorers: PromptScorer[];
  rows?: number;
}

export type EvaluationRunState =
  /** No data plane has taken it yet, or the one that had is gone. */
  | {
      phase: 'queued';
      /** What it waits for, in a sentence. */ waitingFor: string;
    }
  /** A data plane asks the rows. */
  | { phase: 'running'; done: number; of: number }
  | { phase: 'done'; finishedAt: string; result: EvaluationResult }
  | { phase: 'failed'; finishedAt: string; reason: string }
  | { phase: 'cancelled'; finishedAt: string; cancelledBy: string };

export interface EvaluationResult {
  /** Rows that were asked. */
  rows: number;
  /** Rows that the provider refused, or failed to answer after its connection's retries: they are in no score. */
  unanswered: number;
  scores: EvaluationScore[];
  tokens: {
    /** Sums over the rows whose number was told; undefined where none was. */
    input?: number;
    output?: number;
    /** Of the input, what the provider had computed before. */
    cachedInput?: number;
  };
  /** Of answered rows, in milliseconds; undefined without any. */
  latencyMillis?: { median: number; p95: number };
}

/** Share of the answered rows that a scorer found right. */
export interface EvaluationScore {
  scorer: string;
  right: number;
  rows: number;
  /** right / rows; 0 without rows. */
  share: number;
  /** 95 % confidence (Wilson). */
  interval: [number, number];
}

/** A version that is asked the rows of a prompt set, by a data plane of an environment. */
export interface EvaluationRun {
  id: string;
  model: string;
  version: number;
  environment: Environment;
  dataset: { name: string; version: number; digest: Digest };
  /** Each with its name. */
  scorers: (PromptScorer & { name: string })[];
  /** Rows that are asked. */
  rows: number;
  state: EvaluationRunState;
  /** Entity ref of who asked for it. */
  requestedBy: string;
  /** The promotion whose gate needs it; undefined when somebody asked for it. */
  promotion?: string;
  createdAt: string;
}

/** How a row was answered. */
export interface EvaluationAnswer {
  /** From 0, in the order of the dataset's file. */
  row: number;
  input: string | JsonObject[];
  expected?: string;
  pattern?: string;
  /** Undefined for a row without an answer. */
  answer?: string;
  /** Whether the answer was longer than {@link MAX_ANSWER_CHARACTERS}. */
  cut?: boolean;
  /** Why there is no answer. */
  error?: string;
  /** 1 or 0 by scorer; empty for a row without an answer. */
  scores: Record<string, number>;
  inputTokens?: number;
  outputTokens?: number;
  latencyMillis?: number;
  /** What another run has of the same row; undefined where none was asked for. */
  other?: Pick<EvaluationAnswer, 'answer' | 'error' | 'scores'>;
}

export interface EvaluationAnswersQuery {
  /** Rows to leave out, from the first of those that fit. */
  offset?: number;
  limit?: number;
  /** Id of another run of the model on the same rows. */
  compareWith?: string;
  /**
   * `wrong`: those that a scorer found wrong, or that have no answer. `differing`: those whose
   * scores are others in the run that is compared with.
   */
  only?: 'wrong' | 'differing';
}

export interface EvaluationAnswers {
  items: EvaluationAnswer[];
  /** Rows that fit the question, of all. */
  totalItems: number;
  /** Where to go on; undefined when there are no more. */
  nextOffset?: number;
}

/** What a data plane asks, with the descriptor and the connection that it needs for it. */
export interface EvaluationWork {
  id: string;
  /** Proves that the run is still this data plane's. */
  lease: string;
  model: string;
  version: number;
  descriptor: ExternalDescriptor;
  connection: Connection;
  /** How long a row may take. */
  rowTimeoutMillis: number;
  /** How many rows are asked at a time. */
  concurrency: number;
  /** Characters of an answer that are wanted. */
  maxAnswerCharacters: number;
  /** The first ones; more come with each report. */
  rows: PromptRow[];
}

/** A row to ask: a text becomes the only message of the user. */
export interface PromptRow {
  row: number;
  /** As OpenAI's API has them. */
  messages: JsonObject[];
}

/** What became of a row; sent once, and harmless when it is sent again. */
export interface PromptAnswer {
  row: number;
  answer?: string;
  cut?: boolean;
  error?: string;
  inputTokens?: number;
  outputTokens?: number;
  cachedInputTokens?: number;
  latencyMillis?: number;
}

export interface EvaluationReport {
  lease: string;
  answers: PromptAnswer[];
  /** The last row that was taken. */
  after: number;
  /** How many more rows are wanted. */
  want: number;
  /** Why no row can be asked: the run has failed. */
  failure?: string;
}

/** `ended`: stop asking; the run is done, cancelled, or somebody else's. */
export type EvaluationReply =
  | { state: 'go-on'; rows: PromptRow[] }
  | { state: 'ended' };

/** The name that a scorer has, or gets. */
export function scorerName(scorer: PromptScorer): string {
  if (scorer.name !== undefined) return scorer.name;
  const ignores = scorer.kind !== 'json-schema' && scorer.ignoreCase === true;
  return ignores ? `${scorer.kind}-ignoring-case` : scorer.kind;
}
