import type { Connection } from '@greenroom/plugin-ai-registry-common';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROGRAM = join(
  __dirname,
  '../../../../../../scripts/drills/lib/smallControlPlane.mjs',
);

/** The environment that it has. */
export const SERVED_ENVIRONMENT = 'production';
/** What may call its models. */
export const KEY = 'gr_served';

/** As much of a control plane as real data planes need, in a process of its own. */
export class SmallControlPlane {
  readonly url: string;
  readonly #child: ChildProcess;

  static async start(): Promise<SmallControlPlane> {
    const child = fork(PROGRAM, [KEY], { execArgv: [] });
    const [{ port }] = await once(child, 'message');
    return new SmallControlPlane(child, `http://127.0.0.1:${port}`);
  }

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  async publish(
    models: (
      | { model: string; file: string; signature: unknown }
      | {
          model: string;
          external: { descriptor: object; connection: Connection };
        }
    )[],
  ): Promise<void> {
    this.#child.send({ models });
    await once(this.#child, 'message');
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
