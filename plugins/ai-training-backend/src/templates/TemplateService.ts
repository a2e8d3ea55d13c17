import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError, InputError, toError } from '@backstage/errors';
import {
  type EntityDirectory,
  OWNER_KINDS,
  requireEntity,
  userRefOf,
} from '@greenroom/ai-node';
import type {
  TemplateLocation,
  TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type { TrainingChanges } from '../events/announcement';
import type { ReadTemplate, TemplateReader } from './TemplateReader';
import type { TemplateStore } from './TemplateStore';

/** Who is named where the configuration registers a template, or it is read again by itself. */
const SYSTEM = 'service:greenroom';

export interface TemplateService {
  list(options: CallOptions): Promise<TrainingTemplate[]>;
  /** @throws NotFoundError when there is none */
  get(name: string, options: CallOptions): Promise<TrainingTemplate>;
  /**
   * Reads it, and has it; one that is there from the same place is read again.
   *
   * @throws InputError that says what is wrong with it
   * @throws ConflictError when the name is that of another one
   */
  register(
    location: TemplateLocation,
    options: CallOptions,
  ): Promise<TrainingTemplate>;
  refresh(name: string, options: CallOptions): Promise<TrainingTemplate>;
  /** Its jobs stay. */
  delete(name: string, options: CallOptions): Promise<void>;
}

/** Does what it is asked; `AuthorizedTemplateService` asks whether it may. */
export class DefaultTemplateService implements TemplateService {
  readonly #store: TemplateStore;
  readonly #reader: TemplateReader;
  readonly #changes: TrainingChanges;
  readonly #directory: EntityDirectory;
  readonly #logger: LoggerService;
  /** Those that the configuration names. */
  readonly #configured: readonly TemplateLocation[];

  constructor(options: {
    store: TemplateStore;
    reader: TemplateReader;
    changes: TrainingChanges;
    directory: EntityDirectory;
    logger: LoggerService;
    configured: readonly TemplateLocation[];
  }) {
    this.#store = options.store;
    this.#reader = options.reader;
    this.#changes = options.changes;
    this.#directory = options.directory;
    this.#logger = options.logger;
    this.#configured = options.configured;
  }

  list(): Promise<TrainingTemplate[]> {
    return this.#store.list();
  }

  get(name: string): Promise<TrainingTemplate> {
    return this.#store.get(name);
  }

  async register(
    location: TemplateLocation,
    options: CallOptions,
  ): Promise<TrainingTemplate> {
    const read = await this.read(location);
    return this.keep(read, location, userRefOf(options.credentials));
  }

  async refresh(name: string, options: CallOptions): Promise<TrainingTemplate> {
    const known = await this.#store.get(name);
    return this.#readAgain(known, userRefOf(options.credentials));
  }

  async delete(name: string, options: CallOptions): Promise<void> {
    const actor = userRefOf(options.credentials);
    const { location } = await this.#store.get(name);
    if (location.type === 'file' && this.#isConfigured(location)) {
      throw new InputError(
        `The template '${name}' is in the portal's configuration: remove it there, from aiTraining.templates`,
      );
    }
    await this.#remove(name, actor);
  }

  async #remove(name: string, actor: string): Promise<void> {
    await this.#changes.transaction(async tx => {
      const before = await this.#store.get(name, tx);
      await this.#store.delete(tx, name);
      await this.#changes.record(tx, {
        action: 'training-template-deleted',
        actor,
        subject: name,
        owner: before.spec.owner,
        before,
        announce: [{ type: 'template-changed', template: name }],
      });
    });
  }

  #isConfigured({ target }: TemplateLocation): boolean {
    return this.#configured.some(one => one.target === target);
  }

  /** Reads what lies there, without having it. */
  async read(location: TemplateLocation): Promise<ReadTemplate> {
    const read = await this.#reader.read(location);
    if (!read) throw new Error(`nothing was read from ${location.target}`);
    return read;
  }

  /** Has what was read. */
  async keep(
    read: ReadTemplate,
    location: TemplateLocation,
    actor: string,
  ): Promise<TrainingTemplate> {
    const { name, owner } = read.spec;
    // Those of the configuration are read when the portal starts, before the catalog knows anybody.
    if (location.type === 'url') {
      await requireEntity(this.#directory, {
        field: 'spec.owner',
        entityRef: owner,
        kinds: OWNER_KINDS,
      });
    }
    const [known] = await this.#store.getMany([name]);
    // Who has the name has its jobs: what they wrote and keep, and what their programs may read.
    if (known && known.spec.owner !== owner && location.type === 'url') {
      throw new ConflictError(
        `metadata.name: '${name}' is, or was, a template of '${known.spec.owner}', and has jobs of theirs: choose another name`,
      );
    }
    return this.#changes.transaction(async tx => {
      const before = await this.#store.find(name, tx);
      if (before && before.location.target !== location.target) {
        throw new ConflictError(
          `metadata.name: there is a template '${name}' already, from ${before.location.target}: choose another name`,
        );
      }
      await this.#store.put(tx, { ...read, location, actor });
      const after = await this.#store.get(name, tx);
      await this.#changes.record(tx, {
        action: before
          ? 'training-template-updated'
          : 'training-template-registered',
        actor,
        subject: name,
        owner,
        ...(before && { before }),
        after,
        announce: [{ type: 'template-changed', template: name }],
      });
      return after;
    });
  }

  /** Registers what the configuration names, removes what it named once, and reads all again; one that fails keeps what it had. */
  async readAll(signal: AbortSignal): Promise<void> {
    const known = await this.#store.list();
    for (const location of this.#configured) {
      if (signal.aborted) return;
      if (known.some(one => one.location.target === location.target)) continue;
      try {
        await this.keep(await this.read(location), location, SYSTEM);
      } catch (error) {
        this.#logger.warn(
          `The training template ${location.target} cannot be read: ${
            toError(error).message
          }`,
        );
      }
    }
    for (const template of known) {
      if (signal.aborted) return;
      const { location, spec } = template;
      try {
        if (location.type === 'file' && !this.#isConfigured(location)) {
          await this.#remove(spec.name, SYSTEM);
          continue;
        }
        await this.#readAgain(template, SYSTEM);
      } catch {
        // It is told where the template is shown.
      }
    }
  }

  async #readAgain(
    known: TrainingTemplate,
    actor: string,
  ): Promise<TrainingTemplate> {
    const { location, revision, spec, sourceDigest } = known;
    try {
      const read = await this.#reader.read(location, { known: revision });
      const isSame =
        !read ||
        (read.sourceDigest === sourceDigest && read.revision === revision);
      if (isSame) {
        await this.#store.setProblem(spec.name, null);
        return await this.#store.get(spec.name);
      }
      if (read.spec.name !== spec.name) {
        throw new InputError(
          `metadata.name: expected '${spec.name}', which it was registered as, got '${read.spec.name}': register it anew`,
        );
      }
      // Whoever may change the file does not thereby spend what belongs to others.
      if (read.spec.owner !== spec.owner && location.type === 'url') {
        throw new InputError(
          `spec.owner: expected '${spec.owner}', which it was registered for, got '${read.spec.owner}': its jobs belong to '${spec.owner}', so that another owner registers it under another name`,
        );
      }
      return await this.keep(read, location, actor);
    } catch (error) {
      await this.#store.setProblem(spec.name, toError(error).message);
      throw error;
    }
  }
}
