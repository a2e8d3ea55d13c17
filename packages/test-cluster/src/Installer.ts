import {
  ApiextensionsV1Api,
  type KubeConfig,
  KubernetesObjectApi,
  loadAllYaml,
} from '@kubernetes/client-node';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MILLIS = 200;
const LIMIT_MILLIS = 60_000;

/** Makes in a cluster what others publish as files. What is there already stays as it is. */
export class Installer {
  readonly #config: KubeConfig;

  constructor(config: KubeConfig) {
    this.#config = config;
  }

  /** The kinds of a folder, until they are served: a manager that is started before that ends. */
  async installKinds(
    folder: string,
    change?: (object: any) => any,
  ): Promise<void> {
    for (const file of await readdir(folder)) {
      const isKind = file.endsWith('.yaml') && !/^kustom/.test(file);
      if (isKind) await this.applyFile(join(folder, file), change);
    }
    await this.#untilServed(folder);
  }

  async applyFile(
    file: string,
    change: (object: any) => any = object => object,
  ): Promise<void> {
    const text = await readFile(file, 'utf8');
    for (const object of loadAllYaml(text)) {
      if (object) await this.apply(change(object));
    }
  }

  /** A kind may be served a moment after it was made. */
  async apply(object: any): Promise<void> {
    const objects = this.#config.makeApiClient(KubernetesObjectApi);
    const endMillis = performance.now() + LIMIT_MILLIS;
    for (;;) {
      try {
        await objects.create(object);
        return;
      } catch (error) {
        if (performance.now() > endMillis) throw error;
        if (Object(error).code === 409) return;
        if (![404, 500, undefined].includes(Object(error).code)) throw error;
        await sleep(LOOK_AGAIN_MILLIS);
      }
    }
  }

  async #untilServed(folder: string): Promise<void> {
    const kinds = this.#config.makeApiClient(ApiextensionsV1Api);
    const endMillis = performance.now() + LIMIT_MILLIS;
    for (;;) {
      const { items } = await kinds.listCustomResourceDefinition();
      const isServed = items.every(({ status }) =>
        status?.conditions?.some(
          one => one.type === 'Established' && one.status === 'True',
        ),
      );
      if (isServed) return;
      if (performance.now() > endMillis) {
        throw new Error(`the kinds of ${folder} are not served`);
      }
      await sleep(LOOK_AGAIN_MILLIS);
    }
  }
}
