import { z } from 'zod';
import { type TrialResult, TrialUnavailableError } from './TrialRunner';

/** What tries versions, where it does not say so itself. */
export const RUNTIME = 'The inference server';

const outputSchema: z.ZodType<TrialResult> = z.discriminatedUnion('servable', [
  z.object({
    servable: z.literal(true),
    runtime: z.string().default(RUNTIME),
    loadMillis: z.number(),
    warmUpMillis: z.number(),
    peakMemoryBytes: z.number(),
    rehearsal: z
      .object({
        latencyMicros: z
          .object({ runs: z.number(), p50: z.number(), p95: z.number() })
          .optional(),
        predictions: z.array(z.union([z.number(), z.string(), z.null()])),
        left: z.string().optional(),
        scores: z
          .union([
            z.object({
              classes: z.array(z.string()),
              values: z.array(z.array(z.number()).nullable()),
            }),
            z.object({ none: z.string() }),
          ])
          .optional(),
      })
      .optional(),
  }),
  z.object({
    servable: z.literal(false),
    runtime: z.string().default(RUNTIME),
    reason: z.string(),
  }),
]);

/**
 * What the program said that has tried a version, once it has ended.
 *
 * @param output - what it has written, with the result as one line
 * @param complaints - what it has written of errors; the output where the two are one
 * @throws TrialUnavailableError where it says nothing of the model
 */
export function readTrialOutput(exit: {
  code: number | null;
  output: string;
  complaints: string;
}): TrialResult {
  const { code, output, complaints } = exit;
  if (code === 0) {
    for (const line of output.trim().split('\n').reverse()) {
      const result = outputSchema.safeParse(parseJson(line));
      if (result.success) return result.data;
    }
  }
  const detail = complaints.trim().split('\n').slice(-3).join(' ');
  throw new TrialUnavailableError(
    `The trial failed with exit code ${code}: ${detail || 'it said nothing'}`,
  );
}

/** A model that ends its process cannot be served. */
export function endedBy(signal: string): TrialResult {
  return {
    servable: false,
    runtime: RUNTIME,
    reason: `its process ended with ${signal} while it was loaded`,
  };
}

/** Neither can one that takes too long, or too much. */
export function exceeded(
  limit: { seconds: number } | { mebibytes: number },
): TrialResult {
  return {
    servable: false,
    runtime: RUNTIME,
    reason:
      'seconds' in limit
        ? `it was not loaded after ${limit.seconds} seconds`
        : `it needs more than ${limit.mebibytes} MiB of memory`,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
