import { z } from 'zod';
import { InferenceError } from '../../domain/InferenceError';
import { InvalidFieldError } from '../../language/InvalidFieldError';
import { toEmbedding } from '../../language/toEmbedding';
import { openAiDialects } from '../openai/dialects';
import type { Dialect, Provider } from '../Provider';
import { ProviderError } from '../ProviderError';
import { ChatStreamDecoder } from './ChatStreamDecoder';
import { decodeChat } from './decodeChat';
import { encodeChat } from './encodeChat';
import { OWN_ENDPOINT } from './ownEndpoint';

const gemini: Dialect<'chat'> = {
  framing: 'sse',
  encode: (request, { name }) => ({
    model: name,
    path: `/publishers/google/models/${encodeURIComponent(name)}:${
      request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
    }`,
    body: encodeChat(request),
  }),
  decode: (body, { model }) => decodeChat(body, model.name),
  createStreamDecoder: ({ request, model }) =>
    new ChatStreamDecoder({
      model: model.name,
      showsUsage: request.stream_options?.include_usage === true,
    }),
};

/** A container behind an endpoint of the project's own gets the body as it is, and speaks OpenAI's API. */
const ownChat: Dialect<'chat'> = {
  ...openAiDialects.chat,
  encode: (request, model) => ({
    ...openAiDialects.chat.encode(request, model),
    path: `/${model.name}:${
      request.stream ? 'streamRawPredict' : 'rawPredict'
    }`,
  }),
};

const predictions = z.looseObject({
  predictions: z
    .array(
      z.looseObject({
        embeddings: z.looseObject({
          values: z.array(z.number()),
          statistics: z
            .looseObject({ token_count: z.number().optional() })
            .optional(),
        }),
      }),
    )
    .min(1),
});

const embeddings: Dialect<'embeddings'> = {
  framing: 'sse',
  encode: (request, { name }) => {
    const { input, dimensions } = request;
    const texts = Array.isArray(input) ? input : [input];
    if (!texts.every(text => typeof text === 'string')) {
      throw new InvalidFieldError(
        'input',
        'this model takes texts, not tokens',
      );
    }
    return {
      model: name,
      path: `/publishers/google/models/${encodeURIComponent(name)}:predict`,
      body: {
        instances: texts.map(content => ({ content })),
        parameters: {
          // A text that is too long is refused, not cut.
          autoTruncate: false,
          ...(dimensions && { outputDimensionality: dimensions }),
        },
      },
    };
  },
  decode: (body, { request, model }) => {
    const parsed = predictions.safeParse(body);
    if (!parsed.success) {
      throw new ProviderError('its answer has no embeddings', { status: 502 });
    }
    const found = parsed.data.predictions.map(one => one.embeddings);
    const input = found.reduce(
      (sum, { statistics }) => sum + (statistics?.token_count ?? 0),
      0,
    );
    return {
      body: {
        object: 'list',
        model: model.name,
        data: found.map(({ values }, index) =>
          toEmbedding(values, index, request.encoding_format),
        ),
        usage: { prompt_tokens: input, total_tokens: input },
      },
      tokens: { input, output: 0 },
    };
  },
  createStreamDecoder: () => {
    throw new InferenceError('invalid', 'embeddings are not streamed');
  },
};

const isOwn = (name: string) => OWN_ENDPOINT.test(name);

/** Gemini, text embeddings, and the project's own endpoints. */
export const vertexDialects: Provider['dialects'] = {
  chat: {
    framing: 'sse',
    encode: (request, model) =>
      (isOwn(model.name) ? ownChat : gemini).encode(request, model),
    decode: (body, asked) =>
      (isOwn(asked.model.name) ? ownChat : gemini).decode(body, asked),
    createStreamDecoder: asked =>
      (isOwn(asked.model.name) ? ownChat : gemini).createStreamDecoder(asked),
  },
  embeddings,
};
