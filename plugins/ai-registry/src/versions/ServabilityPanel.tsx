import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { ErrorNotice, Facts, Panel, StatusPill } from '@greenroom/ai-react';
import type {
  ModelFormat,
  ModelVersion,
} from '@greenroom/plugin-ai-registry-common';
import { RiRestartLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { SERVABILITY_STATES, servabilityFacts } from '../view/servabilityFacts';

const DESCRIPTIONS: Record<ModelFormat, string> = {
  onnx: "The data plane's own runtime loads each version once, apart from everything else.",
  external: 'Whether its provider answers is checked for each connection.',
  mlflow: 'Nothing in a folder of MLflow is loaded here.',
};

/** Whether data planes can serve the version, found out by loading it once. */
export function ServabilityPanel(props: {
  version: Pick<ModelVersion, 'model' | 'version' | 'format' | 'servability'>;
  /** Called after the version was tried again. */
  onTried(): void;
}) {
  const { version, onTried } = props;
  const registry = useApi(aiRegistryApiRef);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const { tone, label } = SERVABILITY_STATES[version.servability.state];

  const tryAgain = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await registry.tryVersion(version.model, version.version);
    } catch (refusal) {
      setError(toError(refusal));
    } finally {
      setBusy(false);
      onTried();
    }
  };

  return (
    <Panel title="Trial" description={DESCRIPTIONS[version.format]}>
      <StatusPill tone={tone}>{label}</StatusPill>
      <Facts facts={servabilityFacts(version.servability)} />
      {version.format === 'onnx' && version.servability.state !== 'pending' && (
        <Button
          size="small"
          variant="secondary"
          iconStart={<RiRestartLine />}
          isPending={busy}
          onPress={tryAgain}
        >
          Try again
        </Button>
      )}
      {error && <ErrorNotice title="The version was not tried" error={error} />}
    </Panel>
  );
}
