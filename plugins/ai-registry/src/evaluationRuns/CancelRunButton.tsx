import { useApi } from '@backstage/frontend-plugin-api';
import { toError } from '@backstage/errors';
import { Button } from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import type { EvaluationRun } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';

export interface CancelRunButtonProps {
  run: EvaluationRun;
  onCancelled(): void;
}

/** Ends a run that is under way. */
export function CancelRunButton({ run, onCancelled }: CancelRunButtonProps) {
  const registry = useApi(aiRegistryApiRef);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<Error>();
  const cancel = async () => {
    const { model, version, id } = run;
    setPending(true);
    setError(undefined);
    try {
      await registry.cancelEvaluationRun({ model, version, run: id });
      onCancelled();
    } catch (refusal) {
      setError(toError(refusal));
    } finally {
      setPending(false);
    }
  };
  return (
    <>
      <Button variant="secondary" isPending={pending} onPress={cancel}>
        Cancel run
      </Button>
      {error && <ErrorNotice title="The run goes on" error={error} />}
    </>
  );
}
