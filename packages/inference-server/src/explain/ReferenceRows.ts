import type {
  ReferenceArtifact,
  StoredReference,
} from '@greenroom/plugin-ai-inference-common';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorMessage } from '../errors';
import { InferenceError } from '../domain/InferenceError';
import type { ArtifactCache } from '../snapshot/ArtifactCache';

const storedSchema: z.ZodType<StoredReference> = z.object({
  formatVersion: z.literal(1),
  features: z.array(z.string()),
  rows: z.array(
    z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])),
  ),
  predictions: z.array(z.union([z.number(), z.string()])),
});

/** The rows that were kept of a version when it was registered; fetched when they are first needed. */
export class ReferenceRows {
  readonly #artifacts: Pick<ArtifactCache, 'ensure'>;
  readonly #read = new WeakMap<object, Promise<StoredReference>>();

  constructor(options: { artifacts: Pick<ArtifactCache, 'ensure'> }) {
    this.#artifacts = options.artifacts;
  }

  /** @throws InferenceError `not-ready` when they cannot be had now */
  async get(
    reference: ReferenceArtifact,
    signal: AbortSignal,
  ): Promise<StoredReference> {
    let read = this.#read.get(reference);
    if (read === undefined) {
      read = this.#fetch(reference, signal);
      this.#read.set(reference, read);
    }
    try {
      return await read;
    } catch (error) {
      this.#read.delete(reference);
      throw new InferenceError(
        'not-ready',
        `the version's reference rows could not be fetched (${errorMessage(
          error,
        )}): try again later, or send a "background"`,
        error,
      );
    }
  }

  async #fetch(
    reference: ReferenceArtifact,
    signal: AbortSignal,
  ): Promise<StoredReference> {
    const file = await this.#artifacts.ensure(reference, { signal });
    return storedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  }
}
