// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { readVersion } from '../../scripts/demo/demoModels.mjs';
import { OWNER, TOKEN } from '../control-plane/stack.mjs';

/** What the benchmark's token may do besides reading. */
export const SCOPES = [
  { permission: 'ai-registry.model.create' },
  { permission: 'ai-registry.model.promote' },
];

/** Calls of the control plane's API. */
export class Api {
  #url;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /**
   * @param {string} route
   * @param {{ body?: object, bytes?: Buffer, method?: string }} [options]
   */
  async call(route, { body, bytes, method } = {}) {
    const response = await fetch(`${this.#url}/api${route}`, {
      method: method ?? (body || bytes ? 'POST' : 'GET'),
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(bytes && { 'content-type': 'application/octet-stream' }),
      },
      body: /** @type {RequestInit['body']} */ (
        bytes ?? (body && JSON.stringify(body))
      ),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${route}: ${response.status} ${text.slice(0, 500)}`);
    }
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Registers versions of a model of the demo. */
  async register(name, versions) {
    await until(
      'the catalog has the owner',
      async () => {
        const route = '/catalog/entities/by-query?filter=kind=group&limit=1';
        return (await this.call(route)).totalItems > 0;
      },
      { seconds: 120 },
    );
    await this.call('/ai-registry/models', {
      body: { name, task: 'regression', owner: OWNER },
    });
    for (const number of versions) {
      const { artifact, body } = readVersion(name, number);
      await this.call('/ai-registry/artifacts', { bytes: artifact });
      await this.call(`/ai-registry/models/${name}/versions`, { body });
    }
  }

  promote({ model, version }) {
    return this.call('/ai-registry/promotions', {
      body: {
        model,
        version,
        environment: 'production',
        reason: 'A benchmark.',
        rollout: { strategy: 'immediate', steps: [] },
      },
    });
  }
}

/**
 * @template T
 * @param {string} what
 * @param {() => Promise<T | undefined | false>} look
 * @param {{ seconds: number, pauseMillis?: number }} options
 * @returns {Promise<T>}
 */
export async function until(what, look, { seconds, pauseMillis = 100 }) {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`it did not happen that ${what}`);
    await sleep(pauseMillis);
  }
}
