import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AttemptFolder, type AttemptOrder } from './AttemptFolder';

/** Where things lie below the folder of training on this machine. */
export class LocalPlaces {
  readonly #directory: string;

  /** @param directory - absolute path */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** A folder for each attempt. */
  get attempts(): string {
    return join(this.#directory, 'attempts');
  }
  /** Folders of attempts that are being filled. */
  get incoming(): string {
    return join(this.#directory, 'incoming');
  }
  /** A folder for each job. */
  get checkpoints(): string {
    return join(this.#directory, 'checkpoints');
  }
  /** A home for each team's programs: what they download is kept there. */
  get homes(): string {
    return join(this.#directory, 'homes');
  }
  /** Environments of Python. */
  get python(): string {
    return join(this.#directory, 'python');
  }
  /** What is being removed. */
  get trash(): string {
    return join(this.#directory, 'trash');
  }
  /** Touched while there is a control plane. */
  get aliveFile(): string {
    return join(this.#directory, 'alive');
  }

  homeOf(team: string): string {
    return join(this.homes, encodeURIComponent(team));
  }

  /** @param name - as {@link AttemptFolder.nameOf} gives it */
  folderOf(name: string): AttemptFolder {
    return new AttemptFolder(join(this.attempts, name));
  }

  /** What the programs that have not ended were told. */
  async ordersOfRunning(): Promise<AttemptOrder[]> {
    const orders = await Promise.all(
      (
        await readdir(this.attempts)
      ).map(async name => {
        const folder = this.folderOf(name);
        // One that cannot be read is in nobody's way.
        if (await folder.result().catch(() => undefined)) return [];
        const order = await folder.order().catch(() => undefined);
        return order ? [order] : [];
      }),
    );
    return orders.flat();
  }
}
