import { useApiHolder } from '@backstage/core-plugin-api';
import { signalApiRef } from '@backstage/plugin-signals-react';
import type { JsonObject } from '@backstage/types';
import { useCallback, useEffect, useRef, useState } from 'react';

export interface LiveOptions<TMessage extends JsonObject, T = unknown> {
  /** Signal channel that tells of changes. */
  channel?: string;
  /** Whether a message concerns this value; all do when left out. */
  matches?(message: TMessage): boolean;
  /**
   * How often to ask anyway, because signals are best effort. Default 15,000. By the last value, where what goes on is asked
   * for more often than what rests; undefined before there is one.
   */
  pollMillis?: number | ((value: T | undefined) => number);
  /** Shortest time between two loads that signals ask for. Default 1,000. */
  spacingMillis?: number;
  /** Keep showing the old value while a change of `deps` loads, instead of dropping it. */
  keepPrevious?: boolean;
}

export interface Live<T> {
  value: T | undefined;
  /** Why the last load failed; the value of the load before it is kept. */
  error: Error | undefined;
  /** Nothing to show yet. */
  loading: boolean;
  refresh(): void;
}

interface LiveState<T> {
  value?: T;
  error?: Error;
  loading: boolean;
}

/**
 * Loads a value and keeps it fresh: at once when a signal says so, by polling
 * otherwise. Loads never overlap, nothing is asked while the page is hidden,
 * and the value stays on the screen while the next one is on its way.
 */
export function useLive<T, TMessage extends JsonObject = JsonObject>(
  load: (signal: AbortSignal) => Promise<T>,
  deps: readonly (string | number | boolean | undefined)[],
  options: LiveOptions<TMessage, T> = {},
): Live<T> {
  const {
    channel,
    pollMillis = 15_000,
    spacingMillis = 1_000,
    keepPrevious = false,
  } = options;
  const signals = useApiHolder().get(signalApiRef);
  const [state, setState] = useState<LiveState<T>>({ loading: true });
  const pollIdentity =
    typeof pollMillis === 'function' ? 'by value' : pollMillis;
  const pollAfter = (value: T | undefined) =>
    typeof pollMillis === 'function' ? pollMillis(value) : pollMillis;
  const latest = useRef({ load, matches: options.matches, pollAfter });
  latest.current = { load, matches: options.matches, pollAfter };
  // They are read when they are needed; `deps` say when they mean something else.
  const identity = JSON.stringify(deps);
  const refreshNow = useRef(() => {});

  useEffect(() => {
    setState(old =>
      keepPrevious && old.value !== undefined
        ? { value: old.value, loading: false }
        : { loading: true },
    );
    const abort = new AbortController();
    let running = false;
    let again = false;
    let startedAt = 0;
    let last: T | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const schedule = (millis: number) => {
      clearTimeout(timer);
      timer = setTimeout(run, millis);
    };
    const soon = () => {
      if (running) {
        again = true;
        return;
      }
      schedule(Math.max(0, startedAt + spacingMillis - Date.now()));
    };

    async function run() {
      if (document.hidden && startedAt > 0) {
        schedule(latest.current.pollAfter(last));
        return;
      }
      if (running) {
        again = true;
        return;
      }
      running = true;
      again = false;
      startedAt = Date.now();
      try {
        const value = await latest.current.load(abort.signal);
        last = value;
        if (!abort.signal.aborted) setState({ value, loading: false });
      } catch (error) {
        if (!abort.signal.aborted) {
          setState(old => ({
            value: old.value,
            error: error instanceof Error ? error : new Error(String(error)),
            loading: false,
          }));
        }
      } finally {
        running = false;
        if (!abort.signal.aborted) {
          if (again) soon();
          else schedule(latest.current.pollAfter(last));
        }
      }
    }

    const whenShown = () => {
      if (!document.hidden) soon();
    };

    refreshNow.current = run;
    const subscription =
      channel === undefined
        ? undefined
        : signals?.subscribe<TMessage>(channel, message => {
            if (latest.current.matches?.(message) ?? true) soon();
          });
    document.addEventListener('visibilitychange', whenShown);
    run();

    return () => {
      abort.abort();
      clearTimeout(timer);
      subscription?.unsubscribe();
      document.removeEventListener('visibilitychange', whenShown);
    };
  }, [signals, channel, pollIdentity, spacingMillis, keepPrevious, identity]);

  const refresh = useCallback(() => refreshNow.current(), []);
  return {
    value: state.value,
    error: state.error,
    loading: state.loading,
    refresh,
  };
}
