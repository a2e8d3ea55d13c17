import type { KeyGrant, KeyScope } from '@greenroom/plugin-ai-inference-common';
import type { Caller } from '../domain/Admission';
import { InferenceError } from '../domain/InferenceError';
import { KeyRing } from './KeyRing';
import { ScopeMissingError } from './ScopeMissingError';

/**
 * Asks callers for a key that the control plane has told of. Until the first keys are there,
 * nobody can be told that theirs is wrong.
 */
export class KeyGuard {
  readonly #now: () => number;
  /** Undefined before the first ones. */
  #keys: KeyRing | undefined;
  /** Ids of the keys that were used since somebody last asked. */
  #used = new Set<string>();

  /** @param now - milliseconds since the epoch */
  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** Takes all keys, or what has changed about them; from here on these are good. */
  applyAccess(access: {
    content: 'all' | 'changes';
    keys: readonly KeyGrant[];
    /** Ids of those that are good no more. */
    revoked: readonly string[];
  }): void {
    if (access.content === 'all' || !this.#keys) this.#keys = new KeyRing();
    this.#keys.change(access);
  }

  /**
   * @throws InferenceError `unauthenticated` without a key, or with one that is unknown or
   *   has expired; `not-ready` before the first keys.
   */
  authenticate(credential: string | undefined): Caller {
    if (credential === undefined || credential === '') {
      throw new InferenceError(
        'unauthenticated',
        'a key is needed: send it as "Authorization: Bearer gr_..." or "X-API-Key: gr_..."',
      );
    }
    if (this.#keys === undefined) {
      throw new InferenceError(
        'not-ready',
        'the server is starting and has no keys yet: try again in a moment',
      );
    }
    const grant = this.#keys.find(credential);
    if (grant === undefined) {
      throw new InferenceError(
        'unauthenticated',
        'the key is unknown or was revoked: issue one in the portal, under Inference',
      );
    }
    if (grant.expiresAtMillis <= this.#now()) {
      throw new InferenceError(
        'unauthenticated',
        `the key "${grant.name}" expired at ${new Date(
          grant.expiresAtMillis,
        ).toISOString()}`,
      );
    }
    this.#used.add(grant.id);
    return grant;
  }

  /** Ids of the keys that were used since this was called before. */
  takeUsedKeys(): string[] {
    const taken = [...this.#used];
    this.#used = new Set();
    return taken;
  }

  /** Takes back ids whose report did not arrive. */
  giveBackUsedKeys(ids: readonly string[]): void {
    for (const id of ids) this.#used.add(id);
  }

  /** @throws InferenceError `forbidden` when the key is not for this model. */
  authorize(caller: Caller, model: string): void {
    if (!caller.mayCall(model)) {
      throw new InferenceError(
        'forbidden',
        `the key "${caller.name}" may not call model "${model}"`,
      );
    }
  }

  /** @throws ScopeMissingError */
  requireScope(caller: Caller, scope: KeyScope): void {
    if (!caller.has(scope)) throw new ScopeMissingError(caller.name, scope);
  }
}
