import { useEnvironments } from '@greenroom/ai-react';
import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Radio, RadioGroup, Text, TextAreaField } from '@backstage/ui';
import type {
  Environment,
  Model,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { promotionRouteRef } from '../routes';
import { FormDialog } from '../view/FormDialog';
import { fieldError } from '../view/fieldError';
import { describeApprovals } from './describeApprovals';
import { RolloutEditor } from './RolloutEditor';
import { PROPOSED_STEPS, rolloutStepErrors } from './rolloutPlan';
import { UnservedWarning } from './UnservedWarning';

export interface PromoteDialogProps {
  model: Model;
  version: number;
  /** Environments that the user may promote to; undefined while that is asked. */
  allowed?: Environment[];
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

/** Asks where, how and why; opens the change request and goes to its page. */
export function PromoteDialog(props: PromoteDialogProps) {
  const { model, version } = props;
  const environments = useEnvironments();
  const allowed = props.allowed ?? environments.names;
  const registry = useApi(aiRegistryApiRef);
  const navigate = useNavigate();
  const promotionLink = useRouteRef(promotionRouteRef);
  const [chosen, setEnvironment] = useState<Environment>();
  const environment = chosen ?? allowed.at(-1) ?? environments.last.name;
  const [rollout, setRollout] = useState<RolloutPlan>({
    strategy: 'canary',
    steps: PROPOSED_STEPS,
  });
  const [reason, setReason] = useState('');
  const [reasonError, setReasonError] = useState<string>();
  const running = model.aliases.find(alias => alias.alias === environment);

  const submit = async () => {
    const missing = reason.trim()
      ? undefined
      : 'Say why: the reviewer reads it, and it stays in the history.';
    setReasonError(missing);
    if (
      missing ||
      (rollout.strategy === 'canary' && rolloutStepErrors(rollout.steps).size)
    ) {
      return false;
    }
    const promotion = await registry.promote({
      model: model.name,
      version,
      environment,
      reason: reason.trim(),
      rollout:
        rollout.strategy === 'immediate'
          ? { strategy: 'immediate', steps: [] }
          : rollout,
    });
    const target = promotionLink?.({ id: promotion.id });
    if (target) navigate(target);
    return true;
  };

  return (
    <FormDialog
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      title={`Promote version ${version} of ${model.title}`}
      submitLabel="Open promotion"
      failedTitle="The promotion was not opened"
      onSubmit={submit}
    >
      <RadioGroup
        label="Environment"
        orientation="horizontal"
        value={environment}
        onChange={setEnvironment}
      >
        {environments.all.map(({ name, title }) => (
          <Radio key={name} value={name} isDisabled={!allowed.includes(name)}>
            {title}
          </Radio>
        ))}
      </RadioGroup>
      <Text color="secondary" variant="body-small" role="status">
        {running
          ? `${environment} runs version ${running.version} now.`
          : `Nothing runs in ${environment} yet.`}{' '}
        {describeApprovals(environments.get(environment))}
      </Text>
      <UnservedWarning environment={environment} />
      <RolloutEditor rollout={rollout} onChange={setRollout} />
      <TextAreaField
        label="Reason"
        isRequired
        autoFocus
        rows={2}
        placeholder="What gets better with this version?"
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
