import type { RolloutState } from '@greenroom/plugin-ai-inference-common';
import { describeBehind, type LoadProgress } from '../dataPlanes/loadProgress';

/** What the owners of a model were told of a version that does not load. */
export interface ToldProblem {
  version: number;
  reason: string;
  /** ISO 8601. */
  at: string;
}

/** What the owners are to be told now. */
export type Notice =
  | {
      kind: 'does-not-load';
      version: number;
      reason: string;
      /** Whether some data plane has it all the same. */
      elsewhere: boolean;
    }
  | { kind: 'mended'; version: number };

/**
 * Decides whether there is news for a model's owners: once that the wanted version does not load,
 * and once that this is over. Trying again is no news, and neither is a data plane that restarts.
 */
export function nextNotice(options: {
  wanted: { version: number; state: RolloutState };
  progress: LoadProgress;
  told: ToldProblem | undefined;
}): Notice | undefined {
  const { wanted, progress, told } = options;
  const { version } = wanted;
  const reason = troubleOf(wanted.state, progress);
  if (reason !== undefined) {
    return told?.version === version
      ? undefined
      : {
          kind: 'does-not-load',
          version,
          reason,
          elsewhere: progress.ready > 0,
        };
  }
  const isEverywhere = progress.ready > 0 && progress.behind.length === 0;
  return told && isEverywhere ? { kind: 'mended', version } : undefined;
}

function troubleOf(
  state: RolloutState,
  progress: LoadProgress,
): string | undefined {
  if (state.phase === 'loading' || state.phase === 'progressing') {
    const { problem } = state;
    // The first try may have met a registry or a network that was away for a moment.
    if (problem) return problem.attempts > 1 ? problem.error : undefined;
  }
  const stuck = progress.behind.filter(behind => behind.state === 'stuck');
  return state.phase !== 'loading' && stuck.length > 0
    ? describeBehind(stuck)
    : undefined;
}
