import type { ClusterClient } from '@greenroom/cluster-client';
import type { V1Pod } from '@kubernetes/client-node';
import type { LogPart } from '../../backends/TrainingBackend';
import { firstToFail } from './describeEnd';
import { hasEnded, indexOf, newestOfEachIndex, trainerOf } from './readStatus';
import { LogSpool } from './LogSpool';
import { PodLog } from './PodLog';
import { PROGRAM_CONTAINERS, TRAINER_CONTAINER } from './objects/containers';

const OTHER_LINES = 1_000;
const OTHER_BYTES = 256 * 1024;

export interface AttemptLogOptions {
  client: Pick<ClusterClient, 'followLog' | 'log'>;
  namespace: string;
  folder: string;
  /** As the cluster has told of it last; undefined where it is gone. */
  findPod(name: string): V1Pod | undefined;
  onTrouble(message: string): void;
}

/**
 * What an attempt has written: all of its first program, and after that the last lines of the one that has failed, where
 * it is another one.
 */
export class AttemptLog {
  readonly #options: AttemptLogOptions;
  readonly #spool: LogSpool;
  #first: PodLog | undefined;
  /** Name of the pod that `#first` is of. */
  #firstPod: string | undefined;
  #isComplete = false;
  #tending: Promise<void> = Promise.resolve();

  constructor(options: AttemptLogOptions) {
    this.#options = options;
    this.#spool = new LogSpool(options.folder);
  }

  /** Follows what there is to follow. */
  async tend(pods: readonly V1Pod[], isOver: boolean): Promise<void> {
    // One after the other: what is added at the end is added once.
    this.#tending = this.#tending.then(() => this.#tend(pods, isOver));
    await this.#tending;
  }

  async #tend(pods: readonly V1Pod[], isOver: boolean): Promise<void> {
    if (this.#isComplete) return;
    const newest = newestOfEachIndex(pods);
    const first = newest.find(pod => indexOf(pod) === 0);
    if (first && this.#isNext(first)) this.#follow(first);
    if (!isOver || (this.#first && !this.#first.isComplete)) return;
    const failed = firstToFail(newest);
    if (failed && indexOf(failed) !== 0 && hasBegun(failed)) {
      await this.#append(failed);
    }
    this.#isComplete = true;
  }

  async read(fromByte: number, mostBytes: number): Promise<LogPart> {
    const isComplete = this.#isComplete;
    const part = await this.#spool.read(fromByte, mostBytes);
    const end = part.fromByte + part.bytes.length;
    return { ...part, isEnd: isComplete && end >= this.#spool.endByte };
  }

  async stop(): Promise<void> {
    await this.#first?.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.#spool.remove();
  }

  /** There may be one after the other, where Kueue takes a place away and gives another one. */
  #isNext(pod: V1Pod): boolean {
    const isOther = pod.metadata?.name !== this.#firstPod;
    const isFree = !this.#first || this.#first.isComplete;
    return isOther && isFree && hasBegun(pod);
  }

  #follow(pod: V1Pod): void {
    const { client, namespace, findPod, onTrouble } = this.#options;
    const { name = '' } = pod.metadata ?? {};
    this.#firstPod = name;
    this.#first = new PodLog({
      client,
      namespace,
      pod: name,
      container: programOf(pod),
      spool: this.#spool,
      hasEnded: () => {
        const known = findPod(name);
        return (
          !known ||
          hasEnded(known) ||
          trainerOf(known)?.state?.terminated !== undefined
        );
      },
      onTrouble,
    });
    this.#first.start();
  }

  async #append(pod: V1Pod): Promise<void> {
    const { client, namespace, onTrouble } = this.#options;
    const { name = '' } = pod.metadata ?? {};
    try {
      const text = await client.log({
        namespace,
        name,
        container: programOf(pod),
        tailLines: OTHER_LINES,
        limitBytes: OTHER_BYTES,
        previous: false,
      });
      await this.#spool.append(
        Buffer.from(
          `\n--- The last lines of program ${indexOf(
            pod,
          )}, which has failed:\n${text}`,
        ),
      );
    } catch (error) {
      onTrouble(`the log of pod ${name} could not be read: ${error}`);
    }
  }
}

function hasBegun(pod: V1Pod): boolean {
  const { running, terminated } = trainerOf(pod)?.state ?? {};
  return running !== undefined || terminated !== undefined;
}

/** Name of the container that trains. */
function programOf({ spec }: V1Pod): string {
  const names = (spec?.containers ?? []).map(({ name }) => name);
  return (
    names.find(name => PROGRAM_CONTAINERS.includes(name)) ?? TRAINER_CONTAINER
  );
}
