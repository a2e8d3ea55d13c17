import { useApi } from '@backstage/frontend-plugin-api';
import type { DatasetVersion } from '@greenroom/plugin-ai-registry-common';
import { useEffect, useRef, useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import type { DatasetContent } from './datasetForm';

/** Makes the next version of a dataset, and says how far that is. */
export function useSendDataset() {
  const registry = useApi(aiRegistryApiRef);
  const [share, setShare] = useState<number>();
  const upload = useRef<AbortController>();
  useEffect(() => () => upload.current?.abort(), []);

  return {
    /** Of the bytes that were sent, from 0 to 1; undefined when nothing is sent. */
    share,
    abort: () => upload.current?.abort(),
    async send(
      dataset: string,
      content: DatasetContent,
    ): Promise<DatasetVersion> {
      upload.current = new AbortController();
      const { signal } = upload.current;
      if (content.kind === 'external') {
        return registry.createExternalDatasetVersion(
          dataset,
          content.external,
          { signal },
        );
      }
      setShare(0);
      try {
        return await registry.sendDatasetFile(dataset, content.file, {
          onProgress: setShare,
          signal,
        });
      } finally {
        setShare(undefined);
      }
    },
  };
}
