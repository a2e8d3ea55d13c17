import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { GpuUsage } from '../../../backends/TrainingBackend';
import type { SeenAttempt } from '../SeenAttempt';
import { indexOf } from '../readStatus';
import { type GpuReading, readGpuText } from './readGpuText';

const READ_MILLIS = 15_000;
/** Exporters that are away are asked again after a while. */
const ASK_AGAIN_MILLIS = 60_000;
const ANSWER_MILLIS = 5_000;
const MOST_ANSWER_BYTES = 8 * 1024 ** 2;
const MOST_EXPORTERS = 1_000;
const AT_ONCE = 16;
const MOST_GPUS = 64;

/**
 * What GPUs of pods do, as NVIDIA's exporter on each node tells it. The address is that of all of them: a Service without
 * an address of its own has a name with theirs.
 */
export class GpuExporters {
  readonly #url: URL;
  readonly #namespace: string;
  readonly #logger: LoggerService;
  #readings: GpuReading[] = [];
  #askMillis = -Infinity;
  #isReading = false;
  #trouble: string | undefined;

  constructor(options: {
    /** Such as http://dcgm-exporter.gpu-operator:9400/metrics */
    url: string;
    namespace: string;
    logger: LoggerService;
  }) {
    this.#url = new URL(options.url);
    this.#namespace = options.namespace;
    this.#logger = options.logger;
  }

  /** Of each GPU of an attempt, those of its first program first; undefined where nothing is known. */
  of({ pods }: SeenAttempt): GpuUsage[] | undefined {
    const byIndex = [...pods].sort((a, b) => indexOf(a) - indexOf(b));
    const usages = byIndex.flatMap(({ metadata }) =>
      this.#readings
        .filter(({ pod }) => pod === metadata?.name)
        .sort((a, b) => a.device.localeCompare(b.device, 'en'))
        .map(({ utilizationPercent, memoryBytes }) => ({
          utilizationPercent,
          memoryBytes,
        })),
    );
    return usages.length === 0 ? undefined : usages.slice(0, MOST_GPUS);
  }

  /** Has them read anew, where some attempt runs and it is time. */
  async read(all: readonly SeenAttempt[]): Promise<void> {
    const isAsked = all.some(seen => seen.observed.state.phase === 'running');
    const isDue = performance.now() >= this.#askMillis && !this.#isReading;
    if (!isAsked || !isDue) return;
    this.#isReading = true;
    try {
      const addresses = await this.#addresses();
      const { readings, failures } = await this.#readAll(addresses);
      this.#readings = readings;
      this.#tell(
        failures.length === 0
          ? undefined
          : `${failures.length} of ${addresses.length} do not answer: ${failures[0]}`,
      );
      const areAllAway = failures.length === addresses.length;
      this.#askMillis =
        performance.now() + (areAllAway ? ASK_AGAIN_MILLIS : READ_MILLIS);
    } catch (error) {
      this.#readings = [];
      this.#tell(toError(error).message);
      this.#askMillis = performance.now() + ASK_AGAIN_MILLIS;
    } finally {
      this.#isReading = false;
    }
  }

  async #addresses(): Promise<string[]> {
    const host = this.#url.hostname.replace(/^\[|\]$/g, '');
    const found = await lookup(host, { all: true });
    return [...new Set(found.map(({ address }) => address))].slice(
      0,
      MOST_EXPORTERS,
    );
  }

  /** One that is away leaves out its GPUs, and no others. */
  async #readAll(
    addresses: readonly string[],
  ): Promise<{ readings: GpuReading[]; failures: string[] }> {
    const readings: GpuReading[] = [];
    const failures: string[] = [];
    const left = [...addresses];
    const work = async () => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) {
        try {
          const text = await ask(this.#url, one);
          readings.push(
            ...readGpuText(text).filter(
              ({ namespace }) => namespace === this.#namespace,
            ),
          );
        } catch (error) {
          failures.push(toError(error).message);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return { readings, failures };
  }

  /** Once, until it is another one. */
  #tell(trouble: string | undefined): void {
    if (trouble !== undefined && this.#trouble === undefined) {
      this.#logger.warn(
        `What GPUs do is not known (aiTraining.kubernetes[].gpuExporterUrl): ${trouble}`,
      );
    }
    this.#trouble = trouble;
  }
}

/** Asks one of the addresses of a name. */
async function ask(url: URL, address: string): Promise<string> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return await new Promise((resolve, reject) => {
    const asked = send(
      {
        host: address,
        port: url.port || undefined,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host },
        servername: url.hostname,
        signal: AbortSignal.timeout(ANSWER_MILLIS),
      },
      answer => {
        if (answer.statusCode !== 200) {
          answer.destroy();
          reject(new Error(`${address} answers ${answer.statusCode}`));
          return;
        }
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (bytes <= MOST_ANSWER_BYTES) return;
          answer.destroy();
          reject(
            new Error(
              `${address} answers more than ${MOST_ANSWER_BYTES} bytes`,
            ),
          );
        });
        answer.once('error', reject);
        answer.once('end', () => resolve(Buffer.concat(chunks).toString()));
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}
