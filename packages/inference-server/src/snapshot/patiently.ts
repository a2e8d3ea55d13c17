import { setTimeout as sleep } from 'node:timers/promises';
import { ControlPlaneAnswerError } from './controlPlaneFailure';
import { WrongArtifactError } from './fetchFile';

const MAX_TRIES = 5;
const FIRST_PAUSE_MILLIS = 500;
const LEAST_SERVER_ERROR = 500;

/** Again where the control plane is away for a moment, and not where it has answered what stays so. */
export async function patiently(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return;
    } catch (error) {
      if (tries === MAX_TRIES || staysSo(error)) throw error;
      await sleep(FIRST_PAUSE_MILLIS * 2 ** (tries - 1));
    }
  }
}

function staysSo(error: unknown): boolean {
  return (
    error instanceof WrongArtifactError ||
    (error instanceof ControlPlaneAnswerError &&
      error.statusCode < LEAST_SERVER_ERROR)
  );
}
