import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Flex } from '@backstage/ui';
import {
  ErrorNotice,
  Facts,
  Panel,
  PersonName,
  RelativeTime,
  StatusPill,
} from '@greenroom/ai-react';
import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { RiDownloadLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { Digest } from '../view/Digest';
import { save } from '../view/save';
import { describeSigning } from './describeSigning';

/** Who signed a version's files, and its bill of materials. */
export function ProvenancePanel({ version }: { version: ModelVersionDetail }) {
  const registry = useApi(aiRegistryApiRef);
  const [error, setError] = useState<Error>();
  const { model, version: number, signing } = version;
  const { tone, label, reason } = describeSigning(signing);

  const download = async (name: string, get: () => Promise<object>) => {
    setError(undefined);
    try {
      const text = JSON.stringify(await get(), undefined, 2);
      save(new Blob([text], { type: 'application/json' }), name);
    } catch (failure) {
      setError(toError(failure));
    }
  };

  return (
    <Panel title="Provenance" description={reason}>
      <StatusPill tone={tone}>{label}</StatusPill>
      {signing && (
        <Facts
          facts={[
            { label: 'Given', value: <RelativeTime at={signing.addedAt} /> },
            { label: 'By', value: <PersonName entityRef={signing.addedBy} /> },
            {
              label: 'Digest of the signed files',
              value: <Digest digest={signing.signedDigest} full />,
              wide: true,
            },
            {
              label: 'Id of the key',
              value: signing.keyId && <code>{signing.keyId}</code>,
              wide: true,
            },
          ]}
        />
      )}
      <Flex gap="2">
        <Button
          size="small"
          variant="secondary"
          iconStart={<RiDownloadLine />}
          onPress={() =>
            download(`${model}-${number}.cdx.json`, () =>
              registry.getMlBom(model, number),
            )
          }
        >
          Download ML-BOM
        </Button>
        {signing && (
          <Button
            size="small"
            variant="secondary"
            iconStart={<RiDownloadLine />}
            onPress={() =>
              download('model.sig', () =>
                registry.getVersionSignature(model, number),
              )
            }
          >
            Download signature
          </Button>
        )}
      </Flex>
      {error && <ErrorNotice title="It was not downloaded" error={error} />}
    </Panel>
  );
}
