import type {
  AnswerOptions,
  LanguageAnswer,
  LanguageModel,
  LanguageTask,
  LanguageTasks,
} from '../domain/LanguageModel';
import type { ConnectionAnswer } from '../connections/Connection';
import type { ConnectionLease } from '../connections/Connections';
import type { UpstreamService } from '../connections/UpstreamService';
import type { TokenEstimate } from '../domain/tokenUse';
import type { Asked, Dialect } from '../providers/Provider';
import { ProviderError } from '../providers/ProviderError';
import { applyDescriptor } from './applyDescriptor';
import type { ExternalDescriptor } from '@greenroom/bundle-file';
import { estimateTokens } from './estimateTokens';
import { explainFailure } from './explainFailure';
import { readChunks } from './readChunks';

/** Largest answer that comes as a whole: embeddings of a full request have about this size. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** A model behind a connection: translates, sends, and translates back. */
export class ExternalLanguageModel implements LanguageModel {
  readonly tasks: ReadonlySet<LanguageTask>;
  readonly #lease: ConnectionLease;
  readonly #descriptor: ExternalDescriptor;

  /** @throws Error when a service of the connection does not do one of the tasks */
  constructor(options: {
    /** Given back with the version. */
    lease: ConnectionLease;
    descriptor: ExternalDescriptor;
  }) {
    const { lease, descriptor } = options;
    for (const { service } of lease.connection.upstreams) {
      const missing = descriptor.tasks.find(
        task => service.provider.dialects[task] === undefined,
      );
      if (missing === undefined) continue;
      void lease.release();
      throw new Error(
        `the connection "${service.name}" is of the kind ${service.kind}, which does not answer the task "${missing}"`,
      );
    }
    this.tasks = new Set(descriptor.tasks);
    this.#lease = lease;
    this.#descriptor = descriptor;
  }

  async answer<T extends LanguageTask>(
    task: T,
    asked: LanguageTasks[T]['request'],
    options: AnswerOptions,
  ): Promise<LanguageAnswer<T>> {
    const { connection } = this.#lease;
    const request = applyDescriptor(task, asked, this.#descriptor);
    const model = { name: this.#descriptor.model };
    let begun: ConnectionAnswer;
    try {
      begun = await connection.send({
        model: model.name,
        encode: service => dialectOf(service, task).encode(request, model),
        signal: options.signal,
        affinity: options.affinity,
        isCopy: options.isCopy,
      });
    } catch (error) {
      throw this.#explain(error);
    }
    const dialect = dialectOf(begun.service, task);
    return this.#read(begun, dialect, { request, model }, options);
  }

  estimate<T extends LanguageTask>(
    task: T,
    asked: LanguageTasks[T]['request'],
  ): TokenEstimate {
    return estimateTokens(task, applyDescriptor(task, asked, this.#descriptor));
  }

  release(): Promise<void> {
    return this.#lease.release();
  }

  async #read<T extends LanguageTask>(
    { service, response, end }: ConnectionAnswer,
    dialect: Dialect<T>,
    asked: Asked<T>,
    { hold }: AnswerOptions,
  ): Promise<LanguageAnswer<T>> {
    const explain = (error: unknown) => {
      end(error);
      return this.#explain(error, service);
    };
    const { request } = asked;
    const streams = 'stream' in request && request.stream === true;
    if (!streams) {
      try {
        const bytes = await response.body.read(MAX_ANSWER_BYTES, hold);
        const answer = dialect.decode(parse(bytes), asked);
        end();
        return { kind: 'whole', ...answer };
      } catch (error) {
        throw explain(error);
      }
    }
    const decoder = dialect.createStreamDecoder(asked);
    const chunks = readChunks({
      body: response.body,
      framing: dialect.framing,
      decoder,
      explain,
      onWhole: () => end(),
    });
    return { kind: 'stream', chunks, tokens: () => decoder.tokens };
  }

  #explain(
    error: unknown,
    { name }: { name: string } = this.#lease.connection,
  ): Error {
    const { connection } = this.#lease;
    return explainFailure(error, {
      name,
      redact: text => connection.redact(text),
    });
  }
}

function dialectOf<T extends LanguageTask>(
  { provider }: UpstreamService,
  task: T,
): Dialect<T> {
  const dialect: Dialect<T> | undefined = provider.dialects[task];
  if (dialect === undefined) throw new Error(`no dialect for ${task}`);
  return dialect;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new ProviderError(
      'the provider answered with something else than JSON',
      { status: 502, cause: error },
    );
  }
}
