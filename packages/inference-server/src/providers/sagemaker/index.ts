import { z } from 'zod';
import type { UpstreamCall } from '../../upstream/Upstream';
import type { ConnectionParts } from '../ConnectionParts';
import { jsonOrText } from '../json';
import { below } from '../openai/OpenAiLikeProvider';
import type {
  EncodedCall,
  ExplainedRefusal,
  OfferedModel,
  Provider,
  ProviderKind,
  Refusal,
} from '../Provider';
import { ProviderError } from '../ProviderError';
import { sageMakerDialects, sageMakerTensors } from './dialects';
import { explainSageMaker, isClockError } from './refusals';
import {
  controlOf,
  runtimeOf,
  sageMakerSettings,
  type SageMakerSettings,
} from './settings';
import { Signer } from './sign';

const MAX_LIST_BYTES = 4 * 1024 * 1024;

const endpoints = z.looseObject({
  Endpoints: z.array(z.looseObject({ EndpointName: z.string() })),
});

class SageMakerProvider implements Provider {
  readonly dialects = sageMakerDialects;
  readonly tensors = sageMakerTensors;
  readonly #settings: SageMakerSettings;
  readonly #parts: ConnectionParts;
  readonly #signer: Signer;

  constructor(settings: SageMakerSettings, parts: ConnectionParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#signer = new Signer({ settings, secrets: parts.secrets });
  }

  prepare(call: EncodedCall): Promise<UpstreamCall> {
    return this.#signer.sign({
      method: 'POST',
      url: below(runtimeOf(this.#settings), call.path),
      headers: { 'content-type': 'application/json', ...call.headers },
      body: JSON.stringify(call.body),
    });
  }

  explain(refusal: Refusal): ExplainedRefusal {
    return explainSageMaker(refusal);
  }

  mend(refusal: Refusal): boolean {
    return isClockError(refusal) && this.#signer.setClock(refusal.headers.date);
  }

  async listModels(signal: AbortSignal): Promise<OfferedModel[]> {
    const call = await this.#signer.sign({
      method: 'POST',
      url: below(controlOf(this.#settings), '/'),
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'SageMaker.ListEndpoints',
      },
      body: JSON.stringify({ StatusEquals: 'InService', MaxResults: 100 }),
    });
    const { status, headers, body } = await this.#parts.upstream.open(
      call,
      signal,
    );
    const text = String(await body.read(MAX_LIST_BYTES));
    if (status !== 200) {
      const refusal = { status, headers, call, body: jsonOrText(text) };
      const { reason } = explainSageMaker(refusal);
      throw new ProviderError(reason ?? `it answered with status ${status}`, {
        status,
      });
    }
    return endpoints
      .parse(jsonOrText(text))
      .Endpoints.map(({ EndpointName: name }) => ({ name }));
  }

  async close(): Promise<void> {
    // It keeps nothing.
  }
}

/** Endpoints of Amazon SageMaker. */
export const sageMaker: ProviderKind<SageMakerSettings> = {
  kind: 'sagemaker',
  settings: sageMakerSettings,
  connect: (settings, parts) => new SageMakerProvider(settings, parts),
};
