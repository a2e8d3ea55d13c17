import type { Models } from '../models/createModels';
import type { RegistryParts } from '../registryParts';
import { announceToWebhooks } from './announceToWebhooks';
import { AuthorizedWebhookService } from './AuthorizedWebhookService';
import { createWebhookRouter } from './createWebhookRouter';
import { type DeliveryNotices, DeliveryStore } from './DeliveryStore';
import { HttpPoster } from './HttpPoster';
import { pauseHooksOfPassedModels } from './pauseHooksOfPassedModels';
import { ReceiverRules } from './ReceiverRules';
import { SecretBox } from './SecretBox';
import { WebhookSender } from './WebhookSender';
import { DefaultWebhookService } from './WebhookService';
import { WebhookStore } from './WebhookStore';

/** Addresses that are told of what happens to models, in MLflow's form. */
export function createWebhooks(
  parts: RegistryParts & { models: Models; notices: DeliveryNotices },
) {
  const { changes, config, models } = parts;
  const deliveries = new DeliveryStore(parts);
  const rules = new ReceiverRules(config.webhooks);
  const secrets = new SecretBox(config.webhooks.encryptionSecrets);
  const poster = new HttpPoster({ rules });
  const sending = {
    deliveries,
    secrets,
    post: poster.post.bind(poster),
  };
  const sender = new WebhookSender({ ...parts, ...sending });
  // Before they are told: the change itself is the new owner's already.
  changes.onRecord(pauseHooksOfPassedModels(changes));
  changes.onRecord(announceToWebhooks);
  changes.onCommit(() => sender.wake());
  return {
    sender,
    router: createWebhookRouter({
      ...parts,
      webhooks: new AuthorizedWebhookService({
        ...parts,
        webhooks: new DefaultWebhookService({
          ...parts,
          ...sending,
          hooks: new WebhookStore(parts),
          rules,
          models: models.store,
        }),
      }),
    }),
  };
}
