/** An answer to a caller, as it came. */
export interface SeenAnswer {
  method: string;
  path: string;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

export type AnswerCheck = (answer: SeenAnswer) => void;

/**
 * What each answer of a test server is held against, besides what its test expects. They are loaded
 * before a server starts: what they read would hold up its event loop.
 */
export const answerChecks: (() => AnswerCheck)[] = [];
