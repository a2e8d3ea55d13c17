import { z } from 'zod';
import { InferenceError } from '../../domain/InferenceError';
import { toEmbedding } from '../../language/toEmbedding';
import type { Dialect } from '../Provider';
import { ProviderError } from '../ProviderError';

const vectors = z.array(z.array(z.number()));

/**
 * The task endpoint `feature-extraction`, which takes texts and gives a vector for each.
 * It counts no tokens, so that none are told.
 */
export const featureExtraction: Dialect<'embeddings'> = {
  framing: 'sse',
  encode(request, { name }) {
    const { input, dimensions } = request;
    if (dimensions !== undefined && dimensions !== null) {
      throw new InferenceError(
        'invalid',
        'dimensions: this model gives vectors of one length only',
      );
    }
    const texts = Array.isArray(input) ? input : [input];
    if (!texts.every(text => typeof text === 'string')) {
      throw new InferenceError(
        'invalid',
        'input: this model takes texts, not tokens',
      );
    }
    const path = name.split('/').map(encodeURIComponent).join('/');
    return {
      model: name,
      path: `/hf-inference/models/${path}/pipeline/feature-extraction`,
      body: { inputs: texts },
    };
  },
  decode(body, { request, model }) {
    const parsed = vectors.safeParse(body);
    if (!parsed.success) {
      throw new ProviderError('its answer has no vector for each text', {
        status: 502,
      });
    }
    return {
      body: {
        object: 'list',
        model: model.name,
        data: parsed.data.map((values, index) =>
          toEmbedding(values, index, request.encoding_format),
        ),
        // The API has no word for what nobody counted.
        usage: { prompt_tokens: 0, total_tokens: 0 },
      },
      tokens: { input: undefined, output: undefined },
    };
  },
  createStreamDecoder: () => {
    throw new InferenceError('invalid', 'embeddings are not streamed');
  },
};
