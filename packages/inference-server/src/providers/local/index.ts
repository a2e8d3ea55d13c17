import { OpenAI } from 'openai';
import { boundedFetch } from '../openai/boundedFetch';
import { openAiDialects } from '../openai/dialects';
import { reasonOf } from '../openai/errors';
import { below, listModelsOf } from '../openai/OpenAiLikeProvider';
import type { UpstreamCall } from '../../upstream/Upstream';
import type {
  EncodedCall,
  ExplainedRefusal,
  OfferedModel,
  Provider,
  ProviderKind,
  Refusal,
} from '../Provider';
import { ProcessKeeper } from './ProcessKeeper';
import type { StartProgram } from './Program';
import { localSettings, type LocalSettings } from './settings';
import { startProgram } from './startProgram';

const MILLIS_PER_SECOND = 1_000;

/** Speaks OpenAI's API with a process that is there when it is needed. */
class LocalProvider implements Provider {
  readonly dialects: Provider['dialects'] = {
    chat: openAiDialects.chat,
    completions: openAiDialects.completions,
  };
  readonly #keeper: ProcessKeeper;

  constructor(keeper: ProcessKeeper) {
    this.#keeper = keeper;
  }

  async prepare(call: EncodedCall, signal: AbortSignal): Promise<UpstreamCall> {
    const { url, key } = await this.#keeper.use(signal);
    return {
      method: 'POST',
      url: below(`${url}/v1`, call.path),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${key}`,
      },
      body: JSON.stringify(call.body),
    };
  }

  explain({ body }: Refusal): ExplainedRefusal {
    return { reason: reasonOf(body) };
  }

  async listModels(signal: AbortSignal): Promise<OfferedModel[]> {
    const { url, key } = await this.#keeper.use(signal);
    const options = {
      baseURL: `${url}/v1`,
      apiKey: key,
      maxRetries: 0,
      fetch: boundedFetch,
    };
    return listModelsOf(new OpenAI(options), signal);
  }

  close(): Promise<void> {
    return this.#keeper.close();
  }
}

/** @param start - how its process is started */
export function createLocalKind(
  start: StartProgram,
): ProviderKind<LocalSettings> {
  return {
    kind: 'local',
    settings: localSettings,
    connect: (settings, { name, logger, localModels }) => {
      const keeper = new ProcessKeeper({
        name,
        logger,
        startMillis: settings.startSeconds * MILLIS_PER_SECOND,
        idleMillis: settings.idleSeconds * MILLIS_PER_SECOND,
        start: signal => start({ settings, localModels, logger, signal }),
      });
      return new LocalProvider(keeper);
    },
  };
}

/** A small model on the data plane's own machine, which needs no network. */
export const local = createLocalKind(startProgram);
