import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Text, TextAreaField } from '@backstage/ui';
import { fieldError, FormDialog, useModelTitle } from '@greenroom/ai-react';
import type { DesiredDeployment } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { promotionRouteRef } from '../routes';

export interface RollbackDialogProps {
  deployment: DesiredDeployment;
  /** Version that runs again afterwards. */
  target: number;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

/** Confirms a rollback, sends it and goes to its change request. */
export function RollbackDialog(props: RollbackDialogProps) {
  const { deployment, target } = props;
  const { model, environment, version } = deployment;
  const registry = useApi(aiRegistryApiRef);
  const navigate = useNavigate();
  const promotionLink = useRouteRef(promotionRouteRef);
  const modelTitle = useModelTitle(model);
  const [reason, setReason] = useState('');
  const [reasonError, setReasonError] = useState<string>();

  const submit = async () => {
    if (!reason.trim()) {
      setReasonError('Say what went wrong: it stays in the history.');
      return false;
    }
    const rollback = await registry.rollback({
      model,
      environment,
      reason: reason.trim(),
    });
    const page = promotionLink?.({ id: rollback.id });
    if (page) navigate(page);
    return true;
  };

  return (
    <FormDialog
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      title={`Roll back ${modelTitle} in ${environment}`}
      submitLabel={`Roll back to version ${target}`}
      failedTitle="The rollback was not started"
      destructive
      onSubmit={submit}
    >
      <Text as="p">
        {environment} goes from version {version} back to version {target}, with
        all traffic at once.
      </Text>
      <Text as="p">
        This opens a change request of its own, with a shorter list of gates:
        the stored bytes have to be those that were registered, and whether
        callers can go on unchanged is only reported. It is not evaluated again,
        and no freeze holds it. With the approvals that rollbacks need here,
        often none, it is merged by itself.
      </Text>
      <TextAreaField
        label="Reason"
        isRequired
        autoFocus
        rows={2}
        placeholder="What went wrong?"
        value={reason}
        onChange={value => {
          setReason(value);
          setReasonError(undefined);
        }}
        {...fieldError(reasonError)}
      />
    </FormDialog>
  );
}
