import { mockServices } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import type { StepContext } from '../../steps/PromotionStep';
import { GateConfig } from '../GateConfig';
import type { GateFinding, PromotionGate } from '../PromotionGate';

/** What a gate finds that is set like that, of what it can see. */
export async function askGate(
  gate: PromotionGate,
  context: Partial<Omit<StepContext, 'promotion'>>,
  settings: JsonObject = {},
): Promise<GateFinding> {
  const config = new GateConfig([
    {
      key: `gates.${gate.id}`,
      config: mockServices.rootConfig({ data: settings }),
    },
  ]);
  const configured = gate.configure(config, {
    environment: undefined,
    key: 'greenroom.environments[0]',
  });
  config.checkNothingElse();
  if (!configured) throw new Error('Its settings leave nothing to ask');
  return configured.check({
    promotion: { environment: 'production', model: 'digits', version: 2 },
    signal: new AbortController().signal,
    measuredMode: () => 'preferred' as const,
    ...context,
  } as StepContext);
}

/** What production runs. */
export const RUNNING = { version: 1, recentRows: true };

/** Says of a context that production runs version 1. */
export const running = async () =>
  RUNNING as Awaited<ReturnType<StepContext['running']>>;

/** A version as a registry might know it. */
export function versionWith(
  changes: Partial<Awaited<ReturnType<StepContext['candidate']>>>,
) {
  return async () => changes as Awaited<ReturnType<StepContext['candidate']>>;
}
