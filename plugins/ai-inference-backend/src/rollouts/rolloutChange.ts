import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Change } from '@greenroom/ai-node';
import type { RolloutChangedEvent } from '@greenroom/plugin-ai-inference-common';
import type { RolloutRecord } from './rollout';

/** How a rollout that started, took a step or ended is remembered and told. */
export function rolloutChange(options: {
  rollout: RolloutRecord;
  /** What it was; undefined when it is new. */
  before?: RolloutRecord;
  actor: string;
}): Change<RolloutChangedEvent> {
  const { rollout, before, actor } = options;
  return {
    action: 'rollout-changed',
    actor,
    model: rollout.model,
    environment: rollout.environment,
    subject: rollout.id,
    before: before && describe(before),
    after: describe(rollout),
    announce: [toRolloutChangedEvent(rollout)],
  };
}

/** Says in the log what happened last; after the commit. */
export function logRollout(
  logger: LoggerService,
  rollout: RolloutRecord,
): void {
  logger.info(
    `'${rollout.model}' in ${rollout.environment}: ${
      rollout.history.at(-1)?.note
    }`,
    { rolloutId: rollout.id, phase: rollout.state.phase },
  );
}

function describe({ fromVersion, toVersion, state, history }: RolloutRecord) {
  const last = history.at(-1);
  return {
    toVersion,
    ...(fromVersion !== undefined && { fromVersion }),
    phase: state.phase,
    weightPercent: last?.weightPercent ?? 0,
    ...(last && { note: last.note }),
  };
}

/** The last thing that happened to a rollout. */
function toRolloutChangedEvent(rollout: RolloutRecord): RolloutChangedEvent {
  const last = rollout.history.at(-1);
  return {
    type: 'rollout-changed',
    environment: rollout.environment,
    model: rollout.model,
    rolloutId: rollout.id,
    toVersion: rollout.toVersion,
    ...(rollout.fromVersion !== undefined && {
      fromVersion: rollout.fromVersion,
    }),
    phase: rollout.state.phase,
    weightPercent: last?.weightPercent ?? 0,
    at: last?.at ?? rollout.startedAt,
  };
}
