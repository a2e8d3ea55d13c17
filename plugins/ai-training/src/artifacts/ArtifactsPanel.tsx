import { useApi } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import {
  EmptyState,
  formatBytes,
  Loaded,
  Panel,
  useLive,
} from '@greenroom/ai-react';
import type { ArtifactFile, Run } from '@greenroom/plugin-ai-training-common';
import { RiFileLine, RiFolderLine } from '@remixicon/react';
import { useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { isGoingOn } from '../runs/runList';
import { ArtifactPreview } from './ArtifactPreview';
import { isKeptHere } from './isKeptHere';
import styles from './artifacts.module.css';

const BUSY_POLL_MILLIS = 10_000;
const IDLE_POLL_MILLIS = 5 * 60_000;

/** The files of a run, folder by folder, and what is in one of them. */
export function ArtifactsPanel({ run }: { run: Run }) {
  const [folder, setFolder] = useState('');
  const [chosen, setChosen] = useState<ArtifactFile>();
  if (!isKeptHere(run)) {
    return (
      <Panel title="Artifacts">
        <p className={styles.note}>
          Clients keep the files of this experiment themselves, below{' '}
          <code>{run.artifactUri}</code>.
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Artifacts">
      <FolderPath folder={folder} onOpen={setFolder} />
      <FolderFiles
        key={folder}
        run={run}
        folder={folder}
        chosen={chosen?.path}
        onOpen={file =>
          file.isFolder ? setFolder(file.path) : setChosen(file)
        }
      />
      {chosen && (
        <ArtifactPreview key={chosen.path} run={run.id} file={chosen} />
      )}
    </Panel>
  );
}

function FolderPath(props: { folder: string; onOpen(folder: string): void }) {
  const { folder, onOpen } = props;
  const names = folder === '' ? [] : folder.split('/');
  if (names.length === 0) return null;
  return (
    <nav aria-label="Folder" className={styles.path}>
      <button type="button" className={styles.link} onClick={() => onOpen('')}>
        All
      </button>
      {names.map((name, index) => {
        const path = names.slice(0, index + 1).join('/');
        return (
          <span key={path}>
            {' / '}
            {index === names.length - 1 ? (
              <strong>{name}</strong>
            ) : (
              <button
                type="button"
                className={styles.link}
                onClick={() => onOpen(path)}
              >
                {name}
              </button>
            )}
          </span>
        );
      })}
    </nav>
  );
}

interface FolderFilesProps {
  run: Run;
  folder: string;
  /** Path of the file that is shown. */
  chosen: string | undefined;
  onOpen(file: ArtifactFile): void;
}

function FolderFiles(props: FolderFilesProps) {
  const { run, folder, chosen, onOpen } = props;
  const training = useApi(aiTrainingApiRef);
  const [pages, setPages] = useState(1);
  const live = useLive(
    async signal => {
      const items: ArtifactFile[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < pages; page++) {
        const answer = await training.listRunArtifacts(
          { run: run.id, folder, cursor },
          { signal },
        );
        items.push(...answer.items);
        cursor = answer.nextCursor;
        if (cursor === undefined) break;
      }
      return { items, hasMore: cursor !== undefined };
    },
    [run.id, folder, pages],
    {
      pollMillis: isGoingOn(run) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  return (
    <Loaded live={live} what="the artifacts" skeleton={[40, 40]}>
      {({ items, hasMore }) =>
        items.length === 0 ? (
          <EmptyState
            title="No file yet"
            description="Keep one with mlflow.log_artifact(path), or a figure with mlflow.log_figure(figure, name)."
          />
        ) : (
          <>
            <ul className={styles.files} aria-label="Files">
              {items.map(file => (
                <li key={file.path} className={styles.file}>
                  <button
                    type="button"
                    className={styles.open}
                    aria-pressed={
                      file.isFolder ? undefined : file.path === chosen
                    }
                    onClick={() => onOpen(file)}
                  >
                    {file.isFolder ? (
                      <RiFolderLine aria-hidden="true" />
                    ) : (
                      <RiFileLine aria-hidden="true" />
                    )}
                    {file.path.slice(file.path.lastIndexOf('/') + 1)}
                    {file.isFolder && '/'}
                  </button>
                  {file.bytes !== undefined && (
                    <span className={styles.size}>
                      {formatBytes(file.bytes)}
                    </span>
                  )}
                </li>
              ))}
            </ul>
            {hasMore && (
              <Button
                size="small"
                variant="secondary"
                onPress={() => setPages(pages + 1)}
              >
                Show more files
              </Button>
            )}
          </>
        )
      }
    </Loaded>
  );
}
