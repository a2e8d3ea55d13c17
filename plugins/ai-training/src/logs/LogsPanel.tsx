import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Select } from '@backstage/ui';
import { formatBytes, Loaded, Panel, useLive } from '@greenroom/ai-react';
import type { ArtifactFile, Run } from '@greenroom/plugin-ai-training-common';
import { useEffect, useRef, useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { isKeptHere } from '../artifacts/isKeptHere';
import { isGoingOn } from '../runs/runList';
import { findLines, LOG_FOLDERS, logFiles, logLines } from './logFiles';
import { isAtEnd, LogControls } from './LogControls';
import styles from './logs.module.css';

/** Bytes of the end that are read first, and at most: the whole file can be downloaded. */
const FIRST_BYTES = 64 * 1024;
const MOST_BYTES = 4 * 1024 * 1024;
/** Lines that a browser draws without getting slow; of more, the last. */
const MOST_LINES = 5_000;
const BUSY_POLL_MILLIS = 3_000;
const SLOW_POLL_MILLIS = 15_000;
const IDLE_POLL_MILLIS = 5 * 60_000;

/** What the programs of a run printed, where it keeps that as files: the end of it, live while it goes on. */
export function LogsPanel({ run }: { run: Run }) {
  return isKeptHere(run) ? <KeptLogs run={run} /> : null;
}

function KeptLogs({ run }: { run: Run }) {
  const files = useLogFiles(run);
  const [chosen, setChosen] = useState<string>();
  const shown =
    files.value?.find(({ path }) => path === chosen) ?? files.value?.[0];
  // Most runs keep none, and a list that failed is told of by the artifacts.
  if (!files.value || !shown) return null;
  return (
    <Panel title="Logs">
      {files.value.length > 1 && (
        <Select
          label="File"
          className={styles.file}
          options={files.value.map(({ path }) => ({ id: path, label: path }))}
          value={shown.path}
          onChange={path => setChosen(String(path))}
        />
      )}
      <LogFile key={shown.path} run={run} file={shown} />
    </Panel>
  );
}

/** By path, the first page of each folder: nobody reads more than a thousand logs. */
function useLogFiles(run: Run) {
  const training = useApi(aiTrainingApiRef);
  return useLive(
    async signal => {
      const top = await training.listRunArtifacts({ run: run.id }, { signal });
      const folders = top.items.filter(
        ({ path, isFolder }) => isFolder && LOG_FOLDERS.includes(path),
      );
      const inside = await Promise.all(
        folders.map(({ path }) =>
          training.listRunArtifacts({ run: run.id, folder: path }, { signal }),
        ),
      );
      return logFiles([top, ...inside].flatMap(({ items }) => items));
    },
    [run.id],
    {
      pollMillis: isGoingOn(run) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
}

function LogFile({ run, file }: { run: Run; file: ArtifactFile }) {
  const training = useApi(aiTrainingApiRef);
  const size = file.bytes ?? 0;
  const [wantedBytes, setWantedBytes] = useState(FIRST_BYTES);
  const [words, setWords] = useState('');
  const [isWrapped, setWrapped] = useState(false);
  const live = useLive(
    async signal => {
      // Of an empty file there is no end to ask for.
      if (size === 0) return '';
      const response = await training.readRunArtifact(
        { run: run.id, path: file.path, lastBytes: wantedBytes },
        { signal },
      );
      return response.text();
    },
    // A log that goes on is a longer file each time.
    [run.id, file.path, size, wantedBytes],
    {
      // It may have been written anew with as many bytes.
      pollMillis: isGoingOn(run) ? SLOW_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  const isCut = size > wantedBytes;
  return (
    <Loaded live={live} what="the log" skeleton={[240]}>
      {text => {
        const lines = logLines(text, isCut);
        const found = findLines(lines, words);
        const drawn = found.slice(-MOST_LINES);
        return (
          <>
            <LogControls
              words={words}
              onWords={setWords}
              isWrapped={isWrapped}
              onWrapped={setWrapped}
            >
              <span role="status" className={styles.note}>
                {countInWords(lines.length, found.length, drawn.length)}
              </span>
            </LogControls>
            <Lines
              lines={drawn}
              label={`End of ${file.path}`}
              isWrapped={isWrapped}
              emptyText={
                words.trim() === '' ? 'It is empty.' : 'No line has that.'
              }
            />
            {isCut && (
              <div className={styles.controls}>
                <span className={styles.note}>
                  The last {formatBytes(wantedBytes)} of {formatBytes(size)}.
                  {wantedBytes >= MOST_BYTES &&
                    ' Download the file from the artifacts to read the rest.'}
                </span>
                {wantedBytes < MOST_BYTES && (
                  <Button
                    size="small"
                    variant="secondary"
                    isPending={live.loading}
                    onPress={() =>
                      setWantedBytes(Math.min(wantedBytes * 8, MOST_BYTES))
                    }
                  >
                    Show more
                  </Button>
                )}
              </div>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

/** Follows the end until somebody scrolls away from it. */
function Lines(props: {
  lines: string[];
  label: string;
  isWrapped: boolean;
  emptyText: string;
}) {
  const { lines, label, isWrapped, emptyText } = props;
  const scroller = useRef<HTMLPreElement>(null);
  const isFollowing = useRef(true);
  const text = lines.join('\n');
  useEffect(() => {
    const element = scroller.current;
    if (element && isFollowing.current)
      element.scrollTop = element.scrollHeight;
  }, [text]);
  return (
    <pre
      ref={scroller}
      className={styles.lines}
      data-wrapped={isWrapped || undefined}
      // Long texts scroll, so they have to be reachable by keyboard.
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={({ currentTarget: it }) => {
        isFollowing.current = isAtEnd(it);
      }}
    >
      {text || <span className={styles.note}>{emptyText}</span>}
    </pre>
  );
}

function countInWords(all: number, found: number, drawn: number): string {
  const lines = all === 1 ? '1 line' : `${all} lines`;
  const part = found < all ? `${found} of ${lines}` : lines;
  return drawn < found ? `${part}, the last ${drawn} are shown` : part;
}
