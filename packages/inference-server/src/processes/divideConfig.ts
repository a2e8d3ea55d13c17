import { ConfigError, type Config } from '../config';

/** Bounds of the server as a whole, each with its setting and whether 0 is no share but a word of its own. */
const BOUNDS = {
  maxRequestsInFlight: 'GREENROOM_MAX_REQUESTS_IN_FLIGHT',
  maxBytesInFlight: 'GREENROOM_MAX_BYTES_IN_FLIGHT',
  maxModelRequestsInFlight: 'GREENROOM_MAX_MODEL_REQUESTS_IN_FLIGHT',
  maxModelBytesInFlight: 'GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT',
  recordsMaxBuffered: 'GREENROOM_RECORDS_MAX_BUFFERED',
  recordsSpoolBytes: 'GREENROOM_RECORDS_SPOOL_BYTES',
  modelMemoryBytes: 'GREENROOM_MODEL_MEMORY_BYTES',
} as const satisfies Partial<Record<keyof Config, string>>;

/** A process that has room for less could not take one body of a size that is allowed. */
const HOLD_A_BODY = ['maxBytesInFlight', 'maxModelBytesInFlight'] as const;

const boundNames = Object.keys(BOUNDS) as (keyof typeof BOUNDS)[];

/**
 * The settings of one of the serving processes: what bounds the whole server is divided, so that all
 * of them together never have more. Of threads each has one at least.
 *
 * @throws ConfigError where a share would be nothing, or refuse what the whole server would take.
 */
export function divideConfig(config: Config): Config {
  const { processes } = config;
  if (processes === 1) return config;
  const sentences: string[] = [];
  const shares = boundNames.map(name => {
    const share = Math.floor(config[name] / processes);
    if (config[name] > 0 && share === 0) {
      sentences.push(
        `${BOUNDS[name]} is ${config[name]}: expected at least ${processes}, 1 for each of the processes (GREENROOM_PROCESSES).`,
      );
    }
    return [name, share] as const;
  });
  for (const name of HOLD_A_BODY) {
    const needed = config.maxBodyBytes * processes;
    if (config[name] >= config.maxBodyBytes && config[name] < needed) {
      sentences.push(
        `${BOUNDS[name]} is ${config[name]}: expected at least ${needed}, room for one body (GREENROOM_MAX_BODY_BYTES) in each of ${processes} processes (GREENROOM_PROCESSES).`,
      );
    }
  }
  if (sentences.length > 0) throw new ConfigError(sentences);
  return {
    ...config,
    ...Object.fromEntries(shares),
    workerThreads: Math.max(1, Math.floor(config.workerThreads / processes)),
  };
}
