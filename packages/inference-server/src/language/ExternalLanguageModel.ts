import { InferenceError } from '../domain/InferenceError';
import type {
  LanguageAnswer,
  LanguageModel,
  LanguageTask,
  LanguageTasks,
} from '../domain/LanguageModel';
import type { Dialect } from '../providers/Provider';
import type { ConnectionLease } from '../connections/Connections';
import { applyDescriptor } from './applyDescriptor';
import type { ExternalDescriptor } from '@greenroom/bundle-file';
import { explainFailure } from './explainFailure';
import { readChunks } from './readChunks';

/** Largest answer that comes as a whole: embeddings of a full request have about this size. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** A model behind a connection: translates, sends, and translates back. */
export class ExternalLanguageModel implements LanguageModel {
  readonly tasks: ReadonlySet<LanguageTask>;
  readonly #lease: ConnectionLease;
  readonly #descriptor: ExternalDescriptor;

  /** @throws Error when the connection's service does not do one of the tasks */
  constructor(options: {
    /** Given back with the version. */
    lease: ConnectionLease;
    descriptor: ExternalDescriptor;
  }) {
    const { lease, descriptor } = options;
    const { connection } = lease;
    const missing = descriptor.tasks.find(
      task => connection.provider.dialects[task] === undefined,
    );
    if (missing !== undefined) {
      void lease.release();
      throw new Error(
        `the connection "${connection.name}" is of the kind ${connection.kind}, which does not answer the task "${missing}"`,
      );
    }
    this.tasks = new Set(descriptor.tasks);
    this.#lease = lease;
    this.#descriptor = descriptor;
  }

  async answer<T extends LanguageTask>(
    task: T,
    asked: LanguageTasks[T]['request'],
    signal: AbortSignal,
  ): Promise<LanguageAnswer<T>> {
    const dialect = this.#lease.connection.provider.dialects[task];
    if (dialect === undefined) throw new Error(`no dialect for ${task}`);
    const request = applyDescriptor(task, asked, this.#descriptor);
    try {
      return await this.#send(dialect, request, signal);
    } catch (error) {
      throw explainFailure(error, this.#lease.connection);
    }
  }

  release(): Promise<void> {
    return this.#lease.release();
  }

  async #send<T extends LanguageTask>(
    dialect: Dialect<T>,
    request: LanguageTasks[T]['request'],
    signal: AbortSignal,
  ): Promise<LanguageAnswer<T>> {
    const asked = { request, model: { name: this.#descriptor.model } };
    const call = dialect.encode(request, asked.model);
    const response = await this.#lease.connection.send(call, signal);
    const streams = 'stream' in request && request.stream === true;
    if (!streams) {
      const bytes = await response.body.read(MAX_ANSWER_BYTES);
      return { kind: 'whole', ...dialect.decode(parse(bytes), asked) };
    }
    const decoder = dialect.createStreamDecoder(asked);
    const chunks = readChunks({
      body: response.body,
      framing: dialect.framing,
      decoder,
      explain: error => explainFailure(error, this.#lease.connection),
    });
    return { kind: 'stream', chunks, tokens: () => decoder.tokens };
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new InferenceError(
      'bad-gateway',
      'the provider answered with something else than JSON',
      error,
    );
  }
}
