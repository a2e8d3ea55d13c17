import { createHash } from 'node:crypto';
import type { PermissionsService } from '@backstage/backend-plugin-api';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { requirePermission, userRefOf } from '@greenroom/ai-node';
import {
  aiModelUpdatePermission,
  MAX_CARD_BYTES,
  type Digest,
  type ModelCard,
  type NewCard,
} from '@greenroom/plugin-ai-registry-common';
import type { RegistryChanges } from '../../events/announcement';
import type { CallOptions } from '../../models/ModelService';
import type { ModelStore } from '../../models/ModelStore';
import type { EvaluationStore } from '../EvaluationStore';
import type { VersionRef, VersionService } from '../VersionService';
import type { VersionStore } from '../VersionStore';
import { isCardText, licenceOfCard, readCard } from './readCard';
import { writeCard } from './writeCard';

/** The model cards of versions. All throw a NotFoundError when there is no such version. */
export class CardService {
  readonly #models: ModelStore;
  readonly #versions: VersionStore;
  readonly #evaluations: EvaluationStore;
  readonly #readable: Pick<VersionService, 'get'>;
  readonly #permissions: PermissionsService;
  readonly #changes: RegistryChanges;

  constructor(options: {
    models: ModelStore;
    versions: VersionStore;
    evaluations: EvaluationStore;
    /** Asks for the permission to read. */
    readable: Pick<VersionService, 'get'>;
    permissions: PermissionsService;
    changes: RegistryChanges;
  }) {
    this.#models = options.models;
    this.#versions = options.versions;
    this.#evaluations = options.evaluations;
    this.#readable = options.readable;
    this.#permissions = options.permissions;
    this.#changes = options.changes;
  }

  /** Throws a NotFoundError when the version has none. */
  async get(ref: VersionRef, options: CallOptions): Promise<ModelCard> {
    await this.#readable.get(ref, options);
    const text = await this.#versions.getCard(ref);
    if (text === undefined) {
      throw new NotFoundError(
        `Version ${ref.version} of model '${ref.model}' has no model card`,
      );
    }
    return toCard(text);
  }

  /**
   * @throws InputError, which names the line, when the front matter cannot be read
   * @throws ConflictError when there is another card than the one that it was to take the place of
   */
  async set(
    ref: VersionRef,
    { text, replaces }: NewCard,
    options: CallOptions,
  ): Promise<ModelCard> {
    const { model, version } = ref;
    await this.#readable.get(ref, options);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelUpdatePermission,
      resourceRef: model,
    });
    const card = checkText(text);
    const actor = userRefOf(options.credentials);
    await this.#changes.transaction(async tx => {
      await this.#models.lock(tx, model);
      const before = await this.#versions.getCard(ref, tx);
      if (before === text) return;
      checkReplaced(before, replaces);
      await this.#versions.setCard(tx, ref, {
        card: text,
        licence: licenceOfCard(card),
      });
      await this.#models.touch(tx, model);
      await this.#changes.record(tx, {
        action: 'card-changed',
        model,
        subject: String(version),
        actor,
        before: before === undefined ? undefined : entryOf(version, before),
        after: entryOf(version, text),
        announce: [{ type: 'model-changed', model, action: 'version-changed' }],
      });
    });
    return card;
  }

  /** As clients of Hugging Face load it. Throws a ConflictError while its front matter cannot be read. */
  async export(ref: VersionRef, options: CallOptions): Promise<string> {
    const version = await this.#readable.get(ref, options);
    const text = await this.#versions.getCard(ref);
    const card = text === undefined ? undefined : readCard(text);
    if (card?.problem) {
      throw new ConflictError(
        `The card of version ${ref.version} of model '${ref.model}' cannot be exported: ${card.problem}. Put a card without the mistake first`,
      );
    }
    return writeCard({
      model: await this.#models.get(ref.model),
      version,
      evaluations: await this.#evaluations.listNewest(ref),
      card,
    });
  }
}

function checkText(text: string): ModelCard {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_CARD_BYTES) {
    throw new InputError(
      `text: a model card has at most ${MAX_CARD_BYTES} bytes, and this has ${bytes}`,
    );
  }
  if (!isCardText(text)) {
    throw new InputError('text: expected a text in UTF-8 without zeros');
  }
  const card = toCard(text);
  if (card.problem) throw new InputError(`text: ${card.problem}`);
  return card;
}

function checkReplaced(
  before: string | undefined,
  replaces: NewCard['replaces'],
): void {
  if (replaces === undefined) return;
  const digest = before === undefined ? null : digestOf(before);
  if (digest === replaces) return;
  throw new ConflictError(
    'replaces: somebody has written another card meanwhile: read it, and write yours once more over it',
  );
}

function toCard(text: string): ModelCard {
  const { document: _document, ...card } = readCard(text);
  return { ...card, digest: digestOf(text) };
}

function digestOf(text: string): Digest {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The text itself would fill the audit log. */
function entryOf(version: number, text: string) {
  return {
    version,
    digest: digestOf(text),
    licence: licenceOfCard(readCard(text)),
  };
}
