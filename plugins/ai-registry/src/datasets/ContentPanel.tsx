import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button } from '@backstage/ui';
import {
  ErrorNotice,
  Facts,
  formatBytes,
  formatNumber,
  Panel,
} from '@greenroom/ai-react';
import {
  aiDatasetDownloadPermission,
  type DatasetVersion,
} from '@greenroom/plugin-ai-registry-common';
import { RiDownloadLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { Digest } from '../view/Digest';
import { save } from '../view/save';

/** What a version is: how large, under which digest, and where it lies. */
export function ContentPanel({ version }: { version: DatasetVersion }) {
  const { kind, format, rows, sizeBytes, digest, fileDigest, uri } = version;
  return (
    <Panel
      title={`Version ${version.version}`}
      description={
        kind === 'external'
          ? 'Lies somewhere else: only its address and its digest are kept here.'
          : 'The digest pins the file, its columns and the number of its rows. Evaluations name it.'
      }
      actions={kind === 'stored' && <DownloadButton version={version} />}
    >
      <Facts
        facts={[
          {
            label: 'Rows',
            value: rows === undefined ? undefined : formatNumber(rows),
          },
          { label: 'Format', value: format },
          {
            label: 'Size',
            value: sizeBytes === undefined ? undefined : formatBytes(sizeBytes),
          },
          { label: 'Digest', value: <Digest digest={digest} /> },
          {
            label: 'Digest of the file',
            value: fileDigest && <Digest digest={fileDigest} />,
          },
          { label: 'Address', value: uri && <code>{uri}</code>, wide: true },
        ]}
      />
    </Panel>
  );
}

function DownloadButton({ version }: { version: DatasetVersion }) {
  const registry = useApi(aiRegistryApiRef);
  const [error, setError] = useState<Error>();
  const [isLoading, setLoading] = useState(false);
  const { dataset, version: number, format } = version;
  const allowed = usePermission({
    permission: aiDatasetDownloadPermission,
    resourceRef: dataset,
  });
  const download = async () => {
    setError(undefined);
    setLoading(true);
    try {
      const answer = await registry.downloadDatasetFile(dataset, number);
      save(await answer.blob(), `${dataset}-v${number}.${format}`);
    } catch (failure) {
      setError(toError(failure));
    } finally {
      setLoading(false);
    }
  };
  return (
    <>
      <Button
        size="small"
        variant="secondary"
        iconStart={<RiDownloadLine />}
        isPending={isLoading}
        isDisabled={!allowed.loading && !allowed.allowed}
        onPress={download}
      >
        Download
      </Button>
      {error && (
        <ErrorNotice title="The file was not downloaded" error={error} />
      )}
    </>
  );
}
