import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { PollingLoop } from '@greenroom/ai-node';
import {
  findVersionFaults,
  type Manifest,
  planOf,
  variantsOf,
} from '@greenroom/manifest';
import type { Environments } from '@greenroom/plugin-ai-registry-common';
import type { DesiredDeploymentStore } from '../../environments/DesiredDeploymentStore';
import { eachChangeRequest } from '../../environments/eachChangeRequest';
import type {
  Branch,
  ChangeRequest,
  Check,
  GitHost,
} from '../../environments/GitHost';
import { isPortalEmail, type People } from '../../environments/people';
import type { VersionStore } from '../../versions/VersionStore';
import { WHOLE_CHECK } from '../checks/checksOf';
import { isOpen, type PromotionRecord } from '../promotion';
import type { PromotionOpener } from '../PromotionOpener';
import type { PromotionStore } from '../PromotionStore';
import { type ChangeVerdict, judgeChange } from './judgeChange';

const INTERVAL_MILLIS = 2_000;
/** What is refused may be right later without a change of its branch: when its version is registered. */
const AGAIN_MILLIS = 60_000;
/** Files of one change request that are looked at. */
const MOST_FILES = 200;

/** Anybody may have a fork; what is asked for here closes what was asked for before. */
const FROM_FORK: ChangeVerdict = {
  kind: 'refused',
  title: 'A promotion does not come from a fork',
  summary:
    'It changes the version in a manifest, from a branch of a fork: have somebody who may write to this repository push the branch here, or ask for the promotion in the portal.',
  faults: [],
};

export interface AdopterOptions {
  auth: Pick<AuthService, 'getOwnServiceCredentials'>;
  deployments: Pick<DesiredDeploymentStore, 'find'>;
  environments: Environments;
  gitHost: GitHost;
  logger: LoggerService;
  opener: Pick<PromotionOpener, 'open' | 'retarget'>;
  people: People;
  store: Pick<PromotionStore, 'ofChangeRequests'>;
  versions: Pick<VersionStore, 'findDigests'>;
  now?: () => number;
}

/**
 * Takes change requests that people opened on the Git host for what they are: one that changes the version in a
 * manifest is a promotion, and the same gates hold; of any other it is said why there is none.
 */
export class Adopter {
  readonly loop: PollingLoop;
  readonly #options: AdopterOptions;
  readonly #now: () => number;
  /** Change requests that are no promotions, by number. */
  #judged = new Map<number, Judged>();
  #seenToken: string | undefined;

  constructor(options: AdopterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.loop = new PollingLoop({
      name: 'looking at change requests of the Git host',
      intervalMillis: INTERVAL_MILLIS,
      logger: options.logger,
      run: signal => this.look(signal),
    });
  }

  /** Looks at what is new. */
  async look(signal: AbortSignal): Promise<void> {
    const { gitHost, store } = this.#options;
    const token = await gitHost.changeToken();
    const isRefusedLongAgo = [...this.#judged.values()].some(one =>
      this.#mayHaveChanged(one),
    );
    if (token === this.#seenToken && !isRefusedLongAgo) return;
    const judged = new Map<number, Judged>();
    const unknown: ChangeRequest[] = [];
    for await (const request of eachChangeRequest(gitHost, { state: 'open' })) {
      const { number, head, author } = request;
      // What is opened here has its promotion, or gets it in a moment.
      if (isPortalEmail(author.email)) continue;
      const before = this.#judged.get(number);
      if (before?.head === head && !this.#mayHaveChanged(before)) {
        judged.set(number, before);
      } else {
        unknown.push(request);
      }
    }
    const promotions = await store.ofChangeRequests(
      unknown.map(({ number }) => number),
    );
    let isDone = true;
    for (const request of unknown) {
      if (signal.aborted) return;
      const { number } = request;
      const promotion = promotions.get(number);
      // Past its review, what it asks for is settled; one that was made here asks for what it was made for.
      if (promotion && !mayFollow(promotion)) continue;
      const before = this.#judged.get(number);
      const found = await this.#takeUp(request, { before, promotion });
      if (found) judged.set(number, found);
      else isDone = false;
    }
    this.#judged = judged;
    this.#seenToken = isDone ? token : undefined;
  }

  #mayHaveChanged({ isRefused, at }: Judged): boolean {
    return isRefused && this.#now() - at >= AGAIN_MILLIS;
  }

