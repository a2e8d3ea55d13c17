import type {
  AccessDocument,
  KeyGrant,
} from '@greenroom/plugin-ai-inference-common';

/** A key that is new or has changed. */
export interface KeyChange {
  changeId: number;
  id: string;
  /** Undefined once it was revoked. */
  grant?: KeyGrant;
}

/** Changes that are remembered; who was away for longer gets all keys. */
const MAX_CHANGES = 20_000;

/**
 * All keys in memory, with their changes since this process began to look. Documents are made
 * of it as text, once for all data planes that ask the same.
 */
export class AccessLog {
  readonly #grants = new Map<string, KeyGrant>();
  #changes: KeyChange[];
  /** Changes after this one are remembered. */
  #base: number;
  #last: number;
  /** By `since` and environment. */
  readonly #texts = new Map<string, string>();

  /**
   * @param changes - of all keys that are good now
   * @param last - number up to which changes are in there
   */
  constructor(changes: readonly KeyChange[], last: number) {
    for (const { id, grant } of changes) {
      if (grant) this.#grants.set(id, grant);
    }
    this.#changes = [];
    this.#base = last;
    this.#last = last;
  }

  get last(): number {
    return this.#last;
  }

  /** @param changes - in order, after the last one */
  append(changes: readonly KeyChange[]): void {
    for (const change of changes) {
      const { id, grant, changeId } = change;
      if (grant) this.#grants.set(id, grant);
      else this.#grants.delete(id);
      this.#changes.push(change);
      this.#last = Math.max(this.#last, changeId);
    }
    if (changes.length > 0) this.#texts.clear();
    if (this.#changes.length > MAX_CHANGES) {
      const forgotten = this.#changes.splice(0, this.#changes.length / 2);
      this.#base = forgotten[forgotten.length - 1].changeId;
    }
  }

  /**
   * The document for who has read up to `since`, as JSON; undefined when nothing has changed.
   *
   * @param since - undefined for all keys
   */
  textSince(
    environment: string,
    since: number | undefined,
    now: Date,
  ): string | undefined {
    if (since === this.#last) return undefined;
    const cacheKey = `${environment}/${since}`;
    let text = this.#texts.get(cacheKey);
    if (text === undefined) {
      text = JSON.stringify(this.#document(environment, since, now));
      this.#texts.set(cacheKey, text);
    }
    return text;
  }

  #document(
    environment: string,
    since: number | undefined,
    now: Date,
  ): AccessDocument {
    const common = {
      formatVersion: 2 as const,
      environment,
      cursor: String(this.#last),
    };
    const isRemembered =
      since !== undefined && since >= this.#base && since <= this.#last;
    if (!isRemembered) {
      const keys = [...this.#grants.values()].filter(
        ({ expiresAt }) =>
          expiresAt === undefined || Date.parse(expiresAt) > now.getTime(),
      );
      return { ...common, content: 'all', keys, revoked: [] };
    }
    const ids = new Set(this.#changesAfter(since).map(({ id }) => id));
    const keys: KeyGrant[] = [];
    const revoked: string[] = [];
    for (const id of ids) {
      const grant = this.#grants.get(id);
      if (grant) keys.push(grant);
      else revoked.push(id);
    }
    return { ...common, content: 'changes', keys, revoked };
  }

  #changesAfter(since: number): KeyChange[] {
    let start = this.#changes.length;
    while (start > 0 && this.#changes[start - 1].changeId > since) start--;
    return this.#changes.slice(start);
  }
}
