import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { toError } from '@backstage/errors';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button } from '@backstage/ui';
import {
  ErrorNotice,
  formatMoment,
  RelativeTime,
  RouteLink,
} from '@greenroom/ai-react';
import {
  aiJobSteerPermission,
  type Retraining,
} from '@greenroom/plugin-ai-training-common';
import { useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { jobRouteRef } from '../routes';
import styles from '../templates/templates.module.css';
import { describeRetraining, describeStep } from './describeRetraining';

interface RetrainingSectionProps {
  retraining: Retraining;
  /** After something was changed. */
  onDone(): void;
}

const LABELS = {
  pause: 'Pause',
  resume: 'Resume',
  start: 'Train now',
} as const;

type Act = keyof typeof LABELS;

/** How a model is trained again by itself with a template: where it stands, its last job, and what may be done about it. */
export function RetrainingSection(props: RetrainingSectionProps) {
  const { retraining } = props;
  const { environment, model, policy } = retraining;
  const toJob = useRouteRef(jobRouteRef);
  const maySteer = usePermission({
    permission: aiJobSteerPermission,
    resourceRef: policy.template,
  }).allowed;
  const job = lastJobOf(retraining);
  return (
    <section
      className={styles.page}
      aria-label={`${model}, trained again by itself for ${environment}`}
    >
      <p className={styles.text}>
        <strong>
          Trains {model} again for {environment}.
        </strong>{' '}
        {describeRetraining(retraining)}{' '}
        {job !== undefined && (
          <RouteLink to={toJob?.({ id: job })}>Last job</RouteLink>
        )}
      </p>
      {maySteer && <SteeringButtons {...props} />}
      <History retraining={retraining} />
    </section>
  );
}

/** The newest first, as many as the API keeps at hand. */
function History({ retraining }: Pick<RetrainingSectionProps, 'retraining'>) {
  const toJob = useRouteRef(jobRouteRef);
  if (retraining.events.length < 2) return null;
  return (
    <details>
      <summary>What happened</summary>
      <ol
        reversed
        className={styles.history}
        aria-label={`What happened to ${retraining.model}`}
      >
        {retraining.events.map(({ id, at, state }) => (
          <li key={id} title={formatMoment(at)}>
            {'job' in state && state.job !== undefined ? (
              <RouteLink to={toJob?.({ id: state.job })}>
                {describeStep(state)}
              </RouteLink>
            ) : (
              describeStep(state)
            )}
            , <RelativeTime at={at} />
          </li>
        ))}
      </ol>
    </details>
  );
}

function SteeringButtons({ retraining, onDone }: RetrainingSectionProps) {
  const training = useApi(aiTrainingApiRef);
  const [pending, setPending] = useState<Act>();
  const [error, setError] = useState<Error>();
  const { environment, model } = retraining;
  const steer = async (act: Act) => {
    setPending(act);
    setError(undefined);
    try {
      const place = { environment, model };
      if (act === 'pause') await training.pauseRetraining(place);
      if (act === 'resume') await training.resumeRetraining(place);
      if (act === 'start') await training.startRetraining(place);
    } catch (failure) {
      setError(toError(failure));
    } finally {
      setPending(undefined);
      onDone();
    }
  };
  return (
    <>
      <div className={styles.actions}>
        {actsOf(retraining).map(act => (
          <Button
            key={act}
            size="small"
            variant="secondary"
            aria-label={`${LABELS[act]}: ${model} for ${environment}`}
            isDisabled={pending !== undefined && pending !== act}
            isPending={pending === act}
            onPress={() => steer(act)}
          >
            {LABELS[act]}
          </Button>
        ))}
      </div>
      {error && <ErrorNotice title="It stays as it is" error={error} />}
    </>
  );
}

function actsOf({ state, isWanted }: Retraining): Act[] {
  if (state.phase === 'paused') return ['resume'];
  const isUnderWay = state.phase === 'due' || state.phase === 'training';
  return isWanted && !isUnderWay ? ['start', 'pause'] : ['pause'];
}

function lastJobOf({ state, events }: Retraining): string | undefined {
  for (const one of [state, ...events.map(event => event.state)]) {
    if ('job' in one && one.job !== undefined) return one.job;
    if (one.phase === 'paused' && one.training) return one.training.job;
  }
  return undefined;
}
