import { InvalidFieldError } from '../../language/InvalidFieldError';
import type { LanguageTask } from '../../domain/LanguageModel';
import { featureExtraction } from '../hugging-face/embeddings';
import { openAiDialects } from '../openai/dialects';
import type {
  Dialect,
  EncodedCall,
  ExternalModel,
  Provider,
} from '../Provider';

/** `endpoint`, or `endpoint/variant` for one of its production variants. */
const NAME_PATTERN =
  /^([A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))(?:\/([A-Za-z0-9](?:[A-Za-z0-9-]{0,62})))?$/;

/** Where an invocation goes; the variant is a header. */
function invocation(
  { name }: ExternalModel,
  options: { streams: boolean },
): Omit<EncodedCall, 'body'> {
  const [, endpoint, variant] = NAME_PATTERN.exec(name) ?? [];
  if (endpoint === undefined) {
    throw new InvalidFieldError(
      'model',
      'the version names no endpoint of SageMaker; expected endpoint or endpoint/variant',
    );
  }
  return {
    model: name,
    path: `/endpoints/${endpoint}/${
      options.streams ? 'invocations-response-stream' : 'invocations'
    }`,
    headers: {
      accept: 'application/json',
      ...(variant && { 'x-amzn-sagemaker-target-variant': variant }),
    },
  };
}

/** Containers that serve language models behind an endpoint take OpenAI's form (vLLM, LMI, TGI). */
function invoked<T extends 'chat' | 'completions'>(
  inner: Dialect<T>,
): Dialect<T> {
  return {
    ...inner,
    framing: 'sse-in-aws-event-stream',
    encode: (request, model) => ({
      ...invocation(model, { streams: request.stream === true }),
      body: inner.encode(request, model).body,
    }),
  };
}

/** Containers for embeddings take texts and give vectors (TEI). */
const embeddings: Dialect<'embeddings'> = {
  ...featureExtraction,
  encode: (request, model) => ({
    ...invocation(model, { streams: false }),
    body: featureExtraction.encode(request, model).body,
  }),
};

export const sageMakerDialects: Required<
  Pick<Provider['dialects'], LanguageTask>
> = {
  chat: invoked(openAiDialects.chat),
  completions: invoked(openAiDialects.completions),
  embeddings,
};

/** The container behind an endpoint says what it takes: Triton the one, TensorFlow Serving the other. */
export const sageMakerTensors: Provider['tensors'] = {
  'open-inference': model => invocation(model, { streams: false }),
  instances: model => invocation(model, { streams: false }),
};
