import type { DataPlane } from './DataPlane';
import { notReady } from './findVersion';
import { InferenceError } from './InferenceError';

/** What a caller asks to be done with a model's memory. */
export type MemoryChange = 'load' | 'unload';

/**
 * Brings the versions of a model on demand into memory, or takes them out of it.
 *
 * @throws InferenceError `unsupported` for a model that is not on demand, and what else stands against it
 */
export async function changeMemory(
  dataPlane: DataPlane,
  asked: {
    credential: string | undefined;
    model: string;
    change: MemoryChange;
  },
): Promise<void> {
  const { credential, model, change } = asked;
  const { caller, route } = dataPlane.admit({ credential, model });
  dataPlane.admission.requireScope(caller, 'load');
  if (route.versions.length === 0) throw notReady(route);
  const onDemand = route.versions.flatMap(served =>
    served.kind === 'tensors' && served.onDemand
      ? { served, memory: served.onDemand }
      : [],
  );
  if (onDemand.length === 0) {
    throw new InferenceError(
      'unsupported',
      `model "${model}" is not on demand, so that callers do not load and unload it: it is served as long as its deployment manifest in Git says so (spec.loading there puts it on demand)`,
    );
  }
  await Promise.all(
    onDemand.map(async ({ served, memory }) => {
      served.enter();
      try {
        await memory[change]();
      } finally {
        served.leave();
      }
    }),
  );
}

const REASONS: Record<MemoryChange, string> = {
  load: 'a model is opened as its registered version and its deployment manifest say',
  unload: 'no other model depends on it',
};

/**
 * Refuses parameters of Triton's that say anything.
 *
 * @throws InferenceError `unsupported`, naming the first
 */
export function refuseParameters(
  change: MemoryChange,
  parameters: Record<string, unknown>,
): void {
  for (const [name, value] of Object.entries(parameters)) {
    // Clients send it in any case.
    const saysNothing =
      change === 'unload' && name === 'unload_dependents' && value === false;
    if (saysNothing) continue;
    throw new InferenceError(
      'unsupported',
      `parameter "${name}" is not supported: ${REASONS[change]}`,
    );
  }
}