  /** @returns undefined where it has to be looked at again soon */
  async #takeUp(
    request: ChangeRequest,
    known: { before?: Judged; promotion?: PromotionRecord },
  ): Promise<Judged | undefined> {
    const { before, promotion } = known;
    const { number, head } = request;
    try {
      const branch = await this.#options.gitHost.getBranch(request.branch, {
        head,
      });
      if (!branch || branch.head !== head) return undefined;
      const judged = await this.#judge(branch);
      const isPromotion = judged.kind === 'promotion';
      const verdict = isPromotion && request.isFromFork ? FROM_FORK : judged;
      const taken = { head, isRefused: false, at: this.#now(), said: '' };
      if (promotion) {
        // Of a change that is none any more, its gates say why.
        if (verdict.kind === 'promotion') {
          await this.#follow(promotion, verdict.manifest);
        }
        return taken;
      }
      if (verdict.kind === 'promotion') {
        await this.#adopt(request, verdict.manifest);
        return taken;
      }
      const check = checkOf(verdict);
      const said = JSON.stringify(check);
      if (before?.head !== head || before.said !== said) {
        await this.#options.gitHost.publishChecks(number, {
          head,
          checks: [check],
        });
      }
      const isRefused = verdict.kind === 'refused';
      return { head, isRefused, at: this.#now(), said };
    } catch (error) {
      // One that cannot be looked at now keeps no other one back.
      this.#options.logger.warn(
        `Change request ${number} could not be looked at, and will be again`,
        toError(error),
      );
      return undefined;
    }
  }

  async #judge({ changedPaths, head }: Branch): Promise<ChangeVerdict> {
    const { environments, gitHost, versions } = this.#options;
    if (changedPaths.length > MOST_FILES) {
      return {
        kind: 'refused',
        title: `More than ${MOST_FILES} files`,
        summary: `It changes ${changedPaths.length} files, and at most ${MOST_FILES} are looked at: split it.`,
        faults: [],
      };
    }
    const main = await gitHost.mainRevision();
    const files = await Promise.all(
      changedPaths.map(async path => ({
        path,
        before: await gitHost.readFile({ path, revision: main }),
        after: await gitHost.readFile({ path, revision: head }),
      })),
    );
    const verdict = judgeChange(files, environments.names);
    if (verdict.kind !== 'promotion') return verdict;
    const { manifest, path } = verdict;
    const found = await versions.findDigests(variantsOf(manifest));
    const faults = findVersionFaults(
      manifest,
      new Map(
        found.map(({ model, version, digest }) => [
          `${model}/${version}`,
          digest,
        ]),
      ),
    );
    return faults.length === 0
      ? verdict
      : {
          kind: 'refused',
          title: 'The version is not what the registry knows',
          summary: faults.map(({ message }) => `- ${message}`).join('\n'),
          faults: faults.map(({ message, line }) => ({
            path,
            message,
            ...(line !== undefined && { line }),
          })),
        };
  }

  async #adopt(request: ChangeRequest, manifest: Manifest): Promise<void> {
    const { auth, deployments, environments, opener, people } = this.#options;
    const { number, title, branch, url = '' } = request;
    const { metadata, spec } = manifest;
    const place = { model: metadata.name, environment: metadata.environment };
    const now = await deployments.find(place);
    await opener.open(
      {
        kind: 'promotion',
        ...place,
        ...wantedBy(spec),
        reason: title,
        fromVersion: now?.version,
        requiredApprovals: environments.get(place.environment)
          .requiredApprovals,
        branch,
        changeRequest: { number, title, url, branch },
        requestedBy: await people.actorOf(request.author),
      },
      { credentials: await auth.getOwnServiceCredentials() },
    );
  }

  /** Somebody pushed another version to it. */
  async #follow(
    promotion: PromotionRecord,
    { metadata, spec }: Manifest,
  ): Promise<void> {
    const isSamePlace =
      metadata.name === promotion.model &&
      metadata.environment === promotion.environment;
    if (!isSamePlace || spec.version === promotion.version) return;
    await this.#options.opener.retarget(promotion, wantedBy(spec));
  }
}

function mayFollow(promotion: PromotionRecord): boolean {
  return (
    promotion.branch !== undefined &&
    isOpen(promotion) &&
    promotion.state.phase !== 'merging'
  );
}

function wantedBy({ version, rollout, analysis, outcomes }: Manifest['spec']) {
  return {
    version,
    rollout: planOf(rollout),
    ...(analysis && { analysis }),
    ...(outcomes && { outcomes }),
  };
}

/** A change request that was looked at, and what was said of it. */
interface Judged {
  head: string;
  isRefused: boolean;
  /** Milliseconds since the epoch. */
  at: number;
  said: string;
}

function checkOf(
  verdict: Exclude<ChangeVerdict, { kind: 'promotion' }>,
): Check {
  if (verdict.kind === 'nothing') {
    return {
      name: WHOLE_CHECK,
      title: 'No version changes',
      state: 'neutral',
      summary: verdict.summary,
      annotations: [],
    };
  }
  return {
    name: WHOLE_CHECK,
    title: verdict.title,
    state: 'failed',
    summary: verdict.summary,
    annotations: verdict.faults.map(({ path, line = 1, message }) => ({
      path,
      line,
      level: 'failure',
      message,
    })),
  };
}
