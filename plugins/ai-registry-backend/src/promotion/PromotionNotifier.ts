import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  NotificationRecipients,
  NotificationService,
} from '@backstage/plugin-notifications-node';
import type { PortalPages } from '@greenroom/ai-node';
import type {
  Environments,
  PromotionOutcome,
} from '@greenroom/plugin-ai-registry-common';
import type { ModelStore } from '../models/ModelStore';
import type { People } from '../environments/people';
import { type PromotionRecord, titleOf } from './promotion';
import { answerReview } from './reviewAnswer';

interface Message {
  title: string;
  description: string;
  severity: 'low' | 'normal' | 'high';
}

/**
 * Tells people of a promotion that waits for them. A notification that cannot be
 * sent is logged and holds up nothing.
 */
export class PromotionNotifier {
  readonly #notifications: NotificationService;
  readonly #pages: Pick<PortalPages, 'promotion'>;
  readonly #models: Pick<ModelStore, 'get'>;
  readonly #people: Pick<People, 'personOf'>;
  readonly #reviewers: string[];
  readonly #environments: Environments;
  readonly #logger: LoggerService;

  constructor(options: {
    notifications: NotificationService;
    pages: Pick<PortalPages, 'promotion'>;
    models: Pick<ModelStore, 'get'>;
    people: Pick<People, 'personOf'>;
    /** Entity refs of those who are asked for reviews besides the model's owner. */
    reviewers: string[];
    /** Where approvals of some groups alone count, their members are asked and nobody else. */
    environments: Environments;
    logger: LoggerService;
  }) {
    this.#notifications = options.notifications;
    this.#pages = options.pages;
    this.#models = options.models;
    this.#people = options.people;
    this.#reviewers = options.reviewers;
    this.#environments = options.environments;
    this.#logger = options.logger;
  }

  /**
   * Asks those whose approvals count, or else the model's owner and the configured reviewers, but
   * not the requester.
   *
   * @returns who was asked; undefined when nobody could be
   */
  async askForReview(
    promotion: PromotionRecord,
  ): Promise<string[] | undefined> {
    return this.#send(promotion, async () => {
      const { owner } = await this.#models.get(promotion.model);
      const groups = this.#environments.find(
        promotion.environment,
      )?.approverGroups;
      const asked = groups ?? [...new Set([owner, ...this.#reviewers])];
      return {
        recipients: reviewersOf(promotion, asked),
        message: {
          title: `Review needed: ${titleOf(promotion)}`,
          description: promotion.reason,
          severity: 'normal',
        },
        result: asked,
      };
    });
  }

  /**
   * Tells those who were asked for a review that none is needed any more. It takes the place of
   * the request, whose scope it has.
   *
   * @returns whether they could be told
   */
  async withdrawRequest(promotion: PromotionRecord): Promise<boolean> {
    const { reviewAsked } = promotion;
    if (!reviewAsked) return true;
    const told = await this.#send(promotion, async () => {
      const { by, title, description } = answerReview(promotion);
      const name = by === undefined ? '' : await this.#nameOf(by);
      return {
        recipients: reviewersOf(promotion, reviewAsked.of),
        message: { title: title(name), description, severity: 'low' },
        result: true,
      };
    });
    return told ?? false;
  }

  /** Tells the requester when the promotion has ended, or cannot go on without them. */
  async tellRequester(promotion: PromotionRecord): Promise<void> {
    const { requestedBy } = promotion;
    const message = outcomeOf(promotion);
    if (!message || !requestedBy.startsWith('user:')) return;
    const { by, ...told } = message;
    await this.#send(promotion, async () => ({
      recipients: { type: 'entity', entityRef: requestedBy },
      message:
        by === undefined
          ? told
          : {
              ...told,
              description: `${await this.#nameOf(by)}: ${told.description}`,
            },
      result: true,
    }));
  }

  async #nameOf(actor: string): Promise<string> {
    return (await this.#people.personOf(actor)).name;
  }

  /** @returns the result; undefined when nobody could be told */
  async #send<T>(
    promotion: PromotionRecord,
    write: () => Promise<{
      recipients: NotificationRecipients;
      message: Message;
      result: T;
    }>,
  ): Promise<T | undefined> {
    const { id } = promotion;
    try {
      const { recipients, message, result } = await write();
      await this.#notifications.send({
        recipients,
        payload: {
          ...message,
          link: this.#pages.promotion(id),
          topic: 'ai-registry-promotion',
          // Each person has one of a promotion: a later one takes the place of it.
          scope: `promotion:${id}`,
        },
      });
      return result;
    } catch (error) {
      this.#logger.warn(
        `Nobody was notified about promotion '${id}', which is ${promotion.state.phase}`,
        toError(error),
      );
      return undefined;
    }
  }
}

function reviewersOf(
  { requestedBy }: PromotionRecord,
  asked: string[],
): NotificationRecipients {
  return { type: 'entity', entityRef: asked, excludeEntityRef: requestedBy };
}

const OUTCOMES: Record<PromotionOutcome['kind'], string> = {
  serving: 'Done',
  'not-served': 'Merged, served nowhere',
  rejected: 'Taken back',
  superseded: 'Superseded',
  unknown: 'Merged',
};

/** What the requester should know; undefined when there is nothing they did not do themselves. */
function outcomeOf(
  promotion: PromotionRecord,
): (Message & { by?: string }) | undefined {
  const { state, requestedBy, environment, version } = promotion;
  const title = titleOf(promotion);
  switch (state.phase) {
    case 'rolling-out':
      return state.waitingFor === undefined
        ? {
            title: `Merged: ${title}`,
            description: `Version ${version} is what ${environment} should run now; its rollout has begun.`,
            severity: 'normal',
          }
        : undefined;
    case 'completed':
      return {
        title: `${OUTCOMES[state.outcome.kind]}: ${title}`,
        description: state.outcome.note,
        severity: 'normal',
      };
    case 'closed':
      return state.closedBy === requestedBy
        ? undefined
        : {
            title: `Closed: ${title}`,
            description: withoutId(state.reason),
            severity: 'normal',
            // Who is no person closed it by the way: the reason says why.
            ...(state.closedBy.startsWith('user:') && { by: state.closedBy }),
          };
    case 'blocked':
      return {
        title: `Blocked: ${title}`,
        description: promotion.gates
          .filter(gate => gate.status === 'failed')
          .map(({ summary }) => summary)
          .join(' '),
        severity: 'high',
      };
    case 'failed':
      return {
        title: `Failed: ${title}`,
        description: state.error,
        severity: 'high',
      };
    default:
      return undefined;
  }
}

/** Without the id of the promotion that took its place, by which nobody knows it. */
function withoutId(reason: string): string {
  return reason.replace(/ \(promotion [\w-]{36}\)/, '');
}
