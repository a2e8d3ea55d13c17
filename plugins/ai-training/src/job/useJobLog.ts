import { useApi } from '@backstage/frontend-plugin-api';
import { toError } from '@backstage/errors';
import { useEffect, useState } from 'react';
import { aiTrainingApiRef, type AiTrainingApi } from '../api/AiTrainingApi';
import { LogLines, type LogView } from './LogLines';
import { readEvents } from './readEvents';

export interface JobLogState extends LogView {
  /**
   * - `connecting`: nothing has come yet
   * - `live`: what is written comes
   * - `waiting`: the connection is gone and is made again
   * - `ended`: nothing more comes
   */
  state: 'connecting' | 'live' | 'waiting' | 'ended';
  /** Why the connection is gone, while it is. */
  error?: Error;
}

/** Between two looks at what has come: a program may write thousands of lines a second. */
const DRAW_MILLIS = 250;
const FIRST_PAUSE_MILLIS = 1_000;
const LONGEST_PAUSE_MILLIS = 30_000;

const NOTHING: JobLogState = {
  state: 'connecting',
  lines: [],
  firstLine: 1,
  dropped: 0,
};

/** What an attempt writes, as it comes; goes on by itself where it was when the connection breaks. */
export function useJobLog(job: string, attempt: number): JobLogState {
  const training = useApi(aiTrainingApiRef);
  const [shown, setShown] = useState(NOTHING);

  useEffect(() => {
    const abort = new AbortController();
    const log = new LogLines();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let next: Pick<JobLogState, 'state' | 'error'> = { state: 'connecting' };
    const draw = () => {
      timer = undefined;
      setShown({ ...log.view(), ...next });
    };
    const show = (change: typeof next) => {
      next = change;
      timer ??= setTimeout(draw, DRAW_MILLIS);
    };
    setShown(NOTHING);
    follow(training, { job, attempt, log, show, signal: abort.signal }).catch(
      () => {},
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [training, job, attempt]);

  return shown;
}

async function follow(
  training: Pick<AiTrainingApi, 'streamJobLog'>,
  options: {
    job: string;
    attempt: number;
    log: LogLines;
    show(change: Pick<JobLogState, 'state' | 'error'>): void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { job, attempt, log, show, signal } = options;
  let lastEventId: string | undefined;
  let pauseMillis = FIRST_PAUSE_MILLIS;
  while (!signal.aborted) {
    try {
      const response = await training.streamJobLog(
        { job, attempt },
        { lastEventId, signal },
      );
      show({ state: 'live' });
      for await (const { id, event, data } of readEvents(response.body!)) {
        if (signal.aborted) return;
        if (event === 'end') {
          show({ state: 'ended' });
          return;
        }
        if (event !== 'log') continue;
        const { text, fromByte } = JSON.parse(data) as {
          text: string;
          fromByte: number;
        };
        lastEventId = id;
        const nextByte = Number(id?.split(':')[1] ?? fromByte + text.length);
        log.append({ text, fromByte, nextByte });
        pauseMillis = FIRST_PAUSE_MILLIS;
        show({ state: 'live' });
      }
      show({ state: 'waiting' });
    } catch (error) {
      if (signal.aborted) return;
      show({ state: 'waiting', error: toError(error) });
    }
    await pause(pauseMillis, signal);
    pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
  }
}

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, millis);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
