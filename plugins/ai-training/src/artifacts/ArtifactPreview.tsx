import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { ErrorNotice, formatBytes, Loaded, useLive } from '@greenroom/ai-react';
import type { ArtifactFile } from '@greenroom/plugin-ai-training-common';
import { RiDownloadLine } from '@remixicon/react';
import { useEffect, useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import {
  imageType,
  MOST_IMAGE_BYTES,
  MOST_TEXT_BYTES,
  type PreviewKind,
  previewOf,
} from './preview';
import { saveFile } from './saveFile';
import { TextContent } from './TextContent';
import styles from './artifacts.module.css';

export interface ArtifactPreviewProps {
  /** Id of the run. */
  run: string;
  file: ArtifactFile;
}

/** Files are written once. */
const POLL_MILLIS = 60 * 60_000;

/** The beginning of a file, and a button that fetches all of it. */
export function ArtifactPreview({ run, file }: ArtifactPreviewProps) {
  const training = useApi(aiTrainingApiRef);
  const [failure, setFailure] = useState<Error>();
  const [isSaving, setSaving] = useState(false);
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const kind = previewOf(file.path);
  const isTooLarge = kind === 'image' && (file.bytes ?? 0) > MOST_IMAGE_BYTES;
  const download = async () => {
    setSaving(true);
    setFailure(undefined);
    try {
      const response = await training.readRunArtifact({ run, path: file.path });
      saveFile(await response.blob(), name);
    } catch (error) {
      setFailure(toError(error));
    } finally {
      setSaving(false);
    }
  };
  return (
    <section className={styles.preview} aria-label={name}>
      <div className={styles.previewHead}>
        <h4 className={styles.previewTitle}>{file.path}</h4>
        <Button
          size="small"
          variant="secondary"
          iconStart={<RiDownloadLine />}
          isPending={isSaving}
          onPress={download}
        >
          Download
        </Button>
      </div>
      {failure && (
        <ErrorNotice title={`${name} was not downloaded`} error={failure} />
      )}
      {kind && !isTooLarge ? (
        <Content run={run} file={file} kind={kind} />
      ) : (
        <p className={styles.note}>
          {isTooLarge
            ? `Images over ${formatBytes(
                MOST_IMAGE_BYTES,
              )} are not shown: download it.`
            : 'Files of this kind are not shown: download it.'}
        </p>
      )}
    </section>
  );
}

function Content(props: ArtifactPreviewProps & { kind: PreviewKind }) {
  const { run, file, kind } = props;
  const training = useApi(aiTrainingApiRef);
  const isCut = kind !== 'image' && (file.bytes ?? 0) > MOST_TEXT_BYTES;
  const live = useLive(
    async signal => {
      const response = await training.readRunArtifact(
        {
          run,
          path: file.path,
          ...(isCut && { firstBytes: MOST_TEXT_BYTES }),
        },
        { signal },
      );
      return kind === 'image' ? response.blob() : response.text();
    },
    [run, file.path, isCut],
    { pollMillis: POLL_MILLIS },
  );
  return (
    <Loaded live={live} what="the file" skeleton={[160]}>
      {content => (
        <>
          {typeof content === 'string' ? (
            <TextContent text={content} path={file.path} kind={kind} />
          ) : (
            <ImageContent content={content} path={file.path} />
          )}
          {isCut && (
            <p className={styles.note}>
              The first {formatBytes(MOST_TEXT_BYTES)} of{' '}
              {formatBytes(file.bytes ?? 0)}.
            </p>
          )}
        </>
      )}
    </Loaded>
  );
}

function ImageContent({ content, path }: { content: Blob; path: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    // The portal's content security policy takes images from itself and from data, of blobs none. As an
    // image, also an SVG runs no script.
    const reader = new FileReader();
    reader.onload = () => setUrl(String(reader.result));
    reader.readAsDataURL(new Blob([content], { type: imageType(path) }));
    return () => reader.abort();
  }, [content, path]);
  return <>{url && <img className={styles.image} src={url} alt={path} />}</>;
}
