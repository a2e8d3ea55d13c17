import type { TimeRange } from '@greenroom/plugin-ai-monitoring-common';

/** How far back the dashboard looks. */
export const RANGES = [
  { id: '15m', label: '15 min', minutes: 15 },
  { id: '1h', label: '1 h', minutes: 60 },
  { id: '6h', label: '6 h', minutes: 360 },
  { id: '24h', label: '24 h', minutes: 1_440 },
  { id: '7d', label: '7 days', minutes: 10_080 },
] as const;

export type RangeId = (typeof RANGES)[number]['id'];

const DEFAULT_RANGE: RangeId = '1h';

/** The range that an address asks for, or the usual one. */
export function parseRange(value: string | null): RangeId {
  return RANGES.find(({ id }) => id === value)?.id ?? DEFAULT_RANGE;
}

/** The range as it stands at a moment. */
export function rangeEndingAt(id: RangeId, nowMillis: number): TimeRange {
  const minutes = RANGES.find(range => range.id === id)?.minutes ?? 60;
  return {
    from: new Date(nowMillis - minutes * 60_000).toISOString(),
    to: new Date(nowMillis).toISOString(),
  };
}

/** `15 min`, for sentences. */
export function rangeLabel(id: RangeId): string {
  return RANGES.find(range => range.id === id)?.label ?? '';
}
