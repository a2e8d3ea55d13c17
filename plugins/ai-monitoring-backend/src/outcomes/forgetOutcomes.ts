import type { DeployedSettings } from './DeployedSettings';
import type { OutcomeRetention } from './OutcomeRetention';

const DAY_MILLIS = 24 * 3_600_000;

/** Forgets what is kept of requests, of each model when its manifest says. */
export async function forgetOutcomes(options: {
  retention: Pick<OutcomeRetention, 'run' | 'forgetModel'>;
  settings: DeployedSettings;
  now: Date;
  /** How long sums over outcomes are kept. */
  keepSumsMillis: number;
  signal: AbortSignal;
}): Promise<void> {
  const { retention, settings, now, keepSumsMillis, signal } = options;
  await settings.refresh();
  const kept = settings.list();
  const longest = settings.longestKeepDays;
  await retention.run({
    now,
    keepDays: longest,
    sumsBefore: new Date(now.getTime() - keepSumsMillis),
    signal,
  });
  for (const { environment, model, keepDays } of kept) {
    if (signal.aborted) return;
    if (keepDays >= longest) continue;
    const before = new Date(now.getTime() - (keepDays + 1) * DAY_MILLIS);
    await retention.forgetModel({ environment, model, before });
  }
}
