import type { Change, ChangeFollower } from '@greenroom/ai-node';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import type { Announcement, RegistryChanges } from '../events/announcement';
import { WebhookStore } from './WebhookStore';

interface Passing {
  model: string;
  from: string;
  to: string;
  actor: string;
}

/**
 * Hooks of a model tell an address that its old owner has chosen: when the model passes to another owner, they are
 * disabled in the same transaction, until somebody who may change the model now wants them. What waits for them waits
 * on.
 */
export function pauseHooksOfPassedModels(
  changes: RegistryChanges,
): ChangeFollower<Announcement> {
  return async (tx, recorded) => {
    for (const { model, from, to, actor } of recorded.flatMap(passingOf)) {
      const store = new WebhookStore({ knex: tx });
      const paused = await store.pauseOfModel(
        tx,
        model,
        `The model has passed from ${from} to ${to}: whoever may change it now looks where this hook leads, and enables or deletes it`,
      );
      for (const id of paused) {
        await changes.record(tx, {
          action: 'webhook-paused',
          actor,
          model,
          subject: id,
          before: { status: 'ACTIVE', owner: from },
          after: { status: 'DISABLED', owner: to },
          announce: [],
        });
      }
    }
  };
}

function passingOf({
  action,
  actor,
  model,
  before,
  after,
}: Change<Announcement>): Passing[] {
  if (action !== 'model-updated' || model === undefined) return [];
  const { owner: from } = before as Model;
  const { owner: to } = after as Model;
  return from === to ? [] : [{ model, from, to, actor }];
}
