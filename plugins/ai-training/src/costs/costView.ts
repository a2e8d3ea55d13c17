import { formatMonth } from '@greenroom/ai-react';
import type { CostItem } from '@greenroom/plugin-ai-training-common';

export interface Month {
  /** Its first moment in UTC, ISO 8601. */
  from: string;
  /** The first moment of the next one; undefined of the month that is not over. */
  to?: string;
  /** For people. */
  name: string;
}

/** The month of now and those before it, the newest first. */
export function monthsUntil(now: Date, count: number): Month[] {
  const start = (back: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
  return Array.from({ length: count }, (_, back) => ({
    from: start(back).toISOString(),
    ...(back > 0 && { to: start(back - 1).toISOString() }),
    name: formatMonth(start(back).toISOString()),
  }));
}

export interface CurrencyCosts {
  /** Undefined where the flavors had no price. */
  currency?: string;
  /** Money, or hours of units where there is no price; the dearest first. */
  teams: { team: string; value: number }[];
}

/** Sums of teams; amounts in different currencies make no sum. */
export function byTeam(items: readonly CostItem[]): CurrencyCosts[] {
  const sums = new Map<string | undefined, Map<string, number>>();
  for (const { team, currency, amount, unitHours } of items) {
    const teams = sums.get(currency) ?? new Map<string, number>();
    const value = currency === undefined ? unitHours : amount;
    teams.set(team, (teams.get(team) ?? 0) + value);
    sums.set(currency, teams);
  }
  return [...sums].map(([currency, teams]) => ({
    currency,
    teams: [...teams]
      .map(([team, value]) => ({ team, value }))
      .sort((a, b) => b.value - a.value),
  }));
}
