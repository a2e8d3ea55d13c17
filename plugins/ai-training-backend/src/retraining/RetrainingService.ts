import type { PermissionsService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { requirePermission, userRefOf } from '@greenroom/ai-node';
import { aiModelReadPermission } from '@greenroom/plugin-ai-registry-common';
import {
  aiJobSteerPermission,
  aiTemplateReadPermission,
  type Retraining,
  type RetrainingPlace,
  type RetrainingQuery,
} from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type { TrainingChanges } from '../events/announcement';
import type { TemplateStore } from '../templates/TemplateStore';
import type { Becoming } from './decideRetraining';
import { type SteeringAct, steerRetraining } from './steerRetraining';
import type { RetrainingStore } from './RetrainingStore';

/** What people do with models that are trained again by themselves. All but the list fail with a NotFoundError where there is none. */
export interface RetrainingService {
  list(query: RetrainingQuery, options: CallOptions): Promise<Retraining[]>;
  /** @throws ConflictError that says why that cannot be done now */
  steer(
    place: RetrainingPlace,
    act: SteeringAct,
    options: CallOptions,
  ): Promise<Retraining>;
}

const PAST = {
  pause: 'paused',
  resume: 'resumed',
  start: 'asked-for',
} as const;

/** Does what it is asked; {@link AuthorizedRetrainingService} asks whether it may. */
export class DefaultRetrainingService implements RetrainingService {
  readonly #store: RetrainingStore;
  readonly #templates: Pick<TemplateStore, 'getMany'>;
  readonly #changes: TrainingChanges;
  readonly #clock: () => Date;
  readonly #wake: () => void;

  constructor(options: {
    store: RetrainingStore;
    templates: Pick<TemplateStore, 'getMany'>;
    changes: TrainingChanges;
    clock: () => Date;
    /** Has them looked at now. */
    wake(): void;
  }) {
    this.#store = options.store;
    this.#templates = options.templates;
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#wake = () => options.wake();
  }

  list(query: RetrainingQuery): Promise<Retraining[]> {
    return this.#store.list(query);
  }

  async steer(
    place: RetrainingPlace,
    act: SteeringAct,
    { credentials }: CallOptions,
  ): Promise<Retraining> {
    const by = userRefOf(credentials);
    await this.#changes.transaction(async tx => {
      const before = await this.#store.get(place, tx);
      const becoming: Omit<Becoming, 'do'> = steerRetraining(before, act, {
        by,
        now: this.#clock(),
      });
      if (!(await this.#store.setState(tx, before, becoming))) {
        throw new ConflictError(
          `The retraining of '${place.model}' has changed meanwhile: look at it again`,
        );
      }
      const { template } = before.policy;
      const [known] = await this.#templates.getMany([template]);
      await this.#changes.record(tx, {
        action: `retraining-${PAST[act.do]}`,
        actor: by,
        model: place.model,
        environment: place.environment,
        subject: template,
        ...(known && { owner: known.spec.owner }),
        before: before.state,
        after: becoming.state,
        announce: [
          {
            type: 'retraining-changed',
            environment: place.environment,
            model: place.model,
            template,
          },
        ],
      });
    });
    this.#wake();
    const [after] = await this.#store.list(place);
    return after;
  }
}

/** Those are seen who may see the model; who may steer jobs of the template steers it. */
export class AuthorizedRetrainingService implements RetrainingService {
  readonly #retrainings: RetrainingService;
  readonly #store: Pick<RetrainingStore, 'get'>;
  readonly #permissions: PermissionsService;

  constructor(options: {
    retrainings: RetrainingService;
    store: Pick<RetrainingStore, 'get'>;
    permissions: PermissionsService;
  }) {
    this.#retrainings = options.retrainings;
    this.#store = options.store;
    this.#permissions = options.permissions;
  }

  async list(
    query: RetrainingQuery,
    options: CallOptions,
  ): Promise<Retraining[]> {
    await this.#requireRead(options);
    const items = await this.#retrainings.list(query, options);
    const models = [...new Set(items.map(({ model }) => model))];
    if (models.length === 0) return [];
    const decisions = await this.#permissions.authorize(
      models.map(resourceRef => ({
        permission: aiModelReadPermission,
        resourceRef,
      })),
      options,
    );
    const visible = new Set(
      models.filter((_, i) => decisions[i].result === AuthorizeResult.ALLOW),
    );
    return items.filter(({ model }) => visible.has(model));
  }

  async steer(
    place: RetrainingPlace,
    act: SteeringAct,
    options: CallOptions,
  ): Promise<Retraining> {
    await this.#requireRead(options);
    const { policy } = await this.#store.get(place);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiJobSteerPermission,
      resourceRef: policy.template,
    });
    return this.#retrainings.steer(place, act, options);
  }

  #requireRead(options: CallOptions): Promise<void> {
    return requirePermission(this.#permissions, {
      ...options,
      permission: aiTemplateReadPermission,
    });
  }
}
