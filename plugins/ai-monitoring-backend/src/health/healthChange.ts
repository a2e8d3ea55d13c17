import type { Change } from '@greenroom/ai-node';
import type {
  HealthChangedEvent,
  HealthStatus,
  ModelHealth,
} from '@greenroom/plugin-ai-monitoring-common';

/**
 * A model that became better or worse; undefined while it is as it was. The figures behind a
 * verdict are measurements, and no change.
 */
export function healthChange(
  health: ModelHealth,
  before: HealthStatus | undefined,
): Change<HealthChangedEvent> | undefined {
  const { environment, model, status } = health;
  // Nothing is known of a model that was never judged.
  const was = before ?? 'no-data';
  if (status === was) return undefined;
  return {
    action: 'health-changed',
    actor: 'service:ai-monitoring',
    model,
    environment,
    before: { status: was },
    after: { status, reasons: health.reasons },
    announce: [
      { type: 'health-changed', environment, model, status, before: was },
    ],
  };
}
