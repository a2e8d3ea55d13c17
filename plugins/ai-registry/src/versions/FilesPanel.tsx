import { useApi } from '@backstage/frontend-plugin-api';
import { ButtonIcon } from '@backstage/ui';
import { toError } from '@backstage/errors';
import {
  ErrorNotice,
  formatBytes,
  Loaded,
  Panel,
  PlainTable,
  useLive,
} from '@greenroom/ai-react';
import type {
  BundleFile,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { RiDownloadLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { Digest } from '../view/Digest';
import { save } from '../view/save';
import styles from './FilesPanel.module.css';

/** What a version is made of, to look at and to download. */
export function FilesPanel({ version }: { version: ModelVersionDetail }) {
  const registry = useApi(aiRegistryApiRef);
  const { model, version: number } = version;
  const files = useLive(
    async signal =>
      (await registry.listVersionFiles(model, number, { signal })).items,
    [model, number],
    // They never change.
    { pollMillis: 60 * 60_000 },
  );
  return (
    <Panel
      title="Files"
      description={
        version.files === undefined
          ? 'A single file: its digest is the one of the version.'
          : 'A bundle: the digest of the version is that of the list of these files.'
      }
    >
      <Loaded live={files} what="the files" skeleton={[64]}>
        {items => <FileTable files={items} />}
      </Loaded>
    </Panel>
  );
}

function FileTable({ files }: { files: BundleFile[] }) {
  const registry = useApi(aiRegistryApiRef);
  const [error, setError] = useState<Error>();
  const download = async ({ path, digest }: BundleFile) => {
    setError(undefined);
    try {
      const answer = await registry.downloadArtifact(digest);
      save(await answer.blob(), path.split('/').at(-1) ?? path);
    } catch (failure) {
      setError(toError(failure));
    }
  };
  return (
    <>
      <PlainTable
        label="Files of this version"
        columns={['Path', 'Size', 'Digest', 'Download']}
        look="facts"
        className={styles.files}
      >
        {files.map(file => (
          <tr key={file.path}>
            <td>{file.path}</td>
            <td>{formatBytes(file.sizeBytes)}</td>
            <td>
              <Digest digest={file.digest} />
            </td>
            <td>
              <ButtonIcon
                size="small"
                variant="tertiary"
                aria-label={`Download ${file.path}`}
                icon={<RiDownloadLine />}
                onPress={() => download(file)}
              />
            </td>
          </tr>
        ))}
      </PlainTable>
      {error && (
        <ErrorNotice title="The file was not downloaded" error={error} />
      )}
    </>
  );
}
