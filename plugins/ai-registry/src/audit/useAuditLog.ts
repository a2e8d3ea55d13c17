import { useApi } from '@backstage/frontend-plugin-api';
import { useLive } from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-registry-common';
import { useCallback, useEffect, useState } from 'react';
import { auditApiRef } from '../api/AuditApi';
import {
  type AuditFilter,
  type AuditState,
  NOTHING_READ,
  readOlder,
  withNewer,
} from './auditLog';

const ENTRIES_A_STEP = 50;

type Reading =
  | { phase: 'loading'; state: AuditState }
  | { phase: 'read'; state: AuditState }
  | { phase: 'failed'; state: AuditState; error: Error };

/** The logs of all plugins by time: the newest as they come, older ones step by step. */
export function useAuditLog(filter: AuditFilter) {
  const { sources } = useApi(auditApiRef);
  const [reading, setReading] = useState<Reading>({
    phase: 'loading',
    state: NOTHING_READ,
  });
  const wanted = JSON.stringify(filter);
  const read = useCallback(
    async (state: AuditState, signal?: AbortSignal) => {
      setReading({ phase: 'loading', state });
      try {
        const next = await readOlder(state, {
          sources,
          filter: JSON.parse(wanted),
          count: ENTRIES_A_STEP,
          signal,
        });
        if (!signal?.aborted) setReading({ phase: 'read', state: next });
      } catch (error) {
        if (!signal?.aborted && error instanceof Error) {
          setReading({ phase: 'failed', state, error });
        }
      }
    },
    [sources, wanted],
  );
  useEffect(() => {
    const abort = new AbortController();
    read(NOTHING_READ, abort.signal);
    return () => abort.abort();
  }, [read]);

  const newest = useLive(
    signal =>
      readOlder(NOTHING_READ, {
        sources,
        filter: JSON.parse(wanted),
        count: ENTRIES_A_STEP,
        signal,
      }),
    [wanted],
    { channel: SIGNAL_CHANNEL },
  ).value;
  useEffect(() => {
    if (newest === undefined) return;
    setReading(old =>
      old.phase === 'read'
        ? { phase: 'read', state: withNewer(old.state, newest) }
        : old,
    );
  }, [newest]);
  return { ...reading, readOlder: () => read(reading.state) };
}
