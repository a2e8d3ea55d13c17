import type {
  ChangeRequest,
  GitHost,
  Person,
} from '../../environments/GitHost';
import { type People, userOfPortalEmail } from '../../environments/people';
import type { ModelStore } from '../../models/ModelStore';
import type { PromotionRecord } from '../promotion';
import { type HostReviews, reconcileReviews } from './reconcileReviews';

/** Knows who the people are that review on the Git host, and whether what they say counts. */
export class HostReviewReader {
  readonly #people: People;
  readonly #models: Pick<ModelStore, 'get'>;
  readonly #gitHost: Pick<GitHost, 'getBranch'>;
  readonly #groupsFor: (promotion: PromotionRecord) => string[] | undefined;
  readonly #administrators: string[];

  constructor(options: {
    people: People;
    models: Pick<ModelStore, 'get'>;
    gitHost: Pick<GitHost, 'getBranch'>;
    groupsFor: (promotion: PromotionRecord) => string[] | undefined;
    /** Entity refs of those who may do everything. */
    administrators: string[];
  }) {
    this.#people = options.people;
    this.#models = options.models;
    this.#gitHost = options.gitHost;
    this.#groupsFor = options.groupsFor;
    this.#administrators = options.administrators;
  }

  /** The promotion with what people said by now; undefined where nothing is new. */
  async apply(
    promotion: PromotionRecord,
    request: ChangeRequest,
    at: string,
  ): Promise<PromotionRecord | undefined> {
    const said = await this.#read(request);
    const isSilent =
      said.approvals.length === 0 && said.objections.length === 0;
    const isKnown =
      promotion.reviews.some(({ via }) => via === 'git-host') ||
      (promotion.objections?.length ?? 0) > 0 ||
      (promotion.uncounted?.length ?? 0) > 0;
    if (isSilent && !isKnown) return undefined;
    const branch = await this.#gitHost.getBranch(request.branch, {
      head: request.head,
    });
    return reconcileReviews(promotion, said, {
      at,
      groups: this.#groupsFor(promotion) ?? [
        (await this.#models.get(promotion.model)).owner,
        ...this.#administrators,
      ],
      contributors: await Promise.all(
        (branch?.contributors ?? []).map(person =>
          this.#people.actorOf(person),
        ),
      ),
    });
  }

  async #read({ approvals, objections }: ChangeRequest): Promise<HostReviews> {
    // What was said in the portal is known already.
    const others = approvals.filter(
      ({ author }) => userOfPortalEmail(author.email) === undefined,
    );
    return {
      approvals: await Promise.all(
        others.map(async ({ author, head }) => {
          const actor = await this.#userOf(author);
          return {
            actor,
            name: nameOf(author),
            head,
            memberships: actor ? await this.#people.membershipsOf(actor) : [],
          };
        }),
      ),
      objections: await Promise.all(
        objections.map(async ({ author, text, at }) => ({
          actor: await this.#userOf(author),
          name: nameOf(author),
          text,
          at,
        })),
      ),
    };
  }

  async #userOf(person: Person): Promise<string | undefined> {
    const actor = await this.#people.actorOf(person);
    return actor.startsWith('user:') ? actor : undefined;
  }
}

function nameOf({ account, name }: Person): string {
  return account === undefined ? name : `@${account}`;
}
