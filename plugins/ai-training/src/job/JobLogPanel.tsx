import { Button, Select, Switch } from '@backstage/ui';
import { ErrorNotice, formatNumber, Panel } from '@greenroom/ai-react';
import type { TrainingJob } from '@greenroom/plugin-ai-training-common';
import { useEffect, useMemo, useRef, useState } from 'react';
import { isAtEnd, LogControls } from '../logs/LogControls';
import { findLines } from '../logs/logFiles';
import { type JobLogState, useJobLog } from './useJobLog';
import logStyles from '../logs/logs.module.css';
import styles from './job.module.css';

/** What the program of a job writes, as it comes: the last attempt, or an earlier one. */
export function JobLogPanel({ job }: { job: TrainingJob }) {
  const newest = job.attempts.at(-1)?.number;
  const [chosen, setChosen] = useState<number>();
  const attempt = chosen ?? newest;
  return (
    <Panel
      title="Log"
      description="What its program writes, as it comes."
      actions={
        job.attempts.length > 1 && (
          <Select
            aria-label="Attempt"
            options={job.attempts.map(({ number }) => ({
              id: String(number),
              label: `Attempt ${number}`,
            }))}
            value={String(attempt)}
            onChange={number =>
              // The newest one is followed to the next one.
              setChosen(Number(number) === newest ? undefined : Number(number))
            }
          />
        )
      }
    >
      {attempt === undefined ? (
        <p className={logStyles.note}>
          Its program has not begun: nothing is written yet.
        </p>
      ) : (
        <AttemptLog
          key={attempt}
          job={job}
          attempt={attempt}
          logPath={
            job.attempts.find(({ number }) => number === attempt)?.logPath
          }
        />
      )}
    </Panel>
  );
}

function AttemptLog(props: {
  job: TrainingJob;
  attempt: number;
  logPath: string | undefined;
}) {
  const { job, attempt, logPath } = props;
  const log = useJobLog(job.id, attempt);
  const [words, setWords] = useState('');
  const [isWrapped, setWrapped] = useState(false);
  const [isReadOut, setReadOut] = useState(false);
  // While somebody reads, lines stay where they are.
  const [paused, setPaused] = useState<JobLogState>();
  const shown = paused ?? log;
  const found = useMemo(
    () => findLines(shown.lines, words),
    [shown.lines, words],
  );
  const newLines = paused ? endOf(log) - endOf(paused) : 0;
  return (
    <>
      <LogControls
        words={words}
        onWords={setWords}
        isWrapped={isWrapped}
        onWrapped={setWrapped}
      >
        {/* Of a log that has ended nothing comes that one could hold up. */}
        {log.state !== 'ended' && (
          <>
            <Switch
              label="Read new lines out"
              isSelected={isReadOut}
              onChange={setReadOut}
            />
            <Button
              size="small"
              variant="secondary"
              onPress={() => setPaused(paused ? undefined : log)}
            >
              {paused ? 'Follow' : 'Pause'}
            </Button>
          </>
        )}
      </LogControls>
      {log.error && (
        <ErrorNotice title="The log does not come" error={log.error} retries />
      )}
      {shown.dropped > 0 && (
        <p className={logStyles.note}>
          The last {formatNumber(shown.lines.length)} lines are shown;{' '}
          {formatNumber(shown.dropped)} before them are in the file{' '}
          <code>{logPath ?? `logs/attempt-${attempt}.log`}</code>
          {logPath === undefined
            ? ', which its run has when the attempt has ended.'
            : ' among the artifacts of its run.'}
        </p>
      )}
      <Lines
        text={found.join('\n')}
        label={`Log of attempt ${attempt}`}
        emptyText={wordsOfNothing(shown, words)}
        isWrapped={isWrapped}
        isReadOut={isReadOut}
        isFollowing={paused === undefined}
        onAway={() => setPaused(old => old ?? log)}
        onEnd={() => setPaused(undefined)}
      />
      <div className={logStyles.controls}>
        <span className={logStyles.note}>{inWords(shown, found.length)}</span>
        {paused && (
          <Button
            size="small"
            variant="secondary"
            onPress={() => setPaused(undefined)}
          >
            {newLines > 0
              ? `Show ${formatNumber(newLines)} new lines`
              : 'Go to the end'}
          </Button>
        )}
      </div>
    </>
  );
}

/** Number of the line after the last one. */
function endOf({ firstLine, lines }: JobLogState): number {
  return firstLine + lines.length;
}

function Lines(props: {
  text: string;
  label: string;
  emptyText: string;
  isWrapped: boolean;
  isReadOut: boolean;
  isFollowing: boolean;
  /** Somebody has scrolled away from the end. */
  onAway(): void;
  /** Somebody has come back to it. */
  onEnd(): void;
}) {
  const { text, label, emptyText, isWrapped, isReadOut } = props;
  const { isFollowing, onAway, onEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  useEffect(() => {
    const element = scroller.current;
    if (!element || !isFollowing) return;
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  }, [text, isFollowing]);
  return (
    <div
      ref={scroller}
      className={`${logStyles.lines} ${styles.log}`}
      data-wrapped={isWrapped || undefined}
      // Long texts scroll, so they have to be reachable by keyboard.
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={({ currentTarget: it }) => {
        const isUp = it.scrollTop < lastTop.current;
        lastTop.current = it.scrollTop;
        if (isAtEnd(it)) onEnd();
        else if (isUp) onAway();
      }}
    >
      {/* Hundreds of lines a minute are nothing to listen to, unless somebody wants to. */}
      <pre role="log" aria-live={isReadOut ? 'polite' : 'off'}>
        {text || <span className={logStyles.note}>{emptyText}</span>}
      </pre>
    </div>
  );
}

function wordsOfNothing({ state, lines }: JobLogState, words: string): string {
  if (lines.length > 0 && words.trim() !== '') return 'No line has that.';
  if (state === 'ended') return 'It has written nothing.';
  return state === 'connecting'
    ? 'The log is on its way.'
    : 'It has written nothing yet.';
}

function inWords({ lines, state }: JobLogState, found: number): string {
  const all =
    lines.length === 1 ? '1 line' : `${formatNumber(lines.length)} lines`;
  const part = found < lines.length ? `${formatNumber(found)} of ${all}` : all;
  const states = {
    connecting: 'connecting',
    live: 'live',
    waiting: 'the connection is made again',
    ended: 'nothing more comes',
  };
  return `${part}, ${states[state]}`;
}
