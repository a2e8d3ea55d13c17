import { z } from 'zod';

const whole = (lowest: number, highest: number, what: string) =>
  z
    .int(`expected a whole number of ${what}`)
    .min(lowest, `expected at least ${lowest} ${what}`)
    .max(highest, `expected at most ${highest} ${what}`);

export const localSettings = z.strictObject({
  /** Which of the models that are installed on the data plane; the first one where it is left out. */
  model: z.string().min(1).max(200).optional(),
  /** Most tokens of a prompt and its answer together. */
  contextTokens: whole(256, 131_072, 'tokens').default(2_048),
  /** Time without a call after which the process is stopped. */
  idleSeconds: whole(1, 86_400, 'seconds').default(600),
  /** Longest time until the process has loaded the model; calls wait for it. */
  startSeconds: whole(1, 600, 'seconds').default(60),
  /** Most calls that wait while one is answered; more are refused with 429. */
  maxWaiting: whole(0, 1_000, 'calls').default(8),
});

export type LocalSettings = z.infer<typeof localSettings>;
