import type { JobPhase, JobQuery } from '@greenroom/plugin-ai-training-common';
import { useSearchParams } from 'react-router-dom';

/** What one looks for, by the word that is in the address. */
export const STATE_FILTERS: {
  id: string;
  label: string;
  phases: JobPhase[] | undefined;
}[] = [
  { id: 'all', label: 'All states', phases: undefined },
  {
    id: 'open',
    label: 'Not ended',
    phases: ['queued', 'starting', 'running', 'stopping'],
  },
  { id: 'queued', label: 'Queued', phases: ['queued'] },
  {
    id: 'running',
    label: 'Running',
    phases: ['starting', 'running', 'stopping'],
  },
  { id: 'succeeded', label: 'Succeeded', phases: ['succeeded'] },
  { id: 'failed', label: 'Failed', phases: ['failed'] },
  { id: 'cancelled', label: 'Cancelled', phases: ['cancelled'] },
];

const PARTS = ['phase', 'template', 'team'] as const;

/** Which jobs are shown; in the address, so that it comes back with it and can be sent to somebody else. */
export function useJobFilter() {
  const [params, setParams] = useSearchParams();
  const phase =
    STATE_FILTERS.find(({ id }) => id === params.get('phase')) ??
    STATE_FILTERS[0];
  const template = params.get('template') ?? undefined;
  const team = params.get('team') ?? undefined;
  const cursor = params.get('cursor') || undefined;
  const query: JobQuery = {
    ...(phase.phases && { phase: phase.phases }),
    ...(template !== undefined && { template }),
    ...(team !== undefined && { team }),
    ...(cursor !== undefined && { cursor }),
  };
  return {
    phase: phase.id,
    template,
    team,
    cursor,
    query,
    isFiltered: PARTS.some(part => params.has(part)),
    /** Another filter begins at the newest job. */
    change(part: (typeof PARTS)[number], value: string | undefined) {
      setParams(old => {
        const next = new URLSearchParams(old);
        next.delete('cursor');
        if (value === undefined) next.delete(part);
        else next.set(part, value);
        return next;
      });
    },
    /** A page is a place of its own: the browser goes back to the one before. */
    turnTo(to: string | undefined) {
      setParams(old => {
        const next = new URLSearchParams(old);
        if (to === undefined) next.delete('cursor');
        else next.set('cursor', to);
        return next;
      });
    },
    /** One that the server does not know; the way back does not lead to it. */
    dropCursor() {
      setParams(
        old => {
          const next = new URLSearchParams(old);
          next.delete('cursor');
          return next;
        },
        { replace: true },
      );
    },
    clear() {
      setParams({});
    },
  };
}
