import type { Signature } from '@greenroom/plugin-ai-registry-common';

/** Loads a version once the way a data plane would, apart from everything else. */
export interface TrialRunner {
  /**
   * What a model does to the process that loads it (end it, hang it, fill its memory) is
   * an answer about the model.
   *
   * @throws TrialUnavailableError when nothing was found out about the model
   */
  run(request: TrialRequest, signal: AbortSignal): Promise<TrialResult>;
}

export interface TrialRequest {
  /** Absolute path of the model file. */
  file: string;
  signature: Signature;
}

export type TrialResult =
  | {
      servable: true;
      runtime: string;
      loadMillis: number;
      warmUpMillis: number;
      peakMemoryBytes: number;
    }
  | { servable: false; runtime: string; reason: string };

/** The trial itself could not be run; the model may be as good as any. */
export class TrialUnavailableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TrialUnavailableError';
  }
}
