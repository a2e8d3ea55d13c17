import type { AttemptEnd } from '@greenroom/plugin-ai-training-common';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptId, AttemptUsage } from '../../backends/TrainingBackend';
import type { ProcessIdentity } from './processIdentity';

const NAME_PATTERN = /^([0-9A-Za-z-]{1,64})\.(\d{1,6})$/;

/** What the program that watches over an attempt is told: `attempt.json`. */
export interface AttemptOrder {
  /** Of no other attempt. */
  marker: string;
  command: string[];
  /** Without the token. */
  environment: Record<string, string>;
  deadlineSeconds: number;
  memoryLimitBytes?: number;
  /** Numbers of those that it may use; all of them where it is left out. */
  processors?: number[];
  /** The control plane touches it while it is there. */
  aliveFile: string;
  /** After so long without a control plane the program is ended. */
  awaySeconds: number;
  log: { partBytes: number; keptParts: number };
  /** Folder of the Python packages that it uses. */
  pythonEnvironment?: string;
}

/** `status.json`. */
export interface AttemptStatus {
  startedAt: string;
  usage?: AttemptUsage;
}

/** `result.json`. */
export interface AttemptResult {
  end: AttemptEnd;
  startedAt?: string;
}

/** Files of one attempt, which its program and the control plane speak by; `workers/attempt/main.js` has the other side. */
export class AttemptFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static nameOf({ job, number }: AttemptId): string {
    return `${job}.${number}`;
  }

  /** Undefined for what is no attempt's name. */
  static idOf(name: string): AttemptId | undefined {
    const [, job, number] = NAME_PATTERN.exec(name) ?? [];
    return job === undefined ? undefined : { job, number: Number(number) };
  }

  get source(): string {
    return join(this.path, 'source');
  }
  get log(): string {
    return join(this.path, 'log');
  }
  get tokenFile(): string {
    return join(this.path, 'token');
  }
  datasetFolder(name: string): string {
    return join(this.path, 'datasets', encodeURIComponent(name));
  }

  order = () => this.#read<AttemptOrder>('attempt.json');
  runner = () => this.#read<ProcessIdentity>('runner.json');
  status = () => this.#read<AttemptStatus>('status.json');

  /** Undefined while it has not ended. */
  async result(): Promise<AttemptResult | undefined> {
    return this.#read<AttemptResult>('result.json');
  }

  async writeOrder(order: AttemptOrder): Promise<void> {
    await this.#write('attempt.json', JSON.stringify(order));
  }
  async writeToken(token: string): Promise<void> {
    await this.#write('token', token);
  }
  async writeStop(graceSeconds: number): Promise<void> {
    await this.#write('stop.json', JSON.stringify({ graceSeconds }));
  }
  async writeResult(result: AttemptResult): Promise<void> {
    await this.#write('result.json', JSON.stringify(result));
  }

  async #read<T>(name: string): Promise<T | undefined> {
    let text: string;
    try {
      text = await readFile(join(this.path, name), 'utf8');
    } catch (error) {
      if (Object(error).code === 'ENOENT') return undefined;
      throw error;
    }
    return JSON.parse(text);
  }

  /** Whoever reads it sees all of it or nothing. */
  async #write(name: string, text: string): Promise<void> {
    const next = join(this.path, `${name}.next`);
    await writeFile(next, text, { mode: 0o600 });
    await rename(next, join(this.path, name));
  }
}
