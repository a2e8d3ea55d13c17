/** What whoever starts the program tells it first. */
export interface StartMessage {
  type: 'start';
  /** What the model is called, and where what it needs lies. */
  model: string;
  runtimeFile: string;
  weightsFile: string;
  /** The one key that is taken. Not in the arguments, which anybody on the machine reads. */
  key: string;
  /** Most tokens of a prompt and its answer together. */
  contextTokens: number;
  /** Most requests that wait while one is answered. */
  maxWaiting: number;
  /** Time without a request after which the program says that it is idle. */
  idleMillis: number;
}

/** What the program tells. */
export type ProgramMessage =
  | { type: 'serving'; port: number }
  /** Nobody has asked for `idleMillis`; told again while that is so. */
  | { type: 'idle' }
  /** It cannot start, and ends. */
  | { type: 'failed'; reason: string };
