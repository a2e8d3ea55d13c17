import {
  type FactsProps,
  formatBytes,
  formatMillis,
  RelativeTime,
  type StatusTone,
} from '@greenroom/ai-react';
import type { Servability } from '@greenroom/plugin-ai-registry-common';

/** What a state is called, wherever it is shown. */
export const SERVABILITY_STATES: Record<
  Servability['state'],
  { tone: StatusTone; label: string }
> = {
  pending: { tone: 'progress', label: 'Being tried' },
  servable: { tone: 'good', label: 'Can be served' },
  unservable: { tone: 'bad', label: 'Cannot be served' },
  'not-tried': { tone: 'neutral', label: 'Not tried' },
};

/** What a trial found out, as facts to list. */
export function servabilityFacts(
  servability: Servability,
): FactsProps['facts'] {
  if (servability.state === 'pending') return [];
  if (servability.state === 'not-tried') {
    return [{ label: 'Not tried', value: servability.reason, wide: true }];
  }
  const tried = {
    label: 'Tried',
    value: (
      <>
        <RelativeTime at={servability.triedAt} />, {servability.runtime}
      </>
    ),
    wide: true,
  };
  return servability.state === 'unservable'
    ? [{ label: 'Reason', value: servability.reason, wide: true }, tried]
    : [
        { label: 'Loads in', value: formatMillis(servability.loadMillis) },
        { label: 'First run', value: formatMillis(servability.warmUpMillis) },
        {
          label: 'One row',
          value:
            servability.latencyMicros &&
            formatMillis(servability.latencyMicros.p50 / 1_000),
        },
        { label: 'Memory', value: formatBytes(servability.peakMemoryBytes) },
        tried,
      ];
}
