import { useApi } from '@backstage/frontend-plugin-api';
import { toError } from '@backstage/errors';
import { useLive } from '@greenroom/ai-react';
import {
  type ExperimentChangedSignal,
  type RunQuery,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-training-common';
import { useCallback, useRef, useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { idFilter } from './fields';
import {
  appendPage,
  isGoingOn,
  NO_RUNS,
  renewBeginning,
  type RunList,
} from './runList';

const PAGE_SIZE = 200;
/** Asked for by their ids at once. */
const MOST_RENEWED = 100;
/** While something runs, its numbers change. */
const BUSY_POLL_MILLIS = 4_000;
const IDLE_POLL_MILLIS = 20_000;

/** Runs of an experiment: the first page is kept fresh, the next ones come when they are asked for. */
export function useRuns(query: RunQuery) {
  const training = useApi(aiTrainingApiRef);
  const identity = JSON.stringify(query);
  const known = useRef<{ identity: string; list: RunList }>();
  const [more, setMore] = useState<{ loading: boolean; error?: Error }>({
    loading: false,
  });
  const knownOf = (of: string) =>
    known.current?.identity === of ? known.current.list : undefined;
  const [isBusy, setBusy] = useState(false);

  const live = useLive<
    RunList,
    ExperimentChangedSignal & { [key: string]: string }
  >(
    async signal => {
      const first = await training.listRuns(
        { ...query, limit: PAGE_SIZE },
        { signal },
      );
      const ofFirst = new Set(first.items.map(({ id }) => id));
      const running = (knownOf(identity)?.items ?? [])
        .filter(run => isGoingOn(run) && !ofFirst.has(run.id))
        .slice(0, MOST_RENEWED);
      const renewed =
        running.length === 0
          ? []
          : (
              await training.listRuns(
                {
                  experiment: query.experiment,
                  lifecycle: query.lifecycle,
                  filter: idFilter(running.map(({ id }) => id)),
                  limit: MOST_RENEWED,
                },
                { signal },
              )
            ).items;
      // Pages may have come meanwhile.
      const list = renewBeginning(knownOf(identity) ?? NO_RUNS, first, renewed);
      known.current = { identity, list };
      setBusy(list.items.some(isGoingOn));
      return list;
    },
    [identity],
    {
      channel: SIGNAL_CHANNEL,
      matches: ({ experiment }) => experiment === query.experiment,
      pollMillis: isBusy ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );

  const list = knownOf(identity) ?? live.value;
  const loading = useRef(false);
  const loadMore = useCallback(async () => {
    const before =
      known.current?.identity === identity ? known.current.list : undefined;
    if (before?.cursor === undefined || loading.current) return;
    loading.current = true;
    setMore({ loading: true });
    try {
      const page = await training.listRuns({
        ...(JSON.parse(identity) as RunQuery),
        limit: PAGE_SIZE,
        cursor: before.cursor,
      });
      // Somebody may have asked for others meanwhile.
      if (known.current?.identity === identity) {
        known.current = {
          identity,
          list: appendPage(known.current.list, page),
        };
      }
      setMore({ loading: false });
    } catch (error) {
      setMore({ loading: false, error: toError(error) });
    } finally {
      loading.current = false;
    }
  }, [identity, training]);

  return {
    list,
    error: live.error,
    refresh: live.refresh,
    loadMore,
    isLoadingMore: more.loading,
    moreError: more.error,
  };
}
