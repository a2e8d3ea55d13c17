import type { Verdict } from '../health/health';

/** What an owner can be told that a model is. */
export type ToldStatus = 'healthy' | 'warning' | 'alert';

/** What owners know, and what they may have to be told when it lasts. A model begins as healthy. */
export interface NoticeState {
  told: ToldStatus;
  pending?: {
    status: ToldStatus;
    /** ISO 8601. */
    since: string;
  };
}

export interface Notice {
  from: ToldStatus;
  to: ToldStatus;
}

/** How long a change has to last before it is told. */
export interface NoticeRules {
  /** To warning or alert, in milliseconds. */
  worseMillis: number;
  /** Back to healthy, or from alert to warning, in milliseconds. */
  betterMillis: number;
}

const WEIGHT: Record<ToldStatus, number> = { healthy: 0, warning: 1, alert: 2 };

/**
 * Decides whether there is news for a model's owners: that it turned to warning or alert, and that
 * it is well again. A change that does not last is no news, and a model that cannot be seen, or not
 * wholly, has not recovered.
 */
export function nextNotice(options: {
  state: NoticeState;
  verdict: Verdict;
  now: Date;
  rules: NoticeRules;
}): { state: NoticeState; notice?: Notice } {
  const { state, verdict, now, rules } = options;
  const { told, pending } = state;
  const seen = seenStatus(verdict);
  // Nothing is known: neither does a change go on, nor is it over.
  if (seen === undefined) return { state };
  if (seen === told) return { state: pending ? { told } : state };
  if (pending?.status !== seen) {
    return {
      state: { told, pending: { status: seen, since: now.toISOString() } },
    };
  }
  const lastsMillis = now.getTime() - Date.parse(pending.since);
  const needed =
    WEIGHT[seen] > WEIGHT[told] ? rules.worseMillis : rules.betterMillis;
  return lastsMillis < needed
    ? { state }
    : { state: { told: seen }, notice: { from: told, to: seen } };
}

function seenStatus({ measured, sure }: Verdict): ToldStatus | undefined {
  const { status } = measured;
  if (status === 'warning' || status === 'alert') return status;
  return sure ? 'healthy' : undefined;
}
