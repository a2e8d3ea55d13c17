import { StatusPill } from '@greenroom/ai-react';
import type { Webhook } from '@greenroom/plugin-ai-registry-common';

/** Whether a hook tells, and whether its receiver takes it. */
export function WebhookPill({ hook }: { hook: Webhook }) {
  if (hook.status === 'DISABLED') {
    return <StatusPill tone="neutral">Disabled</StatusPill>;
  }
  return hook.failures > 0 ? (
    <StatusPill tone="bad">
      {hook.failures === 1 ? '1 try failed' : `${hook.failures} tries failed`}
    </StatusPill>
  ) : (
    <StatusPill tone="good">Active</StatusPill>
  );
}
