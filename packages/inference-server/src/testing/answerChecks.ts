/** An answer to a caller, as it came. */
export interface SeenAnswer {
  method: string;
  path: string;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** What each answer of a test server is held against, besides what its test expects. */
export const answerChecks: ((answer: SeenAnswer) => void)[] = [];
