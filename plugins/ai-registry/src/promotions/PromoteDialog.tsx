import {
  fieldError,
  FormDialog,
  useEnvironments,
  useLive,
} from '@greenroom/ai-react';
import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Radio, RadioGroup, Text, TextAreaField } from '@backstage/ui';
import type { Environment, Model } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { promotionRouteRef } from '../routes';
import { describeApprovals } from './describeApprovals';
import { describeTimes } from './describeTimes';
import {
  type AnalysisForm,
  measuresFor,
  PROPOSED_ANALYSIS,
} from './analysisForm';
import { ComparisonEditor } from './ComparisonEditor';
import {
  planErrors,
  type PlanSurroundings,
  planToSend,
  sourceOf,
} from './newPromotion';
import { PROPOSED_ROLLOUT } from './rolloutForm';
import { RolloutEditor } from './RolloutEditor';
import { UnservedWarning } from './UnservedWarning';

export interface PromoteDialogProps {
  model: Pick<Model, 'name' | 'title' | 'aliases'>;
  version: number;
  /** Chosen from the beginning; the last one that is allowed when left out. */
  environment?: Environment;
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
  const [chosen, setEnvironment] = useState(props.environment);
  const environment = chosen ?? allowed.at(-1) ?? environments.last.name;
  const [rollout, setRollout] = useState(PROPOSED_ROLLOUT);
  const [edited, setEdited] = useState<Partial<AnalysisForm>>({});
  const [reason, setReason] = useState('');
  const [reasonError, setReasonError] = useState<string>();
  const running = model.aliases.find(alias => alias.alias === environment);

  const deployed = useLive(
    async (signal): Promise<PlanSurroundings['deployed']> => {
      if (!props.isOpen) return undefined;
      const { items } = await registry.listDesiredDeployments(environment, {
        model: model.name,
        signal,
      });
      return items.at(0) ?? {};
    },
    [props.isOpen, environment, model.name],
  ).value;
  const around = { running: running?.version, deployed };
  const filled = {
    ...PROPOSED_ANALYSIS,
    outcomes: deployed?.outcomes ?? PROPOSED_ANALYSIS.outcomes,
    ...edited,
  };
  const isMeasured = measuresFor(rollout.strategy).some(
    kind => kind === filled.measure,
  );
  const analysis = isMeasured
    ? filled
    : { ...filled, measure: 'none' as const };
  const form = { rollout, analysis };
  const errors = planErrors(form, around);

  const submit = async () => {
    const missing = reason.trim()
      ? undefined
      : 'Say why: the reviewer reads it, and it stays in the history.';
    setReasonError(missing);
    if (missing || errors.rollout.size > 0 || errors.analysis.size > 0) {
      return false;
    }
    const promotion = await registry.promote({
      model: model.name,
      version,
      environment,
      reason: reason.trim(),
      ...planToSend(form, { ...around, version }),
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
          : `Nothing runs in ${environment} yet: a first version gets all traffic at once.`}{' '}
        {describeApprovals(environments.get(environment))}{' '}
        {describeTimes(environments.get(environment))}
      </Text>
      <UnservedWarning environment={environment} />
      <RolloutEditor
        rollout={rollout}
        onChange={setRollout}
        errors={errors.rollout}
      />
      {rollout.strategy !== 'immediate' && (
        <ComparisonEditor
          strategy={rollout.strategy}
          analysis={analysis}
          source={sourceOf(form, around)}
          deployed={deployed}
          onChange={changes => setEdited({ ...edited, ...changes })}
          errors={errors.analysis}
        />
      )}
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
