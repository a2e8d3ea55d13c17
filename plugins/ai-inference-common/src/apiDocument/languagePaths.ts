import { LANGUAGE_PATHS, type LanguageTask } from '../language';
import { LANGUAGE_PROBLEMS, problemsOf } from './answers';
import type { JsonSchema, OpenApiDocument, OpenApiOperation } from './openApi';
import { REQUEST_HEADERS } from './tensorPaths';

const text = { type: 'string' };
const texts = { anyOf: [text, { type: 'array', items: text, minItems: 1 }] };
const usage = {
  type: 'object',
  properties: { total_tokens: { type: 'integer' } },
};

interface TaskDescription {
  summary: string;
  /** The field that each request has besides the model. */
  field: string;
  schema: JsonSchema;
  example: unknown;
  answer: JsonSchema;
  streams: boolean;
}

const TASKS: Record<LanguageTask, TaskDescription> = {
  chat: {
    summary: 'Go on with a chat',
    field: 'messages',
    schema: {
      type: 'array',
      minItems: 1,
      maxItems: 10_000,
      items: {
        type: 'object',
        required: ['role'],
        properties: {
          role: {
            type: 'string',
            enum: [
              'system',
              'developer',
              'user',
              'assistant',
              'tool',
              'function',
            ],
          },
          content: {
            description: 'A text, or a list of parts',
            anyOf: [text, { type: 'array' }, { type: 'null' }],
          },
        },
      },
    },
    example: [{ role: 'user', content: 'Hello' }],
    answer: {
      type: 'object',
      required: ['choices'],
      properties: { choices: { type: 'array' }, usage },
    },
    streams: true,
  },
  completions: {
    summary: 'Go on with a text',
    field: 'prompt',
    schema: texts,
    example: 'Once upon a time',
    answer: {
      type: 'object',
      required: ['choices'],
      properties: { choices: { type: 'array' }, usage },
    },
    streams: true,
  },
  embeddings: {
    summary: 'A vector for each text',
    field: 'input',
    schema: texts,
    example: ['A cat sits on the mat.'],
    answer: {
      type: 'object',
      required: ['data'],
      properties: {
        data: {
          type: 'array',
          items: {
            type: 'object',
            required: ['index', 'embedding'],
            properties: {
              index: { type: 'integer' },
              embedding: {
                description:
                  'Numbers, or base64 of them where that was asked for',
                anyOf: [{ type: 'array', items: { type: 'number' } }, text],
              },
            },
          },
        },
        usage,
      },
    },
    streams: false,
  },
};

/** Asking with texts, in OpenAI's words; the model is named in each request. */
export function languagePaths(
  model: string,
  tasks: LanguageTask[],
): OpenApiDocument['paths'] {
  return Object.fromEntries(
    tasks.map(task => [
      LANGUAGE_PATHS[task],
      { post: operationOf(model, task, TASKS[task]) },
    ]),
  );
}

function operationOf(
  model: string,
  task: LanguageTask,
  { summary, field, schema, example, answer, streams }: TaskDescription,
): OpenApiOperation {
  return {
    operationId: task,
    summary,
    description:
      "As in OpenAI's API: its other fields are taken too, and its clients work with the address of the data plane and /v1.",
    parameters: REQUEST_HEADERS,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['model', field],
            properties: {
              model: { type: 'string', const: model },
              [field]: schema,
              ...(streams && { stream: { type: ['boolean', 'null'] } }),
            },
          },
          example: { model, [field]: example },
        },
      },
    },
    responses: {
      200: {
        description: 'The answer',
        content: {
          'application/json': { schema: answer },
          ...(streams && {
            'text/event-stream': {
              schema: { type: 'string', description: 'Where `stream` is true' },
            },
          }),
        },
      },
      ...problemsOf(LANGUAGE_PROBLEMS, 'LanguageError'),
    },
  };
}
